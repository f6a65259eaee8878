"""A review is one department's answer to one item."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from approval.domain.watch import NOTHING, Mark, Watch
from contracts.approval import EndReason, Unlocked, Waiting
from kernel.workdays import Interval


class Status(StrEnum):
    """How far a review is."""

    AWAITED = "awaited"
    """Selected, and not accepted yet."""
    LOCKED = "locked"
    OPEN = "open"
    SUSPENDED = "suspended"
    """In a special procedure (特别程序), whose time is not counted."""
    GRANTED_TOLERANT = "granted_tolerant"
    """容缺通过: granted, and not final while materials are missing."""
    GRANTED = "granted"
    DENIED = "denied"
    BLOCKED = "blocked"
    GONE = "gone"
    REVOKED = "revoked"
    """Granted once; the grant was taken back."""


ALLOWED: dict[Status, frozenset[str]] = {
    Status.AWAITED: frozenset({"plan", "supply", "block", "end"}),
    Status.LOCKED: frozenset({"supply", "unlock", "block", "end", "work"}),
    Status.OPEN: frozenset({"supply", "decide", "end", "work", "hear", "suspend", "extend"}),
    Status.SUSPENDED: frozenset({"supply", "end", "work", "hear", "suspend", "extend"}),
    Status.GRANTED_TOLERANT: frozenset({"supply", "confirm", "lapse"}),
    Status.GRANTED: frozenset({"supply"}),  # silence decides without materials, and may be voided
    Status.DENIED: frozenset({"supply"}),
    Status.BLOCKED: frozenset({"plan", "supply"}),
    Status.GONE: frozenset({"supply"}),  # it may be joined again, and routing be ahead of that
    Status.REVOKED: frozenset(),
}
"""The lifecycle of a review: what may happen to it in which state."""

ENDS = frozenset({Status.GRANTED, Status.DENIED, Status.BLOCKED, Status.GONE, Status.REVOKED})
"""States that a bundle can be concluded with."""


class Pause(Struct, frozen=True):
    """A special procedure: [since, until) are legal days that are not counted, all from ``since`` on while it runs."""

    procedure: str
    reason: str
    notice: str
    since: date
    expected_days: int
    expected_on: date
    """The last day that it takes, as the applicant was told."""
    until: date | None = None
    result: str = ""
    overran: bool = False


def intervals(pauses: Iterable[Pause]) -> tuple[Interval, ...]:
    """The legal days that pauses take out of the clocks."""
    return tuple(Interval(pause.since, pause.until) for pause in pauses)


class Extension(Struct, frozen=True):
    """An extension that somebody asked for, and what became of it."""

    reasons: str
    requested_by: str
    decided_by: str = ""
    days: int = 0
    notice: str = ""
    refusal: str = ""
    approval: str = ""
    """For a joint handling: the number of the government's approval."""

    @property
    def is_pending(self) -> bool:
        """Whether it waits for the second person."""
        return not self.decided_by


class Review(Struct, frozen=True):
    """One department's answer to one item."""

    status: Status = Status.AWAITED
    handler: str = ""
    supplied: bool = False
    clocks: Unlocked | None = None
    accepted_on: date | None = None
    committed: bool = False
    """告知承诺: accepted on a written promise."""
    tolerated: bool = False
    """容缺受理: materials are still to come."""
    waits_from: dict[str, date] = {}
    passed: tuple[str, ...] = ()
    """The waits that are over."""
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    watch: Watch = NOTHING
    decision: str = ""
    decided_at: datetime | None = None
    words: str = ""
    """The opinion of a grant, the reasons of a denial."""
    remedy: str = ""
    reason: EndReason | None = None
    because: tuple[str, ...] = ()

    def allows(self, verb: str) -> bool:
        """Whether the lifecycle has a place for it."""
        return verb in ALLOWED[self.status]

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return self.status in ENDS

    @property
    def is_ready(self) -> bool:
        """Whether the department can decide now."""
        return self.supplied and self.allows("decide") and not self.waiting

    def running(self, procedure: str) -> bool:
        """Whether a special procedure has begun and has no result yet."""
        return any(pause.procedure == procedure and pause.until is None for pause in self.pauses)

    def stopped(self, day: date) -> tuple[Pause, ...]:
        """Its special procedures, if those that run end on this day without a result."""
        return tuple(replace(pause, until=day) if pause.until is None else pause for pause in self.pauses)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The waits that are not over, while the item is to be decided."""
        if self.clocks is None or not self.clocks.waits or not self.allows("work"):
            return ()
        return tuple(wait for wait in self.clocks.waits if wait.wait not in self.passed)

    @property
    def ahead(self) -> tuple[Mark, ...]:
        """Warnings that are still to come."""
        return self.watch.ahead

    @property
    def warned(self) -> Literal["", "amber", "red", "escalated"]:
        """The gravest warning that was given and holds."""
        return self.watch.warned

    @property
    def due_on(self) -> date | None:
        """The limit that binds first."""
        limits = (self.clocks.promised_due, self.clocks.statutory_due) if self.clocks else ()
        return min((day for day in limits if day), default=None)
