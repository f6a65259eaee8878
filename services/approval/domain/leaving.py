"""Items that leave the case without a decision, or with one that was not final."""

from msgspec.structs import replace

from approval.domain.joining import Joining
from approval.domain.law import Law
from approval.domain.review import Status
from catalogue.joins import join
from contracts.approval import EndReason, ReviewEnded, ReviewsRelocked, WithdrawalRefused
from contracts.language import Act
from eventing.aggregate import applies
from kernel.clock import local_date


class Leaving(Joining):
    """Reviews end."""

    def end(self, item: str, reason: EndReason, law: Law | None, *, act: Act) -> None:
        """The item left the case; what was decided stays. ``law`` is None before the case is taken up.

        A tolerant pass is not final: it falls when its materials never came (reason ``lapsed``). What was decided on
        the strength of it stands; what was only begun on it waits again, and is blocked where nothing else is left.
        """
        review = self._review(item)
        falls = reason == "lapsed" and review.allows("lapse")
        if not falls and not review.allows("end"):
            return
        self._leave(item, reason, law, act)
        if law is None:
            return
        if falls and (unfounded := self._unfounded(item, law)):
            joint = self._whole_without(unfounded, law)
            self.record(ReviewsRelocked, act, items=unfounded, because=(item,), joint=joint)
        self._go_on(law, act)

    def _leave(self, item: str, reason: EndReason, law: Law | None, act: Act) -> None:
        joint = self._whole_without((item,), law) if law is not None else None
        self.record(ReviewEnded, act, item=item, reason=reason, joint=joint)

    @applies(ReviewEnded)
    def _ended(self, fact: ReviewEnded) -> None:
        review = self._review(fact.item)
        self._clock_whole(fact.joint)
        self._change(
            fact.item,
            status=Status.GONE,
            reason=fact.reason,
            supplied=False,
            tolerated=False,
            watch=review.watch.closed(),
            pauses=review.stopped(local_date(fact.at)),
        )

    def withdraw(self, item: str, law: Law | None, *, act: Act) -> None:
        """The applicant wants an accepted item back: it ends, unless its department has decided; then that stands.

        An item that is blocked can be taken back like any other that nobody decided; a verdict over the whole stays
        what it was. Each request is answered.
        """
        review = self._review(item)
        if review.status is Status.GONE:
            return
        if review.allows("end") or review.status is Status.BLOCKED:
            self._leave(item, "withdrawn", law, act)
            if law is not None and self.verdict is None:
                self._free(law, act)
                self._go_on(law, act)
        else:
            self.record(WithdrawalRefused, act, item=item, decision=review.decision)

    @applies(WithdrawalRefused)
    def _withdrawal_refused(self, fact: WithdrawalRefused) -> None:
        """The decision stands; nothing changes."""

    def _unfounded(self, item: str, law: Law) -> tuple[str, ...]:
        """The undecided reviews that a tolerant pass of the item opened, and nothing that is still there."""
        progress = self.progress()
        return tuple(
            other
            for other, review in self.reviews.items()
            if review.allows("suspend")
            for found in (law.theme.item(other),)
            if any(
                join(replace(found, depends_on=(edge,)), self.standings, progress).state != "ready"
                for edge in found.depends_on
                if item in edge.on_tolerant
            )
        )
