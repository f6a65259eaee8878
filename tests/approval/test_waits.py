"""Publicity, announcements and minimum terms: periods that pass before a decision."""

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from approval.domain.refusals import WaitRunning
from approval.domain.waits import last_day
from catalogue.conditions import Answer
from catalogue.rules import Wait
from contracts.approval import WaitPassed
from testkit.facts import fact, facts, refused

from . import almanac
from .mothers import CALENDAR, a_theme, an_item, needs
from .timekeepers import DAY, begin, noon, taken_up


def a_wait(**more: object) -> Wait:
    """Publicity of twenty calendar days from the day on which the review begins."""
    return Wait(**{"id": "publicity", "name": "公示", "days": 20} | more)


def an_office(wait: Wait, at: str = "2026-03-02", **each: object):
    """ONE with this wait, promised in 5, statutory in 20 working days."""
    return taken_up(a_theme(an_item("ONE", promised=5, statutory=20, waits=(wait,))), noon(at), **each)


def until(office) -> date | None:
    waits = office.bundle.reviews["ONE"].clocks.waits
    return waits[0].until if waits else None


class TestAWait:
    def test_keeps_the_department_from_deciding_until_it_has_passed(self):  # 简易注销公告 20 days
        office = an_office(a_wait())
        assert str(until(office)) == "2026-03-23"  # the 22nd is a Sunday

        with refused(WaitRunning, item="ONE", wait="publicity", until=date(2026, 3, 23)):
            office.grants("ONE", at=noon("2026-03-23"))

        office.grants("ONE", at=noon("2026-03-24"))
        assert office.status() == {"ONE": "granted"}

    def test_that_has_passed_is_said_once_and_puts_the_review_on_the_desk(self):
        office = an_office(a_wait())
        assert not office.bundle.reviews["ONE"].is_ready
        assert office.bundle.timers()["wait"] == begin("2026-03-24")

        office.sees(begin("2026-03-24"))

        assert facts(office.bundle) == [
            fact(WaitPassed, item="ONE", handler="dept-ONE", wait="publicity", until=date(2026, 3, 23))
        ]
        assert office.bundle.reviews["ONE"].is_ready
        assert "wait" not in office.bundle.timers()

    def test_stops_the_clocks_where_the_catalogue_says_so(self):
        office = an_office(a_wait())

        assert office.due("ONE", "promised") == almanac.last_day(date(2026, 3, 23), 5)
        assert office.due("ONE", "statutory") == almanac.last_day(date(2026, 3, 23), 20)

    def test_does_not_stop_them_where_it_does_not(self):
        office = an_office(a_wait(suspends=False))

        assert office.due("ONE", "statutory") == almanac.last_day(date(2026, 3, 2), 20)

    def test_may_begin_with_the_acceptance(self):
        wait = a_wait(after="accepted")
        theme = a_theme(an_item("FIRST"), an_item("ONE", needs("FIRST"), waits=(wait,)))
        office = taken_up(theme, noon("2026-03-02"))

        office.grants("FIRST", at=noon("2026-03-11"))

        assert str(until(office)) == "2026-03-23"
        # the clocks begin on the 11th; what is left of the wait is not counted
        assert office.due("ONE", "promised") == almanac.last_day(date(2026, 3, 23), 3)

    def test_may_begin_on_the_day_that_the_applicant_wrote(self):  # credit repair, 3 months to 3 years
        wait = a_wait(after="field", field="penalty_on", days=3, unit="months")
        office = an_office(wait, waits_from={"publicity": date(2026, 1, 31)})

        assert str(until(office)) == "2026-04-30"

    def test_whose_day_nobody_wrote_begins_with_the_acceptance(self):
        office = an_office(a_wait(after="field", field="penalty_on", days=3, unit="months"))

        assert str(until(office)) == "2026-06-02"

    def test_that_is_over_when_the_review_begins_is_none(self):
        office = an_office(a_wait(after="field", days=20), waits_from={"publicity": date(2026, 1, 5)})

        assert until(office) is None
        office.grants("ONE", at=noon("2026-03-02"))
        assert office.status() == {"ONE": "granted"}

    def test_is_only_where_the_answers_ask_for_it(self):
        wait = a_wait(when=Answer("severity", ("serious",)))

        assert until(an_office(wait)) is None
        assert until(an_office(wait, answers={"severity": "serious"})) is not None

    def test_before_an_acceptance_is_none_of_the_departments(self):
        assert until(an_office(a_wait(holds="acceptance"))) is None

    def test_ends_with_the_review(self):
        office = an_office(a_wait()).takes_back("ONE")

        assert office.bundle.timers() == {}


@pytest.mark.parametrize("unit", ["working", "calendar", "months"])
@settings(max_examples=100, deadline=None)
@drawn(since=st.dates(date(2024, 1, 1), date(2027, 1, 1)), count=st.integers(1, 40))
def test_the_last_day_of_a_period_is_the_almanacs(unit, since, count):  # 民法典 第201—203条
    if unit == "working":
        expected = almanac.last_day(since, count)
    else:
        if unit == "calendar":
            expected = since + DAY * count
        else:
            year, month = since.year, since.month
            for _ in range(count):
                year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            expected = date(year, month, min(since.day, monthrange(year, month)[1]))
        while not almanac.is_worked(expected):
            expected += DAY

    assert last_day(a_wait(days=count, unit=unit), since, CALENDAR) == expected
