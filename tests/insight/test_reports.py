"""What people tell insight: numbers with their source, targets, improvements; and what indicators become by them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.insight import (
    DropTarget,
    GetImprovement,
    ImportNumbers,
    ListImprovements,
    RecordImprovement,
    ReportNumber,
    SetTarget,
)
from contracts.language import Caller
from eventing import mapper
from eventing.errors import Invalid, Refused
from insight.domain import Improvement, Report, Target
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import AUDITOR, TODAY, Teller

HEAD = Caller(by="head-1", hall="county", roles=("manager",))
FILE = """kind,begins,ends,value,theme,item,hall,channel
population,2026-01-01,2026-12-31,1200,CSB,,,
key_cases,2026-07-01,2026-07-31,10,CSB,CSB01,,
single_cases,2026-07-01,2026-07-31,25,CSB,CSB01,,
contacts,2026-07-01,2026-07-31,400,CSB,,,sms
complaints,2026-07-01,2026-07-31,3,CSB,,county,
"""


@pytest.fixture
def teller(counter: Replica) -> Teller:
    return Teller(counter)


def hear(teller: Teller) -> None:
    """Shows insight its own log, as far as it has not seen it."""
    seen = teller.counter.__dict__.setdefault("_heard", 0)
    log = teller.counter.log()
    for fact in log[seen:]:
        teller.tell("insight", fact.stream, mapper.decode(fact.topic, fact.state))
    teller.counter.__dict__["_heard"] = len(log)


def a_number(report: str = "r1", **more: Any) -> ReportNumber:
    body: dict[str, Any] = {
        "kind": "population", "begins": date(2026, 1, 1), "ends": date(2026, 12, 31), "value": 900, "theme": "CSB",
        "source": "统计局年报", "dated_on": date(2026, 3, 1),
    }  # fmt: skip
    return ReportNumber(report=report, **{**body, **more})


class TestNumbers:
    def test_an_indicator_without_a_source_has_one_now(self, teller: Teller) -> None:
        assert teller.value("population") is None

        teller.counter.command(a_number(), caller=HEAD)
        hear(teller)

        assert teller.value("population") == 900
        assert teller.value("population", theme="XSE") == 0
        assert teller.cited("population", "population")[0]["label"] == "统计局年报"

    def test_what_is_told_again_replaces_it_and_what_was_known_stays(self, teller: Teller) -> None:
        teller.counter.command(a_number(), caller=HEAD)
        hear(teller)
        before = teller.as_of()
        teller.counter.clock.advance(timedelta(hours=1))
        teller.counter.command(a_number("r2", value=950), caller=HEAD)
        hear(teller)

        assert teller.value("population") == 950
        assert teller.value("population", as_of=before) == 900

    def test_the_same_again_is_no_news(self, teller: Teller) -> None:
        teller.counter.command(a_number(), caller=HEAD)
        teller.counter.command(a_number(), caller=HEAD)

        assert len(teller.counter.log()) == 1

    @pytest.mark.parametrize(
        "wrong", [{"source": " "}, {"value": -1}, {"ends": date(2025, 12, 31)}], ids=["source", "value", "period"]
    )
    def test_is_refused(self, teller: Teller, wrong: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            teller.counter.command(a_number(**wrong), caller=HEAD)

    def test_another_number_under_the_same_id_is_refused(self, teller: Teller) -> None:
        teller.counter.command(a_number(), caller=HEAD)

        with pytest.raises(Refused):
            teller.counter.command(a_number(value=1), caller=HEAD)


class TestFiles:
    def test_a_file_fills_what_no_service_tells(self, teller: Teller) -> None:
        for n in range(4):
            teller.a_case(f"c{n}", "CSB01", "CSB02")
        told = teller.counter.command(
            ImportNumbers(report="f1", source="市监局台账", dated_on=date(2026, 8, 1), csv=FILE), caller=HEAD
        )[0]
        hear(teller)

        assert told == {"report": "f1", "taken": 5, "refused": []}
        assert teller.value("relative_volume") == 0.4
        assert teller.value("upper_bound") == 10
        assert teller.value("single_items", "outside") == 25
        assert teller.value("conversion", "contact_to_case") == 0.01
        assert teller.value("complaints") == 0.75
        assert teller.numbers("relative_volume", by="theme")["CSB"]["value"] == 0.4

    def test_a_wrong_row_is_told_with_its_line_and_stops_no_other(self, teller: Teller) -> None:
        rows = "kind,begins,ends,value\npopulation,2026-01-01,2026-12-31,12\nrain,2026-01-01,2026-01-02,1\n"
        rows += "contacts,2026-01-01,yesterday,1\ncontacts,2026-01-05,2026-01-02,1\ncontacts,2026-01-01,2026-01-02,-4\n"
        told = teller.counter.command(ImportNumbers(report="f1", source="s", dated_on=TODAY, csv=rows), caller=HEAD)[0]

        assert told["taken"] == 1
        assert [(row["line"], row["field"]) for row in told["refused"]] == [
            (3, "kind"),
            (4, "ends"),
            (5, "ends"),
            (6, "value"),
        ]

    @pytest.mark.parametrize("text", ["", "kind,begins\n", "\x00", "a;b\n1;2\n"])
    def test_nothing_readable_is_refused(self, teller: Teller, text: str) -> None:
        with pytest.raises(Invalid):
            teller.counter.command(ImportNumbers(report="f1", source="s", dated_on=TODAY, csv=text), caller=HEAD)


class TestTargets:
    def test_a_target_stands_beside_the_number_and_says_whether_it_is_met(self, teller: Teller) -> None:
        teller.a_case("c1", "CSB01")
        teller.a_case("c2", "CSB01", mode="continuation")
        teller.counter.command(
            SetTarget(target="t1", indicator="continuation", figure="continuation", value=0.4, reason="年度计划"),
            SetTarget(
                target="t2", indicator="continuation", figure="continuation", value=0.6, theme="CSB", reason="试点"
            ),
            caller=HEAD,
        )
        hear(teller)

        def target(**asked: Any) -> Any:
            return next(iter(teller.numbers("continuation", **asked).values()))["target"]

        assert target() == {"value": 0.4, "direction": "at_least", "is_met": True}
        assert target(theme="CSB")["is_met"] is False
        assert target(by="theme")["value"] == 0.6

        teller.counter.command(DropTarget(target="t2"), caller=HEAD)
        hear(teller)
        assert target(theme="CSB")["value"] == 0.4

    def test_of_a_figure_that_there_is_not_it_is_refused(self, teller: Teller) -> None:
        with pytest.raises(Invalid):
            teller.counter.command(
                SetTarget(target="t", indicator="continuation", figure="rain", value=1, reason="x"), caller=HEAD
            )


class TestImprovements:
    CHANGE = RecordImprovement(
        improvement="i1",
        lever="publicity",
        indicator="continuation",
        figure="continuation",
        on=TODAY,
        what="窗口主动介绍一件事",
        theme="CSB",
        days=10,
    )

    def test_before_and_after_are_compared(self, teller: Teller) -> None:
        earlier = NOON - timedelta(days=3)
        for n, (at, mode) in enumerate(
            ((earlier, "one_mouth"), (earlier, "continuation"), (NOON, "continuation"), (NOON, "continuation"))
        ):
            teller.a_case(f"c{n}", "CSB01", at=at, mode=mode)
        teller.counter.command(self.CHANGE, caller=HEAD)

        told = teller.counter.ask(GetImprovement(improvement="i1"), caller=AUDITOR)

        assert (told["before"]["value"], told["after"]["value"], told["is_over"]) == (0.5, 1.0, False)
        assert told["lever"] == "publicity"
        assert datetime.fromisoformat(told["as_of"])

    def test_they_are_listed(self, teller: Teller) -> None:
        teller.counter.command(self.CHANGE, caller=HEAD)

        listed = teller.counter.ask(ListImprovements(theme="CSB"), caller=AUDITOR)["improvements"]

        assert [row["what"] for row in listed] == ["窗口主动介绍一件事"]

    def test_nothing_said_is_refused(self, teller: Teller) -> None:
        with pytest.raises(Invalid):
            teller.counter.command(replace(self.CHANGE, what=" "), caller=HEAD)


def test_a_replay_gives_the_same_state(teller: Teller) -> None:
    teller.counter.command(a_number(), TestImprovements.CHANGE, caller=HEAD)
    teller.counter.command(
        SetTarget(target="t1", indicator="continuation", figure="continuation", value=0.4, reason="x"), caller=HEAD
    )
    facts = {fact.stream: mapper.decode(fact.topic, fact.state) for fact in teller.counter.log()}

    for kind, stream in ((Report, "r1"), (Improvement, "i1"), (Target, "t1")):
        assert kind.replay(stream, [facts[stream]]).said == facts[stream]
