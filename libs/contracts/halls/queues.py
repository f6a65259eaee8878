"""The queues of a hall: rules by zone, how many wait, and what was left over at the end of a day."""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from contracts.language import Answer, Command, Fact, Query


class ZoneRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """The letter before the numbers of a zone, and the themes that go there (none named: any)."""

    zone: str
    prefix: str
    themes: tuple[str, ...] = ()


class QueueArranged(Fact, frozen=True, kw_only=True):
    """How the hall numbers and calls was set; it replaces what was set before."""

    TOPIC: ClassVar[str] = "onething.queue.arranged.v1"
    hall: str
    zones: tuple[ZoneRule, ...]
    priorities: tuple[str, ...]
    """Classes of people who are called first, such as ``elderly`` and ``disabled``."""
    priority_run: int
    """After so many of them in a row somebody without priority is next."""
    calls: int
    """So often a ticket is called before it can be given up as a no-show."""


class QueueCleared(Fact, frozen=True, kw_only=True):
    """The day is over: its tickets count no more, and those who still waited are named."""

    TOPIC: ClassVar[str] = "onething.queue.cleared.v1"
    hall: str
    day: date
    left: tuple[str, ...]


class ArrangeQueue(Command, frozen=True, kw_only=True):
    """Set how a hall numbers and calls."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    zones: tuple[ZoneRule, ...] = ()
    priorities: tuple[str, ...] = ("elderly", "disabled", "pregnant", "serviceman")
    priority_run: int = 3
    calls: int = 3
    revision: int | None = None
    """What ``GetArrangement`` told when the caller looked: another one is stale. None: replaces whatever stands."""

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class ZoneQueue(Answer, frozen=True, kw_only=True):
    """A queue of a zone."""

    zone: str
    prefix: str
    waiting: int
    priority: int
    """How many of these go first."""
    longest: int | None
    """Seconds that the one who waits longest has waited."""
    windows: int
    """Open windows that serve the zone."""
    service: int | None
    """Median seconds of the last services; None: nobody was served yet."""
    estimate: int | None
    """Seconds that somebody who comes now waits, as far as can be told; None: unknown."""


class Queues(Answer, frozen=True, kw_only=True):
    """The queues of a hall."""

    hall: str
    at: datetime
    zones: tuple[ZoneQueue, ...]


class GetQueues(Query, frozen=True, kw_only=True):
    """How many wait in each zone of a hall, and how long."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/queues"
    ANSWER: ClassVar[Any] = Queues
    hall: str
