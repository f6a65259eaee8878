"""The working-day calendar and the deadlines counted with it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.workdays import Due, Interval, WorkingCalendar

CALENDAR = WorkingCalendar.official()
DAY = timedelta(days=1)

# The oracle: working days counted one by one, from the holiday notices typed in by hand.
# 国务院办公厅关于2024年、2025年、2026年部分节假日安排的通知: (first, last) days off, make-up working days.
OFF = {
    2024: "0101-0101 0210-0217 0404-0406 0501-0505 0610-0610 0915-0917 1001-1007",
    2025: "0101-0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008",
    2026: "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
}
MAKE_UP = {
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}
WORKING_DAYS = {2024: 251, 2025: 248, 2026: 248}


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last inclusive."""
    while first <= last:
        yield first
        first += DAY


def _day(year: int, month_day: str) -> date:
    return date(year, int(month_day[:2]), int(month_day[2:]))


OFF_DAYS = {
    day
    for year, ranges in OFF.items()
    for span in ranges.split()
    for day in days(*(_day(year, end) for end in span.split("-")))
}
MAKE_UP_DAYS = {_day(year, each) for year, listed in MAKE_UP.items() for each in listed.split()}


def works(day: date) -> bool:
    """Whether offices work on a day, by the notices; Monday to Friday in years without one."""
    return day in MAKE_UP_DAYS or (day.weekday() < 5 and day not in OFF_DAYS)


def covered(day: date, suspensions: Iterable[tuple[date, date | None]]) -> bool:
    """Whether any suspension [start, end) covers a day."""
    return any(start <= day and (end is None or day < end) for start, end in suspensions)


def walk(start: date, limit: int, suspensions: Iterable[tuple[date, date | None]] = ()) -> date | None:
    """Cross off days one at a time until `limit` working days have run; None if that takes years."""
    day, left = start, limit
    for _ in range(3 * 366):
        if left == 0 and (limit or (works(day) and not covered(day, suspensions))):
            return day
        day += DAY
        if works(day) and not covered(day, suspensions):
            left = max(0, left - 1)
    return None


any_day = st.dates(date(2024, 1, 1), date(2026, 9, 30))
limits = st.integers(0, 60)


@st.composite
def suspensions(draw):
    """Up to four closed suspensions, which may overlap, touch or be empty."""
    starts = draw(st.lists(any_day, max_size=4))
    return [(start, start + timedelta(days=draw(st.integers(0, 40)))) for start in starts]


def intervals(pairs):
    return [Interval(*pair) for pair in pairs]


class TestTheOfficialCalendar:
    def test_agrees_with_the_notices_on_every_day_of_three_years(self):
        differing = [
            day for day in days(date(2024, 1, 1), date(2026, 12, 31)) if CALENDAR.is_working(day) != works(day)
        ]

        assert differing == []

    @pytest.mark.parametrize(("year", "expected"), WORKING_DAYS.items())
    def test_has_the_known_number_of_working_days_a_year(self, year, expected):
        assert CALENDAR.count(date(year - 1, 12, 31), date(year, 12, 31)) == expected

    def test_works_on_make_up_weekends(self):
        assert all(day.weekday() >= 5 and CALENDAR.is_working(day) for day in MAKE_UP_DAYS)

    def test_is_official_until_the_end_of_the_newest_published_year(self):
        assert CALENDAR.official_until >= date(2026, 12, 31)
        assert (CALENDAR.official_until.month, CALENDAR.official_until.day) == (12, 31)
        assert not CALENDAR.is_provisional(CALENDAR.official_until)
        assert CALENDAR.is_provisional(CALENDAR.official_until + timedelta(days=1))

    def test_is_provisional_before_its_first_year(self):
        assert not CALENDAR.is_provisional(CALENDAR.official_from)
        assert CALENDAR.is_provisional(CALENDAR.official_from - timedelta(days=1))

    def test_knows_weekdays_only_beyond_the_published_years(self):
        assert CALENDAR.is_working(date(2099, 10, 1))
        assert not CALENDAR.is_working(date(2099, 10, 3))

    def test_says_where_it_comes_from(self):
        assert CALENDAR.version.startswith("chinesecalendar-")


