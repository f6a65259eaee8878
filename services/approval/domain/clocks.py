"""The two clocks of a review: when its limits end, and when it becomes a matter of supervision."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal

from msgspec import Struct

from catalogue.model import Item, Limit
from contracts.approval import Unlocked
from kernel.clock import CHINA_STANDARD_TIME
from kernel.workdays import WorkingCalendar

AMBER = 80
"""Per cent of a limit's working days after which a review is about to be late."""


class Mark(Struct, frozen=True):
    """An instant at which a review that is still open becomes a matter of supervision."""

    at: datetime
    level: Literal["amber", "red"]
    limit: Literal["promised", "statutory"]
    due: date


def unlocked(item: Item, calendar: WorkingCalendar, day: date) -> Unlocked:
    """The clocks of an item whose join is satisfied on this day: day 1 is the day after (民法典 第201条)."""
    statutory, promised = _clock(item.statutory, calendar, day), _clock(item.promised, calendar, day)
    return Unlocked(
        item=item.id,
        started_on=day,
        statutory_due=statutory[0],
        promised_due=promised[0],
        statutory_days=item.statutory.days if item.statutory else None,
        promised_days=item.promised.days if item.promised else None,
        statutory_amber_on=statutory[1],
        promised_amber_on=promised[1],
        calendar=calendar.version,
        provisional=any(due and calendar.is_provisional(due) for due, _ in (statutory, promised)),
    )


def marks(clocks: Unlocked) -> Iterator[Mark]:
    """When a review becomes amber and red; a promise that is the statutory limit itself warns once."""
    if clocks.promised_due and clocks.promised_due != clocks.statutory_due:
        yield from _marks("promised", clocks.promised_due, clocks.promised_amber_on)
    if clocks.statutory_due:
        yield from _marks("statutory", clocks.statutory_due, clocks.statutory_amber_on)


def _clock(limit: Limit | None, calendar: WorkingCalendar, day: date) -> tuple[date | None, date | None]:
    """The last day in time, and the working day in which 80 % of the days have passed."""
    if limit is None:
        return None, None
    amber_on = calendar.add(day, limit.days * AMBER // 100 + 1) if limit.days else None
    return calendar.add(day, limit.days), amber_on


def _marks(limit: Literal["promised", "statutory"], due: date, amber_on: date | None) -> Iterator[Mark]:
    if amber_on:
        yield Mark(_begin(amber_on), "amber", limit, due)
    yield Mark(_begin(due + timedelta(days=1)), "red", limit, due)


def _begin(day: date) -> datetime:
    """The first instant of a legal day."""
    return datetime.combine(day, time.min, CHINA_STANDARD_TIME)
