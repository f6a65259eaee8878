"""What operators do to a service, recorded like every other act.

The verbs are those of the RPC method ``operate``, which every service has; ``service`` says whose.
"""

from typing import Any, ClassVar

import msgspec

from contracts.language import Command, Fact, Query


class ParkedRedriven(Fact, frozen=True, kw_only=True):
    """A case's parked facts were tried again and went through."""

    TOPIC: ClassVar[str] = "onething.operations.parked-redriven.v1"
    case: str
    facts: tuple[str, ...]
    """Upstream positions: ``service/segment/position``."""


class ParkedDiscarded(Fact, frozen=True, kw_only=True):
    """A case's parked facts were given up: their consequences in this service will never happen."""

    TOPIC: ClassVar[str] = "onething.operations.parked-discarded.v1"
    case: str
    facts: tuple[str, ...]
    reason: str


class ParkedFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact that waits because its case could not go on."""

    service: str
    case: str
    fact: str
    topic: str
    error: str
    parked_at: str
    wish: str = ""


class Standing(msgspec.Struct, frozen=True):
    """Where a replica of a service stands: its segments, the heads of its log, and what it has followed."""

    service: str
    replica: str
    segments: tuple[int, ...]
    heads: dict[str, int]
    positions: dict[str, int]
    """``service/segment`` → position."""
    parked: int


class Redrive(Command, frozen=True, kw_only=True):
    """Try a case's parked facts again."""

    ROUTE: ClassVar[str] = "POST /operations/{service}/parked/{case}/redrive"
    service: str
    case: str


class Discard(Command, frozen=True, kw_only=True):
    """Give a case's parked facts up, with the reason."""

    ROUTE: ClassVar[str] = "POST /operations/{service}/parked/{case}/discard"
    service: str
    case: str
    reason: str


class Parked(Query, frozen=True, kw_only=True):
    """The facts that wait in a service because their cases could not go on, in the order in which they came."""

    ROUTE: ClassVar[str] = "GET /operations/{service}/parked"
    ANSWER: ClassVar[Any] = tuple[ParkedFact, ...]
    service: str


class Status(Query, frozen=True, kw_only=True):
    """Where a replica of a service stands."""

    ROUTE: ClassVar[str] = "GET /operations/{service}/status"
    ANSWER: ClassVar[Any] = Standing
    service: str
