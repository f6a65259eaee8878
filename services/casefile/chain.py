"""The hash chain of one case: each entry is bound to all before it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from contracts.language import Note
from kernel.digests import EMPTY, link
from kernel.merkle import leaf_hash


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


Wrong = Literal["", "chain", "leaf", "tree", "head"]
"""What does not fit: an entry its chain; an entry its leaf; a leaf the tree; the tree the head that was signed last."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether a chain is what was written; if not, the first place where it is not."""

    verified: bool
    length: int
    head: str
    broken_at: int | None = None
    wrong: Wrong = ""


envelope = msgspec.json.Decoder(Envelope).decode


def entry_of(row: Mapping[str, Any]) -> Entry:
    """An entry as it lies in the ledger."""
    values: dict[str, Any] = {name: row[name] for name in Entry.__struct_fields__}
    return Entry(**values | {name: _stored(row[name]) for name in ("state", "link")})


def _stored(value: Any) -> bytes:
    """The bytes of a column; SQLite lets an attacker put text there."""
    return value.encode() if isinstance(value, str) else bytes(value)


def key_of(stream: str, said: Envelope) -> str:
    """The chain that a fact belongs to: its case's, or its stream's where it belongs to no case."""
    return said.case_id or stream


def next_link(previous: bytes, service: str, fact: Note | Entry) -> bytes:
    """The link of an entry behind the one before it."""
    said = (service, fact.stream, str(fact.version), fact.topic)
    return link(previous, *(part.encode() for part in said), fact.state)


def leaf(case_id: str, seq: int, segment: int, position: int, chained: bytes) -> bytes:
    """The hash of an entry as a leaf of the tree: its place in its chain and in its service's log, its link, which says
    all the rest, and its chain.

    Three numbers with a blank behind each, 32 bytes, and text to the end: no two entries look the same.
    """
    return leaf_hash(b"%d %d %d %b%b" % (seq, segment, position, chained, case_id.encode()))


def leaf_of(entry: Entry) -> bytes:
    """The same, of an entry that is in the ledger."""
    return leaf(entry.case_id, entry.seq, entry.segment, entry.position, entry.link)


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
            return Verdict(verified=False, length=length, head=head.hex(), broken_at=expected, wrong="chain")
        previous = entry.link
    if expected != length or previous != head:
        # all that is there fits: the end was cut off, or the head itself was changed
        at = min(expected + 1, max(length, 1))
        return Verdict(verified=False, length=length, head=head.hex(), broken_at=at, wrong="chain")
    return Verdict(verified=True, length=length, head=head.hex())


def _is_intact(key: str, previous: bytes, entry: Entry) -> bool:
    return entry.link == next_link(previous, entry.service, entry) and is_of(key, entry)


def is_of(key: str, entry: Entry) -> bool:
    """Whether what stands beside an entry's bytes for reading says what they say, and they are of this chain."""
    try:
        said = envelope(entry.state)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return (key_of(entry.stream, said), said.at, said.by) == (key, entry.at, entry.by)
