"""预约: slots and who has booked them."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.halls.values import AppointmentState
from contracts.language import Answer, Command, Fact, Query


class SlotRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many can come at a time: slots of so many minutes in a stretch of each open day."""

    opens: str
    closes: str
    minutes: int
    capacity: int
    zone: str = ""
    themes: tuple[str, ...] = ()
    """None named: any."""


class SlotsArranged(Fact, frozen=True, kw_only=True):
    """The capacity for appointments was set; what was booked before stands."""

    TOPIC: ClassVar[str] = "onething.appointments.arranged.v1"
    hall: str
    rules: tuple[SlotRule, ...]
    days_ahead: int
    grace_minutes: int
    """So long after its slot an appointment can still be kept."""


class AppointmentBooked(Fact, frozen=True, kw_only=True):
    """Somebody will come in this slot."""

    TOPIC: ClassVar[str] = "onething.appointment.booked.v1"
    hall: str
    appointment: str
    on: date
    slot: str
    """When the slot begins, ``HH:MM``."""
    begins_at: datetime
    ends_at: datetime
    zone: str
    theme: str
    person: str
    """Blind index of the person's identifier."""
    channel: Literal["web", "phone", "window"]


class AppointmentMoved(Fact, frozen=True, kw_only=True):
    """They will come in another slot."""

    TOPIC: ClassVar[str] = "onething.appointment.moved.v1"
    hall: str
    appointment: str
    on: date
    slot: str
    begins_at: datetime
    ends_at: datetime


class AppointmentCancelled(Fact, frozen=True, kw_only=True):
    """They will not come."""

    TOPIC: ClassVar[str] = "onething.appointment.cancelled.v1"
    hall: str
    appointment: str
    reason: str


class AppointmentKept(Fact, frozen=True, kw_only=True):
    """They came, and have a ticket."""

    TOPIC: ClassVar[str] = "onething.appointment.kept.v1"
    hall: str
    appointment: str
    ticket: str


class AppointmentMissed(Fact, frozen=True, kw_only=True):
    """They did not come."""

    TOPIC: ClassVar[str] = "onething.appointment.missed.v1"
    hall: str
    appointment: str


class ArrangeSlots(Command, frozen=True, kw_only=True):
    """Set a hall's capacity for appointments."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    rules: tuple[SlotRule, ...]
    days_ahead: int = 14
    grace_minutes: int = 30
    revision: int | None = None
    """What ``GetArrangement`` told when the caller looked: another one is stale. None: replaces whatever stands."""

    @property
    def agenda(self) -> str:
        """The stream of the hall's appointments."""
        return f"{self.hall}.agenda"


class BookAppointment(Command, frozen=True, kw_only=True):
    """Book a slot. The identifier is kept as a blind index only."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    appointment: str
    on: date
    slot: str
    theme: str = ""
    identifier: str = ""
    channel: Literal["web", "phone", "window"] = "web"

    @property
    def agenda(self) -> str:
        """The stream of the hall's appointments."""
        return f"{self.hall}.agenda"


class MoveAppointment(Command, frozen=True, kw_only=True):
    """Book another slot instead."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    appointment: str
    on: date
    slot: str

    @property
    def agenda(self) -> str:
        """The stream of the hall's appointments."""
        return f"{self.hall}.agenda"


class CancelAppointment(Command, frozen=True, kw_only=True):
    """Give a slot back."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    appointment: str
    reason: str = ""

    @property
    def agenda(self) -> str:
        """The stream of the hall's appointments."""
        return f"{self.hall}.agenda"


class Slot(Answer, frozen=True, kw_only=True):
    """A slot with what is left of it."""

    on: date
    slot: str
    zone: str
    begins_at: datetime
    ends_at: datetime
    capacity: int
    left: int


class Slots(Query, frozen=True, kw_only=True):
    """Slots of a hall on a day, for a theme."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/slots"
    ANSWER: ClassVar[Any] = tuple[Slot, ...]
    hall: str
    on: date
    theme: str = ""


class AppointmentAnswer(Answer, frozen=True, kw_only=True):
    """An appointment as it stands."""

    appointment: str
    hall: str
    state: AppointmentState
    on: date
    slot: str
    begins_at: datetime
    ends_at: datetime
    zone: str
    theme: str
    channel: str
    ticket: str


class GetAppointment(Query, frozen=True, kw_only=True):
    """An appointment."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/appointments/{appointment}"
    ANSWER: ClassVar[Any] = AppointmentAnswer
    hall: str
    appointment: str


class AppointmentPage(Answer, frozen=True, kw_only=True):
    """A page of appointments."""

    appointments: tuple[AppointmentAnswer, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListAppointments(Query, frozen=True, kw_only=True):
    """Appointments of a hall by slot, or of the one person who asks."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /appointments"
    ANSWER: ClassVar[Any] = AppointmentPage
    hall: str = ""
    """Empty: all that whoever asks may see."""
    on: date | None = None
    state: AppointmentState | Literal[""] = ""
    person: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 100
