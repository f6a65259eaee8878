"""What halls does because of its own facts: tickets go on to another hall or back, appointments are kept."""

from contracts.halls import TicketDrawn, TicketTransferred, WindowClosed
from eventing.policies import Reactions
from halls.domain import AdmitTicket, NoteKept, ReleaseWindow

REACTIONS = Reactions()


@REACTIONS.on(TicketTransferred)
def admitted(fact: TicketTransferred) -> AdmitTicket | None:
    """Somebody was sent to another hall: they wait there."""
    return AdmitTicket(hall=fact.to_hall, sent=fact) if fact.to_hall != fact.hall else None


@REACTIONS.on(TicketDrawn)
def kept(fact: TicketDrawn) -> NoteKept | None:
    """Somebody came to their appointment."""
    if not fact.appointment:
        return None
    return NoteKept(hall=fact.hall, appointment=fact.appointment, ticket=fact.ticket)


# compensation


@REACTIONS.on(WindowClosed)
def released(fact: WindowClosed) -> ReleaseWindow | None:
    """Nobody stays at a window that closed. Older facts do not say which it was; nobody had tickets then."""
    return ReleaseWindow(hall=fact.hall, window=fact.window) if fact.hall and fact.window else None
