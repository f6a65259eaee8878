"""What approval does because of what happened elsewhere."""

from collections.abc import Iterable

from approval.domain import (
    ConcludeOrigin,
    EndReview,
    ExtendBundle,
    PlanReviews,
    SettleTolerance,
    SupplyReviews,
    WithdrawReview,
)
from contracts.approval import PlannedReview
from contracts.intake import (
    ItemNotAccepted,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    OriginConcluded,
    ToleranceLapsed,
    ToleranceSupplemented,
    WithdrawalRequested,
)
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
        reviews=tuple(
            PlannedReview(
                each.item,
                each.handler,
                each.accepted_on,
                committed=bool(each.committed),
                tolerated=bool(each.tolerated),
                waits_from=each.waits_from,
            )
            for each in fact.items
        ),
        accepted_on={each.item: each.accepted_on or local_date(fact.at) for each in fact.items},
        answers=fact.answers,
    )


@REACTIONS.on(ItemsSupplied)
def supply(fact: ItemsSupplied) -> SupplyReviews:
    """The materials arrived → the department can decide."""
    return SupplyReviews(case_id=str(fact.case_id), items=fact.items)


@REACTIONS.on(ItemsJoined)
def extend(fact: ItemsJoined) -> ExtendBundle:
    """接续 → the bundle has more items."""
    return ExtendBundle(
        case_id=str(fact.case_id),
        items=fact.items,
        standings={each.item: each.standing for each in fact.plan},
        answers=fact.answers,
    )


@REACTIONS.on(OriginConcluded)
def conclude_origin(fact: OriginConcluded) -> ConcludeOrigin:
    """The result of an item that was handled elsewhere → what waits for it goes on, or cannot."""
    return ConcludeOrigin(case_id=str(fact.case_id), item=fact.item, outcome=fact.outcome)


@REACTIONS.on(ToleranceSupplemented)
def settle(fact: ToleranceSupplemented) -> SettleTolerance | None:
    """补齐 → what was granted on the way is granted."""
    return SettleTolerance(case_id=str(fact.case_id), item=fact.item) if fact.settled else None


# compensation


@REACTIONS.on(ItemWithdrawn)
def withdraw(fact: ItemWithdrawn) -> EndReview:
    """撤回 → the review ends."""
    return EndReview(case_id=str(fact.case_id), item=fact.item, reason="withdrawn")


@REACTIONS.on(ItemNotAccepted)
def let_go(fact: ItemNotAccepted) -> EndReview:
    """不予受理 → there will be no review."""
    return EndReview(case_id=str(fact.case_id), item=fact.item, reason="not_accepted")


@REACTIONS.on(WithdrawalRequested)
def ask_back(fact: WithdrawalRequested) -> WithdrawReview:
    """The applicant wants an accepted item back → it ends, or its decision stands."""
    return WithdrawReview(case_id=str(fact.case_id), item=fact.item)


@REACTIONS.on(ToleranceLapsed)
def lapse(fact: ToleranceLapsed) -> EndReview:
    """容缺逾期 → the review ends, and a tolerant pass falls."""
    return EndReview(case_id=str(fact.case_id), item=fact.item, reason="lapsed")


@REACTIONS.on(ItemsReturned)
def return_items(fact: ItemsReturned) -> Iterable[EndReview]:
    """退件 → there will be no reviews."""
    return [EndReview(case_id=str(fact.case_id), item=item, reason="returned") for item in fact.items]
