"""Histories of other systems: taken in once, quarantined with reasons, counted apart from ours."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.insight import (
    AdvanceImport,
    BeginImport,
    FinishImport,
    GetImport,
    ImportCase,
    ImportCounts,
    ImportedEvent,
    ListImportedCases,
    ListImports,
    ListQuarantine,
    QuarantinedRow,
    QuarantineRows,
)
from contracts.language import Caller
from eventing import mapper
from eventing.errors import Forbidden, Invalid, NotFound, Refused
from insight.domain import ImportedCase
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import AUDITOR, Teller, granted

HEAD = Caller(by="head-1", hall="county", roles=("manager",))
CLERK = Caller(by="clerk-7", hall="county", roles=("clerk",))
DIGEST = "sha256:" + "0" * 64
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine o'clock in China."""


@pytest.fixture
def teller(counter: Replica) -> Teller:
    return Teller(counter)


def an_event(means: Any, days: float = 0, **more: Any) -> ImportedEvent:
    body: dict[str, Any] = {"activity": means, "means": means, "at": MONDAY + timedelta(days=days), "items": ("CSB01",)}
    return ImportedEvent(**{**body, **more})


ACCEPTED, GRANTED = an_event("accepted", promised_days=5, statutory_days=20), an_event("granted", 4)


def a_case(imported: str = "imported-1", events: Iterable[ImportedEvent] = (ACCEPTED, GRANTED), **more: Any) -> Any:
    body: dict[str, Any] = {
        "history": "h1", "source": "old", "original": "2019-000001", "theme": "CSB", "hall": "county",
    }  # fmt: skip
    return ImportCase(imported=imported, events=tuple(events), **{**body, **more})


def hear(teller: Teller) -> None:
    """Shows insight its own log."""
    for fact in teller.counter.log():
        teller.tell("insight", fact.stream, mapper.decode(fact.topic, fact.state))


def taken(counter: Replica, command: Any, caller: Caller = HEAD) -> Any:
    (answer,) = counter.command(command, caller=caller)
    return answer["is_new"], answer["events"]


