"""实时动态: the live feed of every hall.

Halls follows the logs of all services, decides which halls a fact concerns (``placing``), takes everything personal
out of it (``plain``), numbers it (``writing``), tells the world (``publishing``) and answers for it (``reading``).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.feed import FeedHeads, FeedPage, FeedSnapshot, HallSnapshot, ReadFeed, WindowState
from contracts.language import Caller, Note
from eventing.declarations import Declarations, projector, query
from eventing.scoping import at_hall
from halls.feed.publishing import FeedOutlet
from halls.feed.reading import ends, heads, page
from halls.feed.tables import HEADS
from halls.feed.writing import Writer
from halls.projections.tree import WINDOWS

UPSTREAMS = (
    "halls",
    "intake",
    "delegation",
    "routing",
    "approval",
    "certificate",
    "notification",
    "outreach",
    "vault",
)
"""Whose facts may concern a hall."""


class Feed(Declarations):
    """What halls does for the live feed."""

    outlet = FeedOutlet()

    @projector(upstreams=UPSTREAMS)
    def feed(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Every fact, once into the feed of each hall that it concerns."""
        written = Writer(connection, self.clock.now()).write(notes)
        if written:
            self.store.afterwards(lambda: self.outlet.publish(written))

    @query(ReadFeed)
    def read_feed(self, question: ReadFeed, caller: Caller) -> FeedPage:
        """A stretch of a hall's feed."""
        at_hall(question, caller, question.hall)
        return page(self.store, question.hall, question.after, question.limit)

    @query(FeedHeads)
    def feed_heads(self, question: FeedHeads, caller: Caller) -> dict[str, int]:
        """How far feeds reach."""
        return heads(self.store, question.halls)

    @query(HallSnapshot)
    def hall_snapshot(self, question: HallSnapshot, caller: Caller) -> FeedSnapshot:
        """The sequence first, then the windows: nothing that stands in the feed up to there can be missing."""
        at_hall(question, caller, question.hall)
        head, oldest = ends(self.store, question.hall)
        newest = self.store.select(sa.select(HEADS.c.newest_at).where(HEADS.c.hall == question.hall))
        rows: list[Any] = self.store.select(
            sa.select(WINDOWS.table).where(WINDOWS.c.hall == question.hall).order_by(WINDOWS.c.window)
        )
        return FeedSnapshot(
            hall=question.hall,
            sequence=head,
            oldest=oldest,
            at=self.clock.now(),
            newest_at=newest[0]["newest_at"] if newest else None,
            windows=tuple(
                WindowState(
                    window=row["window"],
                    name=row["name"],
                    zone=row["zone"],
                    themes=tuple(row["themes"]),
                    state=row["state"],
                )
                for row in rows
            ),
        )
