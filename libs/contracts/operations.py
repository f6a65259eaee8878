"""What operators do to a service, recorded like every other act."""

from typing import ClassVar

import msgspec

from contracts.language import Command, Fact


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


class Redrive(Command, frozen=True, kw_only=True):
    """Try a case's parked facts again."""

    case: str


class Discard(Command, frozen=True, kw_only=True):
    """Give a case's parked facts up, with the reason."""

    case: str
    reason: str
