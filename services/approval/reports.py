"""A bundle as people read it: every deadline with its derivation, every wait with what it waits for."""

from datetime import date
from typing import Any, Literal

from approval.domain import Bundle, Review
from approval.projections import desk_state
from catalogue.model import Theme
from contracts.approval import Unlocked
from kernel.workdays import WorkingCalendar


def report(bundle: Bundle, theme: Theme, calendar: WorkingCalendar) -> dict[str, Any]:
    """The whole bundle."""
    joins = bundle.joins(theme)
    return {
        "case_id": bundle.stream,
        "number": bundle.number,
        "theme": bundle.theme,
        "catalogue": bundle.catalogue,
        "region": bundle.region,
        "output_mode": bundle.output_mode,
        "hall": bundle.hall,
        "standings": bundle.standings,
        "verdict": bundle.verdict,
        "version": bundle.version,
        "reviews": [
            {
                "item": item,
                "name": theme.item(item).name,
                "waiting_for": joins[item].waiting_for if item in joins else (),
                **_review(review, calendar),
            }
            for item, review in bundle.reviews.items()
        ],
    }


def _review(review: Review, calendar: WorkingCalendar) -> dict[str, Any]:
    return {
        "handler": review.handler,
        "status": review.status.value,
        "state": desk_state(review),
        "supplied": review.supplied,
        "due_on": review.due_on,
        "warned": review.warned,
        "clocks": {
            limit: _clock(review.clocks, limit, calendar)
            for limit in ("promised", "statutory")
            if review.clocks and getattr(review.clocks, f"{limit}_days") is not None
        },
        "decision": review.decision,
        "decided_at": review.decided_at,
        "words": review.words,
        "remedy": review.remedy,
        "reason": review.reason,
        "because": review.because,
    }


def _clock(clocks: Unlocked, limit: Literal["promised", "statutory"], calendar: WorkingCalendar) -> dict[str, Any]:
    """One clock. Derived again with today's calendar: where that gives another day, both are shown."""
    due_on: date = getattr(clocks, f"{limit}_due")
    days: int = getattr(clocks, f"{limit}_days")
    today = calendar.due(clocks.started_on, days)
    return {
        "days": days,
        "started_on": clocks.started_on,
        "due_on": due_on,
        "amber_on": getattr(clocks, f"{limit}_amber_on"),
        "calendar": clocks.calendar,
        "provisional": clocks.provisional,
        "derivation": today.derivation,
        "derivation_en": today.derivation_en,
        "derived_again_on": None if today.on == due_on else today.on,
    }