class TestAddingWorkingDays:
    @pytest.mark.parametrize(
        ("start", "limit", "expected"),
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
    def test_gives_the_published_examples(self, start, limit, expected):
        start, expected = date.fromisoformat(start), date.fromisoformat(expected)

        assert CALENDAR.add(start, limit) == expected
        assert CALENDAR.due(start, limit).on == expected
        assert CALENDAR.count(start, expected) == limit

    @given(any_day, limits)
    def test_agrees_with_crossing_off_days(self, start, limit):
        assert CALENDAR.add(start, limit) == walk(start, limit)

    @given(any_day, st.integers(0, 500))
    def test_agrees_with_crossing_off_days_far_ahead_and_ends_on_a_working_day(self, start, limit):
        end = CALENDAR.add(start, limit)

        assert CALENDAR.is_working(end)
        if limit:
            assert CALENDAR.count(start, end) == limit
            assert CALENDAR.count(start, end - timedelta(days=1)) == limit - 1

    @given(st.dates(date(2030, 1, 1), date(2060, 1, 1)), st.integers(1, 400))
    def test_follows_weekdays_in_years_without_a_notice(self, start, limit):
        day, left = start, limit
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5

        assert CALENDAR.add(start, limit) == day

    def test_without_days_stays_on_a_working_day(self):
        assert CALENDAR.add(date(2026, 2, 14), 0) == date(2026, 2, 14)

    def test_without_days_moves_off_a_holiday(self):
        assert CALENDAR.add(date(2026, 2, 15), 0) == date(2026, 2, 24)

    @pytest.mark.parametrize("act", [CALENDAR.add, CALENDAR.due])
    def test_of_a_negative_number_is_refused(self, act):
        with pytest.raises(ValueError, match="-1 working days"):
            act(date(2026, 3, 2), -1)

    def test_jumps_over_a_year_long_closure(self):
        closed = frozenset(days(date(2026, 1, 1), date(2026, 12, 31)))
        calendar = WorkingCalendar("closed", date(2026, 1, 1), date(2026, 12, 31), closed, frozenset())

        assert calendar.add(date(2026, 1, 1), 1) == date(2027, 1, 1)


class TestCountingWorkingDays:
    @given(any_day, st.integers(0, 120))
    def test_agrees_with_counting_on_fingers(self, start, length):
        end = start + timedelta(days=length)

        assert CALENDAR.count(start, end) == sum(works(day) for day in days(start + timedelta(days=1), end))

    def test_of_no_time_is_zero(self):
        assert CALENDAR.count(date(2026, 3, 2), date(2026, 3, 2)) == 0

    @pytest.mark.parametrize("act", [CALENDAR.count, CALENDAR.elapsed])
    def test_backwards_is_refused(self, act):
        with pytest.raises(ValueError, match="2026-03-01 is before 2026-03-02"):
            act(date(2026, 3, 2), date(2026, 3, 1))

    @pytest.mark.parametrize(
        "act",
        [
            CALENDAR.is_working,
            lambda instant: CALENDAR.add(instant, 1),
            lambda instant: CALENDAR.count(date(2026, 3, 1), instant),
            lambda instant: CALENDAR.due(instant, 1),
            lambda instant: CALENDAR.due(date(2026, 3, 1), 9, [Interval(instant)]),
        ],
    )
    def test_of_an_instant_is_refused_because_its_day_is_not_known(self, act):
        with pytest.raises(TypeError, match="not the instant"):
            act(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))


