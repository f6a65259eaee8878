"""Decisions: 准予 and 不予许可 by the organisation that handles the item, and what keeps it from deciding."""

from approval.domain.joining import Joining
from approval.domain.law import Law
from approval.domain.refusals import (
    AlreadyDecided,
    CaseConcluded,
    InSpecialProcedure,
    MaterialsOutstanding,
    NotYetAccepted,
    NotYours,
    ReasonsMissing,
    ReviewBlocked,
    ReviewLocked,
    ReviewOver,
)
from approval.domain.review import Review, Status
from contracts.approval import ReviewDenied, ReviewGranted
from contracts.language import Act
from eventing.aggregate import applies
from eventing.errors import NotFound


class Deciding(Joining):
    """Departments decide."""

    def grant(self, item: str, opinion: str, law: Law, *, act: Act) -> None:
        """准予 one item; granted again is no news. Raises NotYours and whatever keeps it undecided."""
        review = self._deciding(item, Status.GRANTED, law, act)
        if review is not None:
            self._grant(item, review, law, act, opinion=opinion)

    def _grant(
        self, item: str, review: Review, law: Law, act: Act, *, opinion: str = "", automatic: bool = False
    ) -> None:
        """Records the grant of a review that nothing keeps from being granted, and what follows from it."""
        self.record(
            ReviewGranted,
            act,
            item=item,
            handler=review.handler,
            decision=self._decision(item),
            opinion=opinion,
            tolerant=review.tolerated,
            automatic=automatic,
        )
        self._was_granted(item, law, act)
        self._go_on(law, act)

    @applies(ReviewGranted)
    def _granted(self, fact: ReviewGranted) -> None:
        self._decided(fact, Status.GRANTED_TOLERANT if fact.tolerant else Status.GRANTED, words=fact.opinion)

    def deny(self, item: str, reasons: str, law: Law, *, remedy: str, act: Act) -> None:
        """不予许可 one item, with reasons and remedy (行政许可法 第38条第2款); denied again is no news."""
        review = self._deciding(item, Status.DENIED, law, act)
        if review is None:
            return
        if not reasons.strip():
            raise ReasonsMissing(item=item, names=law.names(item))
        self.record(
            ReviewDenied,
            act,
            item=item,
            handler=review.handler,
            decision=self._decision(item),
            reasons=reasons,
            remedy=remedy,
        )
        self._go_on(law, act)

    @applies(ReviewDenied)
    def _denied(self, fact: ReviewDenied) -> None:
        self._decided(fact, Status.DENIED, words=fact.reasons, remedy=fact.remedy)

    def _handled(self, item: str, law: Law, act: Act) -> Review:
        """The review of an accepted item, if the caller's organisation handles it."""
        review = self.reviews.get(item)
        if review is None or not self.is_open:
            raise NotFound(what="review", id=item)
        if review.status is Status.AWAITED:
            raise NotYetAccepted(item=item, names=law.names(item))
        if act.caller is None or act.caller.org != review.handler:
            raise NotYours(item=item, handler=review.handler, names=law.names(item))
        return review

    def _worked_on(self, item: str, law: Law, act: Act, verb: str = "work") -> Review:
        """The review that the caller's organisation still has to decide."""
        review = self._handled(item, law, act)
        if not review.allows(verb):
            self._refuse(item, review, law)
        return review

    def _deciding(self, item: str, wanted: Status, law: Law, act: Act) -> Review | None:
        """The review that the caller may decide now; None when it was decided so already."""
        return self._decidable(item, self._handled(item, law, act), wanted, law, act)

    def _decidable(self, item: str, review: Review, wanted: Status, law: Law, act: Act) -> Review | None:
        """The review if nothing keeps it from being decided, whoever decides; None when it was decided so already."""
        if review.status is wanted or (review.status is Status.GRANTED_TOLERANT and wanted is Status.GRANTED):
            return None
        if self.verdict is not None:
            raise CaseConcluded(number=self.number, verdict=self.verdict)
        if not review.allows("decide"):
            self._refuse(item, review, law)
        if not review.supplied:
            raise MaterialsOutstanding(item=item, names=law.names(item))
        self._hinder(item, review, law, act)
        return review

    def _hinder(self, item: str, review: Review, law: Law, act: Act) -> None:
        """Refuses a decision that something else has to come before; each topic adds its own."""

    def _was_granted(self, item: str, law: Law, act: Act) -> None:
        """What follows from a grant before the joins are looked at; each topic adds its own."""

    def _refuse(self, item: str, review: Review, law: Law) -> None:
        """Says why the lifecycle has no place for what is wanted of this review."""
        match review.status:
            case Status.LOCKED:
                waiting = self.joins(law.theme)[item].waiting_for
                raise ReviewLocked(item=item, waiting_for=list(waiting), names=law.names(item, *waiting))
            case Status.BLOCKED:
                because = review.because
                raise ReviewBlocked(item=item, because=list(because), names=law.names(item, *because))
            case Status.GONE:
                raise ReviewOver(item=item, reason=review.reason, names=law.names(item))
            case Status.OPEN | Status.SUSPENDED:
                running = [pause for pause in review.pauses if pause.until is None]
                raise InSpecialProcedure(
                    item=item,
                    procedures=[pause.procedure for pause in running],
                    expected_on=max((pause.expected_on for pause in running), default=None),
                    names=law.names(item),
                )
            case _:
                raise AlreadyDecided(
                    item=item,
                    verdict=review.status.value,
                    decision=review.decision,
                    names=law.names(item),
                )

    def _decided(self, fact: ReviewGranted | ReviewDenied, status: Status, *, words: str, remedy: str = "") -> None:
        self._change(
            fact.item,
            status=status,
            decision=fact.decision,
            decided_at=fact.at,
            words=words,
            remedy=remedy,
            watch=self.reviews[fact.item].watch.closed(),
        )

    def _decision(self, item: str) -> str:
        """Number of the decision document: an item of a case is decided once."""
        return f"{self.number}-{item}"
