"""Clocks, and the Chinese day of an instant."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from kernel.clock import ShiftedClock, SimulatedClock, SystemClock, beginning, ending, local_date

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_system_clock_tells_utc():
    before = datetime.now(UTC)

    now = SystemClock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_a_simulated_clock_stands_still_until_told():
    clock = SimulatedClock(NOON)

    assert clock.now() == clock.now() == NOON


def test_a_simulated_clock_advances_and_is_set():
    clock = SimulatedClock(NOON)

    clock.advance(timedelta(hours=3))
    assert clock.now() == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    clock.set(datetime(2026, 1, 1, 8, 0, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_clock_does_not_advance_backwards():
    clock = SimulatedClock(NOON)

    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(timedelta(seconds=-1))
    assert clock.now() == NOON


def test_a_shifted_clock_runs_on_from_where_it_was_moved_to():
    machine = SimulatedClock(NOON)
    clock = ShiftedClock(machine)
    assert clock.now() == NOON

    clock.advance(timedelta(days=3))
    machine.advance(timedelta(seconds=5))
    assert clock.now() == NOON + timedelta(days=3, seconds=5)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(timedelta(seconds=-1))


@pytest.mark.parametrize("act", [SimulatedClock, SimulatedClock(NOON).set, local_date])
def test_an_instant_without_its_time_zone_is_refused(act):
    with pytest.raises(ValueError, match="time zone"):
        act(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 4, 16, 0, 0, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 3, 4, 20, 0, tzinfo=timezone(timedelta(hours=-5))), date(2026, 3, 5)),
        (datetime.max.replace(tzinfo=UTC), date.max),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), date.min),
    ],
)
def test_the_day_of_an_instant_is_the_chinese_day(instant, day):
    assert local_date(instant) == day


def test_a_day_begins_where_the_one_before_it_ends():
    day = date(2026, 3, 5)

    assert beginning(day) == ending(day - timedelta(days=1)) == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert beginning(date.min) == datetime.min.replace(tzinfo=UTC) < ending(date.min)
    assert ending(date.max) == datetime.max.replace(tzinfo=UTC) > beginning(date.max)
