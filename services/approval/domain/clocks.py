"""The clocks of a review: until when it is to be decided, by law and by promise (行政许可法 第42、45、82条).

A clock is a day to count from, a number of working days, and intervals of legal days that are not counted; what it
comes to is derived from these alone, whenever one of them changes, and stands in the fact that says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

from msgspec.structs import replace

from approval.domain.law import Law
from catalogue.limits import limits_of
from catalogue.model import Item
from contracts.approval import JointClock, Moved, Unlocked, Waiting
from kernel.workdays import Interval, WorkingCalendar


def unlocked(
    item: Item,
    law: Law,
    day: date,
    *,
    answers: Mapping[str, str],
    committed: bool = False,
    waits: tuple[Waiting, ...] = (),
) -> Unlocked:
    """The clocks of an item whose join is satisfied on this day: day 1 is the day after (民法典 第201条).

    Its limits are those of the route that the answers lead to, or of the written promise where one was made.
    """
    statutory, promised = limits_of(law.catalogue, item, answers, committed=committed)
    clocks = Unlocked(
        item=item.id,
        started_on=day,
        statutory_due=None,
        promised_due=None,
        statutory_days=statutory.days if statutory else None,
        promised_days=promised.days if promised else None,
        waits=waits,
        tacit=item.tacit if law.rules.tacit_decisions else "",
    )
    return derived(clocks, law)


def derived(clocks: Unlocked, law: Law, pauses: Iterable[Interval] = ()) -> Unlocked:
    """The same clocks by today's calendar, with what is not counted: these pauses, and waits that suspend."""
    still = standstills(clocks, pauses)
    statutory, statutory_amber = _due(clocks.started_on, clocks.statutory_days, clocks.extended_days, still, law)
    promised, promised_amber = _due(clocks.started_on, clocks.promised_days, 0, still, law)
    return replace(
        clocks,
        statutory_due=statutory,
        promised_due=promised,
        statutory_amber_on=statutory_amber,
        promised_amber_on=promised_amber,
        calendar=law.calendar.version,
        provisional=any(day is not None and law.calendar.is_provisional(day) for day in (statutory, promised)),
    )


def standstills(clocks: Unlocked, pauses: Iterable[Interval]) -> tuple[Interval, ...]:
    """All that the clocks of a review do not count, as half-open intervals of legal days."""
    waits = (Interval(wait.since, wait.until + timedelta(days=1)) for wait in clocks.waits if wait.suspends)
    return tuple(chain(pauses, waits))


def joint_clock(day: date, law: Law) -> JointClock | None:
    """The clock over the whole, from the first acceptance; None where the theme is not handled jointly (第26条)."""
    if not law.theme.joint:
        return None
    return derived_joint(JointClock(day, law.rules.joint_decision.days, due_on=None), law)


def derived_joint(clock: JointClock, law: Law, pauses: Sequence[Interval] = ()) -> JointClock:
    """The same joint clock by today's calendar; it does not count what an item's clock does not for a procedure."""
    due_on, amber_on = _due(clock.started_on, clock.days, clock.extended_days, pauses, law)
    return replace(
        clock,
        due_on=due_on,
        amber_on=amber_on,
        calendar=law.calendar.version,
        provisional=due_on is not None and law.calendar.is_provisional(due_on),
    )


def moved(before: Unlocked, after: Unlocked) -> tuple[Moved, ...]:
    """The days that are others than before."""
    days = (
        Moved(after.item, "promised", before.promised_due, after.promised_due),
        Moved(after.item, "statutory", before.statutory_due, after.statutory_due),
    )
    return tuple(each for each in days if each.before != each.after)


def _due(
    start: date, days: int | None, extended: int, still: Sequence[Interval], law: Law
) -> tuple[date | None, date | None]:
    """The last day in time, and the working day in which the amber share of the days has passed."""
    if days is None:
        return None, None
    whole = days + extended
    amber = whole * law.rules.amber_percent // 100 + 1
    calendar = law.calendar
    return _on(calendar, start, whole, still), _on(calendar, start, amber, still) if whole else None


def _on(calendar: WorkingCalendar, start: date, days: int, still: Sequence[Interval]) -> date | None:
    return calendar.due(start, days, still).on if still else calendar.add(start, days)
