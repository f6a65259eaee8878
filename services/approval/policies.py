"""What approval does because of what happened elsewhere."""

from approval.domain import EndReview, PlanReviews, SupplyReviews
from contracts.approval import PlannedReview
from contracts.intake import ItemNotAccepted, ItemsAccepted, ItemWithdrawn
from contracts.routing import ItemsSupplied
from eventing.policies import Reactions
from kernel.clock import local_date

REACTIONS = Reactions()


@REACTIONS.on(ItemsAccepted)
def plan(fact: ItemsAccepted) -> PlanReviews:
    """受理 → a review for each accepted item."""
    return PlanReviews(
        case_id=str(fact.case_id),
        number=fact.number,
        theme=fact.theme,
        catalogue=fact.catalogue,
        region=fact.region,
        output_mode=fact.output_mode,
        hall=fact.hall,
        standings={each.item: each.standing for each in fact.plan},
        reviews=tuple(PlannedReview(each.item, each.handler) for each in fact.items),
        accepted_on={each.item: each.accepted_on or local_date(fact.at) for each in fact.items},
    )


@REACTIONS.on(ItemsSupplied)
def supply(fact: ItemsSupplied) -> SupplyReviews:
    """The materials arrived → the department can decide."""
    return SupplyReviews(case_id=str(fact.case_id), items=fact.items)


# compensation


@REACTIONS.on(ItemWithdrawn)
def withdraw(fact: ItemWithdrawn) -> EndReview:
    """撤回 → the review ends."""
    return EndReview(case_id=str(fact.case_id), item=fact.item, reason="withdrawn")


@REACTIONS.on(ItemNotAccepted)
def let_go(fact: ItemNotAccepted) -> EndReview:
    """不予受理 → there will be no review."""
    return EndReview(case_id=str(fact.case_id), item=fact.item, reason="not_accepted")
