"""A batch of followed facts, and those in it whose cases cannot go on (L4)."""

import traceback
from collections.abc import Sequence
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

    def holds(self, section: Followed, note: Note) -> bool:
        """Whether the fact's case is parked, so that the fact has to wait behind."""
        return note.stream in self._streams[section.segment]

    def has(self, section: Followed, note: Note) -> bool:
        """Whether the fact itself was parked in this batch."""
        return (section.upstream, section.segment, note.position) in self._positions

    def add(self, section: Followed, note: Note, reason: str, *, wish: str = "") -> None:
        """Parks a fact, and its case with it."""
        self._streams[section.segment].add(note.stream)
        self._positions.add((section.upstream, section.segment, note.position))
        self.entries.append((section, note, reason, wish))

    def rows(self, now: datetime, last: int) -> list[tuple[Any, ...]]:
        """What is written down, in the order in which it came, after what was parked last."""
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
            for order, (section, note, reason, wish) in enumerate(self.entries, start=last + 1)
        ]


def describe(error: Exception) -> str:
    """What operators read of a failure: a refusal in full, of anything else where it was: its words may be personal."""
    if isinstance(error, OneThingError):
        return f"{type(error).__name__}: {error}"[:2000]
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else "nowhere"
    return f"{type(error).__name__}: {where}"
