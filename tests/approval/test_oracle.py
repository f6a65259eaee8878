"""The house's clocks against an almanac: whatever happens to a review, its limits end when fingers say so."""

from datetime import date, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from approval.domain.refusals import ExtensionTooLate
from approval.reports import report
from contracts.approval import ReviewExtended, ReviewResumed, ReviewsUnlocked, ReviewSuspended
from testkit.facts import replayed

from . import almanac
from .mothers import CALENDAR, a_theme, an_item
from .timekeepers import DAY, Timekeeper, noon, taken_up

PROCEDURES = ("appraisal", "testing", "hearing")


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_almanac_is_the_official_one(year, days):
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]

    assert sum(almanac.is_worked(day) for day in every if day.year == year) == days


def test_the_house_and_the_almanac_agree_on_every_day_that_is_published():
    every = [date(2024, 1, 1) + timedelta(days=n) for n in range(5 * 365)]

    assert [day for day in every if CALENDAR.is_working(day) != almanac.is_worked(day)] == []


@st.composite
def stories(draw):
    """A day of acceptance, two limits, special procedures that may overlap, and a day on which time is given."""
    start = draw(st.dates(date(2024, 1, 2), date(2027, 6, 30)))
    promised, statutory = draw(st.integers(0, 15)), draw(st.integers(0, 30))
    pauses = []
    for procedure in PROCEDURES:
        if draw(st.booleans()):
            since = start + DAY * draw(st.integers(0, 50))
            until = draw(st.none() | st.integers(0, 25))
            pauses.append((procedure, since, None if until is None else since + DAY * until))
    return start, promised, statutory, pauses, draw(st.none() | st.integers(0, 60))


def lives_through(start, promised, statutory, pauses, extended) -> tuple[Timekeeper, int]:
    """The review after the story, and by how many days it was extended."""
    office = taken_up(a_theme(an_item("A", promised=promised, statutory=statutory)), noon(start))
    office.asks_for_time("A")
    acts = [(since, 1, "suspends", procedure) for procedure, since, _ in pauses]
    acts += [(until, 2, "resumes", procedure) for procedure, _, until in pauses if until is not None]
    if extended is not None:
        acts.append((start + DAY * extended, 0, "gives_time", ""))
    longer = 0
    for day, _, verb, procedure in sorted(acts):
        if verb == "gives_time":
            due = office.due("A")
            try:
                office.gives_time("A", at=noon(day))
            except ExtensionTooLate:
                assert due is not None
                assert due < day
            else:
                assert due is None or day <= due
                longer = 10
        else:
            getattr(office, verb)("A", procedure, at=noon(day))
    return office, longer


@settings(max_examples=150, deadline=None)
@drawn(stories())
def test_both_limits_end_when_the_almanac_says(story):
    start, promised, statutory, pauses, _ = story
    office, longer = lives_through(*story)

    intervals = [(since, until) for _, since, until in pauses]
    assert office.due("A", "promised") == almanac.last_day(start, promised, intervals)
    assert office.due("A", "statutory") == almanac.last_day(start, statutory + longer, intervals)


@settings(max_examples=100, deadline=None)
@drawn(stories())
def test_the_facts_alone_are_enough_to_count_again(story):
    office, _ = lives_through(*story)
    started, days, pauses, longer, told = None, 0, {}, 0, None
    for happened in history(office):
        match happened:
            case ReviewsUnlocked(reviews=(clocks,)):
                started, days, told = clocks.started_on, clocks.statutory_days, clocks.statutory_due
            case ReviewSuspended():
                pauses[happened.procedure] = (happened.started_on, None)
                told = happened.clocks.statutory_due
            case ReviewResumed():
                pauses[happened.procedure] = (pauses[happened.procedure][0], happened.resumed_on)
                told = happened.clocks.statutory_due
            case ReviewExtended():
                longer, told = happened.days, happened.clocks.statutory_due
        if started:
            assert told == almanac.last_day(started, days + longer, pauses.values())
    assert told == office.due("A")


@settings(max_examples=60, deadline=None)
@drawn(stories())
def test_the_printed_derivation_comes_to_the_same_day(story):
    office, longer = lives_through(*story)
    office.now = noon(date(2028, 1, 3))

    (review,) = report(office.bundle, office.law(office.now))["reviews"]

    clock = review["clocks"]["statutory"]
    assert clock["derived_again_on"] is None
    assert clock["extended_days"] == longer
    assert ("plus 10 working days of extension" in clock["derivation_en"]) == (longer == 10)
    assert clock["derivation_en"].startswith(str(clock["due_on"]) if clock["due_on"] else "not yet known")


@settings(max_examples=60, deadline=None)
@drawn(stories())
def test_a_replay_asks_no_calendar_and_comes_to_the_same(story):
    office, _ = lives_through(*story)

    again = replayed(office.bundle, history(office))

    assert again.state() == office.bundle.state()
    assert again.timers() == office.bundle.timers()


def history(office: Timekeeper):
    return office.past + office.bundle.pending
