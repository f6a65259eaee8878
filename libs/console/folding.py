"""Folds streams of facts into hashes of states, in a process of its own: lines of JSON come in, lines of JSON go out.

It is started as a file, too, by the interpreter of another environment, so that another release folds the same
history. It therefore uses of this project only what every release has.
"""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, BinaryIO

import msgspec

Stored = tuple[str, bytes]
"""A fact: its topic, and the bytes that it was stored as."""


class Feed(msgspec.Struct, tag=True):
    """More facts of a service's log, in its order; nothing is answered."""

    service: str
    facts: list[tuple[str, str, bytes]]
    """stream, topic, bytes"""


class Finish(msgspec.Struct, tag=True):
    """Answer stream → hash of its state, and forget everything."""


class Steps(msgspec.Struct, tag=True):
    """Answer the hash after each fact of one stream."""

    service: str
    stream: str
    facts: list[Stored]


class Resume(msgspec.Struct, tag=True):
    """Answer the hash of a stream that goes on from a snapshot, as a running service does it; empty where it would
    not use the snapshot."""

    service: str
    stream: str
    aggregate: str
    shape: str
    version: int
    state: bytes
    facts: list[Stored]
    """Those after the snapshot."""


class Folding:
    """Aggregates on their way through a log."""

    def __init__(self) -> None:
        self._aggregates: dict[tuple[str, str], Any] = {}

    def feed(self, service: str, facts: Iterable[tuple[str, str, bytes]]) -> None:
        """Applies facts; a stream that cannot be folded is, from there on, the reason for it."""
        for stream, topic, state in facts:
            key = (service, stream)
            found = self._aggregates.get(key)
            if not isinstance(found, str):
                self._aggregates[key] = _applied(found, service, stream, topic, state)

    def answer(self, asked: "Feed | Finish | Steps | Resume") -> Any:
        """What is answered to a message; None to facts that are fed."""
        if isinstance(asked, Feed):
            return self.feed(asked.service, asked.facts)
        if isinstance(asked, Finish):
            return self.finish()
        return steps(asked.service, asked.stream, asked.facts) if isinstance(asked, Steps) else resumed(asked)

    def finish(self) -> dict[str, str]:
        """stream → the hash of its state, or why there is none."""
        found = {stream: hash_of(each) for (_, stream), each in self._aggregates.items()}
        self._aggregates.clear()
        return found


def steps(service: str, stream: str, facts: Sequence[Stored]) -> list[str]:
    """The hash of the state after each fact."""
    found: Any = None
    hashes = []
    for topic, state in facts:
        if not isinstance(found, str):
            found = _applied(found, service, stream, topic, state)
        hashes.append(hash_of(found))
    return hashes


def resumed(asked: Resume) -> str:
    """The hash of a stream's state that was restored from its snapshot and went on."""
    from eventing.snapshots import restore, shape_of

    kind = next((each for each in _aggregates(asked.service) if each.__name__ == asked.aggregate), None)
    if kind is None or shape_of(kind) != asked.shape:
        return ""
    found: Any = restore(kind, asked.stream, asked.version, asked.state)
    for topic, state in asked.facts:
        if not isinstance(found, str):
            found = _applied(found, asked.service, asked.stream, topic, state)
    return hash_of(found)


def hash_of(found: Any) -> str:
    """SHA-256 over an aggregate's state, sets and keys in a fixed order; text stays as it is."""
    if isinstance(found, str):
        return found
    builtins = msgspec.to_builtins(found.state(), str_keys=True, order="deterministic")
    return hashlib.sha256(msgspec.json.encode(builtins, order="deterministic")).hexdigest()


def _applied(found: Any, service: str, stream: str, topic: str, state: bytes) -> Any:
    from eventing.mapper import decode

    try:
        kinds = _aggregates(service)
        fact = decode(topic, state)
        if found is None:
            kind = next((each for each in kinds if type(fact) in each.facts()), None)
            if kind is None:
                return f"no aggregate of {service} begins with {topic}"
            found = kind(stream)
        found.apply(fact)
    except Exception as error:  # noqa: BLE001 - whatever another release makes of the fact
        return f"{type(error).__name__}: {error}"
    return found


@cache
def _aggregates(service: str) -> tuple[Any, ...]:
    from console import services
    from eventing.operations import with_operations

    return with_operations(services.service(service).aggregates)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answers until nothing more is asked."""
    decoder = msgspec.json.Decoder(Feed | Finish | Steps | Resume)
    folding = Folding()
    for line in incoming:
        answer = folding.answer(decoder.decode(line))
        if answer is not None:
            outgoing.write(msgspec.json.encode(answer) + b"\n")
            outgoing.flush()


def main() -> None:
    """Speaks over the standard streams; what anybody prints goes to the error stream."""
    import warnings

    warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated", category=Warning)
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    from eventing import green

    green.patch()
    serve(incoming, outgoing)


if __name__ == "__main__":
    main()
