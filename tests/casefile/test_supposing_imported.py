"""Other rules for cases of other systems: by the catalogue in force on both sides, and a hand can count it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import catalogue
from casefile.service import CaseFile
from contracts.insight import HistoryImported, ImportedEvent
from contracts.language import Caller
from contracts.supposing import SupposeRules
from kernel.workdays import WorkingCalendar
from testkit.facts import NOON
from testkit.replica import Replica, replica

from .mothers import SIGNING, opened

CY = catalogue.load("990102")
AUDITOR = Caller(by="auditor-shi", roles=("auditor",))
DAY = date(2026, 3, 2)
LATER = date(2026, 12, 31)
PROMISE = "themes/CY/items/CY03/promised/days"


class Shelf:
    """One catalogue, in force and of every case."""

    def at(self, _version: str) -> catalogue.Catalogue:
        return CY

    def current(self) -> catalogue.Catalogue:
        return CY


@pytest.fixture
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    request.param = "sqlite"
    with replica(CaseFile, request, tmp_path, signing=SIGNING, catalogues=Shelf()) as running:
        running.follow("intake", ("case-1", 1, opened()))
        yield running


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def an_event(means: Any, day: date, *items: str) -> ImportedEvent:
    return ImportedEvent(activity=means, means=means, at=on(day), items=items or ("CY03",))


def came(casefile: Replica, *events: ImportedEvent, name: str = "imported-1", theme: str = "CY") -> None:
    fact = HistoryImported(
        at=NOON, by="operator", history="h", source="old", original=f"of {name}", theme=theme, hall="county",
        channel="", events=events,
    )  # fmt: skip
    casefile.follow("insight", (name, 1, fact))


def suppose(casefile: Replica, caller: Caller = AUDITOR, **asked: Any) -> Any:
    return casefile.ask(SupposeRules(on=LATER, provenance="imported", **asked), caller)


def after(days: int) -> date:
    return WorkingCalendar.official().add(DAY, days)


def test_nothing_changed_differs_in_nothing(casefile: Replica) -> None:
    came(casefile, an_event("accepted", DAY), an_event("granted", after(3)))

    page = suppose(casefile)

    assert (page["cases"], page["items"], page["was"]) == (1, 1, page["would_be"])
    assert page["differences"] == page["unlike"] == page["unfit"] == []


def test_a_shorter_promise_is_late_where_a_hand_counts_it_late(casefile: Replica) -> None:
    came(casefile, an_event("accepted", DAY), an_event("granted", after(3)))

    page = suppose(casefile, changes={PROMISE: "2"})

    (case,) = page["differences"]
    (item,) = case["items"]
    assert (case["case_id"], case["number"]) == ("imported-1", "of imported-1")
    assert (item["would_be"]["promised_due"], item["would_be"]["late"]) == (after(2).isoformat(), "promised")
    assert page["would_be"]["late_items"] == page["was"]["late_items"] + 1


def test_pauses_and_the_beginning_count_as_they_were(casefile: Replica) -> None:
    began = after(2)
    pause = (an_event("paused", after(3)), an_event("resumed", after(8)))
    came(casefile, an_event("accepted", DAY), an_event("started", began), *pause, an_event("granted", after(9)))

    (case,) = suppose(casefile, changes={PROMISE: "2"})["differences"]

    # the first day that counts is that on which the pause is over
    course = case["items"][0]["would_be"]
    assert (course["started_on"], course["promised_due"]) == (began.isoformat(), after(9).isoformat())


def test_another_calendar_moves_the_due_day(casefile: Replica) -> None:
    came(casefile, an_event("accepted", DAY), an_event("granted", after(1)))

    (case,) = suppose(casefile, off=(after(1),))["differences"]

    was, would_be = (date.fromisoformat(case["items"][0][side]["promised_due"]) for side in ("was", "would_be"))
    assert would_be - was >= timedelta(days=1)


def test_a_theme_that_there_is_not_is_told_and_not_compared(casefile: Replica) -> None:
    came(casefile, an_event("accepted", DAY), theme="OLD")
    came(casefile, an_event("accepted", DAY, "ZZ"), name="imported-2")

    page = suppose(casefile)

    assert (page["unfit"], page["cases"], page["items"]) == (["imported-1"], 1, 0)


def test_each_question_is_of_one_provenance_and_within_reach(casefile: Replica) -> None:
    came(casefile, an_event("accepted", DAY), an_event("granted", after(3)))

    assert suppose(casefile, Caller(by="m", hall="county", roles=("manager",)))["cases"] == 1
    assert suppose(casefile, Caller(by="m", hall="street", roles=("manager",)))["cases"] == 0
    ours = casefile.ask(SupposeRules(on=LATER), AUDITOR)
    assert "imported-1" not in str(ours)
