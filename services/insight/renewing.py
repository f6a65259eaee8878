"""Observations made anew beside those that stand, while these go on, compared by hash, and put in their place at once.

What is anew is everything that insight had learned when it began; what it learned meanwhile is taken over as it is,
while whoever writes waits. Numbers stay what they are, for every ``as_of``: each fact is learned again at its first
instant. A release that counts more of a fact than the one before it is caught up with in this way.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.language import Note
from eventing.swapping import beside, swap
from eventing.tables import Bulk
from insight.measuring.sums import forget
from insight.projections import OBSERVATIONS, OBSERVED, TICKS
from insight.rebuild import Compared, Learned, Segment, anew, chunks, digest_of, encoded, standing

ANEW = "observations_anew"
Pull = Callable[[Segment, int], Iterable[Note]]
"""A segment's facts from the beginning, up to a position."""

Progress = Callable[[int, int, Compared], None]
"""(segments done, of so many, the last one)"""


class Renewed(msgspec.Struct, frozen=True):
    """What was made anew, and how it compares with what stood."""

    facts: int
    observations: int
    taken_over: int
    """Observations of facts that were learned meanwhile."""
    differing: tuple[Compared, ...]
    """Segments that were not the same, and are mended."""
    seconds: float
    waited: float
    """Seconds in which whoever writes had to wait."""

    @property
    def is_equal(self) -> bool:
        """Whether what stood was the same, to the byte."""
        return not self.differing


class Renewing:
    """One rebuild."""

    def __init__(self, store: Any, pull: Pull, *, guarded: Sequence[str], role: str = "") -> None:
        self.store = store
        self.pull = pull
        self.guarded = guarded
        self.role = role
        self.shadow = Bulk(ANEW, OBSERVED.columns)

    def run(self, progress: Progress = lambda done, of, last: None) -> Renewed:
        """Makes them, compares, and puts them in place. Raises Unavailable while a log cannot be read."""
        began = monotonic()
        with self.store.writing() as connection:
            beside(connection, OBSERVATIONS, ANEW)
        learned = Learned.of(self.store.select)
        segments = learned.segments()
        found = []
        for done, segment in enumerate(segments, start=1):
            found.append(self._segment(segment, learned))
            progress(done, len(segments), found[-1])
        asked = monotonic()
        with self.store.writing() as connection:
            connection.execute(sa.select(TICKS.c.learned).with_for_update())
            taken_over = self._take_over(connection, {segment: learned.last(segment) for segment in segments})
            swap(connection, OBSERVATIONS, ANEW, guarded=self.guarded, role=self.role)
            if not all(each.is_equal for each in found):
                forget(connection)
        return Renewed(
            facts=sum(each.facts for each in found),
            observations=sum(each.observations for each in found),
            taken_over=taken_over,
            differing=tuple(each for each in found if not each.is_equal),
            seconds=round(monotonic() - began, 3),
            waited=round(monotonic() - asked, 3),
        )

    def _segment(self, segment: Segment, learned: Learned) -> Compared:
        upto = learned.last(segment)
        facts = 0

        def counted() -> Iterator[Note]:
            nonlocal facts
            for note in self.pull(segment, upto):
                if note.position <= upto:
                    facts += 1
                    yield note

        made, observations = hashlib.sha256(), 0
        for some in chunks(anew(segment, counted(), learned)):
            observations += len(some)
            made.update(encoded(some))
            with self.store.writing() as connection:
                self.shadow.insert_stored(connection, some)
        there = digest_of([standing(segment, upto, self.store.rows)])
        return Compared(*segment, facts, observations, made.hexdigest(), there)

    def _take_over(self, connection: sa.Connection, known: dict[Segment, int]) -> int:
        """What was learned since: copied as it stands; returns how many there are."""
        c = OBSERVATIONS.c
        names = [column.name for column in OBSERVATIONS.columns]
        there = sa.table(ANEW, *map(sa.column, names))
        taken = 0
        by_now = Learned.of(lambda wanted: [dict(row) for row in connection.execute(wanted).mappings()])
        for service, segment in by_now.segments():
            later = (c.service == service, c.segment == segment, c.position > known.get((service, segment), 0))
            taken += connection.execute(sa.select(sa.func.count()).where(*later)).scalar_one()
            connection.execute(there.insert().from_select(names, sa.select(OBSERVATIONS).where(*later)))
        return taken
