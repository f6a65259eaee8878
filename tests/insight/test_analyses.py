"""What numbers come to: combinations, entries, waits, windows hour by hour, trends and suggestions."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.halls import TicketDrawn, TicketFinished, WindowClosed, WindowOpened, WindowPaused
from contracts.insight import GetIndicator, GetTrend, ListSuggestions, NumbersReported, ReportedNumber, SetTarget
from contracts.intake import ItemsReturned
from contracts.language import Caller
from contracts.offers import OfferMade, OfferTaken
from contracts.outreach import ConsultationLinked, ConsultationRecorded
from contracts.routing import LedgerImbalance, PacketsLeftBehind
from contracts.routing.values import LedgerFault
from eventing.errors import Invalid
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import AUDITOR, CASE, TODAY, YEAR, Teller, accepted, corrected, granted, opened, unlocked

NINE = NOON.replace(hour=1)  # nine o'clock in China


@pytest.fixture
def teller(counter: Replica) -> Teller:
    return Teller(counter)


def a_consultation(n: int, channel: Any) -> ConsultationRecorded:
    return ConsultationRecorded(at=NOON, by="c", channel=channel, on=TODAY, theme="SSHC", hall="county")


def an_offer(item: str) -> OfferMade:
    return OfferMade(
        at=NOON, by="c", theme="SSHC", item=item, catalogue="v", hall="county", window="w", channel="window"
    )


class TestWindows:
    def tell(self, teller: Teller) -> None:
        at = {"by": "clerk", "hall": "county", "window": "w1"}
        teller.tell(
            "halls",
            "w1",
            WindowOpened(at=NINE, staff="s", **at),
            WindowPaused(at=NINE + timedelta(hours=1), reason="r", **at),
            WindowOpened(at=NINE + timedelta(hours=1, minutes=30), staff="s", **at),
            WindowClosed(at=NINE + timedelta(hours=2), **at),
        )
        served = TicketFinished(
            at=NINE + timedelta(minutes=75 - 60), by="clerk", hall="county", window="w1", theme="SSHC", ticket="t1",
            seconds=900, waited=60,
        )  # fmt: skip
        across = TicketFinished(
            at=NINE + timedelta(hours=1, minutes=5), by="clerk", hall="county", window="w1", theme="", ticket="t2",
            seconds=600, waited=0,
        )  # fmt: skip
        teller.tell("halls", "queue", served, across)

    def test_load_is_serving_by_being_open(self, teller: Teller) -> None:
        self.tell(teller)

        number = teller.numbers("windows", "load")[""]

        assert (number["numerator"], number["denominator"]) == (1500, 5400)
        assert teller.value("windows", "paused") == 1800 / 7200

    def test_hour_by_hour_what_goes_over_the_hour_is_cut(self, teller: Teller) -> None:
        self.tell(teller)

        found = teller.numbers("windows", "load", by="hour")

        assert {of: (n["numerator"], n["denominator"]) for of, n in found.items()} == {
            "09": (1200, 3600),
            "10": (300, 1800),
        }

    def test_a_window_that_nobody_closed_closes_with_its_day(self, teller: Teller) -> None:
        teller.tell("halls", "w1", WindowOpened(at=NINE, by="c", staff="s", hall="county", window="w1"))
        teller.counter.clock.advance(timedelta(days=2))
        teller.a_case("c1", "SSHC01", **CASE)

        assert teller.numbers("windows", "load", by="day")[TODAY.isoformat()]["denominator"] == 15 * 3600

    def test_facts_do_not_tell_it_by_theme(self, teller: Teller) -> None:
        self.tell(teller)

        assert teller.numbers("windows", "load", by="theme")[""]["why"] == "not_by_this"
        assert teller.numbers("windows", "load", theme="SSHC")[""]["why"] == "not_by_this"
        assert set(teller.numbers("windows", "load", by="hall")) == {"county"}


class TestWaysIn:
    def test_each_channel_and_each_entry_item_has_its_conversion(self, teller: Teller) -> None:
        for n, channel in enumerate(("window", "window", "hotline")):
            teller.tell("outreach", f"k{n}", a_consultation(n, channel))
        teller.a_case("c1", "SSHC01", **CASE)
        teller.tell("outreach", "k0", ConsultationLinked(at=NOON, by="c", led_to="c1"))
        for n in range(4):
            teller.tell("intake", f"o{n}", an_offer("SSHC01" if n % 2 else "SSHC02"))
        teller.tell("intake", "o1", OfferTaken(at=NOON, by="c", taken_by="c1"))

        channels, items = teller.numbers("conversion", "by_channel"), teller.numbers("conversion", "by_item")

        assert {of: number["value"] for of, number in channels.items()} == {"hotline": 0, "window": 0.5}
        assert {of: number["value"] for of, number in items.items()} == {"SSHC01": 0.5, "SSHC02": 0}
        assert len(teller.cited("conversion", "by_channel", part="denominator", group="window")) == 2
        assert teller.numbers("conversion", "by_channel", by="theme")[""]["why"] == "not_by_this"

    def test_the_funnel_has_what_there_is_a_source_for(self, teller: Teller) -> None:
        teller.tell("outreach", "k0", a_consultation(0, "window"))
        teller.a_case("c1", "SSHC01", **CASE)

        assert teller.numbers("conversion", "funnel")[""]["parts"] == {"consultations": 1, "opened": 1, "accepted": 1}

    def test_a_group_that_the_figure_does_not_have_is_refused(self, teller: Teller) -> None:
        with pytest.raises(Invalid):
            teller.cited("windows", "load", group="09")


def test_gaps_in_custody(teller: Teller) -> None:
    teller.tell("routing", "c1", PacketsLeftBehind(case_id="c1", at=NOON, by="k", packets={"p1": "county"}, trip="t"))
    faults = (LedgerFault("c2", "copy", "a", 1), LedgerFault("c2", "copy", "b", -1))
    teller.tell("routing", "ledger", LedgerImbalance(at=NOON, by="k", segment=1, faults=faults))

    assert teller.value("custody", "gaps") == 2
    assert {fact["case_id"] for fact in teller.cited("custody", "gaps")} == {"c1", "c2"}


class TestTrend:
    def trend(self, teller: Teller, indicator: str, figure: str, **asked: Any) -> Any:
        return teller.counter.ask(GetTrend(indicator=indicator, figure=figure, **asked), caller=AUDITOR)

    def test_months_without_any_are_zero_and_the_line_goes_on(self, teller: Teller) -> None:
        for n in range(12):
            for m in range(n):
                at = datetime.fromisoformat(f"2025-{n + 1:02}-15T04:00:00+00:00")
                teller.tell("intake", f"c{n}-{m}", opened(f"c{n}-{m}", at=at, channel="web"))

        told = self.trend(teller, "levels", "by_level", begins=date(2025, 1, 1), ends=date(2025, 12, 31))
        counts = self.trend(teller, "single_items", "inside", begins=date(2025, 1, 1), ends=date(2025, 12, 31))

        assert [month["number"]["value"] for month in told["months"]] == list(range(12))
        assert (told["method"], round(told["mean_error"], 6), told["tested"]) == ("line", 0, 8)
        assert [(each["month"], round(each["value"], 6)) for each in told["forecast"]] == [
            ("2026-01", 12),
            ("2026-02", 13),
            ("2026-03", 14),
        ]
        assert [month["number"]["value"] for month in counts["months"]] == [0] * 12

    def test_a_ratio_without_cases_is_null_and_nothing_is_foreseen(self, teller: Teller) -> None:
        told = self.trend(teller, "continuation", "continuation")

        assert len(told["months"]) == 24
        assert {month["number"]["value"] for month in told["months"]} == {None}
        assert (told["forecast"], told["method"], told["mean_error"]) == ([], "", None)

    def test_of_what_is_imported_every_month_is_what_was_reported_of_it(self, teller: Teller) -> None:
        assert {each["number"]["why"] for each in self.trend(teller, "upper_bound", "key_cases")["months"]} == {
            "no_source"
        }
        months = [date(2025, n, 1) for n in range(1, 13)]
        numbers = tuple(
            ReportedNumber(kind="key_cases", begins=month, ends=month, value=100 + n) for n, month in enumerate(months)
        )
        teller.tell("insight", "r", NumbersReported(at=NOON, by="m", source="s", dated_on=TODAY, numbers=numbers))

        told = self.trend(teller, "upper_bound", "key_cases", begins=months[0], ends=date(2025, 12, 31))

        assert [each["number"]["value"] for each in told["months"]] == list(range(100, 112))

    def test_the_month_that_goes_on_is_not_a_month_yet(self, teller: Teller) -> None:
        teller.a_case("c1", "SSHC01", **CASE)

        assert self.trend(teller, "single_items", "inside")["months"][-1]["month"] < TODAY.isoformat()[:7]

    def test_a_figure_with_groups_of_its_own_has_no_trend(self, teller: Teller) -> None:
        with pytest.raises(Invalid):
            self.trend(teller, "first_time_complete", "by_material")


class TestSuggestions:
    MANAGER = Caller(by="head", roles=("manager",))

    def told(self, teller: Teller) -> dict[str, Any]:
        found = teller.counter.ask(ListSuggestions(**YEAR), caller=AUDITOR)["suggestions"]
        return {each["kind"]: each for each in found}

    def test_of_a_handful_of_cases_nothing_is_suggested(self, teller: Teller) -> None:
        teller.a_case("c1", "SSHC01", **CASE)
        teller.tell("intake", "c1", corrected("c1", SSHC01=("paper",)))

        assert self.told(teller) == {}

    def test_each_cites_numbers_that_are_told_again(self, teller: Teller) -> None:
        for n in range(8):
            case = f"c{n}"
            teller.tell("intake", case, opened(case, **CASE), accepted(case, "SSHC01", "SSHC02", theme="SSHC"))
            teller.tell("intake", case, corrected(case, SSHC01=("plan",)))
            teller.tell(
                "intake", case, ItemsReturned(case_id=case, at=NOON, by="c", items=("SSHC01",), reason="given_up")
            )
            later = NOON + timedelta(days=7)
            teller.tell("approval", case, granted(case, "SSHC01", later), unlocked(case, "SSHC02", 3, later))
            teller.tell(
                "outreach", f"k{n}", a_consultation(n, "window"), ConsultationLinked(at=NOON, by="c", led_to=case)
            )
            teller.tell("outreach", f"h{n}", a_consultation(n, "hotline"))
            hour = NINE if n < 6 else NINE + timedelta(hours=2)
            common: Any = {"at": hour, "by": "clerk", "hall": "county", "ticket": f"t{n}"}
            drawn = TicketDrawn(
                **common, number=f"A{n}", zone="a", theme="", item="", priority="", channel="kiosk", since=NOON
            )
            waited = 3000 if n < 6 else 10
            finished = TicketFinished(**common, window="w1", theme="", seconds=60, waited=waited)
            quick = [
                TicketFinished(**{**common, "ticket": f"q{n}-{m}"}, window="w1", theme="", seconds=60, waited=0)
                for m in range(9)
            ]
            teller.tell("halls", "queue", drawn, finished, *(quick if n >= 6 else ()))
        teller.counter.command(
            SetTarget(target="t", indicator="continuation", figure="continuation", value=0.5, reason="计划"),
            caller=Caller(by="head", roles=("manager",)),
        )
        (fact,) = teller.counter.log()
        from eventing import mapper

        teller.tell("insight", "t", mapper.decode(fact.topic, fact.state))

        told = self.told(teller)

        assert told.keys() == {
            "missed_target", "missing_material", "bottleneck", "short_hours", "return_reason", "best_channel",
            "combination",
        }  # fmt: skip
        assert told["missing_material"]["of"] == "plan"
        assert told["bottleneck"]["of"] == "SSHC01 → SSHC02"
        assert told["short_hours"]["of"] == "09"
        assert told["best_channel"]["of"] == "window"
        assert told["combination"]["of"] == "SSHC01+SSHC02"
        assert all(each["says"]["zh"] and each["says"]["en"] and each["cites"] for each in told.values())
        for each in told.values():
            for cited in each["cites"]:
                numbers = teller.numbers(cited["indicator"], cited["figure"], by=cited["by"])
                assert numbers[cited["number"]["of"]] == cited["number"]

    def test_a_clerk_is_told_none(self, teller: Teller) -> None:
        from eventing.errors import Forbidden

        with pytest.raises(Forbidden):
            teller.counter.ask(ListSuggestions(), caller=Caller(by="c", hall="county", roles=("clerk",)))


def test_combinations_are_told_and_open(teller: Teller) -> None:
    teller.a_case("c1", "SSHC01", "SSHC02", **CASE)
    teller.a_case("c2", "SSHC02", "SSHC01", **CASE)
    teller.a_case("c3", "SSHC01", **CASE)

    assert teller.numbers("joint_handling", "by_combination")[""]["parts"] == {"SSHC01+SSHC02": 2}
    told = teller.counter.ask(GetIndicator(indicator="4", **YEAR), caller=AUDITOR)
    assert [figure["apart"] for figure in told["figures"]] == ["", "", ""]