class TestDeadlinesWithSuspensions:
    @settings(max_examples=200)
    @given(any_day, limits, suspensions())
    def test_agree_with_crossing_off_days(self, start, limit, pauses):
        assert CALENDAR.due(start, limit, intervals(pauses)).on == walk(start, limit, pauses)

    @given(any_day, st.integers(0, 90), suspensions())
    def test_elapsed_days_agree_with_counting_on_fingers(self, start, length, pauses):
        now = start + timedelta(days=length)
        expected = sum(works(day) and not covered(day, pauses) for day in days(start + timedelta(days=1), now))

        assert CALENDAR.elapsed(start, now, intervals(pauses)) == expected

    @given(any_day, st.integers(1, 60), suspensions())
    def test_are_reached_exactly_when_their_days_have_elapsed(self, start, limit, pauses):
        on = CALENDAR.due(start, limit, intervals(pauses)).on

        assert CALENDAR.elapsed(start, on, intervals(pauses)) == limit
        assert CALENDAR.elapsed(start, on - timedelta(days=1), intervals(pauses)) == limit - 1

    @given(any_day, limits, suspensions())
    def test_do_not_depend_on_the_order_of_the_suspensions(self, start, limit, pauses):
        forwards, backwards = (CALENDAR.due(start, limit, intervals(each)) for each in (pauses, pauses[::-1]))

        assert (forwards.on, forwards.derivation) == (backwards.on, backwards.derivation)

    @given(any_day, limits, suspensions(), st.dates(date(2024, 1, 1), date(2027, 12, 31)))
    def test_with_an_open_suspension_are_known_only_if_they_had_passed_before_it(self, start, limit, pauses, opened):
        on = CALENDAR.due(start, limit, intervals([*pauses, (opened, None)])).on

        assert on == walk(start, limit, [*pauses, (opened, None)])

    def test_do_not_count_the_first_day_of_a_suspension_and_count_the_day_it_ends(self):
        pause = Interval(date(2026, 3, 3), date(2026, 3, 5))

        assert CALENDAR.due(date(2026, 3, 2), 1, [pause]).on == date(2026, 3, 5)

    def test_a_suspension_over_the_start_is_cut(self):
        pause = Interval(date(2026, 2, 1), date(2026, 3, 4))

        assert CALENDAR.due(date(2026, 3, 2), 1, [pause]).on == date(2026, 3, 4)

    def test_a_suspension_that_begins_after_the_deadline_changes_nothing(self):
        due = CALENDAR.due(date(2026, 3, 2), 5, [Interval(date(2026, 3, 10))])

        assert due.on == date(2026, 3, 9)
        assert "suspended" not in due.derivation_en

    def test_a_suspension_cannot_end_before_it_starts(self):
        with pytest.raises(ValueError, match="cannot end on 2026-03-01"):
            Interval(date(2026, 3, 2), date(2026, 3, 1))


class TestTheDerivation:
    START = date(2026, 2, 12)

    def test_is_one_line_in_two_languages(self):
        due = CALENDAR.due(self.START, 20)

        assert due.derivation == f"2026-03-18：自2026-02-12次日起20个工作日（日历 {CALENDAR.version}）"
        assert due.derivation_en == (
            f"2026-03-18: 20 working days from the day after 2026-02-12 (calendar {CALENDAR.version})"
        )

    def test_names_each_suspension_once_and_what_it_took(self):
        pauses = [Interval(date(2026, 3, 4), date(2026, 3, 9)), Interval(date(2026, 3, 2), date(2026, 3, 6))]

        due = CALENDAR.due(self.START, 20, pauses)

        assert due.on == date(2026, 3, 25)
        assert due.derivation.startswith(
            "2026-03-25：自2026-02-12次日起20个工作日，扣除2026-03-02至2026-03-08中止计时的5个工作日（日历"
        )
        assert "5 working days not counted while suspended from 2026-03-02 to 2026-03-08" in due.derivation_en
        assert due.suspensions == tuple(pauses)

    def test_joins_suspensions_that_touch(self):
        pauses = [Interval(date(2026, 3, 2), date(2026, 3, 4)), Interval(date(2026, 3, 4), date(2026, 3, 6))]

        due = CALENDAR.due(self.START, 20, pauses)

        assert "4 working days not counted while suspended from 2026-03-02 to 2026-03-05" in due.derivation_en

    def test_says_that_a_deadline_is_not_known_yet(self):
        due = CALENDAR.due(self.START, 20, [Interval(date(2026, 3, 2))])

        assert due.on is None
        assert due.derivation.startswith("期限待定：自2026-02-12次日起20个工作日，2026-03-02起中止计时，尚未恢复（日历")
        assert "suspended from 2026-03-02, not yet resumed" in due.derivation_en

    def test_marks_a_provisional_deadline(self):
        last = CALENDAR.official_until

        due = CALENDAR.due(last, 5)

        assert due.provisional
        assert f"{last}之后为暂定日历" in due.derivation
        assert f"provisional after {last}" in due.derivation_en
        assert not CALENDAR.due(self.START, 5).provisional

    def test_tells_by_how_much_a_limit_was_extended(self):
        due = CALENDAR.due(self.START, 20, extended=10)

        assert due.on == CALENDAR.add(self.START, 30)
        assert due.derivation == (
            f"2026-04-01：自2026-02-12次日起20个工作日，另延长10个工作日（日历 {CALENDAR.version}）"
        )
        assert "20 working days from the day after 2026-02-12, plus 10 working days of extension" in due.derivation_en
        with pytest.raises(ValueError, match="not extended by -1"):
            CALENDAR.due(self.START, 20, extended=-1)

    @given(any_day, limits, suspensions())
    def test_adds_up(self, start, limit, pauses):
        due = CALENDAR.due(start, limit, intervals(pauses))

        taken = [int(each.split("个")[0]) for each in due.derivation.split("中止计时的")[1:]]
        begin = start if limit else start - timedelta(days=1)
        assert (limit or 1) + sum(taken) == CALENDAR.count(begin, due.on)

    def test_survives_a_journey_as_json(self):
        due = CALENDAR.due(self.START, 20, [Interval(date(2026, 3, 2))])

        assert msgspec.json.decode(msgspec.json.encode(due), type=Due) == due


