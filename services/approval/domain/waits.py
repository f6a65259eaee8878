"""Waits: publicity, announcements and minimum terms that have to pass before a decision. Which there are is data."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from approval.domain.law import Law
from approval.domain.review import Review
from catalogue.conditions import holds
from catalogue.model import Item
from catalogue.rules import Wait
from contracts.approval import Waiting
from kernel.workdays import WorkingCalendar


def waits_of(
    item: Item, review: Review, law: Law, day: date, *, answers: Mapping[str, str], part: Collection[str]
) -> tuple[Waiting, ...]:
    """What an item that is unlocked on this day has to wait for; periods that have passed by then are none.

    A wait that begins at a field of the form begins at the acceptance where nobody wrote anything there.
    """
    accepted = review.accepted_on or day
    since = {"unlocked": day, "accepted": accepted}
    found = (
        Waiting(wait.id, begun, last_day(wait, begun, law.calendar), wait.suspends)
        for wait in item.waits
        if wait.holds == "decision" and holds(wait.when, answers, part)
        for begun in (since.get(wait.after) or review.waits_from.get(wait.id, accepted),)
    )
    return tuple(waiting for waiting in found if waiting.until > day)


def last_day(wait: Wait, since: date, calendar: WorkingCalendar) -> date:
    """The last day of a period: its first is the day after, and it ends on no day off (民法典 第201—203条)."""
    if wait.unit == "working":
        return calendar.add(since, wait.days)
    if wait.unit == "calendar":
        return calendar.add(since + timedelta(days=wait.days), 0)
    years, month = divmod(since.month - 1 + wait.days, 12)
    year, month = since.year + years, month + 1
    return calendar.add(date(year, month, min(since.day, monthrange(year, month)[1])), 0)
