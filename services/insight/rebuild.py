"""Observations made anew from the logs, and whether they are those that stand: by hash, segment by segment.

What is made anew learns each fact at the instant at which insight first learned it (``LEARNINGS``), so that a number
is the same for every ``as_of``.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.language import Note
from insight.observing import OBSERVERS
from insight.projections import LEARNINGS, OBSERVATIONS, OBSERVED, rows

Segment = tuple[str, int]
"""A service and a segment of its log."""

Select = Callable[[sa.Select[Any]], Sequence[Mapping[str, Any]]]
Rows = Callable[[sa.Select[Any]], list[tuple[Any, ...]]]

AT_ONCE = 5000
"""Observations of one transaction."""

_encode = msgspec.json.Encoder().encode_lines
_AS_STORED = OBSERVED.as_stored(OBSERVATIONS)


class Compared(msgspec.Struct, frozen=True):
    """A segment made anew beside what stands."""

    service: str
    segment: int
    facts: int
    observations: int
    digest: str
    standing: str

    @property
    def is_equal(self) -> bool:
        """Whether both are the same, to the byte."""
        return self.digest == self.standing


class Learned:
    """When insight learned the facts of each segment."""

    def __init__(self, batches: Iterable[tuple[datetime, Mapping[str, int]]]) -> None:
        self._upto: dict[Segment, list[int]] = defaultdict(list)
        self._at: dict[Segment, list[datetime]] = defaultdict(list)
        for learned, positions in batches:
            for name, position in positions.items():
                service, _, segment = name.rpartition("/")
                self._upto[service, int(segment)].append(position)
                self._at[service, int(segment)].append(learned)

    @classmethod
    def of(cls, select: Select) -> "Learned":
        """As insight's database has it."""
        kept = select(sa.select(LEARNINGS).order_by(LEARNINGS.c.learned))
        return cls((row["learned"], row["positions"]) for row in kept)

    def segments(self) -> list[Segment]:
        """All of which anything was learned."""
        return sorted(self._upto)

    def last(self, segment: Segment) -> int:
        """The last position of which it is known when it was learned."""
        return self._upto[segment][-1] if self._upto[segment] else 0

    def at(self, segment: Segment, position: int) -> datetime:
        """The instant of the first batch that went so far."""
        return self._at[segment][bisect_left(self._upto[segment], position)]


def anew(segment: Segment, notes: Iterable[Note], learned: Learned) -> Iterator[tuple[Any, ...]]:
    """The observations of a segment's facts, as they were first made."""
    for note in notes:
        if note.topic in OBSERVERS:
            yield from rows(*segment, note, learned.at(segment, note.position))


def standing(segment: Segment, upto: int, read: Rows) -> list[tuple[Any, ...]]:
    """The observations of a segment that there are, as they are stored."""
    c = OBSERVATIONS.c
    wanted = sa.select(*_AS_STORED).where(c.service == segment[0], c.segment == segment[1], c.position <= upto)
    return read(wanted.order_by(c.service, c.segment, c.position, c.n))


def chunks(observations: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """So many of them at a time, as they are stored."""
    waiting = iter(observations)
    while some := list(islice(waiting, AT_ONCE)):
        yield OBSERVED.stored(some)


def encoded(stored: Sequence[tuple[Any, ...]]) -> bytes:
    """Observations as they are hashed: a line each."""
    return _encode(stored)


def digest_of(stored: Iterable[Sequence[tuple[Any, ...]]]) -> str:
    """A hash over observations in their order, however many there are at a time."""
    hashed = hashlib.sha256()
    for some in stored:
        hashed.update(encoded(some))
    return hashed.hexdigest()


def compare(segment: Segment, notes: Iterable[Note], learned: Learned, read: Rows) -> Compared:
    """A segment's facts, up to what insight has learned, made anew beside what stands."""
    upto = learned.last(segment)
    wanted = [note for note in notes if note.position <= upto]
    made = [each for some in chunks(anew(segment, wanted, learned)) for each in some]
    there = standing(segment, upto, read)
    return Compared(*segment, len(wanted), len(made), digest_of([made]), digest_of([there]))
