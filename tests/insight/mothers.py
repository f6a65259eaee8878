"""A replica of insight, the facts that it is shown, and whoever asks it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from contracts.approval import ReviewGranted, ReviewsUnlocked, Unlocked
from contracts.halls import HallRegistered
from contracts.insight import GetIndicator, ListCitedFacts
from contracts.intake import (
    Acceptance,
    CaseClosed,
    CaseOpened,
    CorrectionRequested,
    ItemsAccepted,
    PlannedItem,
    Tolerated,
)
from contracts.language import Caller, Fact, Sealed
from insight.service import Insight
from testkit.facts import NOON
from testkit.replica import Replica, replica

COUNTY = catalogue.load("990102")
AUDITOR = Caller(by="auditor-1", roles=("auditor",))
TODAY = NOON.date()
THEME = COUNTY.theme("SSHC")
CASE: dict[str, Any] = {
    "theme": "SSHC",
    "answers": happy_answers(THEME),
    "plan": tuple(PlannedItem(item, "selected") for item in THEME.select(happy_answers(THEME)).selected),
}
"""A case of a theme that the catalogue has."""
YEAR = {"begins": TODAY.replace(month=1, day=1), "ends": TODAY.replace(month=12, day=31)}


class Shelf:
    """One catalogue, in force and of every case."""

    def current(self) -> catalogue.Catalogue:
        return COUNTY

    def at(self, version: str) -> catalogue.Catalogue:
        assert version == COUNTY.version
        return COUNTY


def a_counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """Insight, which knows of nothing yet."""
    with replica(Insight, request, tmp_path, catalogues=Shelf()) as running:
        yield running


class Teller:
    """Shows a replica facts, each stream in its order, and asks it."""

    def __init__(self, counter: Replica) -> None:
        self.counter = counter
        self.versions: dict[tuple[str, str], int] = {}

    def tell(self, service: str, stream: str, *facts: Fact) -> None:
        """In one batch."""
        told = []
        for fact in facts:
            version = self.versions[service, stream] = self.versions.get((service, stream), 0) + 1
            told.append((stream, version, fact))
        self.counter.follow(service, *told)

    def a_case(
        self, case_id: str, *items: str, theme: str = "CSB", hall: str = "county", at: datetime = NOON, **more: Any
    ) -> None:
        """A case that was opened with these items, and all of them accepted."""
        self.tell("intake", case_id, opened(case_id, theme=theme, hall=hall, at=at, **more))
        if items:
            self.tell("intake", case_id, accepted(case_id, *items, theme=theme, hall=hall, at=at))

    def numbers(self, indicator: str, figure: str = "", caller: Caller = AUDITOR, **asked: Any) -> dict[str, Any]:
        """Group → number, of one figure (the headline where none is named)."""
        told = self.counter.ask(GetIndicator(indicator=indicator, **{**YEAR, **asked}), caller=caller)
        found = next(each for each in told["figures"] if figure in ("", each["figure"]))
        return {number["of"]: number for number in found["numbers"]}

    def value(self, indicator: str, figure: str = "", **asked: Any) -> Any:
        """The one number."""
        return self.numbers(indicator, figure, **asked)[""]["value"]

    def cited(self, indicator: str, figure: str, caller: Caller = AUDITOR, **asked: Any) -> list[dict[str, Any]]:
        """The facts behind a number."""
        question = ListCitedFacts(indicator=indicator, figure=figure, **{**YEAR, **asked})
        facts: list[dict[str, Any]] = self.counter.ask(question, caller=caller)["facts"]
        return facts

    def as_of(self) -> datetime:
        """Until when insight knows, now."""
        told = self.counter.ask(GetIndicator(indicator="levels", **YEAR), caller=AUDITOR)
        return datetime.fromisoformat(told["as_of"])


def opened(case_id: str, **more: Any) -> CaseOpened:
    body: dict[str, Any] = {
        "at": NOON, "number": case_id, "theme": "CSB", "catalogue": COUNTY.version, "mode": "one_mouth",
        "region": "990102", "hall": "county", "window": "w1", "channel": "window", "key_id": "k",
        "applicant": Sealed("", "", b""), "applicant_index": "i", "applicant_kind": "natural", "answers": {},
        "plan": (),
    }  # fmt: skip
    return CaseOpened(case_id=case_id, by="clerk-7", **{**body, **more})


def accepted(case_id: str, *items: str, tolerant: bool = False, handler: str = "dept", **more: Any) -> ItemsAccepted:
    late = (Tolerated("m", TODAY),) if tolerant else ()
    body: dict[str, Any] = {
        "at": NOON, "number": case_id, "theme": "CSB", "catalogue": COUNTY.version, "region": "990102", "plan": (),
        "hall": "county", "window": "w1", "materials": (),
        "items": tuple(Acceptance(item, handler, "g", 1, handler, "n", tolerated=late) for item in items),
    }  # fmt: skip
    return ItemsAccepted(case_id=case_id, by="clerk-7", **{**body, **more})


def corrected(case_id: str, at: datetime = NOON, **missing: tuple[str, ...]) -> CorrectionRequested:
    return CorrectionRequested(case_id=case_id, at=at, by="clerk-7", notice="n", missing=missing)


def unlocked(case_id: str, item: str, days: int, at: datetime = NOON) -> ReviewsUnlocked:
    due = at.date() + timedelta(days=days)
    clock = Unlocked(
        item=item, started_on=at.date(), statutory_due=due, promised_due=due, statutory_days=20, promised_days=days
    )
    return ReviewsUnlocked(case_id=case_id, at=at, by="system", reviews=(clock,))


def granted(case_id: str, item: str, at: datetime = NOON) -> ReviewGranted:
    return ReviewGranted(case_id=case_id, at=at, by="r", item=item, handler="dept", decision="d")


def closed(case_id: str, outcome: Any = "granted", at: datetime = NOON) -> CaseClosed:
    return CaseClosed(case_id=case_id, at=at, by="system", outcome=outcome)


def hall(kind: Any, name: str = "") -> HallRegistered:
    return HallRegistered(at=NOON, by="office", name=name, kind=kind, region="990102")
