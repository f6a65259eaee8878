"""The hash chain of one case: each entry is bound to all before it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from contracts.language import Note
from kernel.digests import EMPTY, link


class Envelope(msgspec.Struct, frozen=True):
    """What every fact says of itself."""

    at: datetime
    by: str
    case_id: str | None = None
    acting_as: str = ""
    in_name_of: str = ""


class Entry(msgspec.Struct, frozen=True):
    """A fact in the ledger, at its place in its chain."""

    case_id: str
    seq: int
    service: str
    segment: int
    position: int
    stream: str
    version: int
    topic: str
    at: datetime
    by: str
    state: bytes
    link: bytes


class Verdict(msgspec.Struct, frozen=True):
    """Whether a chain is what was written; if not, the first place where it is not."""

    verified: bool
    length: int
    head: str
    broken_at: int | None = None


envelope = msgspec.json.Decoder(Envelope).decode


def key_of(stream: str, said: Envelope) -> str:
    """The chain that a fact belongs to: its case's, or its stream's where it belongs to no case."""
    return said.case_id or stream


def next_link(previous: bytes, service: str, fact: Note | Entry) -> bytes:
    """The link of an entry behind the one before it."""
    said = (service, fact.stream, str(fact.version), fact.topic)
    return link(previous, *(part.encode() for part in said), fact.state)


def verify(key: str, length: int, head: bytes, entries: Iterable[Entry]) -> Verdict:
    """Recomputes a chain of so many entries that ended in ``head``.

    Looked at are the entries' bytes, their order, that none is missing or too many, and that what stands
    beside the bytes for reading says what they say.
    """
    previous = EMPTY
    expected = 0
    for entry in entries:
        expected += 1
        if entry.seq != expected or not _is_intact(key, previous, entry) or expected > length:
            return Verdict(verified=False, length=length, head=head.hex(), broken_at=expected)
        previous = entry.link
    if expected != length or previous != head:
        # all that is there fits: the end was cut off, or the head itself was changed
        return Verdict(verified=False, length=length, head=head.hex(), broken_at=min(expected + 1, max(length, 1)))
    return Verdict(verified=True, length=length, head=head.hex())


def _is_intact(key: str, previous: bytes, entry: Entry) -> bool:
    if entry.link != next_link(previous, entry.service, entry):
        return False
    try:
        said = envelope(entry.state)
    except msgspec.DecodeError:
        return False
    return (key_of(entry.stream, said), said.at, said.by) == (key, entry.at, entry.by)
