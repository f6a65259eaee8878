"""The rules of halls, by aggregate."""

from halls.domain.acceptance import (
    NOT_QUALIFIED,
    NOT_RESIDENT,
    Acceptance,
    HallsOnly,
    OnDuty,
    ReviewAcceptance,
    handlers,
    is_resident,
    of_hall,
    start_of,
)
from halls.domain.agenda import Agenda, Booking, NoteKept, places
from halls.domain.authority import KnownGrant, Register, Skill
from halls.domain.estimate import Service, service_time, wait
from halls.domain.hall import (
    ClosureUnexplained,
    Hall,
    HallClosedAlready,
    HallExists,
    NoReplacement,
    UnknownParent,
)
from halls.domain.opening import Hours, instant
from halls.domain.queue import Queue
from halls.domain.queueing import AdmitTicket, Drawing, ReleaseWindow, Rules
from halls.domain.screen import Screen
from halls.domain.sharing import CaseNotHere, Known, Sharing, TextMissing, standing
from halls.domain.ticket import AT_WINDOW, Desk, Ticket, TicketState, in_order, next_for
from halls.domain.window import (
    NoteHearing,
    NoteSilence,
    PauseUnexplained,
    State,
    UnknownHall,
    Window,
    WindowExists,
    WindowNotOpen,
    WindowTaken,
)

__all__ = [
    "AT_WINDOW",
    "NOT_QUALIFIED",
    "NOT_RESIDENT",
    "Acceptance",
    "AdmitTicket",
    "Agenda",
    "Booking",
    "CaseNotHere",
    "ClosureUnexplained",
    "Desk",
    "Drawing",
    "Hall",
    "HallClosedAlready",
    "HallExists",
    "HallsOnly",
    "Hours",
    "Known",
    "KnownGrant",
    "NoReplacement",
    "NoteHearing",
    "NoteKept",
    "NoteSilence",
    "OnDuty",
    "PauseUnexplained",
    "Queue",
    "Register",
    "ReleaseWindow",
    "ReviewAcceptance",
    "Rules",
    "Screen",
    "Service",
    "Sharing",
    "Skill",
    "State",
    "TextMissing",
    "Ticket",
    "TicketState",
    "UnknownHall",
    "UnknownParent",
    "Window",
    "WindowExists",
    "WindowNotOpen",
    "WindowTaken",
    "handlers",
    "in_order",
    "instant",
    "is_resident",
    "next_for",
    "of_hall",
    "places",
    "service_time",
    "standing",
    "start_of",
    "wait",
]
