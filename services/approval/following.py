"""Handlers of what happened elsewhere: items accepted and joined, materials that arrived, items that left."""

from approval.domain import (
    Bundle,
    ConcludeOrigin,
    EndReview,
    ExtendBundle,
    Law,
    PlanReviews,
    SettleTolerance,
    SupplyReviews,
    WithdrawReview,
)
from approval.ground import Ground
from contracts.language import Act
from eventing.service import reaction
from kernel.clock import local_date


class Following(Ground):
    """What intake and routing tell. News of an item may come before its case is taken up."""

    @reaction(PlanReviews, on=Bundle)
    def plan_reviews(self, bundle: Bundle, cmd: PlanReviews, act: Act) -> None:
        """Items were accepted."""
        catalogue = self.catalogues.at(bundle.catalogue or cmd.catalogue)
        law = Law(catalogue, catalogue.theme(cmd.theme), self.calendar, local_date(act.at))
        bundle.plan(cmd, law, act=act)

    @reaction(ExtendBundle, on=Bundle)
    def extend_bundle(self, bundle: Bundle, cmd: ExtendBundle, act: Act) -> None:
        """Items were joined; before the first acceptance that is no news, because every acceptance has the plan."""
        if bundle.is_open:
            bundle.extend(cmd, self._law(bundle, act), act=act)

    @reaction(ConcludeOrigin, on=Bundle)
    def conclude_origin(self, bundle: Bundle, cmd: ConcludeOrigin, act: Act) -> None:
        """The result of an item that was handled elsewhere is known."""
        bundle.conclude_origin(cmd, self._law_if_open(bundle, act), act=act)

    @reaction(SupplyReviews, on=Bundle)
    def supply_reviews(self, bundle: Bundle, cmd: SupplyReviews, act: Act) -> None:
        """The materials of items have arrived."""
        bundle.supply(cmd.items, act=act)

    @reaction(SettleTolerance, on=Bundle)
    def settle_tolerance(self, bundle: Bundle, cmd: SettleTolerance, act: Act) -> None:
        """Everything that was tolerated as missing has arrived."""
        bundle.settle(cmd.item, self._law_if_open(bundle, act), act=act)

    @reaction(EndReview, on=Bundle)
    def end_review(self, bundle: Bundle, cmd: EndReview, act: Act) -> None:
        """An item left the case."""
        bundle.end(cmd.item, cmd.reason, self._law_if_open(bundle, act), act=act)

    @reaction(WithdrawReview, on=Bundle)
    def withdraw_review(self, bundle: Bundle, cmd: WithdrawReview, act: Act) -> None:
        """The applicant wants an accepted item back."""
        bundle.withdraw(cmd.item, self._law_if_open(bundle, act), act=act)

    def _law_if_open(self, bundle: Bundle, act: Act) -> Law | None:
        return self._law(bundle, act) if bundle.is_open else None
