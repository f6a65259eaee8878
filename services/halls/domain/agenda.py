"""预约: who will come to a hall when; one stream a hall, so that no slot is given to more than it has room for."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import msgspec

from contracts.halls import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentKept,
    AppointmentMissed,
    AppointmentMoved,
    ArrangeSlots,
    BookAppointment,
    MoveAppointment,
    SlotRule,
    SlotsArranged,
    Span,
)
from contracts.language import Act, Command
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import NotFound, Refused, Stale
from halls.domain.opening import check_spans, instant
from kernel.clock import local_date

REMEMBERED = timedelta(days=30)
"""So long after its slot an appointment is still known."""


class SlotsInvalid(Refused):
    """A slot has some minutes and room for somebody."""


class NoSuchSlot(Refused):
    """The hall has no such slot on that day, or it has begun."""


class TooFarAhead(Refused):
    """Appointments are made for the next days only."""


class SlotFull(Refused):
    """There is no room left in the slot."""


class PersonMissing(Refused):
    """An appointment is somebody's."""


class AlreadyBooked(Refused):
    """The person has an appointment in this slot already."""


class AppointmentExists(Refused):
    """An appointment with this id and another content was made before."""


class AppointmentOver(Refused):
    """The appointment was kept, cancelled or missed."""


class NoteKept(Command, frozen=True, kw_only=True):
    """Somebody came to their appointment and has a ticket."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    appointment: str
    ticket: str

    @property
    def agenda(self) -> str:
        """The stream of the hall's appointments."""
        return f"{self.hall}.agenda"


class AppointmentState(StrEnum):
    """What became of an appointment."""

    BOOKED = "booked"
    KEPT = "kept"
    CANCELLED = "cancelled"
    MISSED = "missed"


def said(state: str) -> str:
    """The word for a state in a refusal; of promises, ``kept`` says something else."""
    return "attended" if state == AppointmentState.KEPT else str(state)


