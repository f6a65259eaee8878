"""Time as an argument: where instants come from, and which calendar day an instant belongs to."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

CHINA_STANDARD_TIME = timezone(timedelta(hours=8), "CST")
"""UTC+8 the year round: China keeps one time zone and no summer time."""


class Clock(Protocol):
    """Whoever can say what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """A clock that runs with another one, and can be moved forward: for exercises on a release that runs."""

    def __init__(self, clock: Clock) -> None:
        """Begin where `clock` is."""
        self._clock = clock
        self._shift = timedelta(0)

    def now(self) -> datetime:
        """Return the shifted instant in UTC."""
        return self._clock.now() + self._shift

    def advance(self, step: timedelta) -> None:
        """Move forward by `step`; a negative step is refused with ValueError."""
        _refuse_backwards(step)
        self._shift += step


class SimulatedClock:
    """A clock that moves only when told, for exercises, demonstrations and tests."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware instant; a naive one is refused with ValueError."""
        self._now = _utc(start)

    def now(self) -> datetime:
        """Return the simulated instant in UTC."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move forward by `step`; a negative step is refused with ValueError."""
        _refuse_backwards(step)
        self._now += step

    def set(self, instant: datetime) -> None:
        """Jump to an aware instant, earlier or later."""
        self._now = _utc(instant)


def local_date(instant: datetime) -> date:
    """Return the calendar day in China on which `instant` falls.

    Legal days are Chinese days: 23:30 UTC on the 4th is already the 5th. An instant beyond the calendar falls on its
    first or its last day. A naive instant is refused with ValueError.
    """
    try:
        return _aware(instant).astimezone(CHINA_STANDARD_TIME).date()
    except OverflowError:
        return date.min if instant.year == date.min.year else date.max


def beginning(day: date) -> datetime:
    """Return the instant in UTC at which a calendar day in China begins; of the first day of all, the first instant."""
    if day == date.min:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.combine(day, time.min, CHINA_STANDARD_TIME).astimezone(UTC)


def ending(day: date) -> datetime:
    """Return the instant in UTC at which a calendar day in China is over; of the last day of all, the last instant."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return beginning(day + timedelta(days=1))


def _refuse_backwards(step: timedelta) -> None:
    if step < timedelta(0):
        msg = f"a clock advances, it does not go back by {-step}"
        raise ValueError(msg)


def _utc(instant: datetime) -> datetime:
    return _aware(instant).astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        msg = f"an instant needs its time zone: {instant.isoformat()}"
        raise ValueError(msg)
    return instant
