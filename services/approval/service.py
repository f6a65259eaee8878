"""approval as a service: departments decide, the bundle is joined."""

from collections.abc import Iterator
from typing import Any

from approval.afterwards import Afterwards
from approval.desks import Desks
from approval.domain import Bundle
from approval.following import Following
from approval.policies import REACTIONS
from approval.procedures import Procedures
from approval.projections import BUNDLES, OPINIONS, REVIEWS, unwarned
from approval.recalendaring import Recalendaring
from approval.remedies import remedy
from approval.reports import report
from approval.timekeeping import Timekeeping
from contracts.approval import DenyReview, GetBundle, GrantReview
from contracts.language import Act, Caller
from eventing.catalogues import Catalogues
from eventing.errors import NotFound
from eventing.service import Service, command, query
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar
from telemetry.metrics import Sample


class Approval(Following, Timekeeping, Recalendaring, Desks, Procedures, Afterwards, Service):
    """审批汇聚."""

    name = "approval"
    aggregates = (Bundle,)
    views = (REVIEWS, BUNDLES, OPINIONS)
    reactions = REACTIONS
    catalogues = Catalogues()
    calendar = WorkingCalendar.official()

    @command(GrantReview, on=Bundle)
    def grant_review(self, bundle: Bundle, cmd: GrantReview, act: Act) -> dict[str, Any]:
        """准予 by the handler organisation."""
        bundle.grant(cmd.item, cmd.opinion, self._law(bundle, act), act=act)
        return self._answer(bundle, cmd.item)

    @command(DenyReview, on=Bundle)
    def deny_review(self, bundle: Bundle, cmd: DenyReview, act: Act) -> dict[str, Any]:
        """不予许可 by the handler organisation."""
        law = self._law(bundle, act)
        told = remedy(law.theme.item(cmd.item)) if cmd.item in bundle.reviews else ""
        bundle.deny(cmd.item, cmd.reasons, law, remedy=told, act=act)
        return self._answer(bundle, cmd.item)

    @query(GetBundle)
    def get_bundle(self, query: GetBundle, caller: Caller) -> dict[str, Any]:
        """The reviews of a case: state, clocks and how they were derived, what each waits for."""
        bundle = self.store.get(Bundle, query.case_id)
        if not bundle.is_open:
            raise NotFound(what="bundle", id=query.case_id)
        self.store.check(bundle, query, caller)
        return report(bundle, self._law_on(bundle, local_date(self.clock.now())))

    def samples(self) -> Iterator[Sample]:
        """ALARM: limits that passed in silence."""
        (row,) = self.store.select(unwarned(local_date(self.clock.now())))
        yield Sample("onething_unwarned_reviews", (self.name,), row["reviews"])
