"""approval as a service: departments decide, the bundle is joined."""

from typing import Any

from approval.domain import Bundle, EndReview, PlanReviews, SupplyReviews
from approval.policies import REACTIONS
from approval.projections import BUNDLES, MOST_URGENT_FIRST, REVIEWS, UNLIMITED, desk
from approval.remedies import remedy
from approval.reports import report
from catalogue.model import Catalogue, Theme
from contracts.approval import DenyReview, GetBundle, GrantReview, Worklist
from contracts.language import Act, Caller
from eventing.catalogues import Catalogues
from eventing.errors import NotFound
from eventing.service import Service, command, deadline, query, reaction
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar

PAGE = 200
"""Reviews on a page of a work list at most."""


class Approval(Service):
    """审批汇聚."""

    name = "approval"
    aggregates = (Bundle,)
    views = (REVIEWS, BUNDLES)
    reactions = REACTIONS
    catalogues = Catalogues()
    calendar = WorkingCalendar.official()

    @command(GrantReview, on=Bundle)
    def grant_review(self, bundle: Bundle, cmd: GrantReview, act: Act) -> dict[str, Any]:
        """准予 by the handler organisation."""
        bundle.grant(
            cmd.item,
            cmd.opinion,
            theme=self._theme(bundle),
            calendar=self.calendar,
            day=local_date(act.at),
            act=act,
        )
        return self._answer(bundle, cmd.item)

    @command(DenyReview, on=Bundle)
    def deny_review(self, bundle: Bundle, cmd: DenyReview, act: Act) -> dict[str, Any]:
        """不予许可 by the handler organisation."""
        theme = self._theme(bundle)
        bundle.deny(
            cmd.item,
            cmd.reasons,
            remedy=remedy(theme.item(cmd.item)) if cmd.item in bundle.reviews else "",
            theme=theme,
            calendar=self.calendar,
            day=local_date(act.at),
            act=act,
        )
        return self._answer(bundle, cmd.item)

    @reaction(PlanReviews, on=Bundle)
    def plan_reviews(self, bundle: Bundle, cmd: PlanReviews, act: Act) -> None:
        """Items were accepted."""
        theme = self.catalogues.at(cmd.catalogue).theme(cmd.theme)
        bundle.plan(cmd, theme=theme, calendar=self.calendar, day=local_date(act.at), act=act)

    @reaction(SupplyReviews, on=Bundle)
    def supply_reviews(self, bundle: Bundle, cmd: SupplyReviews, act: Act) -> None:
        """The materials of items have arrived."""
        bundle.supply(cmd.items, act=act)

    @reaction(EndReview, on=Bundle)
    def end_review(self, bundle: Bundle, cmd: EndReview, act: Act) -> None:
        """An item left the case."""
        bundle.end(
            cmd.item,
            cmd.reason,
            theme=self._theme(bundle) if bundle.is_open else None,
            calendar=self.calendar,
            day=local_date(act.at),
            act=act,
        )

    @deadline("warning", on=Bundle)
    def warn(self, bundle: Bundle, act: Act) -> None:
        """A limit is about to pass, or has passed."""
        bundle.warn(act=act)

    @query(GetBundle)
    def get_bundle(self, query: GetBundle, caller: Caller) -> dict[str, Any]:
        """The reviews of a case: state, clocks and how they were derived, what each waits for."""
        bundle = self.store.get(Bundle, query.case_id)
        if not bundle.is_open:
            raise NotFound(what="bundle", id=query.case_id)
        return report(bundle, self._theme(bundle), self.calendar)

    @query(Worklist)
    def worklist(self, query: Worklist, caller: Caller) -> dict[str, Any]:
        """What an organisation can decide now, most urgent first."""
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(MOST_URGENT_FIRST.page(desk(query.org), query.after, limit))
        return {
            "reviews": [{**row, "due_on": None if row["due_on"] == UNLIMITED else row["due_on"]} for row in rows],
            "after": MOST_URGENT_FIRST.cursor(rows, limit),
        }

    def _theme(self, bundle: Bundle) -> Theme:
        """The theme in the catalogue version that the case was opened with."""
        catalogue: Catalogue = self.catalogues.at(bundle.catalogue)
        return catalogue.theme(bundle.theme)

    def _answer(self, bundle: Bundle, item: str) -> dict[str, Any]:
        review = bundle.reviews[item]
        return {
            "item": item,
            "status": review.status.value,
            "decision": review.decision,
            "remedy": review.remedy,
            "verdict": bundle.verdict,
        }
