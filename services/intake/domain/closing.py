"""办结: a case closes with its last item, and is open again while one of its items is decided again."""

from collections.abc import Collection
from datetime import date

from msgspec import Struct

from contracts.intake import CaseClosed, CaseReopened, CompletionNoted
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.lifecycle import GONE, ItemState, Status
from intake.domain.state import CaseState, Outcome
from kernel.clock import local_date
from kernel.workdays import WorkingCalendar


class Completion(Struct, frozen=True):
    """Everything was handed over while items that failed by others were open."""

    outcome: Outcome
    items: tuple[str, ...]
    """Those whose ends it covers."""
    selected: tuple[str, ...]
    """Those that the case handled then; with more of them, a further completion follows."""


class Closing(CaseState):
    """A case ends."""

    into: str
    closed_on: date | None
    completion: Completion | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.closed_on = None
        """The day on which it was closed last, also while it is open again."""
        self.into = ""
        """The case that it was merged into."""
        self.completion = None
        """What closes the case when nothing of it is open any more."""

    def close(self, outcome: Outcome, items: Collection[str] = (), *, again: bool = False, act: Act) -> None:
        """Closes the case after everything was handed over.

        ``items`` are those whose ends the hand-over covered. Where others are accepted, as after a join, the case goes
        on and a further hand-over follows. Where some of them are open, because they failed by others before anybody
        answered, it is closed when these are accepted or gone. A closed case of which an item was decided ``again``
        without its being reopened, as earlier releases left it, is closed once more with the outcome that it has now,
        even if that is the same; anything else is no news.
        """
        if self.status is Status.CLOSED:
            if again and self.acceptances and not self.into:
                self.record(CaseClosed, act, outcome=outcome)
            return
        if items and self.unsettled:
            if not self._are_outside(items) and (self.completion is None or self.completion.items != tuple(items)):
                self.record(CompletionNoted, act, outcome=outcome, items=tuple(items))
            return
        if items and self._are_outside(items):
            return
        self._may("close")
        self.record(CaseClosed, act, outcome=outcome)

    def _are_outside(self, items: Collection[str]) -> bool:
        """Whether others than these are open or accepted: their ends are handed over, or come to nothing, later."""
        return any(self.items[item] not in GONE and item not in items for item in self.selected)

    @applies(CompletionNoted)
    def _completion_noted(self, fact: CompletionNoted) -> None:
        self.completion = Completion(fact.outcome, fact.items, self.selected) if fact.outcome else None

    def _close_if_over(self, act: Act) -> None:
        """After the last open item found its end: a case of which nothing was accepted has nobody else to close it.

        One of which everything was handed over before has nobody either.
        """
        if self.unsettled:
            return
        if not self.acceptances:
            self.record(CaseClosed, act, outcome=_outcome([self.items[item] for item in self.selected]))
        elif self.completion is not None and self.completion.selected == self.selected:
            self.record(CaseClosed, act, outcome=self.completion.outcome)

    @applies(CaseClosed)
    def _closed(self, fact: CaseClosed) -> None:
        self.outcome = fact.outcome
        self.into = fact.into
        self.closed_on = local_date(fact.at)
        self.completion = None

    def reopen(self, items: Collection[str], *, calendar: WorkingCalendar, act: Act) -> None:
        """Items are decided again: a case that their ends had closed, or were to close, goes on.

        Any other open case, and one that went into another, is no news.
        """
        if self.completion is not None:
            self.record(CompletionNoted, act)
        elif self.outcome is not None and self.acceptances and not self.into:
            self.record(CaseReopened, act, items=tuple(items))
            self._goes_on(items, calendar, act)

    def _goes_on(self, items: Collection[str], calendar: WorkingCalendar, act: Act) -> None:
        """What follows where these items of a case are decided again; each topic adds its own."""

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
