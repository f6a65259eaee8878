"""How a hall numbers, calls and takes appointments, as it was set."""

from typing import Any, ClassVar

from contracts.halls.appointments import SlotRule
from contracts.halls.queues import ZoneRule
from contracts.language import Answer, Query


class Arrangement(Answer, frozen=True, kw_only=True):
    """What ``ArrangeQueue`` and ``ArrangeSlots`` set, and how often each was set."""

    hall: str
    zones: tuple[ZoneRule, ...]
    priorities: tuple[str, ...]
    priority_run: int
    calls: int
    queue_revision: int
    """Given back to ``ArrangeQueue``, it refuses to replace what somebody else has set meanwhile."""
    rules: tuple[SlotRule, ...]
    days_ahead: int
    grace_minutes: int
    slots_revision: int
    """The same for ``ArrangeSlots``."""


class GetArrangement(Query, frozen=True, kw_only=True):
    """How a hall numbers and calls, and its capacity for appointments; what nobody set is as it is by default."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/arrangement"
    ANSWER: ClassVar[Any] = Arrangement
    hall: str
