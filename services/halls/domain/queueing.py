"""What a queue is asked and told, by which rules it numbers and calls, and why it refuses."""

from typing import ClassVar

import msgspec

from contracts.halls import TicketTransferred, ZoneRule
from contracts.language import Command
from eventing.errors import Refused
from halls.domain.ticket import LIFECYCLE, Ticket

PLAIN = "A"
"""The letter of numbers where nothing was arranged."""


class QueueInvalid(Refused):
    """Zones have different letters, and somebody is called at least once."""


class NoTicketsNow(Refused):
    """The hall does not open any more today."""


class UnknownZone(Refused):
    """The hall has no such zone to wait in."""


class UnknownPriority(Refused):
    """The hall knows no such class of people who go first."""


class AlreadyWaiting(Refused):
    """The person waits in this zone already."""


class NotOnDuty(Refused):
    """Only who is on duty at the window calls and serves there."""


class WindowBusy(Refused):
    """A window has one ticket at a time."""


class NobodyWaits(Refused):
    """Nobody waits whom this window could serve."""


class NotForThisWindow(Refused):
    """The ticket waits for another window, zone or theme."""


class NoShowTooEarly(Refused):
    """A ticket is called several times before it is given up."""


class NowhereToGo(Refused):
    """A ticket is transferred to one other place: a window or zone of the hall, or another hall."""


class TransferUnexplained(Refused):
    """People are told why they are sent elsewhere."""


class CheckInTooEarly(Refused):
    """An appointment is kept on its day."""


class AppointmentNotOpen(Refused):
    """The appointment was cancelled, missed or kept already."""


class AdmitTicket(Command, frozen=True, kw_only=True):
    """Somebody was sent here from another hall."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    sent: TicketTransferred

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class ReleaseWindow(Command, frozen=True, kw_only=True):
    """A window closed: whoever is at it waits again."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    window: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How the hall numbers and calls."""

    zones: tuple[ZoneRule, ...] = ()
    priorities: tuple[str, ...] = ("elderly", "disabled", "pregnant", "serviceman")
    priority_run: int = 3
    calls: int = 3

    def zone_of(self, zone: str, theme: str) -> str:
        """Where somebody waits: the zone they name, else the one for their theme. Raises ``UnknownZone``."""
        if not self.zones:
            return zone
        if zone:
            if all(each.zone != zone for each in self.zones):
                raise UnknownZone(zone=zone, zones=[each.zone for each in self.zones])
            return zone
        named = (each.zone for each in self.zones if theme and theme in each.themes)
        for_all = (each.zone for each in self.zones if not each.themes)
        return next(named, next(for_all, self.zones[0].zone))

    def gives_up(self, ticket: Ticket) -> bool:
        """Whether who did not come may be given up (未到): called now, and often enough."""
        return "miss" in LIFECYCLE[ticket.state] and ticket.called >= self.calls

    def prefix(self, zone: str) -> str:
        """The letter before the numbers of a zone."""
        return next((each.prefix for each in self.zones if each.zone == zone), PLAIN)


class Drawing(msgspec.Struct, frozen=True):
    """What drawing a ticket needs from outside."""

    opens: bool
    person: str = ""
