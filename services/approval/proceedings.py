"""What happened around the decision on an item, as people read it: from the desk to the verification."""

from typing import Any

from approval.domain import Bundle
from approval.results import TABLE, codes, state
from catalogue.model import Theme


def proceedings(bundle: Bundle, theme: Theme, item: str) -> dict[str, Any]:
    """Everything of one item; what never happened is None or empty."""
    desk = bundle.desks.get(item)
    amendments = bundle.amendments.get(item, ())
    return {
        "holder": bundle.holder(item),
        "desk": desk.moves if desk else (),
        "opinions": {number: opinion for number, opinion in bundle.opinions.items() if opinion.item == item},
        "hearing": bundle.hearings.get(item),
        "hearing_required": theme.item(item).hearing,
        "comparison": bundle.comparisons.get(item),
        "proposed": bundle.proposed(item),
        "amendments": amendments,
        "verification": bundle.check(item),
        "result": codes(TABLE[state(bundle, theme, item)]),
        "fallen": [
            {"decision": each.decision, "result": codes(TABLE[each.detail])}
            for each in amendments
            if each.kind == "voiding"
        ],
    }


def visits(bundle: Bundle, theme: Theme) -> dict[str, Any]:
    """The joint visits of a case, and those that could be made together."""
    return {
        "planned": {
            number: {"visit": visit, "waiting": bundle.waiting(number)} for number, visit in bundle.visits.items()
        },
        "suggested": bundle.could_be_visited_together(theme),
    }
