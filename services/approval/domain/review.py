"""A review is one department's answer to one item."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from approval.domain.clocks import Mark
from contracts.approval import Unlocked

Reason = Literal["withdrawn", "not_accepted"]
"""Why an item left the case without a decision."""


class Status(StrEnum):
    """How far a review is."""

    AWAITED = "awaited"
    """Selected, and not accepted yet."""
    LOCKED = "locked"
    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    BLOCKED = "blocked"
    GONE = "gone"


ALLOWED: dict[Status, frozenset[str]] = {
    Status.AWAITED: frozenset({"plan", "supply", "block", "end"}),
    Status.LOCKED: frozenset({"supply", "unlock", "block", "end"}),
    Status.OPEN: frozenset({"supply", "decide", "end"}),
    Status.GRANTED: frozenset(),
    Status.DENIED: frozenset(),
    Status.BLOCKED: frozenset(),
    Status.GONE: frozenset(),
}
"""The lifecycle of a review: what may happen to it in which state. A state in which nothing may is an end."""


class Review(Struct, frozen=True):
    """One department's answer to one item."""

    status: Status = Status.AWAITED
    handler: str = ""
    supplied: bool = False
    clocks: Unlocked | None = None
    ahead: tuple[Mark, ...] = ()
    """Warnings that are still to come."""
    warned: Literal["", "amber", "red"] = ""
    decision: str = ""
    decided_at: datetime | None = None
    words: str = ""
    """The opinion of a grant, the reasons of a denial."""
    remedy: str = ""
    reason: Reason | None = None
    because: tuple[str, ...] = ()

    def allows(self, verb: str) -> bool:
        """Whether the lifecycle has a place for it."""
        return verb in ALLOWED[self.status]

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return not ALLOWED[self.status]

    @property
    def is_ready(self) -> bool:
        """Whether the department can decide now."""
        return self.supplied and self.allows("decide")

    @property
    def due_on(self) -> date | None:
        """The limit that binds first."""
        limits = (self.clocks.promised_due, self.clocks.statutory_due) if self.clocks else ()
        return min((day for day in limits if day), default=None)
