"""容缺: items whose secondary materials come later are decided on the way, and finally when everything is here."""

from approval.domain.joining import Joining
from approval.domain.law import Law
from approval.domain.review import Status
from contracts.approval import ReviewConfirmed, ToleranceSettled
from contracts.language import Act
from eventing.aggregate import applies

OVER_FOR_GOOD = (Status.GONE, Status.REVOKED)
"""Nobody decides it again."""


class Tolerating(Joining):
    """A tolerant pass (容缺通过) becomes a grant, or falls (see leaving)."""

    def settle(self, item: str, law: Law | None, *, act: Act) -> None:
        """Everything that was tolerated has arrived: a tolerant pass is confirmed; a second time is no news.

        It may arrive in the moment of a denial: if that turns out void, nothing is missing any more.
        """
        review = self._review(item)
        if review.allows("confirm"):
            self.record(ReviewConfirmed, act, item=item, handler=review.handler, decision=review.decision)
            if law is not None:
                self._go_on(law, act)
        elif review.tolerated and review.status not in OVER_FOR_GOOD:
            self.record(ToleranceSettled, act, item=item)

    @applies(ReviewConfirmed)
    def _confirmed(self, fact: ReviewConfirmed) -> None:
        self._change(fact.item, status=Status.GRANTED, tolerated=False)

    @applies(ToleranceSettled)
    def _settled(self, fact: ToleranceSettled) -> None:
        self._change(fact.item, tolerated=False)
