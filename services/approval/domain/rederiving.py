"""The calendar changed: open deadlines are derived again, and it is said which of them moved."""

from msgspec.structs import replace

from approval.domain.clocks import derived, derived_joint, moved
from approval.domain.law import Law
from approval.domain.review import Review, intervals
from approval.domain.state import BundleState
from approval.domain.waits import waits_of
from approval.domain.watch import marks
from contracts.approval import ClocksRederived, Moved, Unlocked
from contracts.language import Act
from eventing.aggregate import applies


class Rederiving(BundleState):
    """What was derived by one calendar is derived by another one. A replay asks no calendar: the days are facts."""

    @property
    def calendars(self) -> tuple[str, ...]:
        """The versions of the calendar that the open deadlines of the case were derived by, in order."""
        clocks = [review.clocks.calendar for review in self.reviews.values() if review.clocks and review.allows("work")]
        if self.joint is not None and self.verdict is None:
            clocks.append(self.joint.calendar)
        return tuple(sorted(set(clocks)))

    def rederive(self, law: Law, *, act: Act) -> tuple[Moved, ...]:
        """Derives the open deadlines again; returns which days moved. By the same calendar it is no news."""
        if self.calendars in ((), (law.calendar.version,)):
            return ()
        before = {i: r.clocks for i, r in self.reviews.items() if r.clocks and r.allows("work")}
        after = {item: self._again(item, self.reviews[item], clocks, law) for item, clocks in before.items()}
        moves = [each for item, clocks in before.items() for each in moved(clocks, after[item])]
        joint = self.joint if self.verdict is None else None
        whole = None
        if joint is not None:
            pauses = intervals(self.pauses_with())
            whole = derived_joint(joint, law, pauses)
            if whole.due_on != joint.due_on:
                moves.append(Moved("", "joint", joint.due_on, whole.due_on))
        self.record(
            ClocksRederived,
            act,
            calendar=law.calendar.version,
            moved=tuple(moves),
            clocks=tuple(after.values()),
            joint=whole,
        )
        return tuple(moves)

    @applies(ClocksRederived)
    def _rederived(self, fact: ClocksRederived) -> None:
        for clocks in fact.clocks:
            watch = self.reviews[clocks.item].watch.over(marks(clocks))
            self._change(clocks.item, clocks=clocks, watch=watch)
        self._clock_whole(fact.joint)

    def _again(self, item: str, review: Review, clocks: Unlocked, law: Law) -> Unlocked:
        """The clocks of a review by another calendar: the same limits and waits, perhaps other days."""
        known = {wait.wait for wait in clocks.waits}
        waits = waits_of(law.theme.item(item), review, law, clocks.started_on, answers=self.answers, part=self.part)
        same = tuple(wait for wait in waits if wait.wait in known)
        return derived(replace(clocks, waits=same), law, intervals(review.pauses))
