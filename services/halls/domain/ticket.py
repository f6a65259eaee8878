"""A ticket: somebody who waits, is called, and is served, and what may happen to them in each state."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from contracts.halls import TicketChannel
from eventing.errors import Refused


class TicketNotInState(Refused):
    """This does not happen to a ticket in its present state."""


class TicketState(StrEnum):
    """Where somebody stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    FINISHED = "finished"
    MISSED = "missed"
    CANCELLED = "cancelled"
    TRANSFERRED = "transferred"


LIFECYCLE: dict[TicketState, frozenset[str]] = {
    TicketState.WAITING: frozenset({"call", "transfer", "cancel"}),
    TicketState.CALLED: frozenset({"recall", "serve", "skip", "miss", "transfer", "cancel", "return"}),
    TicketState.SERVING: frozenset({"bind", "finish", "transfer", "return"}),
    TicketState.FINISHED: frozenset(),
    TicketState.MISSED: frozenset(),
    TicketState.CANCELLED: frozenset(),
    TicketState.TRANSFERRED: frozenset(),
}
"""What may happen to a ticket in each state."""

AT_WINDOW = frozenset({TicketState.CALLED, TicketState.SERVING})


class Ticket(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket as it stands."""

    ticket: str
    number: str
    zone: str
    theme: str
    item: str
    priority: str
    channel: TicketChannel
    since: datetime
    """Since when the person waits."""
    place: datetime
    """By what the order of the queue goes: ``since``, or when the ticket was skipped."""
    first_from: datetime | None = None
    """From when on it goes before those without priority: at once, from its slot on, or never."""
    state: TicketState = TicketState.WAITING
    window: str = ""
    """At which it is, or was last."""
    staff: str = ""
    to_window: str = ""
    """The one window that is to call it; empty: any that can."""
    to_hall: str = ""
    case: str = ""
    called: int = 0
    called_at: datetime | None = None
    served_at: datetime | None = None
    ended_at: datetime | None = None
    person: str = ""
    appointment: str = ""
    from_ticket: str = ""

    def check(self, verb: str) -> None:
        """Raises ``TicketNotInState``."""
        if verb not in LIFECYCLE[self.state]:
            raise TicketNotInState(ticket=self.ticket, number=self.number, state=str(self.state))

    def goes_first(self, at: datetime) -> bool:
        """Whether it is called before those without priority."""
        return self.first_from is not None and self.first_from <= at


class Desk(msgspec.Struct, frozen=True):
    """A window as calling sees it."""

    window: str
    hall: str
    zone: str
    themes: tuple[str, ...]
    state: str
    staff: str

    def serves(self, ticket: Ticket) -> bool:
        """Whether this window is for the ticket: named by it, or of its zone and for its theme.

        A window without a zone is for every zone, a ticket without one for every window; so with themes.
        """
        if ticket.to_window:
            return ticket.to_window == self.window
        in_zone = not self.zone or not ticket.zone or ticket.zone == self.zone
        return in_zone and (not self.themes or not ticket.theme or ticket.theme in self.themes)


def in_order(waiting: Iterable[Ticket], at: datetime, *, run: int, longest_run: int) -> list[Ticket]:
    """Those who wait in the order in which they are called, as things stand.

    Who goes first comes first, among them and among the others whoever has waited longest; but after
    ``longest_run`` in a row who went first one of the others is next (``run`` of them were called just now).
    """
    place = sorted(waiting, key=lambda each: (each.place, each.ticket))
    first = [each for each in place if each.goes_first(at)]
    others = [each for each in place if not each.goes_first(at)]
    ordered: list[Ticket] = []
    while first and others:
        if run < longest_run:
            ordered.append(first.pop(0))
            run += 1
        else:
            ordered.append(others.pop(0))
            run = 0
    return [*ordered, *first, *others]


def next_for(desk: Desk, waiting: Iterable[Ticket], at: datetime, *, run: int, longest_run: int) -> Ticket | None:
    """Whom the window calls next: whoever was sent to it by name, then whoever is first of those it is for."""
    mine = [each for each in waiting if desk.serves(each)]
    named = [each for each in mine if each.to_window]
    ordered = in_order(named or mine, at, run=run, longest_run=longest_run)
    return ordered[0] if ordered else None
