"""办结: a case closes with its last item, and is open again while one of its items is decided again."""

from collections.abc import Collection
from datetime import date

from contracts.intake import CaseClosed, CaseReopened
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.lifecycle import ItemState, Status
from intake.domain.state import CaseState, Outcome
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


class Closing(CaseState):
    """A case ends."""

    into: str
    closed_on: date | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.closed_on = None
        """The day on which it was closed last, also while it is open again."""
        self.into = ""
        """The case that it was merged into."""

    def close(self, outcome: Outcome, items: Collection[str] = (), *, again: bool = False, act: Act) -> None:
        """Closes the case after everything was handed over.

        ``items`` are those whose ends the hand-over covered; while others are open or accepted, as after a join,
        the case goes on and a further hand-over follows. A closed case of which an item was decided ``again`` without
        its being reopened, as earlier releases left it, is closed once more with the outcome that it has now, even if
        that is the same; anything else is no news.
        """
        if self.status is Status.CLOSED:
            if again and self.acceptances and not self.into:
                self.record(CaseClosed, act, outcome=outcome)
            return
        if items and not self._is_covered(items):
            return
        self._may("close")
        self.record(CaseClosed, act, outcome=outcome)

    def _is_covered(self, items: Collection[str]) -> bool:
        waiting = {ItemState.PENDING, ItemState.HELD}
        running = {ItemState.ACCEPTED, ItemState.WITHDRAWING}
        return not any(
            state in waiting or (state in running and item not in items) for item, state in self.items.items()
        )

    def _close_when_all_are_gone(self, act: Act) -> None:
        """A case of which nothing was ever accepted has nobody else to close it."""
        states = [self.items[item] for item in self.selected]
        if self.acceptances or any(state in {ItemState.PENDING, ItemState.HELD} for state in states):
            return
        self.record(CaseClosed, act, outcome=_outcome(states))

    @applies(CaseClosed)
    def _closed(self, fact: CaseClosed) -> None:
        self.outcome = fact.outcome
        self.into = fact.into
        self.closed_on = local_date(fact.at)

    def reopen(self, items: Collection[str], *, calendar: WorkingCalendar, act: Act) -> None:
        """Items of a closed case are decided again. An open case, and one that went into another, is no news."""
        if self.outcome is not None and self.acceptances and not self.into:
            self.record(CaseReopened, act, items=tuple(items))
            self._goes_on(calendar, act)

    def _goes_on(self, calendar: WorkingCalendar, act: Act) -> None:
        """What follows where a case waits again; each topic adds its own."""

    @applies(CaseReopened)
    def _reopened(self, fact: CaseReopened) -> None:
        self.outcome = None


def _outcome(states: Collection[ItemState]) -> Outcome:
    """What became of a case without acceptances: declined, else given back, else withdrawn."""
    if ItemState.NOT_ACCEPTED in states:
        return "not_accepted"
    if ItemState.RETURNED in states or ItemState.TERMINATED in states:
        return "returned"
    return "withdrawn"
