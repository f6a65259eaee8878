"""何时可受理: periods outside which nothing is accepted, and minimum terms that begin at a day in the form."""

import calendar as months
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from catalogue.conditions import holds
from catalogue.model import Item
from catalogue.rules import Period, Wait
from intake.domain.outline import Outline
from intake.domain.refusals import NotYet, OutsidePeriod
from intake.domain.state import CaseState
from kernel.workdays import WorkingCalendar


def is_in_period(periods: Iterable[Period], on: date) -> bool:
    """Whether applications are accepted on this day; an item without periods is open all the year."""
    spans = [(date.fromisoformat(period.begins), date.fromisoformat(period.ends)) for period in periods]
    return not spans or any(begins <= on <= ends for begins, ends in spans)


def end_of(wait: Wait, begins: date, calendar: WorkingCalendar) -> date:
    """The last day of a period that begins on this day, which does not count itself (民法典 第201条).

    A period of months ends on the day of the same number, or on the last day of a shorter month (第202条); where the
    last day is a day off, the next working day is the last (第203条).
    """
    if wait.unit == "working":
        return calendar.add(begins, wait.days)
    if wait.unit == "calendar":
        return calendar.add(begins + timedelta(days=wait.days), 0)
    year, month = divmod(begins.year * 12 + begins.month - 1 + wait.days, 12)
    last = months.monthrange(year, month + 1)[1]
    return calendar.add(date(year, month + 1, min(begins.day, last)), 0)


def held_until(outline: Outline, values: Mapping[str, str], calendar: WorkingCalendar) -> dict[str, date]:
    """Item → last day on which it cannot be accepted yet, by the days that these values of the form name."""
    held: dict[str, date] = {}
    for item in (outline.theme.item(each) for each in outline.needs):
        for wait in _waits(item, outline):
            if value := values.get(wait.field):
                until = end_of(wait, date.fromisoformat(value), calendar)
                held[item.id] = max(until, held.get(item.id, until))
    return held


def begun_on(outline: Outline, values: Mapping[str, str]) -> dict[str, date]:
    """Wait → its first day, of the periods before a decision that begin at a day in these values of the form."""
    return {
        wait.id: date.fromisoformat(value)
        for item in outline.needs
        for wait in _waits(outline.theme.item(item), outline, "decision")
        if (value := values.get(wait.field))
    }


def waits_from(outline: Outline, item: str, begun: Mapping[str, date]) -> dict[str, date]:
    """Of the periods that begin at a day in the form, those that this item waits for."""
    waits = (wait.id for wait in _waits(outline.theme.item(item), outline, "decision"))
    return {wait: begun[wait] for wait in waits if wait in begun}


def _waits(item: Item, outline: Outline, before: Literal["acceptance", "decision"] = "acceptance") -> list[Wait]:
    answers = outline.notice.answers
    part = {planned.item for planned in outline.plan if planned.standing != "not_needed"}
    return [
        wait
        for wait in item.waits
        if wait.holds == before and wait.after == "field" and holds(wait.when, answers, part)
    ]


class Timing(CaseState):
    """When the items of a case can be accepted."""

    held_until: dict[str, date]
    begun: dict[str, date]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.held_until = {}
        self.begun = {}
        """Wait → the day in the form at which it begins."""

    def _is_time(self, outline: Outline, item: str, on: date) -> bool:
        held = self.held_until.get(item)
        return is_in_period(outline.theme.item(item).periods, on) and (held is None or on > held)

    def _check_time(self, outline: Outline, items: Iterable[str], on: date) -> None:
        """Raises OutsidePeriod, NotYet."""
        outside = {
            item: [f"{period.begins}/{period.ends}" for period in outline.theme.item(item).periods]
            for item in items
            if not is_in_period(outline.theme.item(item).periods, on)
        }
        if outside:
            raise OutsidePeriod(periods=outside, names=outline.names(outside))
        held = {item: self.held_until[item] for item in items if self.held_until.get(item, date.min) >= on}
        if held:
            raise NotYet(until=held, names=outline.names(held))
