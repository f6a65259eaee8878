"""Whom tickets and appointments concern: whoever waits or comes, by blind index, or whoever brings a ticket's secret.

All tickets of a hall are one stream, and so are its appointments. The stream concerns the hall; one ticket of it, one
person.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from contracts.halls import (
    BookAppointment,
    CancelAppointment,
    CancelTicket,
    CheckIn,
    DrawTicket,
    MoveAppointment,
)
from contracts.language import Caller, Command, Query
from contracts.scopes import Reach
from eventing.aggregate import Aggregate
from eventing.keyring import KeyRing
from eventing.printed import Codes
from halls.domain import Agenda, Queue
from halls.lookups import person_of
from halls.projections.queues import APPOINTMENTS

TICKET = "ticket"
"""The kind of code that a ticket's secret is."""


def reach_of_ticket(hall: str, person: str, *, is_opened: bool = False) -> Reach:
    """Its hall, and who waits, where that is known."""
    return Reach(halls=frozenset((hall,)), subjects=frozenset((person,)) - {""}, is_opened=is_opened)


def reach_of_appointment(row: Mapping[str, Any]) -> Reach:
    """Its hall, who will come, and who booked it for them."""
    return replace(reach_of_ticket(row["hall"], row["person"]), people=frozenset((row["by"],)))


class Reaching:
    """Looks at the one ticket or appointment that a command is about."""

    store: Any
    keyring: KeyRing
    codes: Codes

    def reach_of(self, aggregate: Aggregate, message: Command | Query, caller: Caller) -> Reach:
        """Whom something of a hall concerns. Raises PersonInvalid."""
        found: Reach = super().reach_of(aggregate, message, caller)  # type: ignore[misc]  # the service's
        match aggregate, message:
            case _, DrawTicket(hall=hall, identifier=said) | BookAppointment(hall=hall, identifier=said):
                return reach_of_ticket(hall, person_of(self.keyring, said, caller))
            case Queue(), CancelTicket(hall=hall, ticket=name, secret=secret):
                ticket = aggregate.tickets.get(name)
                is_opened = self.codes.holds(TICKET, name, secret)
                return reach_of_ticket(hall, ticket.person if ticket is not None else "", is_opened=is_opened)
            case Agenda(), MoveAppointment(appointment=name) | CancelAppointment(appointment=name):
                booking = aggregate.bookings.get(name)
                of = {"person": booking.person, "by": booking.by} if booking is not None else {"person": "", "by": ""}
                return reach_of_appointment({"hall": aggregate.hall, **of})
            case _, CheckIn(hall=hall, appointment=name):
                a = APPOINTMENTS.c
                kept = sa.select(a.hall, a.person, a.by).where(a.hall == hall, a.appointment == name)
                rows = self.store.select(kept)
                return reach_of_appointment(rows[0]) if rows else found
        return found
