"""Tickets and appointments as rows."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contracts.halls import AppointmentAnswer, SlotRule, TicketAnswer
from eventing.paging import Order
from eventing.views import Column, View
from halls.domain import Agenda, Queue, Rules, Service, Ticket


def ticket_rows(queue: Queue) -> list[dict[str, Any]]:
    """One row a ticket of the day."""
    return [
        {**msgspec.structs.asdict(each), "state": str(each.state), "hall": queue.hall}
        for each in queue.tickets.values()
    ]


def queue_row(queue: Queue) -> list[dict[str, Any]]:
    """How the hall calls, and what the last services took."""
    if not queue.version:
        return []
    return [
        {
            "hall": queue.hall,
            "rules": queue.rules,
            "run": queue.run,
            "services": queue.services,
        }
    ]


def appointment_rows(agenda: Agenda) -> list[dict[str, Any]]:
    """One row an appointment."""
    return [
        {
            "appointment": name,
            "hall": agenda.hall,
            "state": str(each.state),
            "day": each.on,
            "slot": each.slot,
            "begins_at": each.begins_at,
            "ends_at": each.ends_at,
            "zone": each.zone,
            "theme": each.theme,
            "person": each.person,
            "channel": each.channel,
            "ticket": each.ticket,
            "by": each.by,
        }
        for name, each in agenda.bookings.items()
    ]


def agenda_row(agenda: Agenda) -> list[dict[str, Any]]:
    """The hall's capacity for appointments."""
    return [{"hall": agenda.hall, "rules": agenda.rules, "days_ahead": agenda.days_ahead}] if agenda.rules else []


TICKETS = View(
    "tickets_v1",
    of=Queue,
    columns=(
        Column("ticket", "text", key=True),
        Column("hall", "text", index=True),
        Column("number", "text"),
        Column("zone", "text"),
        Column("theme", "text"),
        Column("item", "text"),
        Column("priority", "text"),
        Column("channel", "text"),
        Column("since", "instant"),
        Column("place", "instant"),
        Column("first_from", "instant"),
        Column("state", "text"),
        Column("window", "text", index=True),
        Column("staff", "text"),
        Column("to_window", "text"),
        Column("to_hall", "text"),
        Column("case", "text"),
        Column("called", "int"),
        Column("called_at", "instant"),
        Column("served_at", "instant"),
        Column("ended_at", "instant"),
        Column("person", "text"),
        Column("appointment", "text"),
        Column("from_ticket", "text"),
    ),
    rows=ticket_rows,
)
BY_WAIT = Order(TICKETS.c.since, TICKETS.c.ticket)

QUEUES = View(
    "queues_v1",
    of=Queue,
    columns=(
        Column("hall", "text", key=True),
        Column("rules", "json"),
        Column("run", "json"),
        Column("services", "json"),
    ),
    rows=queue_row,
)

APPOINTMENTS = View(
    "appointments_v2",
    of=Agenda,
    columns=(
        Column("hall", "text", key=True),
        Column("appointment", "text", key=True),
        Column("state", "text"),
        Column("day", "date", index=True),
        Column("slot", "text"),
        Column("begins_at", "instant"),
        Column("ends_at", "instant"),
        Column("zone", "text"),
        Column("theme", "text"),
        Column("person", "text", index=True),
        Column("channel", "text"),
        Column("ticket", "text"),
        Column("by", "text"),
    ),
    rows=appointment_rows,
)
BY_SLOT = Order(APPOINTMENTS.c.begins_at, APPOINTMENTS.c.appointment)

AGENDAS = View(
    "agendas_v1",
    of=Agenda,
    columns=(
        Column("hall", "text", key=True),
        Column("rules", "json"),
        Column("days_ahead", "int"),
    ),
    rows=agenda_row,
)


def ticket_of(row: Mapping[str, Any]) -> Ticket:
    """The ticket in a row."""
    return msgspec.convert({name: row[name] for name in Ticket.__struct_fields__}, Ticket)


def told(row: Mapping[str, Any], rules: Rules) -> TicketAnswer:
    """The ticket in a row, as others see it: not whose it is."""
    names = (name for name in TicketAnswer.__struct_fields__ if name not in {"ahead", "estimate", "absent"})
    answer = msgspec.convert({name: row[name] for name in names}, TicketAnswer)
    return msgspec.structs.replace(answer, absent=rules.gives_up(ticket_of(row)))


def appointment_told(row: Mapping[str, Any]) -> AppointmentAnswer:
    """The appointment in a row, as others see it: not whose it is."""
    names = (name for name in AppointmentAnswer.__struct_fields__ if name != "on")
    return msgspec.convert({"on": row["day"]} | {name: row[name] for name in names}, AppointmentAnswer)


class Calling(msgspec.Struct, frozen=True):
    """How a hall calls, and what its last services took."""

    rules: Rules = Rules()
    run: dict[str, int] = {}
    services: tuple[Service, ...] = ()


def calling_of(row: Mapping[str, Any] | None) -> Calling:
    """The queue in a row; where nothing was arranged and nobody came yet, the plain one."""
    if row is None:
        return Calling()
    return msgspec.convert({name: row[name] for name in Calling.__struct_fields__}, Calling)


def slot_rules(row: Mapping[str, Any] | None) -> tuple[SlotRule, ...]:
    """The capacity in a row."""
    return () if row is None else msgspec.convert(row["rules"], tuple[SlotRule, ...])


__all__ = [
    "AGENDAS",
    "APPOINTMENTS",
    "BY_SLOT",
    "BY_WAIT",
    "QUEUES",
    "TICKETS",
    "Calling",
    "appointment_told",
    "calling_of",
    "slot_rules",
    "ticket_of",
    "told",
]
