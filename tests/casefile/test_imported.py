"""Cases of other systems in the ledger: replayed up to any instant, and in no list and no export of ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casefile.exporting.pseudonyms import pseudonyms
from casefile.projections import HEADS
from casefile.service import CaseFile
from contracts.casefile import ListCaseFiles, Timeline, VerifyCase
from contracts.exports import ExportLog, ExportTables
from contracts.imported import ImportedCaseAt
from contracts.insight import HistoryImported, ImportedEvent
from contracts.language import Caller
from eventing.errors import Forbidden, NotFound
from mining import xes
from mining.paging import log
from testkit.facts import NOON
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, opened

AUDITOR = Caller(by="auditor-shi", roles=("auditor",))
HEAD = Caller(by="head-1", hall="county", roles=("manager",))
CLERK = Caller(by="clerk-7", hall="county", roles=("clerk",))
MONDAY = datetime(2019, 3, 4, 1, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    people = pseudonyms(b"0123456789abcdef")
    with replica(CaseFile, request, tmp_path, signing=SIGNING, pseudonyms=people) as running:
        yield running


def an_event(means: Any, days: int, *items: str, **more: Any) -> ImportedEvent:
    return ImportedEvent(activity=means, means=means, at=MONDAY + timedelta(days=days), items=items, **more)


def came(*events: ImportedEvent, hall: str = "county") -> HistoryImported:
    return HistoryImported(
        at=NOON, by="operator", history="h", source="old", original="2019-1", theme="CY", hall=hall, channel="",
        events=events,
    )  # fmt: skip


ACCEPTED = an_event("accepted", 0, "CY03", "CY04", department="scjg")
GRANTED, DENIED, CLOSED = an_event("granted", 4, "CY03"), an_event("denied", 6, "CY04"), an_event("closed", 7)


def tell(casefile: Replica, imported: str, *facts: HistoryImported) -> None:
    casefile.follow("insight", *((imported, n, fact) for n, fact in enumerate(facts, start=1)))


def at(casefile: Replica, days: float | None = None, caller: Caller = AUDITOR) -> Any:
    instant = None if days is None else MONDAY + timedelta(days=days)
    return casefile.ask(ImportedCaseAt(imported="imported-1", at=instant), caller=caller)


def states(told: Any) -> dict[str, str]:
    return {each["item"]: each["state"] for each in told["items"]}


class TestReplay:
    def test_a_case_is_as_it_was_at_any_instant_of_its_own_time(self, casefile: Replica) -> None:
        tell(casefile, "imported-1", came(ACCEPTED, DENIED, CLOSED), came(GRANTED))

        assert (at(casefile, -1)["length"], states(at(casefile, -1))) == (0, {})
        assert states(at(casefile, 3)) == {"CY03": "accepted", "CY04": "accepted"}
        assert states(at(casefile, 5)) == {"CY03": "granted", "CY04": "accepted"}
        ended = at(casefile)
        assert (ended["is_closed"], states(ended)) == (True, {"CY03": "granted", "CY04": "denied"})
        assert [each["means"] for each in ended["events"]] == ["accepted", "granted", "denied", "closed"]
        assert (ended["provenance"], ended["source"], ended["original"]) == ("imported", "old", "2019-1")

    def test_the_same_history_has_the_same_hash_however_it_came(self, casefile: Replica) -> None:
        tell(casefile, "imported-1", came(ACCEPTED, DENIED, CLOSED), came(GRANTED))
        tell(casefile, "imported-2", came(ACCEPTED, GRANTED, DENIED, CLOSED))

        whole = at(casefile)["state_hash"]
        assert whole == at(casefile)["state_hash"]
        assert whole == casefile.ask(ImportedCaseAt(imported="imported-2"), caller=AUDITOR)["state_hash"]
        assert len({at(casefile, days)["state_hash"] for days in (0, 4, 6, 7)}) == 4
        assert at(casefile, 4)["state_hash"] == at(casefile, 5)["state_hash"]

    def test_events_come_in_pages(self, casefile: Replica) -> None:
        tell(casefile, "imported-1", came(ACCEPTED, GRANTED, DENIED))

        first = casefile.ask(ImportedCaseAt(imported="imported-1", limit=2), caller=AUDITOR)
        rest = casefile.ask(ImportedCaseAt(imported="imported-1", limit=2, after=first["after"]), caller=AUDITOR)
        assert [each["means"] for each in first["events"] + rest["events"]] == ["accepted", "granted", "denied"]
        assert (rest["after"], rest["state_hash"]) == (None, first["state_hash"])

    def test_who_may_see_it(self, casefile: Replica) -> None:
        tell(casefile, "imported-1", came(ACCEPTED))

        assert at(casefile, caller=HEAD)["length"] == 1
        with pytest.raises(Forbidden):
            at(casefile, caller=Caller(by="head-2", hall="street", roles=("manager",)))
        with pytest.raises(Forbidden):
            at(casefile, caller=CLERK)
        with pytest.raises(Forbidden):
            casefile.ask(Timeline(case_id="imported-1"), caller=CLERK)
        with pytest.raises(NotFound):
            casefile.ask(ImportedCaseAt(imported="imported-9"), caller=AUDITOR)

    def test_a_case_of_ours_stays_what_it_is_whatever_comes_in_by_its_name(self, casefile: Replica) -> None:
        casefile.follow("intake", ("case-1", 1, opened()))
        tell(casefile, "case-1", came(ACCEPTED, hall="street"))

        (head,) = casefile.store.select(sa.select(HEADS.c.hall, HEADS.c.number))
        assert (head["hall"], head["number"]) == ("county", "YJS-case-1")

    def test_it_is_proved_like_everything_in_the_ledger(self, casefile: Replica) -> None:
        tell(casefile, "imported-1", came(ACCEPTED), came(GRANTED))

        verdict = casefile.ask(VerifyCase(case_id="imported-1"), caller=AUDITOR)

        assert (verdict["verified"], verdict["length"]) == (True, 2)


class TestApart:
    @pytest.fixture
    def both(self, casefile: Replica) -> Replica:
        casefile.follow("intake", ("case-1", 1, opened()))
        tell(casefile, "imported-1", came(ACCEPTED, GRANTED))
        return casefile

    def test_no_list_of_ours_has_it(self, both: Replica) -> None:
        for question in (ListCaseFiles(), ListCaseFiles(theme="CY"), ListCaseFiles(hall="county", sort="updated")):
            assert [each["case_id"] for each in both.ask(question, caller=AUDITOR)["cases"]] == ["case-1"]

    def test_an_export_is_of_ours_or_of_theirs(self, both: Replica) -> None:
        def exported(**more: Any) -> Any:
            return both.ask(ExportLog(**more), caller=AUDITOR)

        assert {each["case_id"] for each in exported()["events"]} == {"case-1"}
        theirs = exported(provenance="imported")
        assert [(each["activity"], each["at"]) for each in theirs["events"]] == [
            ("accepted", "2019-03-04T01:00:00Z"), ("granted", "2019-03-08T01:00:00Z"),
        ]  # fmt: skip
        assert {each["object"] for each in theirs["objects"]} == {
            "case:imported-1", "item:imported-1/CY03", "item:imported-1/CY04"
        }  # fmt: skip
        assert exported(provenance="imported", theme="XSE")["events"] == []
        assert len(both.ask(ExportLog(provenance="imported"), caller=HEAD)["events"]) == 2
        assert not any(both.ask(ExportTables(theme="XSE"), caller=AUDITOR)["rows"].values())

    def test_a_log_of_theirs_says_where_it_is_from(self, both: Replica) -> None:
        ask = lambda question, **_: both.ask(question, caller=AUDITOR)  # noqa: E731

        document = b"".join(xes.xes(log(ask, provenance="imported"))).decode()

        assert document.count("<trace>") == 1
        assert '<string key="provenance" value="imported"/>' in document
        assert '<string key="source" value="old"/>' in document
