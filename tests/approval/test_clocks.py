"""Two clocks for each review, and the warnings that come from them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from approval.domain import unlocked
from contracts.approval import ReviewWarned
from kernel.clock import local_date
from testkit.facts import fact, facts, given, names

from .mothers import CALENDAR, PAIR, Office, a_theme, an_item, planning

DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def begin(day: date) -> datetime:
    """Midnight in China."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def working_days_after(day: date, count: int) -> date:
    """The oracle: one day after the other."""
    while count:
        day += DAY
        count -= CALENDAR.is_working(day)
    return day


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
    clocks = unlocked(an_item("A", **{limit: days}), CALENDAR, date.fromisoformat(accepted_on))

    assert getattr(clocks, f"{limit}_due") == date.fromisoformat(due_on)


def test_an_acceptance_late_in_the_evening_counts_for_the_legal_day_that_it_is_in_china():
    office = Office(PAIR).accepts(at=datetime(2026, 7, 22, 16, 30, tzinfo=UTC))

    assert office.bundle.reviews["ONE"].clocks.started_on == date(2026, 7, 23)


def test_a_deemed_acceptance_counts_from_the_day_it_is_deemed_to_have_been():
    office = Office(PAIR)
    command = planning(PAIR, ("ONE",), accepted_on=date(2026, 7, 16))

    office.bundle.plan(command, theme=PAIR, calendar=CALENDAR, day=date(2026, 7, 23), act=office.department("ONE"))

    assert office.bundle.reviews["ONE"].clocks.started_on == date(2026, 7, 16)


def test_a_limit_beyond_the_published_calendar_is_provisional():
    within = unlocked(an_item("A", promised=5, statutory=10), CALENDAR, date(2026, 7, 23))
    beyond = unlocked(an_item("A", promised=5, statutory=200), CALENDAR, date(2026, 7, 23))

    assert (within.provisional, beyond.provisional) == (False, True)


@drawn(st.dates(date(2025, 1, 1), date(2026, 6, 30)), st.integers(1, 60))
def test_amber_is_the_working_day_in_which_four_fifths_of_the_limit_have_passed(day, days):
    amber_on = unlocked(an_item("A", promised=days), CALENDAR, day).promised_amber_on

    used_before = next(n for n in range(1, 99) if working_days_after(day, n) == amber_on) - 1
    assert used_before * 5 <= days * 4 < (used_before + 1) * 5


class TestWarnings:
    def an_office(self) -> Office:
        """ONE: accepted on 2026-02-12, promised in 5, statutory in 20 working days."""
        theme = a_theme(an_item("ONE", promised=5, statutory=20))
        office = Office(theme).accepts(at=noon(date(2026, 2, 12)))
        given(office.bundle)
        return office

    def test_come_in_order_each_once(self):
        office = self.an_office()
        expected = [
            (begin(date(2026, 2, 26)), "amber", "promised", date(2026, 2, 26)),
            (begin(date(2026, 2, 27)), "red", "promised", date(2026, 2, 26)),
            (begin(date(2026, 3, 13)), "amber", "statutory", date(2026, 3, 18)),
            (begin(date(2026, 3, 19)), "red", "statutory", date(2026, 3, 18)),
        ]
        for at, level, limit, due in expected:
            assert office.bundle.timers() == {"warning": at}
            office.wakes_up(at - timedelta(microseconds=1))
            assert facts(office.bundle) == []

            office.wakes_up(at)

            body = {"level": level, "due": due} | ({} if limit == "promised" else {"limit": limit})
            assert facts(office.bundle) == [fact(ReviewWarned, item="ONE", handler="dept-ONE", **body)]
            given(office.bundle)
        assert office.bundle.timers() == {}

    def test_that_were_missed_come_together(self):
        office = self.an_office()

        office.wakes_up(noon(date(2026, 12, 1)))

        assert names(office.bundle) == ["ReviewWarned"] * 4
        assert office.bundle.reviews["ONE"].warned == "red"
        assert office.bundle.timers() == {}

    @pytest.mark.parametrize("verb", ["grants", "denies", "loses"])
    def test_end_with_the_review(self, verb):
        office = self.an_office().supplies()

        getattr(office, verb)("ONE", at=noon(date(2026, 2, 13)))

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
        office = Office(a_theme(an_item("ONE", promised=0, statutory=None))).accepts()

        (mark,) = office.bundle.reviews["ONE"].ahead
        assert (mark.level, local_date(mark.at)) == ("red", mark.due + DAY)

    def test_are_unknown_to_an_item_without_limits(self):
        office = Office(a_theme(an_item("ONE", promised=None, statutory=None))).accepts()

        assert office.bundle.timers() == {}
        assert office.bundle.reviews["ONE"].due_on is None
