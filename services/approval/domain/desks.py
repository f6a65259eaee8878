"""Desks: who of an organisation works on a review, and who did before."""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import HeldByAnother
from approval.domain.review import Review
from contracts.approval import ReviewAssigned, ReviewClaimed, ReviewReleased
from contracts.language import Act
from eventing.aggregate import applies


class Move(Struct, frozen=True):
    """A review came to a person's desk, or left it."""

    at: datetime
    by: str
    move: Literal["claimed", "assigned", "released"]
    holder: str


class Desk(Struct, frozen=True):
    """Who holds a review (nobody while it lies on the common work list), and how it came about."""

    holder: str = ""
    moves: tuple[Move, ...] = ()

    def moved(self, move: Move) -> "Desk":
        """The desk after one more move."""
        return Desk("" if move.move == "released" else move.holder, (*self.moves, move))


class Desks(Deciding):
    """Claiming, assigning and releasing reviews; whoever holds one decides it."""

    desks: dict[str, Desk]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.desks = {}

    def holder(self, item: str) -> str:
        """Who holds a review; empty: nobody."""
        return self.desks[item].holder if item in self.desks else ""

    def claim(self, item: str, law: Law, *, act: Act) -> None:
        """Takes a review that nobody holds; one's own again is no news. Raises HeldByAnother."""
        review = self._worked_on(item, law, act)
        if self.holder(item) == act.by:
            return
        self._refuse_others(item, law, act)
        self.record(ReviewClaimed, act, item=item, handler=review.handler, holder=act.by)

    def assign(self, item: str, holder: str, reason: str, law: Law, *, act: Act) -> None:
        """Gives a review to somebody, whoever holds it; to who holds it already is no news."""
        review = self._worked_on(item, law, act)
        if self.holder(item) != holder:
            self.record(ReviewAssigned, act, item=item, handler=review.handler, holder=holder, reason=reason)

    def release(self, item: str, reason: str, law: Law, *, act: Act) -> None:
        """Puts one's own review back on the common list; what lies there already is no news. Raises HeldByAnother."""
        review = self._worked_on(item, law, act)
        if not self.holder(item):
            return
        self._refuse_others(item, law, act)
        self.record(ReviewReleased, act, item=item, handler=review.handler, holder=act.by, reason=reason)

    @applies(ReviewClaimed)
    def _claimed(self, fact: ReviewClaimed) -> None:
        self._moved(fact.item, Move(fact.at, fact.by, "claimed", fact.holder))

    @applies(ReviewAssigned)
    def _assigned(self, fact: ReviewAssigned) -> None:
        self._moved(fact.item, Move(fact.at, fact.by, "assigned", fact.holder))

    @applies(ReviewReleased)
    def _released(self, fact: ReviewReleased) -> None:
        self._moved(fact.item, Move(fact.at, fact.by, "released", fact.holder))

    def _moved(self, item: str, move: Move) -> None:
        self.desks[item] = self.desks.get(item, Desk()).moved(move)

    def _freed(self, item: str) -> None:
        """A review that opens again lies on the common list; who had it is remembered."""
        if item in self.desks:
            self.desks[item] = replace(self.desks[item], holder="")

    def _forget(self, item: str) -> None:
        super()._forget(item)
        self._freed(item)

    def _hinder(self, item: str, review: Review, law: Law, act: Act) -> None:
        super()._hinder(item, review, law, act)
        self._refuse_others(item, law, act)

    def _refuse_others(self, item: str, law: Law, act: Act) -> None:
        """Whoever holds a review works on it alone."""
        if (holder := self.holder(item)) and holder != act.by:
            raise HeldByAnother(item=item, holder=holder, names=law.names(item))
