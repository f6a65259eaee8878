"""Two clocks for each review, and the warnings that come from them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from approval.domain import Law, unlocked
from catalogue.conditions import Answer
from catalogue.model import Item, ItemType
from catalogue.rules import Commitment, Limit, Route, Rules
from contracts.approval import ReviewWarned, Unlocked
from kernel.clock import local_date
from testkit.facts import fact, facts, given, names

from .mothers import CALENDAR, PAIR, Office, a_catalogue, a_theme, an_item, planning
from .timekeepers import DAY, Timekeeper, begin, noon, taken_up


def clocks_of(item: Item, day: date, rules: Rules | None = None, **more: object) -> Unlocked:
    """The clocks of an item that is unlocked on this day."""
    theme = a_theme(item)
    catalogue = a_catalogue(theme, rules or Rules())
    return unlocked(item, Law(catalogue, theme, CALENDAR, day), day, **{"answers": {}} | more)


def working_days_after(day: date, count: int) -> date:
    """The oracle: one day after the other."""
    while count:
        day += DAY
        count -= CALENDAR.is_working(day)
    return day


# test vectors
@pytest.mark.parametrize(
    ("accepted_on", "days", "due_on"),
    [
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-02-12", 20, "2026-03-18"),
        ("2026-09-18", 10, "2026-10-09"),
        ("2026-09-30", 5, "2026-10-13"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2026-04-29", 20, "2026-05-29"),
        ("2025-01-24", 20, "2025-02-27"),
        ("2026-02-14", 1, "2026-02-24"),
    ],
)
@pytest.mark.parametrize("limit", ["promised", "statutory"])
def test_a_limit_is_counted_in_working_days_from_the_day_after(accepted_on, days, due_on, limit):
    clocks = clocks_of(an_item("A", **{limit: days}), date.fromisoformat(accepted_on))

    assert getattr(clocks, f"{limit}_due") == date.fromisoformat(due_on)


def test_an_acceptance_late_in_the_evening_counts_for_the_legal_day_that_it_is_in_china():
    office = Office(PAIR).accepts(at=datetime(2026, 7, 22, 16, 30, tzinfo=UTC))

    assert office.bundle.reviews["ONE"].clocks.started_on == date(2026, 7, 23)


def test_a_deemed_acceptance_counts_from_the_day_it_is_deemed_to_have_been():
    office = Office(PAIR)
    command = planning(PAIR, ("ONE",), accepted_on=date(2026, 7, 16))

    office.bundle.plan(command, office.law(noon("2026-07-23")), act=office.department("ONE"))

    assert office.bundle.reviews["ONE"].clocks.started_on == date(2026, 7, 16)


def test_a_limit_beyond_the_published_calendar_is_provisional():
    within = clocks_of(an_item("A", promised=5, statutory=10), date(2026, 7, 23))
    beyond = clocks_of(an_item("A", promised=5, statutory=200), date(2026, 7, 23))

    assert (within.provisional, beyond.provisional) == (False, True)


@drawn(st.dates(date(2025, 1, 1), date(2026, 6, 30)), st.integers(1, 60), st.integers(1, 99))
def test_amber_is_the_working_day_in_which_the_regions_share_of_the_limit_has_passed(day, days, percent):
    amber_on = clocks_of(an_item("A", promised=days), day, Rules(amber_percent=percent)).promised_amber_on

    used_before = next(n for n in range(1, 99) if working_days_after(day, n) == amber_on) - 1
    assert used_before * 100 <= days * percent < (used_before + 1) * 100


class TestTheLimitsOfAnItem:  # thresholds and promises lead to limits of their own
    ROUTED = an_item(
        "A",
        promised=10,
        statutory=20,
        routes=(Route(when=Answer("line", ("short",)), promised=Limit(days=2)),),
        commitment=Commitment(materials=("m",), promised=Limit(days=0), statutory=Limit(days=1)),
    )

    def days(self, **each: object) -> tuple[int | None, int | None]:
        office = taken_up(a_theme(self.ROUTED), **each)
        clocks = office.bundle.reviews["A"].clocks
        return clocks.promised_days, clocks.statutory_days

    def test_are_its_own_where_nothing_else_is_said(self):
        assert self.days() == (10, 20)

    def test_are_those_of_the_route_that_the_answers_lead_to(self):
        assert self.days(answers={"line": "short"}) == (2, 20)

    def test_are_those_of_the_written_promise_where_one_was_made(self):
        assert self.days(committed=True) == (0, 1)

    def test_are_the_general_one_of_the_law_for_a_licence_without_any(self):  # 行政许可法 第42条
        assert clocks_of(an_item("A", promised=None, statutory=None), date(2026, 7, 23)).statutory_days == 20


class TestWarnings:
    def an_office(self) -> Timekeeper:
        """ONE: accepted on 2026-02-12, promised in 5, statutory in 20 working days."""
        return taken_up(a_theme(an_item("ONE", promised=5, statutory=20)), noon("2026-02-12"))

    def test_come_in_order_each_once_and_name_the_lead_from_red_on(self):
        office = self.an_office()
        expected = [
            ("2026-02-26", "amber", "promised", "2026-02-26", {}),
            ("2026-02-27", "red", "promised", "2026-02-26", {"lead": "scjg", "escalates_on": "2026-03-05"}),
            ("2026-03-05", "escalated", "promised", "2026-02-26", {"lead": "scjg"}),
            ("2026-03-13", "amber", "statutory", "2026-03-18", {}),
            ("2026-03-19", "red", "statutory", "2026-03-18", {"lead": "scjg", "escalates_on": "2026-03-26"}),
            ("2026-03-26", "escalated", "statutory", "2026-03-18", {"lead": "scjg"}),
        ]
        for day, level, limit, due, more in expected:
            at = begin(day)
            assert office.bundle.timers() == {"warning": at}
            office.wakes_up(at - timedelta(microseconds=1))
            assert facts(office.bundle) == []

            office.wakes_up(at)

            body = {"level": level, "due": due} | ({} if limit == "promised" else {"limit": limit}) | more
            assert facts(office.bundle) == [fact(ReviewWarned, item="ONE", handler="dept-ONE", **body)]
            given(office.bundle)
        assert office.bundle.timers() == {}

    def test_that_were_missed_come_together(self):
        office = self.an_office()

        office.wakes_up(noon("2026-12-01"))

        assert names(office.bundle) == ["ReviewWarned"] * 6
        assert office.bundle.reviews["ONE"].warned == "escalated"
        assert office.bundle.timers() == {}

    def test_are_escalated_after_as_long_as_the_region_says(self):
        office = Timekeeper(a_theme(an_item("ONE", promised=5)), rules=Rules(escalation=Limit(days=1)))
        office.accepts(at=noon("2026-02-12"))

        office.wakes_up(begin("2026-02-27"))

        assert office.bundle.timers()["warning"] == begin("2026-02-28")  # a working Saturday

    @pytest.mark.parametrize("verb", ["grants", "denies", "loses"])
    def test_end_with_the_review(self, verb):
        office = self.an_office()

        getattr(office, verb)("ONE", at=noon("2026-02-13"))

        assert office.bundle.timers() == {}

    def test_are_not_for_reviews_that_still_wait(self):
        office = Office().accepts()

        first, second = (set(office.bundle.reviews[item].ahead) for item in ("LICENCE", "CHECK"))

        assert first
        assert not second

    def test_are_given_once_where_the_promise_is_the_statutory_limit(self):
        office = Office(a_theme(an_item("ONE", promised=5, statutory=5))).accepts()

        assert [(m.level, m.limit) for m in office.bundle.reviews["ONE"].ahead] == [
            ("amber", "statutory"),
            ("red", "statutory"),
        ]

    def test_of_an_item_done_on_the_spot_begin_with_red(self):
        spot = an_item("ONE", promised=0, statutory=None, kind=ItemType.PUBLIC_SERVICE)
        office = Office(a_theme(spot)).accepts()

        (mark,) = office.bundle.reviews["ONE"].ahead
        assert (mark.level, local_date(mark.at)) == ("red", mark.due + DAY)

    def test_are_unknown_to_an_item_without_limits(self):
        free = an_item("ONE", promised=None, statutory=None, kind=ItemType.PUBLIC_SERVICE)
        office = Office(a_theme(free)).accepts()

        assert office.bundle.timers() == {}
        assert office.bundle.reviews["ONE"].due_on is None
