"""Appointments as they are booked, moved, cancelled, kept and missed, and what is free."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.halls import (
    AppointmentAnswer,
    ArrangeSlots,
    BookAppointment,
    CancelAppointment,
    GetAppointment,
    ListAppointments,
    MoveAppointment,
    Slot,
    Slots,
    Span,
)
from contracts.language import Act, Caller
from eventing.errors import NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.scoping import check, narrowed
from eventing.service import command, deadline, query, reaction
from halls.domain import Agenda, NoteKept, places
from halls.lookups import Row, hall_row, named, person
from halls.projections.queues import AGENDAS, APPOINTMENTS, BY_SLOT, appointment_told, slot_rules
from halls.projections.tree import HALLS, hours_of
from halls.reaching import reach_of_appointment
from kernel.workdays import WorkingCalendar

PAGE = 500
"""Appointments on a page of the list at most."""

ALL_DAY = (Span("00:00", "24:00"),)
"""The hours of a hall that nobody recorded any for: its slots alone say when people come."""


class Booked(msgspec.Struct, frozen=True):
    """What booking needs from outside: whose it is, and when the hall is open on that day."""

    person: str
    spans: tuple[Span, ...]


class Appointments:
    """Commands, reactions, deadlines and questions about appointments."""

    store: Any
    clock: Any
    keyring: KeyRing
    calendar: WorkingCalendar

    @command(ArrangeSlots, on=Agenda, key="agenda", creates=True, given="agenda_halls")
    def arrange_slots(self, agenda: Agenda, cmd: ArrangeSlots, act: Act, given: None) -> None:
        """The hall's capacity."""
        agenda.arrange(cmd, act)

    def agenda_halls(self, batch: Sequence[tuple[Agenda, ArrangeSlots, Act]]) -> list[OneThingError | None]:
        """For each command whether its hall stands in the tree."""
        known = named(self.store, HALLS, "hall", (cmd.hall for _, cmd, _ in batch))
        return [None if cmd.hall in known else NotFound(what="hall", id=cmd.hall) for _, cmd, _ in batch]

    @command(BookAppointment, on=Agenda, key="agenda", given="bookings")
    def book_appointment(self, agenda: Agenda, cmd: BookAppointment, act: Act, given: Booked) -> None:
        """Somebody will come."""
        agenda.book(cmd, given.person, given.spans, act)

    @command(MoveAppointment, on=Agenda, key="agenda", given="bookings")
    def move_appointment(self, agenda: Agenda, cmd: MoveAppointment, act: Act, given: Booked) -> None:
        """They will come at another time."""
        agenda.move(cmd, given.spans, act)

    def bookings(
        self, batch: Sequence[tuple[Agenda, BookAppointment | MoveAppointment, Act]]
    ) -> list[Booked | OneThingError]:
        """For each command whose appointment it is, and when the hall is open on that day."""
        rows = named(self.store, HALLS, "hall", (cmd.hall for _, cmd, _ in batch))
        given: list[Booked | OneThingError] = []
        for _, cmd, act in batch:
            row = rows.get(cmd.hall)
            if row is None:
                given.append(NotFound(what="hall", id=cmd.hall))
                continue
            try:
                identifier = cmd.identifier if isinstance(cmd, BookAppointment) else ""
                given.append(Booked(person(self.keyring, identifier, act), self._spans(row, cmd.on)))
            except OneThingError as error:
                given.append(error)
        return given

    def _spans(self, row: Row, day: Any) -> tuple[Span, ...]:
        if row["replacement"]:
            return ()
        hours = hours_of(row, self.calendar)
        return ALL_DAY if hours.weekly is None and not row["exceptions"] else hours.spans(day)

    @command(CancelAppointment, on=Agenda, key="agenda")
    def cancel_appointment(self, agenda: Agenda, cmd: CancelAppointment, act: Act) -> None:
        """They will not."""
        agenda.cancel(cmd.appointment, cmd.reason, act)

    @reaction(NoteKept, on=Agenda, key="agenda")
    def note_kept(self, agenda: Agenda, cmd: NoteKept, act: Act) -> None:
        """They came."""
        agenda.keep(cmd.appointment, cmd.ticket, act)

    @deadline("missed", on=Agenda)
    def miss_appointment(self, agenda: Agenda, act: Act, timer: str) -> None:
        """They did not."""
        agenda.miss(timer.partition(":")[2], act)

    @query(Slots)
    def slots(self, question: Slots, caller: Caller) -> list[Slot]:
        """Slots of a day with what is left of each."""
        row = hall_row(self.store, question.hall)
        agendas = self.store.select(sa.select(AGENDAS.table).where(AGENDAS.c.hall == question.hall))
        a = APPOINTMENTS.c
        taken = {
            (each["slot"], each["zone"]): each["taken"]
            for each in self.store.select(
                sa.select(a.slot, a.zone, sa.func.count().label("taken"))
                .where(a.hall == question.hall, a.day == question.on, a.state.in_(("booked", "kept")))
                .group_by(a.slot, a.zone)
            )
        }
        found = places(
            slot_rules(agendas[0] if agendas else None),
            question.on,
            self._spans(row, question.on),
            question.theme,
        )
        return [
            Slot(
                on=question.on,
                slot=each.slot,
                zone=each.zone,
                begins_at=each.begins_at,
                ends_at=each.ends_at,
                capacity=each.capacity,
                left=max(each.capacity - taken.get((each.slot, each.zone), 0), 0),
            )
            for each in found
        ]

    @query(GetAppointment)
    def get_appointment(self, question: GetAppointment, caller: Caller) -> AppointmentAnswer:
        """An appointment as it stands."""
        a = APPOINTMENTS.c
        rows = self.store.select(
            sa.select(APPOINTMENTS.table).where(a.hall == question.hall, a.appointment == question.appointment)
        )
        if not rows:
            raise NotFound(what="appointment", id=question.appointment)
        check(question, caller, reach_of_appointment(rows[0]))
        return appointment_told(rows[0])

    @query(ListAppointments)
    def list_appointments(self, question: ListAppointments, caller: Caller) -> dict[str, Any]:
        """Appointments by slot."""
        limit = max(1, min(question.limit, PAGE))
        a = APPOINTMENTS.c
        wanted = narrowed(
            sa.select(APPOINTMENTS.table), question, caller, halls=(a.hall,), subjects=(a.person,), people=(a.by,)
        )
        if question.hall:
            wanted = wanted.where(a.hall == question.hall)
        if question.on is not None:
            wanted = wanted.where(a.day == question.on)
        for name in ("state", "person"):
            if value := getattr(question, name):
                wanted = wanted.where(a[name] == value)
        rows = self.store.select(BY_SLOT.page(wanted, question.after, limit, reverse=question.reversed))
        return {"appointments": [appointment_told(row) for row in rows], "after": BY_SLOT.cursor(rows, limit)}
