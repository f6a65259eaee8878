"""Supervision: limits that are about to pass, or have passed, are spoken of (督办).

Amber speaks to the handler. Red speaks to the lead department as well, which supervises the whole case; what is still
red some working days later is escalated to both.
"""

from datetime import date, datetime

from approval.domain.law import Law
from approval.domain.state import BundleState
from approval.domain.watch import Mark
from contracts.approval import ReviewWarned
from contracts.language import Act
from eventing.aggregate import applies
from kernel.clock import local_date


def escalates_on(mark: Mark, law: Law) -> date | None:
    """The day on which a red mark is escalated if nothing has happened by then."""
    return law.calendar.add(local_date(mark.at), law.rules.escalation.days) if mark.level == "red" else None


class Supervision(BundleState):
    """Amber, red, escalated."""

    def warn(self, law: Law, *, act: Act) -> None:
        """What has become due by now, in the order of time, each once."""
        while due := [
            (mark.at, item, mark)
            for item, review in self.reviews.items()
            for mark in review.watch.ahead
            if mark.at <= act.at
        ]:
            _, item, mark = min(due, key=lambda each: each[:2])
            self.record(
                ReviewWarned,
                act,
                item=item,
                handler=self.reviews[item].handler,
                level=mark.level,
                due=mark.due,
                limit=mark.limit,
                lead="" if mark.level == "amber" else law.theme.lead,
                escalates_on=escalates_on(mark, law),
            )

    @applies(ReviewWarned)
    def _warned(self, fact: ReviewWarned) -> None:
        watch = self.reviews[fact.item].watch
        self._change(fact.item, watch=watch.after(fact.level, fact.limit, fact.escalates_on))

    def timers(self) -> dict[str, datetime]:
        """One timer a case: the next warning of any review."""
        marks = [mark.at for review in self.reviews.values() for mark in review.watch.ahead]
        return super().timers() | ({"warning": min(marks)} if marks else {})
