"""A bundle as people read it: every deadline with its derivation, every wait with what it waits for."""

from typing import Any

from approval.derivations import clocks, interruptions, joint_clock, lies
from approval.domain import Bundle, Law, Review, schedule
from approval.proceedings import proceedings, visits
from approval.projections import desk_state
from kernel.workdays import WorkingCalendar


def report(bundle: Bundle, law: Law) -> dict[str, Any]:
    """The whole bundle."""
    theme = law.theme
    joins = bundle.joins(theme)
    plan = schedule(bundle, law)
    return {
        "case_id": bundle.stream,
        "number": bundle.number,
        "theme": bundle.theme,
        "catalogue": bundle.catalogue,
        "region": bundle.region,
        "output_mode": bundle.output_mode,
        "hall": bundle.hall,
        "standings": bundle.standings,
        "origins": bundle.origins,
        "lead": theme.lead,
        "verdict": bundle.verdict,
        "version": bundle.version,
        "due_on": plan.due_on,
        "due_by_graph": plan.by_graph,
        "critical_path": plan.critical,
        "joint": joint_clock(bundle, law.calendar),
        "visits": visits(bundle, theme),
        "reviews": [
            {
                "item": item,
                "name": theme.item(item).name,
                "waiting_for": joins[item].waiting_for if item in joins else (),
                **_review(review, law.calendar),
                **interruptions(review, theme.item(item)),
                **lies(plan, item),
                **proceedings(bundle, theme, item),
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
        "clocks": clocks(review, calendar),
        "committed": review.committed,
        "tolerated": review.tolerated,
        "decision": review.decision,
        "decided_at": review.decided_at,
        "words": review.words,
        "remedy": review.remedy,
        "reason": review.reason,
        "because": review.because,
    }
