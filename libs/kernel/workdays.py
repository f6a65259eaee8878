"""Working days, and the deadlines that are counted in them.

Limits of the licence law are working days without statutory holidays (行政许可法 第82条). The day of the act
is not counted and the day after it is day 1 (民法典 第201条), so a deadline always falls on a working day; a
make-up Saturday or Sunday is a working day like any other. Time of hearings, inspections, appraisals and the
like is not counted either (行政许可法 第45条): such a suspension is an interval of calendar days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Self

import chinese_calendar
import msgspec

WORKING_WEEKDAYS = 5


class Interval(msgspec.Struct, frozen=True):
    """Calendar days on which a clock stands still: [start, end), or from `start` on while `end` is None."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        """Refuse an interval that ends before it starts."""
        if self.end is not None and self.end < self.start:
            msg = f"a suspension cannot end on {self.end} before it starts on {self.start}"
            raise ValueError(msg)


class Due(msgspec.Struct, frozen=True):
    """A deadline together with everything that it was computed from.

    `on` is the last day in time; None while an open suspension keeps it from being known. `extended` are the
    working days by which the limit of `days` was extended. `provisional` says that the deadline lies beyond the
    official calendar and has to be derived again when the State Council has published it.
    """

    on: date | None
    days: int
    start: date
    suspensions: tuple[Interval, ...]
    calendar: str
    provisional: bool
    derivation: str
    derivation_en: str
    extended: int = 0


class Pause(NamedTuple):
    """What a suspension takes from a clock: first day, last day (None: it goes on), working days."""

    first: date
    last: date | None
    worked: int


class Wording(NamedTuple):
    """The words in which one language tells how a deadline was derived."""

    counted: str
    at_once: str
    unknown: str
    deducted: str
    suspended: str
    extended: str
    provisional: str
    comma: str
    sentence: str

    def derivation(self, due: Due, pauses: Iterable[Pause], official_until: date) -> str:
        """Return the one line that lets a clerk check the deadline by hand."""
        rule = self.counted if due.days else self.at_once
        parts = [rule.format(start=due.start, days=due.days)]
        parts += [(self.suspended if pause.last is None else self.deducted).format(*pause) for pause in pauses]
        parts += [self.extended.format(due.extended)] if due.extended else []
        return self.sentence.format(
            on=due.on or self.unknown,
            parts=self.comma.join(parts),
            calendar=due.calendar,
            note=self.provisional.format(official_until) if due.provisional else "",
        )


CHINESE = Wording(
    counted="自{start}次日起{days}个工作日",
    at_once="{start}当日，非工作日则顺延",
    unknown="期限待定",
    deducted="扣除{0}至{1}中止计时的{2}个工作日",
    suspended="{0}起中止计时，尚未恢复",
    extended="另延长{}个工作日",
    provisional="，{}之后为暂定日历",
    comma="，",
    sentence="{on}：{parts}（日历 {calendar}{note}）",
)
ENGLISH = Wording(
    counted="{days} working days from the day after {start}",
    at_once="on {start}, or else the next working day",
    unknown="not yet known",
    deducted="{2} working days not counted while suspended from {0} to {1}",
    suspended="suspended from {0}, not yet resumed",
    extended="plus {} working days of extension",
    provisional="; provisional after {}",
    comma=", ",
    sentence="{on}: {parts} (calendar {calendar}{note})",
)


class CalendarFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an override file holds: JSON, dates as YYYY-MM-DD.

    It lays `off` and `working` days over the official ones, for a newly published year or a local holiday;
    `until` is the last day for which the calendar is then official, if that is later than it was.
    """

    version: str
    off: tuple[date, ...] = ()
    working: tuple[date, ...] = ()
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse days that are listed twice over."""
        _refuse_overlap(frozenset(self.off), frozenset(self.working))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: Monday to Friday, except the days `off`, and the make-up days `working`.

    Official from `official_from` to `official_until`, both inclusive; outside them the weekday rule alone
    applies and days are provisional. Every method takes calendar days; a datetime is refused with TypeError,
    because the day that it belongs to depends on the time zone (see `kernel.clock.local_date`).
    """

    version: str
    official_from: date
    official_until: date
    off: frozenset[date]
    working: frozenset[date]
    _exceptions: list[int] = field(init=False, repr=False, compare=False)
    _balance: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the days on which the calendar differs from the weekday rule."""
        _refuse_overlap(self.off, self.working)
        steps = {_ordinal(day): -1 for day in self.off if day.weekday() < WORKING_WEEKDAYS}
        steps |= {_ordinal(day): 1 for day in self.working if day.weekday() >= WORKING_WEEKDAYS}
        exceptions = sorted(steps)
        object.__setattr__(self, "_exceptions", exceptions)
        object.__setattr__(self, "_balance", list(accumulate((steps[day] for day in exceptions), initial=0)))

    @classmethod
    def official(cls, override: Path | None = None) -> Self:
        """Return the State Council's calendar, with the days of an override file laid over it.

        Raises ValueError, naming the file, when the file is not a calendar; OSError when it cannot be read.
        """
        base = _published()
        if override is None:
            laid = CalendarFile(version="")
        else:
            try:
                laid = msgspec.json.decode(override.read_bytes(), type=CalendarFile)
            except msgspec.DecodeError as error:
                msg = f"{override} is not a calendar: {error}"
                raise ValueError(msg) from error
        off, working = frozenset(laid.off), frozenset(laid.working)
        return cls(
            version="+".join(filter(None, (base.version, laid.version))),
            official_from=date(min(base.off).year, 1, 1),
            official_until=max(base.until or date.min, laid.until or date.min),
            off=(frozenset(base.off) - working) | off,
            working=(frozenset(base.working) - off) | working,
        )

    def is_working(self, day: date) -> bool:
        """Whether offices work on `day`."""
        ordinal = _ordinal(day)
        return self._through(ordinal) > self._through(ordinal - 1)

    def is_provisional(self, day: date) -> bool:
        """Whether `day` lies outside the official calendar, so that only the weekday rule speaks for it."""
        return not self.official_from <= day <= self.official_until

    def add(self, start: date, days: int) -> date:
        """Return the working day on which `days` working days after `start` have passed.

        `start` itself is not counted. Zero days end on `start` if it is a working day, else on the next one.
        Raises ValueError when `days` is negative.
        """
        return date.fromordinal(self._add(*_clock(_ordinal(start), days)))

    def count(self, start: date, end: date) -> int:
        """Return the number of working days in (start, end]; ValueError when `end` is before `start`."""
        return self._count(*_ordered(start, end))

    def elapsed(self, start: date, now: date, suspensions: Sequence[Interval] = ()) -> int:
        """Return the number of working days in (start, now] that no suspension covers.

        Suspensions that overlap count once. Raises ValueError when `now` is before `start`.
        """
        first, last = _ordered(start, now)
        return self._count(first, last) - sum(pause.worked for pause in self._deducted(first, last, suspensions))

    def due(self, start: date, days: int, suspensions: Sequence[Interval] = (), *, extended: int = 0) -> Due:
        """Return the deadline `days` working days after `start`, days covered by a suspension not counted.

        A limit that was extended runs `extended` working days longer, without a break.

        The deadline stays unknown (`on` is None) while an open suspension began before the days had run out.
        A suspension that begins later leaves the deadline where it was. Raises ValueError when `days` or
        `extended` is negative.
        """
        if extended < 0:
            msg = f"a time limit is not extended by {extended} working days"
            raise ValueError(msg)
        begin, length = _clock(_ordinal(start), days + extended)
        ordinal = self._due(begin, length, suspensions)
        due = Due(
            on=None if ordinal is None else date.fromordinal(ordinal),
            days=days,
            start=start,
            suspensions=tuple(suspensions),
            calendar=self.version,
            provisional=self.is_provisional(start if ordinal is None else date.fromordinal(ordinal)),
            derivation="",
            derivation_en="",
            extended=extended,
        )
        pauses = list(self._deducted(begin, ordinal, suspensions))
        return msgspec.structs.replace(
            due,
            derivation=CHINESE.derivation(due, pauses, self.official_until),
            derivation_en=ENGLISH.derivation(due, pauses, self.official_until),
        )

    def _through(self, ordinal: int) -> int:
        """Working days from 0001-01-01, a Monday, to the day `ordinal` inclusive."""
        weeks, rest = divmod(ordinal, 7)
        by_weekday = weeks * WORKING_WEEKDAYS + min(rest, WORKING_WEEKDAYS)
        return by_weekday + self._balance[bisect_right(self._exceptions, ordinal)]

    def _count(self, start: int, end: int) -> int:
        return self._through(end) - self._through(start)

    def _add(self, start: int, days: int) -> int:
        """The first day by which `days` (positive) working days have passed since `start`."""
        weeks = days // WORKING_WEEKDAYS + 1
        furthest = start + 7 * weeks + 2 * len(self._exceptions)
        window = range(start + 1, furthest + 1)
        return window[bisect_left(window, self._through(start) + days, key=self._through)]

    def _due(self, start: int, days: int, suspensions: Iterable[Interval]) -> int | None:
        """The day on which the last of `days` (positive) unsuspended working days falls, None if unknown."""
        for pause, resume in _merged(suspensions):
            if resume is not None and resume <= start + 1:
                continue
            running = self._count(start, max(start, pause - 1))
            if running >= days:
                break
            if resume is None:
                return None
            days -= running
            start = resume - 1
        return self._add(start, days)

    def _deducted(self, start: int, end: int | None, suspensions: Iterable[Interval]) -> Iterator[Pause]:
        """What each suspension takes from (start, end]; `end` is None while an open one hides it."""
        for pause, resume in _merged(suspensions):
            first = max(pause, start + 1)
            last = min(
                (day for day in (None if resume is None else resume - 1, end) if day is not None),
                default=None,
            )
            if last is None:
                yield Pause(date.fromordinal(first), None, 0)
            elif first <= last:
                yield Pause(date.fromordinal(first), date.fromordinal(last), self._count(first - 1, last))


@cache
def _published() -> CalendarFile:
    """The holiday notices of the State Council, as the chinesecalendar package carries them."""
    working = chinese_calendar.workdays.keys()
    off = chinese_calendar.holidays.keys() - working
    return CalendarFile(
        version=f"chinesecalendar-{chinese_calendar.__version__}",
        off=tuple(off),
        working=tuple(working),
        until=date(max(off).year, 12, 31),
    )


def _refuse_overlap(off: frozenset[date], working: frozenset[date]) -> None:
    if both := off & working:
        msg = f"a day is either off or working, not both: {', '.join(map(str, sorted(both)))}"
        raise ValueError(msg)


def _ordinal(day: date) -> int:
    if isinstance(day, datetime):
        msg = f"a calendar day is needed, not the instant {day.isoformat()}"
        raise TypeError(msg)
    return day.toordinal()


def _ordered(start: date, end: date) -> tuple[int, int]:
    first, last = _ordinal(start), _ordinal(end)
    if last < first:
        msg = f"{end} is before {start}"
        raise ValueError(msg)
    return first, last


def _clock(start: int, days: int) -> tuple[int, int]:
    """Where counting begins and how far it goes: no days from a day is one day from the day before."""
    if days < 0:
        msg = f"a time limit has no {days} working days"
        raise ValueError(msg)
    return (start, days) if days else (start - 1, 1)


def _merged(suspensions: Iterable[Interval]) -> Iterator[tuple[int, int | None]]:
    """The suspensions as ordinals in order, those that overlap or touch joined, empty ones left out."""
    current: tuple[int, int | None] | None = None
    for each in sorted(suspensions, key=lambda each: each.start):
        pause, resume = _ordinal(each.start), None if each.end is None else _ordinal(each.end)
        if pause == resume:
            continue
        if current is None:
            current = pause, resume
        elif current[1] is None or pause <= current[1]:
            current = current[0], None if current[1] is None or resume is None else max(current[1], resume)
        else:
            yield current
            current = pause, resume
    if current is not None:
        yield current
