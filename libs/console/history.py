"""The history of a case as casefile remembers it, and its replay through the services' own aggregates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from console.services import SERVICES, service
from contracts.casefile import CaseFacts
from contracts.language import Fact, Position
from eventing.client import Client
from eventing.mapper import decode
from kernel.digests import canonical, digest


class Stored(Struct, frozen=True):
    """One fact as casefile gives it."""

    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    state: bytes


class Happened(Struct, frozen=True):
    """One fact and where it stands."""

    service: str
    position: int
    topic: str
    stream: str
    version: int
    fact: Fact


def facts_of(
    client: Client, case_id: str, *, until: datetime | None = None, since: Sequence[Position] = ()
) -> list[Happened]:
    """A case's published facts in the ledger's order, until an instant; at least what ``since`` knows."""
    answer = client.ask(CaseFacts(case_id=case_id, until=until), since=since, attempts=5)
    stored = msgspec.convert(answer["facts"], list[Stored])
    return [
        Happened(each.service, each.position, each.topic, each.stream, each.version, decode(each.topic, each.state))
        for each in stored
    ]


def replayed(happened: Iterable[Happened]) -> dict[str, dict[str, Any]]:
    """service → the state that its part of the case was in after these facts, folded by its own aggregate.

    What a service keeps of a case in a stream beside it, such as its bill, stands under the stream's name. It reads
    no clock, no catalogue and no other service: the same facts always give the same states.
    """
    streams: dict[str, dict[str, list[Fact]]] = {}
    for each in happened:
        streams.setdefault(each.service, {}).setdefault(each.stream, []).append(each.fact)
    states = {}
    for name in SERVICES:
        for n, (stream, mine) in enumerate(streams.get(name, {}).items()):
            aggregate = next(kind for kind in service(name).aggregates if type(mine[0]) in kind.facts())
            states[stream if n else name] = msgspec.to_builtins(aggregate.replay(stream, mine).state())
    return states


def state_hash(states: dict[str, dict[str, Any]]) -> str:
    """One digest over all states: two replays agree if and only if it is the same."""
    return digest(canonical(states))


class Changed(Struct, frozen=True):
    """A value that is another one now."""

    service: str
    path: str
    """From the state down, as ``reviews.CY03.status``."""
    before: Any
    """None where it was not there."""
    after: Any


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """What differs between two replays, value by value; empty if and only if their state hashes are equal."""
    services = [*dict.fromkeys((*before, *after))]
    return [
        Changed(name, ".".join(path), old, new)
        for name in services
        for path, old, new in _differing(before.get(name), after.get(name))
    ]


def _differing(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(before, dict | None) and isinstance(after, dict | None) and (before or after):
        old, new = before or {}, after or {}
        for name in dict.fromkeys((*old, *new)):
            if name in old and name in new:
                yield from _differing(old[name], new[name], (*path, str(name)))
            else:
                yield (*path, str(name)), old.get(name), new.get(name)
    elif before != after:
        yield path, before, after
