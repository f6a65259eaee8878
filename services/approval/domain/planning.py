"""受理, 接续 and supply: items are taken up as reviews, at once or later, and their materials arrive."""

from collections.abc import Collection, Iterable

from approval.domain.clocks import joint_clock
from approval.domain.commands import ConcludeOrigin, ExtendBundle, PlanReviews
from approval.domain.joining import Joining
from approval.domain.law import Law
from approval.domain.review import Review, Status
from catalogue.joins import Progress
from catalogue.selection import Standing
from contracts.approval import (
    BundleExtended,
    BundleOpened,
    OriginNoted,
    ReviewsBlocked,
    ReviewsPlanned,
    ReviewsSupplied,
)
from contracts.language import Act
from eventing.aggregate import applies
from kernel.clock import local_date

OUTCOMES = {"granted": Progress.APPROVED, "denied": Progress.DENIED, "withdrawn": Progress.GONE}
"""What the result of an item that was handled elsewhere is to the items after it."""

ANEW = frozenset({Status.GONE, Status.BLOCKED})
"""Ends from which an item that is joined again begins anew."""


class Planning(Joining):
    """What a case consists of."""

    def plan(self, command: PlanReviews, law: Law, *, act: Act) -> None:
        """Takes up accepted items; those whose join is satisfied run from the day of their acceptance."""
        if not self.is_open:
            self.record(
                BundleOpened,
                act,
                number=command.number,
                theme=command.theme,
                catalogue=command.catalogue,
                region=command.region,
                standings=command.standings,
                expected=tuple(i for i, s in command.standings.items() if s == Standing.SELECTED),
                output_mode=command.output_mode,
                hall=command.hall,
                answers=command.answers,
                joint=joint_clock(min(command.accepted_on.values(), default=law.day), law),
            )
        planned = tuple(
            each for each in command.reviews if (r := self._review(each.item)).allows("plan") and not r.handler
        )
        if planned:
            self.record(ReviewsPlanned, act, reviews=planned)
            self._tell_blocked([each.item for each in planned], act)
        self._go_on(law, act, command.accepted_on)

    def _tell_blocked(self, items: Collection[str], act: Act) -> None:
        """What was blocked before it was accepted is told again: who accepted it had not heard, or did not wait."""
        blocked = {i: self.reviews[i].because for i in items if self.reviews[i].status is Status.BLOCKED}
        for because in dict.fromkeys(blocked.values()):
            those = tuple(item for item, causes in blocked.items() if causes == because)
            self.record(ReviewsBlocked, act, items=those, because=because)

    @applies(BundleOpened)
    def _opened(self, fact: BundleOpened) -> None:
        self.number = fact.number
        self.theme = fact.theme
        self.catalogue = fact.catalogue
        self.region = fact.region
        self.output_mode = fact.output_mode
        self.hall = fact.hall
        self.answers = fact.answers
        self._clock_whole(fact.joint)
        self.standings = {item: Standing(standing) for item, standing in fact.standings.items()}
        for item in fact.expected:
            self.reviews.setdefault(item, Review(supplied=item in self.ahead))
        self._know(fact.expected)

    @applies(ReviewsPlanned)
    def _planned(self, fact: ReviewsPlanned) -> None:
        for each in fact.reviews:
            blocked = self._review(each.item).status is Status.BLOCKED
            self._change(
                each.item,
                status=Status.BLOCKED if blocked else Status.LOCKED,
                handler=each.handler,
                accepted_on=each.accepted_on or local_date(fact.at),
                committed=each.committed,
                tolerated=each.tolerated,
                waits_from=each.waits_from,
            )

    def extend(self, command: ExtendBundle, law: Law, *, act: Act) -> None:
        """接续: more items of the theme belong to the case; one that is concluded is open again.

        Items that had left the case, or were blocked, begin anew when they are joined again; those that are accepted,
        and were blocked only for want of what is joined now, wait for it. The same plan is no news.
        """
        standings = {item: Standing(standing) for item, standing in command.standings.items()}
        expected = tuple(
            item
            for item, standing in standings.items()
            if standing is Standing.SELECTED
            and (
                self.standings.get(item) is not Standing.SELECTED
                or (item in command.items and self.reviews[item].status in ANEW)
            )
        )
        if not expected and standings == self.standings:
            return
        self.record(BundleExtended, act, standings=command.standings, expected=expected, answers=command.answers)
        self._free(law, act)
        self._go_on(law, act)

    @applies(BundleExtended)
    def _bundle_extended(self, fact: BundleExtended) -> None:
        self.standings = {item: Standing(standing) for item, standing in fact.standings.items()}
        self.answers = fact.answers or self.answers
        for item in fact.expected:
            self.former_pauses += self._review(item).pauses
            self.reviews[item] = Review(supplied=self._review(item).supplied or item in self.ahead)
            self._forget(item)
            self.verdict = None
        self._know(fact.expected)

    def _know(self, items: Collection[str]) -> None:
        self.ahead = tuple(item for item in self.ahead if item not in items)

    def conclude_origin(self, command: ConcludeOrigin, law: Law | None, *, act: Act) -> None:
        """The result of an item that was underway elsewhere; the same again is no news.

        It may come before the case is taken up: ``law`` is None then.
        """
        if self.origins.get(command.item) is OUTCOMES[command.outcome]:
            return
        self.record(OriginNoted, act, item=command.item, outcome=command.outcome)
        if law is not None:
            self._go_on(law, act)

    @applies(OriginNoted)
    def _origin_noted(self, fact: OriginNoted) -> None:
        self.origins[fact.item] = OUTCOMES[fact.outcome]

    def supply(self, items: Iterable[str], *, act: Act) -> None:
        """The departments hold the materials of these items; routing may be ahead of the acceptance, and of a join."""
        new = tuple(
            i for i in items if (r := self._review(i)).allows("supply") and not r.supplied and i not in self.ahead
        )
        if new:
            self.record(ReviewsSupplied, act, items=new)

    @applies(ReviewsSupplied)
    def _supplied(self, fact: ReviewsSupplied) -> None:
        for item in fact.items:
            if item in self.reviews:
                self._change(item, supplied=True)
            else:
                self.ahead += (item,)
