"""Opening hours (开放时间): by the week, on make-up days and public holidays, with exceptions."""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from contracts.language import Answer, Command, Fact, Instant, Query


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of a day in local time, ``HH:MM``; it ends before ``closes``."""

    opens: str
    closes: str


class WeeklyHours(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a hall is open: by weekday, on make-up days (调休上班), and on public holidays; no span: closed.

    A weekday's spans hold on days that are worked, those of Saturday and Sunday on days of rest.
    """

    monday: tuple[Span, ...] = ()
    tuesday: tuple[Span, ...] = ()
    wednesday: tuple[Span, ...] = ()
    thursday: tuple[Span, ...] = ()
    friday: tuple[Span, ...] = ()
    saturday: tuple[Span, ...] = ()
    sunday: tuple[Span, ...] = ()
    make_up: tuple[Span, ...] = ()
    holiday: tuple[Span, ...] = ()


class HoursSet(Fact, frozen=True, kw_only=True):
    """The hall's hours by weekday were set; they replace those before."""

    TOPIC: ClassVar[str] = "onething.hall.hours-set.v1"
    hall: str
    hours: WeeklyHours


class HoursExcepted(Fact, frozen=True, kw_only=True):
    """On one day the hall has other hours, or none, and people are told why."""

    TOPIC: ClassVar[str] = "onething.hall.hours-excepted.v1"
    hall: str
    on: date
    spans: tuple[Span, ...]
    reason: str


class HoursExceptionLifted(Fact, frozen=True, kw_only=True):
    """That day has the usual hours again."""

    TOPIC: ClassVar[str] = "onething.hall.hours-exception-lifted.v1"
    hall: str
    on: date


class SetHours(Command, frozen=True, kw_only=True):
    """Set a hall's hours by weekday."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    hours: WeeklyHours


class ExceptHours(Command, frozen=True, kw_only=True):
    """Give one day other hours, or none."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    on: date
    spans: tuple[Span, ...] = ()
    reason: str


class LiftHoursException(Command, frozen=True, kw_only=True):
    """Give a day its usual hours again."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    on: date


class Opening(Answer, frozen=True, kw_only=True):
    """Whether a hall is open at an instant, and when that changes."""

    at: datetime
    open: bool | None
    """None: nobody recorded its hours."""
    until: datetime | None
    """When it closes, if it is open."""
    next: datetime | None
    """When it opens next; None: not within a month, or nobody recorded its hours."""
    reason: str = ""
    """Why this day is an exception, or why the hall is closed."""
    replacement: str = ""
    """The hall that has taken over."""


class GetOpening(Query, frozen=True, kw_only=True):
    """Whether a hall is open now, or at another instant."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/opening"
    ANSWER: ClassVar[Any] = Opening
    hall: str
    at: Instant | None = None


class HoursException(Answer, frozen=True, kw_only=True):
    """A day with other hours."""

    on: date
    spans: tuple[Span, ...]
    reason: str