class TestCases:
    def test_what_is_known_is_no_news_and_what_is_new_is_added(self, counter: Replica) -> None:
        assert taken(counter, a_case()) == (True, 2)
        assert taken(counter, a_case()) == (False, 0)
        assert taken(counter, a_case(events=[GRANTED, an_event("closed", 6)])) == (False, 1)

        (row,) = counter.ask(ListImportedCases(), caller=AUDITOR)["cases"]
        assert (row["provenance"], row["original"], row["events"], row["is_closed"]) == (
            "imported", "2019-000001", 3, True,
        )  # fmt: skip
        assert len(counter.log()) == 2

    def test_what_happened_twice_is_there_twice(self, counter: Replica) -> None:
        assert taken(counter, a_case(events=[ACCEPTED, ACCEPTED])) == (True, 2)
        assert taken(counter, a_case(events=[ACCEPTED])) == (False, 0)

    def test_a_case_of_another_theme_is_another_case(self, counter: Replica) -> None:
        counter.command(a_case(), caller=HEAD)

        with pytest.raises(Refused) as refusal:
            counter.command(a_case(theme="XSE", events=[an_event("closed")]), caller=HEAD)

        assert refusal.value.code == "imported-case-differs"

    @pytest.mark.parametrize(
        "more",
        [
            {"original": "11010519491231002X"},
            {"events": [an_event("accepted", activity="13800138000 来电")]},
            {"events": [an_event("accepted", values=(("fee", "11010519491231002X"),))]},
        ],
    )
    def test_personal_data_does_not_come_in(self, counter: Replica, more: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as refusal:
            counter.command(a_case(**more), caller=HEAD)

        assert refusal.value.code == "person-named"
        assert not counter.log()

    @pytest.mark.parametrize("more", [{"items": ("张三",)}, {"resource": "zhang.san"}, {"department": "a b"}])
    def test_what_is_no_code_does_not_come_in(self, counter: Replica, more: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            counter.command(a_case(events=[an_event("accepted", **more)]), caller=HEAD)

    @pytest.mark.parametrize("taken_by", ["case-1", "4f0c2f0e-7d3e-4b7e-9f53-0d1c6f1f9a55", "imported-"])
    def test_the_name_of_a_case_of_ours_is_none_of_theirs(self, counter: Replica, taken_by: str) -> None:
        with pytest.raises(Invalid):
            counter.command(a_case(taken_by), caller=HEAD)

        assert not counter.log()

    def test_who_may_and_who_sees(self, counter: Replica) -> None:
        with pytest.raises(Forbidden):
            counter.command(a_case(), caller=CLERK)
        counter.command(a_case(), caller=HEAD)
        counter.command(a_case("imported-2", hall="street", original="2"), caller=HEAD)

        assert [each["imported"] for each in counter.ask(ListImportedCases(), caller=HEAD)["cases"]] == ["imported-1"]
        assert len(counter.ask(ListImportedCases(), caller=AUDITOR)["cases"]) == 2
        with pytest.raises(Forbidden):
            counter.ask(ListImportedCases(), caller=CLERK)

    def test_a_replay_is_what_was_live(self, counter: Replica) -> None:
        live = ImportedCase("imported-1")
        from contracts.language import Act

        for command in (a_case(), a_case(events=[an_event("closed", 6)])):
            live.take(command, act=Act(at=NOON, by="head-1"))

        assert ImportedCase.replay("imported-1", live.pending).state() == live.state()


class TestImports:
    BEGIN = BeginImport(history="h1", source="old", title="旧系统", digest=DIGEST, mapping=DIGEST)

    def test_an_import_tells_how_far_it_is_and_stays_finished(self, counter: Replica) -> None:
        some, all_of = ImportCounts(rows=9, cases=1), ImportCounts(rows=20, cases=2, quarantined=1)

        counter.command(self.BEGIN, caller=HEAD)
        counter.command(AdvanceImport(history="h1", after="b", counts=some), caller=HEAD)
        counter.command(AdvanceImport(history="h1", after="a", counts=ImportCounts()), caller=HEAD)
        told = counter.ask(GetImport(history="h1"), caller=AUDITOR)
        assert (told["state"], told["after"], told["counts"]["rows"]) == ("begun", "b", 9)

        counter.command(FinishImport(history="h1", counts=all_of), caller=HEAD)
        counter.command(AdvanceImport(history="h1", after="c", counts=some), caller=HEAD)
        (told,) = counter.ask(ListImports(source="old"), caller=AUDITOR)["imports"]
        assert (told["state"], told["counts"]["rows"], told["by"]) == ("finished", 20, "head-1")
        assert counter.ask(ListImports(source="another"), caller=AUDITOR)["imports"] == []

    def test_the_same_again_is_no_news_and_another_has_another_id(self, counter: Replica) -> None:
        counter.command(self.BEGIN, caller=HEAD)
        counter.command(self.BEGIN, caller=HEAD)
        assert len(counter.log()) == 1

        with pytest.raises(Refused) as refusal:
            counter.command(BeginImport(history="h1", source="x", title="", digest=DIGEST, mapping=DIGEST), caller=HEAD)
        assert refusal.value.code == "import-differs"

    def test_the_quarantine_is_listed_in_the_order_of_the_file_and_counted(self, counter: Replica) -> None:
        counter.command(self.BEGIN, caller=HEAD)
        rows = (QuarantinedRow(7, "time", "办理时间"), QuarantinedRow(7, "code", "事项"))
        for name, some in (("h1-2", rows), ("h1-1", (QuarantinedRow(3, "time", "办理时间"),))):
            for _ in range(2):
                counter.command(QuarantineRows(quarantine=name, history="h1", rows=some), caller=HEAD)

        page = counter.ask(ListQuarantine(history="h1", limit=2), caller=AUDITOR)
        more = counter.ask(ListQuarantine(history="h1", limit=2, after=page["after"]), caller=AUDITOR)
        assert [each["row"] for each in page["rows"] + more["rows"]] == [3, 7, 7]
        assert page["reasons"] == {"code": 1, "time": 2}

        def listed(**wanted: Any) -> list[int]:
            return [each["row"] for each in counter.ask(ListQuarantine(history="h1", **wanted), caller=AUDITOR)["rows"]]

        assert (listed(reason="time"), listed(reason="code"), listed(reason="day")) == ([3, 7], [7], [])
        assert (listed(column="事项"), listed(column="事项", reason="time")) == ([7], [])
        assert listed(reason="time", reversed=True) == [7, 3]
        with pytest.raises(NotFound):
            counter.ask(ListQuarantine(history="h2"), caller=AUDITOR)


class TestIndicators:
    def test_ours_and_theirs_are_counted_by_the_same_rules_and_never_together(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01", at=MONDAY)
        teller.tell("approval", "c1", granted("c1", "CSB01", at=MONDAY + timedelta(days=1)))
        before = {name: teller.numbers(name) for name in ("handling_time", "levels", "single_items")}

        teller.counter.command(a_case(), caller=HEAD)
        hear(teller)

        assert {name: teller.numbers(name) for name in before} == before
        assert teller.value("handling_time", "net_days", by="") == 1
        theirs = {"provenance": "imported"}
        assert teller.value("handling_time", "net_days", **theirs) == 4
        assert teller.numbers("handling_time", "net_days", by="item", **theirs)["CSB01"]["value"] == 4
        assert teller.numbers("handling_time", "net_days", by="theme", **theirs)["CSB"]["value"] == 4
        assert teller.value("shorter_limits", "promised", **theirs) == 0.75
        (cited,) = teller.cited("handling_time", "net_days", **theirs)
        assert (cited["case_id"], cited["kind"]) == ("imported-1", "imported:decided")

    def test_pauses_are_not_counted_for_theirs_either(self, teller: Teller) -> None:
        events = [ACCEPTED, an_event("paused", 1), an_event("resumed", 3), GRANTED]
        teller.counter.command(a_case(events=events), caller=HEAD)
        hear(teller)

        theirs = {"provenance": "imported"}
        assert teller.value("handling_time", "gross_days", **theirs) == 4
        assert teller.value("handling_time", "net_days", **theirs) == 2

    def test_what_they_do_not_say_has_no_number(self, teller: Teller) -> None:
        teller.counter.command(a_case(), caller=HEAD)
        hear(teller)

        number = teller.numbers("population", provenance="imported")[""]
        assert (number["value"], number["why"]) == (None, "no_source")
        assert teller.numbers("handling_time", "on_time", provenance="imported")[""]["why"] == "zero"
