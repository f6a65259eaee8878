"""Another calendar: open deadlines are derived again, and it is said which of them moved."""

from datetime import date

from approval.projections import bundle_rows
from catalogue.rules import Wait
from contracts.approval import ClocksRederived, Moved
from kernel.workdays import WorkingCalendar
from testkit.facts import fact, facts, given, names, replayed

from .mothers import CALENDAR, a_theme, an_item, needs
from .timekeepers import Timekeeper, begin, noon, taken_up

THEME = a_theme(an_item("ONE", promised=5, statutory=20), an_item("TWO", needs("ONE")))


def another(*off: str, working: tuple[str, ...] = ()) -> WorkingCalendar:
    """The official calendar with days off (and days worked) laid over it."""
    days = frozenset(map(date.fromisoformat, off))
    return WorkingCalendar(
        version=f"{CALENDAR.version}+local",
        official_from=CALENDAR.official_from,
        official_until=CALENDAR.official_until,
        off=CALENDAR.off | days,
        working=(CALENDAR.working - days) | frozenset(map(date.fromisoformat, working)),
    )


LOCAL = another("2026-03-16")


def an_office() -> Timekeeper:
    """Promised by 26 February, statutory by 18 March 2026."""
    return taken_up(THEME, noon("2026-02-12"))


def test_what_moved_is_said_with_the_day_before_and_the_day_after():
    office = an_office().has_calendar(LOCAL)

    ((name, body),) = facts(office.bundle)
    assert name == ClocksRederived.__name__
    assert body["calendar"] == LOCAL.version
    assert body["moved"] == ({"item": "ONE", "limit": "statutory", "before": "2026-03-18", "after": "2026-03-19"},)
    assert str(office.due("ONE")) == "2026-03-19"
    assert str(office.due("ONE", "promised")) == "2026-02-26"


def test_a_calendar_that_moves_nothing_is_noted_all_the_same():
    office = an_office().has_calendar(another("2026-07-01"))

    assert facts(office.bundle)[0][1]["moved"] == ()
    assert office.bundle.calendars == (LOCAL.version,)


def test_the_same_calendar_is_no_news():
    office = an_office().has_calendar(CALENDAR)
    assert names(office.bundle) == []
    office.has_calendar(LOCAL)
    given(office.bundle)

    office.has_calendar(LOCAL)

    assert names(office.bundle) == []


def test_nothing_is_derived_again_for_what_is_over_or_has_not_begun():
    office = an_office().grants("ONE", at=noon("2026-02-13")).denies("TWO", at=noon("2026-02-13"))
    given(office.bundle)

    office.has_calendar(LOCAL)

    assert names(office.bundle) == []
    assert office.bundle.calendars == ()


def test_supervision_goes_by_the_new_days():
    office = an_office().has_calendar(LOCAL)

    reds = {mark.limit: mark.at for mark in office.bundle.reviews["ONE"].ahead if mark.level == "red"}
    assert reds["statutory"] == begin("2026-03-20")


def test_a_red_that_no_longer_holds_is_taken_back_and_said_again_when_it_does():
    theme = a_theme(an_item("ONE", promised=None, statutory=20))
    office = taken_up(theme, noon("2026-02-12")).sees(begin("2026-03-19"))
    assert office.bundle.reviews["ONE"].warned == "red"

    office.has_calendar(LOCAL, at=noon("2026-03-19"))
    assert office.bundle.reviews["ONE"].warned == "amber"
    given(office.bundle)

    office.sees(begin("2026-03-20"))
    assert [body["level"] for _, body in facts(office.bundle)] == ["red"]


def test_special_procedures_extensions_and_waits_stay_what_they_were():
    wait = Wait(id="publicity", name="公示", days=5, unit="working")
    office = taken_up(a_theme(an_item("ONE", promised=5, statutory=20, waits=(wait,))), noon("2026-02-12"))
    office.asks_for_time("ONE").gives_time("ONE").suspends("ONE", at=noon("2026-03-02"))
    before = office.bundle.reviews["ONE"]

    office.has_calendar(another("2026-02-25"))

    after = office.bundle.reviews["ONE"]
    assert (after.pauses, after.extension, after.status) == (before.pauses, before.extension, before.status)
    assert str(before.clocks.waits[0].until) == "2026-02-26"
    assert str(after.clocks.waits[0].until) == "2026-02-27"
    assert after.clocks.extended_days == 10


def test_a_joint_limit_moves_with_the_others():
    office = taken_up(a_theme(an_item("ONE"), joint=True), noon("2026-02-12"))
    before = office.bundle.joint.due_on

    office.has_calendar(LOCAL)

    moved = [fact(Moved, **each)[1] for each in facts(office.bundle)[0][1]["moved"] if each["limit"] == "joint"]
    assert moved == [{"item": "", "limit": "joint", "before": str(before), "after": str(office.bundle.joint.due_on)}]
    assert office.bundle.joint.due_on > before


def test_the_row_of_a_bundle_names_the_calendar_behind_its_open_deadlines():
    office = an_office()
    assert bundle_rows(office.bundle)[0]["calendar"] == CALENDAR.version

    office.has_calendar(LOCAL)
    assert bundle_rows(office.bundle)[0]["calendar"] == LOCAL.version

    office.grants("ONE", at=noon("2026-03-02")).takes_back("TWO")
    assert bundle_rows(office.bundle)[0]["calendar"] == ""


def test_a_replay_takes_the_days_from_the_facts():
    office = an_office().has_calendar(LOCAL)

    again = replayed(office.bundle, office.past + office.bundle.pending)

    assert again.state() == office.bundle.state()
