"""Facts to stored bytes and back, through explicit topics; old topics are brought to today's shape."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from contracts.language import Fact

_encoder = msgspec.json.Encoder()


class UnknownTopic(Exception):
    """A stored topic that no fact of this release answers to."""


class Recorded(msgspec.Struct, frozen=True):
    """A fact in its place: the stream it belongs to and its version there."""

    originator_id: str
    originator_version: int
    fact: Fact


def fact_types() -> Iterator[type[Fact]]:
    """Every fact that has been declared so far, in any imported module."""
    waiting = list(Fact.__subclasses__())
    while waiting:
        fact = waiting.pop()
        waiting.extend(fact.__subclasses__())
        if fact.TOPIC:
            yield fact


class _Topics(dict[str, tuple[type[Fact], msgspec.json.Decoder[Any] | None]]):
    """topic → (fact type, decoder); the decoder is missing where the stored shape must be upcast first."""

    def __missing__(self, topic: str) -> tuple[type[Fact], msgspec.json.Decoder[Any] | None]:
        for fact in fact_types():
            if topic == fact.TOPIC:
                self[topic] = fact, msgspec.json.Decoder(fact)
                return self[topic]
            if topic in fact.OLD_TOPICS:
                self[topic] = fact, None
                return self[topic]
        raise UnknownTopic(topic)


_topics = _Topics()


def encode(fact: Fact) -> bytes:
    """The bytes of a fact: what is stored, shipped, chained and proved."""
    return _encoder.encode(fact)


def decode(topic: str, state: bytes) -> Fact:
    """The fact in stored bytes, upcast when its topic is an old one."""
    fact, decoder = _topics[topic]
    if decoder is not None:
        return decoder.decode(state)  # type: ignore[no-any-return]
    return msgspec.convert(fact.upcast(topic, msgspec.json.decode(state)), fact, strict=False)


@cache
def service_of(fact: type[Fact]) -> str:
    """The service that publishes a fact: the contract module, or the service package, that declares it."""
    if fact.SERVICE:
        return fact.SERVICE
    parts = fact.__module__.split(".")
    return parts[1] if parts[0] == "contracts" else parts[0]


class FactMapper(Mapper[str]):
    """eventsourcing's mapper over msgspec structs."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: Recorded) -> StoredEvent:  # type: ignore[override]
        return StoredEvent(
            domain_event.originator_id,
            domain_event.originator_version,
            domain_event.fact.TOPIC,
            encode(domain_event.fact),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        return Recorded(
            str(stored_event.originator_id),
            stored_event.originator_version,
            decode(stored_event.topic, stored_event.state),
        )
