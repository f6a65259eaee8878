"""Clocks as people check them: what was counted, what was not, and the one line that says how it came out."""

from datetime import date
from typing import Any, Literal

from msgspec.structs import asdict

from approval.domain import Bundle, Review, Schedule, intervals, standstills
from approval.wording import WORDS
from catalogue.model import Item
from contracts.approval import JointClock, Unlocked
from kernel.workdays import Due, Interval, WorkingCalendar

SPECIAL_PROCEDURE = "2"
"""特别程序 other than an extension (GB/T 39046—2020 表 A.7)."""
EXTENSION = "1"
"""延长审批 (the same table)."""


def clocks(review: Review, calendar: WorkingCalendar) -> dict[str, Any]:
    """Both clocks of a review; a limit that there is not is left out."""
    if review.clocks is None:
        return {}
    still = standstills(review.clocks, intervals(review.pauses))
    return {
        limit: _clock(review.clocks, limit, still, calendar)
        for limit in ("promised", "statutory")
        if getattr(review.clocks, f"{limit}_days") is not None
    }


def _clock(
    clocks: Unlocked, limit: Literal["promised", "statutory"], still: tuple[Interval, ...], calendar: WorkingCalendar
) -> dict[str, Any]:
    days: int = getattr(clocks, f"{limit}_days")
    extended = clocks.extended_days if limit == "statutory" else 0
    due_on: date | None = getattr(clocks, f"{limit}_due")
    told = {
        "days": days,
        "started_on": clocks.started_on,
        "due_on": due_on,
        "amber_on": getattr(clocks, f"{limit}_amber_on"),
        "calendar": clocks.calendar,
        "provisional": clocks.provisional,
        "extended_days": extended,
        "not_counted": still,
    }
    return told | _derivation(calendar.due(clocks.started_on, days, still, extended=extended), due_on)


def joint_clock(bundle: Bundle, calendar: WorkingCalendar) -> dict[str, Any] | None:
    """The clock over the whole; None where the theme is not handled jointly."""
    clock: JointClock | None = bundle.joint
    if clock is None:
        return None
    still = intervals(bundle.pauses_with())
    return {
        "days": clock.days,
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "amber_on": clock.amber_on,
        "calendar": clock.calendar,
        "provisional": clock.provisional,
        "extended_days": clock.extended_days,
        "not_counted": still,
        "warned": bundle.joint_watch.warned,
        "extension": bundle.joint_extension,
    } | _derivation(calendar.due(clock.started_on, clock.days, still, extended=clock.extended_days), clock.due_on)


def _derivation(today: Due, due_on: date | None) -> dict[str, Any]:
    """Derived again with today's calendar: where that gives another day, both are shown."""
    return {
        "derivation": today.derivation,
        "derivation_en": today.derivation_en,
        "derived_again_on": None if today.on == due_on else today.on,
    }


def interruptions(review: Review, item: Item) -> dict[str, Any]:
    """What the clocks of a review were moved by, and what its decision waits for."""
    named = {procedure.id: {"zh": procedure.name, "en": procedure.id} for procedure in item.special_procedures}
    waits = {wait.id: wait.name for wait in item.waits}
    return {
        "suspensions": [
            {
                "code": SPECIAL_PROCEDURE,
                "procedure": pause.procedure,
                "name": named.get(pause.procedure) or WORDS["special_procedures"].get(pause.procedure, {}),
                "reason": pause.reason,
                "notice": pause.notice,
                "since": pause.since,
                "expected_on": pause.expected_on,
                "until": pause.until,
                "result": pause.result,
                "overran": pause.overran,
            }
            for pause in review.pauses
        ],
        "extension": review.extension and {"code": EXTENSION} | asdict(review.extension),
        "waits": [
            {
                "wait": wait.wait,
                "name": waits.get(wait.wait, wait.wait),
                "since": wait.since,
                "until": wait.until,
                "suspends": wait.suspends,
                "over": wait not in review.waiting,
            }
            for wait in (review.clocks.waits if review.clocks else ())
        ],
    }


def lies(plan: Schedule, item: str) -> dict[str, Any]:
    """How an item lies in the whole."""
    return {"ends_on": plan.ends.get(item), "slack": plan.slack.get(item), "critical": item in plan.critical}