class Place(msgspec.Struct, frozen=True):
    """A slot of a day in a zone, with all the room that it has."""

    slot: str
    zone: str
    themes: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    capacity: int


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as it stands."""

    on: date
    slot: str
    begins_at: datetime
    ends_at: datetime
    zone: str
    theme: str
    person: str
    channel: str
    state: AppointmentState = AppointmentState.BOOKED
    ticket: str = ""
    by: str = ""
    """Who booked it."""

    @property
    def takes_room(self) -> bool:
        """Whether nobody else can have its place."""
        return self.state in {AppointmentState.BOOKED, AppointmentState.KEPT}


class Wanted(msgspec.Struct, frozen=True):
    """A slot that somebody would have."""

    on: date
    slot: str
    theme: str
    person: str


def places(rules: Sequence[SlotRule], day: date, spans: Sequence[Span], theme: str = "") -> Iterator[Place]:
    """The slots of a day on which the hall is open in these spans, for a theme; a slot lies within one span."""
    for rule in rules:
        if theme and rule.themes and theme not in rule.themes:
            continue
        begins, end = instant(day, rule.opens), instant(day, rule.closes)
        step = timedelta(minutes=rule.minutes)
        while end - begins >= step:
            inside = any(
                instant(day, span.opens) <= begins and instant(day, span.closes) - begins >= step for span in spans
            )
            if inside:
                slot = f"{begins:%H:%M}"
                yield Place(slot, rule.zone, rule.themes, begins, begins + step, rule.capacity)
            begins += step


class Agenda(Aggregate):
    """The appointments of one hall."""

    case_bound = False
    rules: tuple[SlotRule, ...]
    days_ahead: int
    grace_minutes: int
    bookings: dict[str, Booking]
    revision: int
    """How often its capacity was set."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.rules = ()
        self.days_ahead = 0
        self.grace_minutes = 0
        self.bookings = {}
        self.revision = 0

    @property
    def hall(self) -> str:
        """Whose appointments they are."""
        return self.stream.removesuffix(".agenda")

    def reach(self) -> Reach:
        """Its hall."""
        return Reach(halls=frozenset((self.hall,)))

    def arrange(self, cmd: ArrangeSlots, act: Act) -> None:
        """Sets the capacity; what was booked before stands."""
        if (cmd.rules, cmd.days_ahead, cmd.grace_minutes) == (self.rules, self.days_ahead, self.grace_minutes):
            return
        if cmd.revision not in {None, self.revision}:
            raise Stale(stream=self.stream, revision=self.revision)
        for rule in cmd.rules:
            check_spans((Span(rule.opens, rule.closes),))
            if rule.minutes < 1 or rule.capacity < 1:
                raise SlotsInvalid(minutes=rule.minutes, capacity=rule.capacity)
        if cmd.days_ahead < 0 or cmd.grace_minutes < 0:
            raise SlotsInvalid(minutes=cmd.grace_minutes, capacity=cmd.days_ahead)
        self.record(
            SlotsArranged,
            act,
            hall=self.hall,
            rules=cmd.rules,
            days_ahead=cmd.days_ahead,
            grace_minutes=cmd.grace_minutes,
        )

    @applies(SlotsArranged)
    def _arranged(self, fact: SlotsArranged) -> None:
        self.revision += 1
        self.rules, self.days_ahead, self.grace_minutes = fact.rules, fact.days_ahead, fact.grace_minutes

    def taken(self, on: date, slot: str, zone: str) -> int:
        """How many places of a slot are given away."""
        return sum(
            each.takes_room and (each.on, each.slot, each.zone) == (on, slot, zone) for each in self.bookings.values()
        )

    def book(self, cmd: BookAppointment, person: str, spans: Sequence[Span], act: Act) -> None:
        """Gives somebody a place in a slot."""
        before = self.bookings.get(cmd.appointment)
        if before is not None:
            if (before.on, before.slot, before.theme, before.person) == (cmd.on, cmd.slot, cmd.theme, person):
                return
            raise AppointmentExists(appointment=cmd.appointment)
        if not person:
            raise PersonMissing
        place = self._place(Wanted(cmd.on, cmd.slot, cmd.theme, person), spans, act)
        self.record(
            AppointmentBooked,
            act,
            hall=self.hall,
            appointment=cmd.appointment,
            on=cmd.on,
            slot=cmd.slot,
            begins_at=place.begins_at,
            ends_at=place.ends_at,
            zone=place.zone,
            theme=cmd.theme,
            person=person,
            channel=cmd.channel,
        )

    @applies(AppointmentBooked)
    def _booked(self, fact: AppointmentBooked) -> None:
        oldest = fact.at - REMEMBERED
        kept = {name: each for name, each in self.bookings.items() if each.ends_at >= oldest}
        self.bookings = kept | {
            fact.appointment: Booking(
                on=fact.on,
                slot=fact.slot,
                begins_at=fact.begins_at,
                ends_at=fact.ends_at,
                zone=fact.zone,
                theme=fact.theme,
                person=fact.person,
                channel=fact.channel,
                by=fact.by,
            )
        }

    def move(self, cmd: MoveAppointment, spans: Sequence[Span], act: Act) -> None:
        """Gives them a place in another slot."""
        booking = self._open(cmd.appointment)
        if (booking.on, booking.slot) == (cmd.on, cmd.slot):
            return
        place = self._place(Wanted(cmd.on, cmd.slot, booking.theme, booking.person), spans, act, zone=booking.zone)
        self.record(
            AppointmentMoved,
            act,
            hall=self.hall,
            appointment=cmd.appointment,
            on=cmd.on,
            slot=cmd.slot,
            begins_at=place.begins_at,
            ends_at=place.ends_at,
        )

    @applies(AppointmentMoved)
    def _moved(self, fact: AppointmentMoved) -> None:
        self._change(fact.appointment, on=fact.on, slot=fact.slot, begins_at=fact.begins_at, ends_at=fact.ends_at)

    def cancel(self, appointment: str, reason: str, act: Act) -> None:
        """Gives the place back."""
        found = self.bookings.get(appointment)
        if found is not None and found.state is AppointmentState.CANCELLED:
            return
        self._open(appointment)
        self.record(AppointmentCancelled, act, hall=self.hall, appointment=appointment, reason=reason)

    @applies(AppointmentCancelled)
    def _cancelled(self, fact: AppointmentCancelled) -> None:
        self._change(fact.appointment, state=AppointmentState.CANCELLED)

    def keep(self, appointment: str, ticket: str, act: Act) -> None:
        """Notes that they came. One that was cancelled or missed meanwhile stays so: they have their ticket."""
        found = self.bookings.get(appointment)
        if found is not None and found.state is AppointmentState.BOOKED:
            self.record(AppointmentKept, act, hall=self.hall, appointment=appointment, ticket=ticket)

    @applies(AppointmentKept)
    def _kept(self, fact: AppointmentKept) -> None:
        self._change(fact.appointment, state=AppointmentState.KEPT, ticket=fact.ticket)

    def miss(self, appointment: str, act: Act) -> None:
        """Notes that they did not come."""
        self.record(AppointmentMissed, act, hall=self.hall, appointment=appointment)

    @applies(AppointmentMissed)
    def _missed(self, fact: AppointmentMissed) -> None:
        self._change(fact.appointment, state=AppointmentState.MISSED)

    def timers(self) -> dict[str, datetime]:
        """When each appointment can be kept no more."""
        grace = timedelta(minutes=self.grace_minutes)
        return {
            f"missed:{name}": each.ends_at + grace
            for name, each in self.bookings.items()
            if each.state is AppointmentState.BOOKED
        }

    def _place(self, wanted: Wanted, spans: Sequence[Span], act: Act, *, zone: str | None = None) -> Place:
        """A place for this person in the slot, or why there is none."""
        on, slot = wanted.on, wanted.slot
        if on > local_date(act.at) + timedelta(days=self.days_ahead):
            raise TooFarAhead(on=on, days=self.days_ahead)
        found = [
            each
            for each in places(self.rules, on, spans, wanted.theme)
            if each.slot == slot and each.begins_at > act.at and zone in {None, each.zone}
        ]
        if not found:
            raise NoSuchSlot(on=on, slot=slot)
        same = (each for each in self.bookings.values() if each.takes_room and each.person == wanted.person)
        if any((each.on, each.slot) == (on, slot) for each in same):
            raise AlreadyBooked(on=on, slot=slot)
        free = next((each for each in found if self.taken(on, slot, each.zone) < each.capacity), None)
        if free is None:
            raise SlotFull(on=on, slot=slot)
        return free

    def _open(self, appointment: str) -> Booking:
        found = self.bookings.get(appointment)
        if found is None:
            raise NotFound(what="appointment", id=appointment)
        if found.state is not AppointmentState.BOOKED:
            raise AppointmentOver(appointment=appointment, state=said(found.state))
        return found

    def _change(self, appointment: str, **changes: object) -> None:
        self.bookings = {
            **self.bookings,
            appointment: msgspec.structs.replace(self.bookings[appointment], **changes),
        }
