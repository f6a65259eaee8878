"""办公时间: when a hall is open, by weekday, make-up day, holiday and exception (local time)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from contracts.halls import HoursException, Opening, Span, WeeklyHours
from eventing.errors import Refused
from kernel.clock import CHINA_STANDARD_TIME, local_date
from kernel.workdays import WorkingCalendar

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = 5
"""The first weekday that is none."""

AHEAD = 31
"""Days that the next opening is looked for in."""

CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


class HoursInvalid(Refused):
    """Hours are spans ``HH:MM`` to ``HH:MM`` in order, none reaching into the next."""


def check_spans(spans: Sequence[Span]) -> None:
    """Raises ``HoursInvalid``."""
    ends = ""
    for span in spans:
        if not (CLOCK.fullmatch(span.opens) and CLOCK.fullmatch(span.closes)) or not ends <= span.opens < span.closes:
            raise HoursInvalid(opens=span.opens, closes=span.closes)
        ends = span.closes


def check_hours(hours: WeeklyHours) -> None:
    """Raises ``HoursInvalid``."""
    for name in WeeklyHours.__struct_fields__:
        check_spans(getattr(hours, name))


def instant(day: date, clock: str) -> datetime:
    """The instant of a local time of a day; 24:00 is the beginning of the next, where there is a next."""
    hours, minutes = map(int, clock.split(":"))
    if hours == 24 and day == date.max:
        return datetime.max.replace(tzinfo=CHINA_STANDARD_TIME)
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA_STANDARD_TIME)
    return midnight + timedelta(hours=hours, minutes=minutes)


class Hours:
    """A hall's hours with its exceptions, on the calendar of days that are worked."""

    def __init__(
        self, weekly: WeeklyHours | None, exceptions: Iterable[HoursException], calendar: WorkingCalendar
    ) -> None:
        self.weekly = weekly
        self._exceptions = {each.on: each for each in exceptions}
        self._calendar = calendar

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it is open on a day.

        An exception comes first. Else a weekday that is worked has its own spans, a weekend that is worked those of
        make-up days, a holiday (also where it falls on a weekend) those of holidays, any other weekend its own.
        """
        if day in self._exceptions:
            return self._exceptions[day].spans
        if self.weekly is None:
            return ()
        own: tuple[Span, ...] = getattr(self.weekly, WEEK[day.weekday()])
        if self._calendar.is_working(day):
            return own if day.weekday() < WEEKEND else self.weekly.make_up
        return self.weekly.holiday if day.weekday() < WEEKEND or day in self._calendar.off else own

    def at(self, moment: datetime, replacement: str = "") -> Opening:
        """Whether it is open, until when, and when it opens next. One that is closed for good opens no more."""
        day = local_date(moment)
        excepted = self._exceptions.get(day)
        reason = excepted.reason if excepted is not None else ""
        if replacement:
            return Opening(at=moment, open=False, until=None, next=None, replacement=replacement)
        if self.weekly is None and not self._exceptions:
            return Opening(at=moment, open=None, until=None, next=None)
        coming = list(self._coming(day))
        now = next(((opens, closes) for opens, closes in coming if opens <= moment < closes), None)
        later = next((opens for opens, _ in coming if opens > moment), None)
        return Opening(
            at=moment, open=now is not None, until=now[1] if now is not None else None, next=later, reason=reason
        )

    def opens_today(self, moment: datetime) -> bool:
        """Whether it is open now, or later on the same day."""
        day = local_date(moment)
        return any(instant(day, span.closes) > moment for span in self.spans(day))

    def _coming(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for ahead in range(AHEAD + 1):
            on = day + timedelta(days=ahead)
            for span in self.spans(on):
                yield instant(on, span.opens), instant(on, span.closes)
