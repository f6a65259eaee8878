"""What follows from a change: reviews that may begin, reviews that have become hopeless, the verdict."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from msgspec.structs import asdict

from approval.domain.clocks import derived_joint, unlocked
from approval.domain.concluding import conclusion
from approval.domain.law import Law
from approval.domain.review import Review, Status, intervals
from approval.domain.state import BundleState
from approval.domain.waits import waits_of
from approval.domain.watch import NOTHING, marks
from catalogue.joins import Join, Progress, join
from catalogue.model import Theme
from contracts.approval import (
    BundleConcluded,
    JointClock,
    ReviewsBlocked,
    ReviewsRelocked,
    ReviewsUnlocked,
    Unlocked,
)
from contracts.language import Act
from eventing.aggregate import applies
from kernel.clock import local_date


class Joining(BundleState):
    """The joins over the item graph of the theme."""

    def joins(self, theme: Theme) -> dict[str, Join]:
        """What the reviews that have not begun wait for, by the item graph of the theme."""
        progress = self.progress()
        return {
            item: join(theme.item(item), self.standings, progress)
            for item, review in self.reviews.items()
            if review.allows("block")
        }

    def _free(self, law: Law, act: Act) -> None:
        """Blocked reviews that are not hopeless any more wait for their joins again."""
        while freed := {
            item: review.because
            for item, review in self.reviews.items()
            if review.status is Status.BLOCKED
            and join(law.theme.item(item), self.standings, self.progress()).state != "blocked"
        }:
            for because in dict.fromkeys(freed.values()):
                items = tuple(item for item, causes in freed.items() if causes == because)
                self.record(ReviewsRelocked, act, items=items, because=because)

    def _go_on(self, law: Law, act: Act, accepted_on: Mapping[str, date] = MappingProxyType({})) -> None:
        """Blocks what is hopeless, opens what may begin, concludes when nothing is left."""
        while hopeless := {i: j.blocked_by for i, j in self.joins(law.theme).items() if j.state == "blocked"}:
            for because in dict.fromkeys(hopeless.values()):
                items = tuple(item for item, causes in hopeless.items() if causes == because)
                self.record(ReviewsBlocked, act, items=items, because=because)
        joins = self.joins(law.theme)
        ready = [i for i, j in joins.items() if j.state == "ready" and self.reviews[i].allows("unlock")]
        if ready:
            reviews = tuple(self.clocks_from(item, law, accepted_on.get(item, law.day)) for item in ready)
            self.record(ReviewsUnlocked, act, reviews=reviews)
        if self.verdict is None and (end := conclusion(self.reviews)) is not None:
            self.record(BundleConcluded, act, **asdict(end))

    @applies(ReviewsBlocked)
    def _blocked(self, fact: ReviewsBlocked) -> None:
        for item in fact.items:
            self._change(item, status=Status.BLOCKED, because=fact.because, watch=self._review(item).watch.closed())

    @applies(ReviewsUnlocked)
    def _unlocked(self, fact: ReviewsUnlocked) -> None:
        for each in fact.reviews:
            self._change(each.item, status=Status.OPEN, clocks=each, watch=NOTHING.over(marks(each)))

    @applies(ReviewsRelocked)
    def _relocked(self, fact: ReviewsRelocked) -> None:
        """The case goes on with them, also where it was concluded without them."""
        self._clock_whole(fact.joint)
        for item in fact.items:
            self.former_pauses += self.reviews[item].stopped(local_date(fact.at))
            self._begin_anew(item)
        self.verdict = None

    @applies(BundleConcluded)
    def _concluded(self, fact: BundleConcluded) -> None:
        self.verdict = fact.verdict

    def _begin_anew(self, item: str) -> None:
        """A review waits for its join again, and will have new clocks; each topic adds what it forgets then."""
        status = Status.LOCKED if self.reviews[item].handler else Status.AWAITED
        self._change(item, status=status, clocks=None, watch=NOTHING, passed=(), pauses=(), extension=None, because=())

    def _whole_without(self, items: Collection[str], law: Law) -> JointClock | None:
        """The joint clock once special procedures of these items end today; None: it is as it was."""
        running = {i: self.reviews[i].stopped(law.day) for i in items if self._review(i).status is Status.SUSPENDED}
        if self.joint is None or not running:
            return None
        return derived_joint(self.joint, law, intervals(self.pauses_with(running)))

    def progress(self) -> dict[str, Progress]:
        """How far the items of the case are for those after them, wherever they are handled."""
        return self.origins | {item: self._progress(review) for item, review in self.reviews.items()}

    def clocks_from(self, item: str, law: Law, day: date) -> Unlocked:
        """The clocks of an item that begins on this day."""
        review, found = self.reviews[item], law.theme.item(item)
        waits = waits_of(found, review, law, day, answers=self.answers, part=self.part) if found.waits else ()
        return unlocked(found, law, day, answers=self.answers, committed=review.committed, waits=waits)

    def _progress(self, review: Review) -> Progress:
        """How far an item is for those after it: a blocked one is as lost as what blocked it."""
        match review.status:
            case Status.AWAITED:
                return Progress.PENDING
            case Status.LOCKED | Status.OPEN | Status.SUSPENDED:
                return Progress.ACCEPTED
            case Status.GRANTED_TOLERANT:
                return Progress.APPROVED_TOLERANT
            case Status.GRANTED:
                return Progress.APPROVED
            case Status.DENIED | Status.REVOKED:
                return Progress.DENIED
            case Status.GONE:
                return Progress.GONE
            case Status.BLOCKED:
                causes = {self.origins.get(item) for item in review.because}
                causes |= {self._progress(self.reviews[item]) for item in review.because if item in self.reviews}
                return Progress.DENIED if Progress.DENIED in causes else Progress.GONE
