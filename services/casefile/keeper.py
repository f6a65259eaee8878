"""What is done for the ledger without end: heads are signed, entries of an older release get their leaves, and what is
missing is pulled."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog
from eventlet.event import Event

from casefile.chain import entry_of, leaf_of
from casefile.completeness import Pull, heal
from casefile.heads import Head, Signing, TreeRewritten, sign
from casefile.projections import ENTRIES, HEADS, is_listed, relist
from casefile.tree import FRONTIER, LEAF, grow, locked
from eventing.errors import OneThingError, Unavailable

log = structlog.get_logger()

COMPLETED_EVERY = 86_400.0
"""Seconds between two looks whether something is missing; the first is at the start."""

CAUGHT_UP = 1000
"""Entries that get their leaves in one transaction."""

Select = Callable[[sa.Select[Any]], Sequence[Any]]


def is_behind(select: Select) -> bool:
    """Whether the chains are longer, all in all, than the tree: a release that knew no tree wrote to them."""
    length = sa.select(sa.func.coalesce(sa.func.sum(HEADS.c.seq), 0)).scalar_subquery()
    size = sa.select(sa.func.coalesce(sa.func.max(FRONTIER.c.size), 0)).scalar_subquery()
    row = select(sa.select(length.label("length"), size.label("size")))[0]
    return int(row["length"]) > int(row["size"]) and bool(select(_without_leaf().limit(1)))


def _without_leaf() -> sa.Select[Any]:
    return (
        sa.select(ENTRIES)
        .outerjoin(LEAF, sa.and_(LEAF.c.case_id == ENTRIES.c.case_id, LEAF.c.seq == ENTRIES.c.seq))
        .where(LEAF.c.place.is_(None))
        .order_by(ENTRIES.c.case_id, ENTRIES.c.seq)
    )


def catch_up(connection: sa.Connection, after: tuple[str, int] = ("", 0)) -> tuple[str, int] | None:
    """Gives leaves to the next entries that have none, chain by chain; returns where it came to, or None at the end."""
    locked(connection)  # whoever writes entries meanwhile gives them their leaves himself
    rows = connection.execute(
        _without_leaf().where(sa.tuple_(ENTRIES.c.case_id, ENTRIES.c.seq) > sa.tuple_(*after)).limit(CAUGHT_UP)
    ).mappings()
    entries = [entry_of(dict(row)) for row in rows]
    if not entries:
        return None
    grow(connection, [(entry.case_id, entry.seq, leaf_of(entry)) for entry in entries])
    return entries[-1].case_id, entries[-1].seq


class Keeper:
    """Looks after the tree of one replica's ledger; several at a time do no harm."""

    def __init__(self, store: Any, signing: Signing, now: Callable[[], datetime], pull: Pull | None = None) -> None:
        self.store = store
        self.pull = pull
        self.signing = signing
        self.now = now
        self._stop = Event()
        self.is_rewritten = False
        """Whether the tree did not continue what was signed last, by the last look."""
        self._complete_at = 0.0
        self._is_listed = False

    def run(self) -> None:
        """Looks and waits in turn, until stopped."""
        while not self._stop.ready():
            try:
                self.look()
            except Unavailable as error:
                log.warning("the tree is not looked after", error=str(error))
            except OneThingError as error:
                log.exception("the tree is not signed", error=str(error))
            with eventlet.Timeout(self.signing.every, False):
                self._stop.wait()

    def stop(self) -> None:
        """Ends the loop after what it has in hand."""
        if not self._stop.ready():
            self._stop.send()

    def look(self) -> None:
        """Does what there is to do."""
        if is_behind(self.store.select):
            self._catch_up()
        if not self._is_listed:
            self._list()
        if self.pull is not None and time.monotonic() >= self._complete_at:
            heal(self.store, self.pull)
            self._complete_at = time.monotonic() + COMPLETED_EVERY
        self.sign()

    def sign(self) -> Head | None:
        """Signs the tree as it is, and tells the witnesses; what was signed already is not signed again."""
        try:
            with self.store.writing() as connection:
                head = sign(connection, self.signing.notary, self.now())
        except TreeRewritten:
            self.is_rewritten = True
            raise
        self.is_rewritten = False
        if head is not None and self.signing.witness is not None:
            self.signing.witness.tell(head)
        return head

    def _list(self) -> None:
        after = None if is_listed(self.store.select) else ""
        while after is not None and not self._stop.ready():
            with self.store.writing() as connection:
                after = relist(connection, after) or None
            eventlet.sleep(0)
        self._is_listed = not self._stop.ready()

    def _catch_up(self) -> None:
        after: tuple[str, int] | None = ("", 0)
        while after is not None and not self._stop.ready():
            with self.store.writing() as connection:
                after = catch_up(connection, after)
            eventlet.sleep(0)
        log.info("entries of an older release have their leaves")
