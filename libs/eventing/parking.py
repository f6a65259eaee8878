"""A batch of followed facts, and those in it whose cases cannot go on (L4)."""

import traceback
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from contracts.language import Note
from eventing.errors import OneThingError

BEHIND = "behind another parked fact of its case"

AGAIN = '{"act":"redrive","by":"system"}'
"""The wish with which a case is parked that only waits for something unavailable: it is tried again by itself."""


class Followed(msgspec.Struct, frozen=True):
    """A contiguous run of an upstream's segment, ready to be reacted to."""

    upstream: str
    segment: int
    prev: int
    upto: int
    notes: Sequence[Note]


class ParkedFacts:
    """The facts of a batch whose cases cannot go on, each with the reason and what shall become of it."""

    def __init__(self, before: dict[int, set[str]], sections: Sequence[Followed]) -> None:
        self.entries: list[tuple[Followed, Note, str, str]] = []
        self._streams = {section.segment: set(before.get(section.segment, ())) for section in sections}
        self._positions: set[tuple[str, int, int]] = set()
        self._places = {id(section): n for n, section in enumerate(sections)}

    def streams(self, segment: int) -> AbstractSet[str]:
        """Cases of a segment that are parked by now, so that their facts have to wait behind."""
        return self._streams[segment]

    def has(self, upstream: str, segment: int, note: Note) -> bool:
        """Whether the fact itself was parked in this batch."""
        return (upstream, segment, note.position) in self._positions

    def without(self, notes: Sequence[tuple[str, int, Note]]) -> Sequence[tuple[str, int, Note]]:
        """Those of these facts that were not parked in this batch."""
        return [each for each in notes if not self.has(*each)] if self._positions else notes

    def add(self, section: Followed, note: Note, reason: str, *, wish: str = "") -> None:
        """Parks a fact, and its case with it."""
        self._streams[section.segment].add(note.stream)
        self._positions.add((section.upstream, section.segment, note.position))
        self.entries.append((section, note, reason, wish))

    def rows(self, now: datetime, last: int) -> list[tuple[Any, ...]]:
        """What is written down, in the order in which it came, after what was parked last: what was found wrong with
        a later fact may have been found first."""
        came = sorted(self.entries, key=lambda entry: (self._places[id(entry[0])], entry[1].position))
        return [
            (
                section.upstream,
                section.segment,
                note.position,
                note.stream,
                note.version,
                note.topic,
                note.state,
                reason,
                now,
                order,
                wish,
            )
            for order, (section, note, reason, wish) in enumerate(came, start=last + 1)
        ]


def describe(error: Exception) -> str:
    """What operators read of a failure: a refusal in full, of anything else where it was: its words may be personal."""
    if isinstance(error, OneThingError):
        return f"{type(error).__name__}: {error}"[:2000]
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else "nowhere"
    return f"{type(error).__name__}: {where}"