class TestAnOverrideFile:
    @pytest.fixture
    def lay(self, tmp_path):
        def lay(**content):
            path = tmp_path / "calendar.json"
            path.write_text(json.dumps({"version": "gazette-2027", **content}))
            return path

        return lay

    def test_brings_a_new_year(self, lay):
        calendar = WorkingCalendar.official(lay(off=["2027-10-01"], working=["2027-10-09"], until="2027-12-31"))

        assert calendar.official_until == date(2027, 12, 31)
        assert not calendar.is_provisional(date(2027, 10, 1))
        assert calendar.add(date(2027, 9, 30), 1) == date(2027, 10, 4)
        assert calendar.is_working(date(2027, 10, 9))
        assert calendar.version == f"{CALENDAR.version}+gazette-2027"

    def test_can_take_a_published_holiday_back_and_add_a_local_one(self, lay):
        calendar = WorkingCalendar.official(lay(off=["2026-02-28", "2026-03-25"], working=["2026-02-23"]))

        assert calendar.is_working(date(2026, 2, 23))
        assert not calendar.is_working(date(2026, 2, 28))
        assert not calendar.is_working(date(2026, 3, 25))
        assert calendar.official_until == CALENDAR.official_until

    def test_leaves_the_official_calendar_as_it_was(self, lay):
        WorkingCalendar.official(lay(off=["2026-03-25"]))

        assert WorkingCalendar.official() == CALENDAR

    @pytest.mark.parametrize(
        "content",
        [
            {"off": ["2027-02-30"]},
            {"holidays": ["2027-10-01"]},
            {"off": ["2027-10-01"], "working": ["2027-10-01"]},
            {"version": 7},
        ],
    )
    def test_that_is_no_calendar_is_refused_by_name(self, lay, content):
        with pytest.raises(ValueError, match=r"calendar\.json"):
            WorkingCalendar.official(lay(**content))

    def test_that_is_no_json_is_refused_by_name(self, tmp_path):
        path = tmp_path / "calendar.json"
        path.write_text("off: [2027-10-01]")

        with pytest.raises(ValueError, match=r"calendar\.json"):
            WorkingCalendar.official(path)


def test_a_calendar_cannot_have_a_day_both_off_and_working():
    day = frozenset({date(2026, 3, 2)})

    with pytest.raises(ValueError, match="2026-03-02"):
        WorkingCalendar("odd", date(2026, 1, 1), date(2026, 12, 31), day, day)


def test_a_calendar_cannot_be_changed():
    with pytest.raises(AttributeError):
        CALENDAR.version = "another"
