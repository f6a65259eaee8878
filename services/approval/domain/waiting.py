"""No decision before its waits have passed."""

from datetime import datetime

from approval.domain.days import past
from approval.domain.deciding import Deciding
from approval.domain.law import Law
from approval.domain.refusals import WaitRunning
from approval.domain.review import Review
from contracts.approval import WaitPassed
from contracts.language import Act
from eventing.aggregate import applies


class Waits(Deciding):
    """Periods pass, and are waited for."""

    def pass_waits(self, *, act: Act) -> None:
        """Says of every wait that is over by now that it has passed."""
        for item, review in list(self.reviews.items()):
            for wait in review.waiting:
                if past(wait.until) <= act.at:
                    self.record(WaitPassed, act, item=item, handler=review.handler, wait=wait.wait, until=wait.until)

    @applies(WaitPassed)
    def _wait_passed(self, fact: WaitPassed) -> None:
        self._change(fact.item, passed=(*self.reviews[fact.item].passed, fact.wait))

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next wait that passes."""
        ends = [past(wait.until) for review in self.reviews.values() for wait in review.waiting]
        return super().timers() | ({"wait": min(ends)} if ends else {})

    def _hinder(self, item: str, review: Review, law: Law, act: Act) -> None:
        super()._hinder(item, review, law, act)
        running = [wait for wait in review.waiting if law.day <= wait.until]
        if running:
            last = max(running, key=lambda wait: wait.until)
            called = {wait.id: wait.name for wait in law.theme.item(item).waits}
            raise WaitRunning(item=item, wait=last.wait, until=last.until, names=law.names(item) | called)
