"""Whether the ledger has every fact up to where it has followed each log; what is missing is pulled and appended.

The follower leaves no gap, but an operator may discard a parked fact, and a database may come back from a copy. A log's
positions have no gaps (L5), and a stream's versions are positions of one segment in their order: a version is missing
if and only if a position is.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import eventlet
import sqlalchemy as sa
import structlog

from casefile.chain import envelope, key_of
from casefile.projections import ENTRIES, append, locked_heads
from contracts.language import Note
from eventing.schema import metadata as durable
from eventing.tables import distinct

log = structlog.get_logger()

PAGE = 1000
"""Entries read at a time."""

REST = 0.05
"""Seconds between two pages: whoever has work goes first."""

PULLED = 400
"""Facts pulled at a time."""

FOLLOWED = durable.tables["tracking"]

Place = tuple[str, int]
"""A service and a segment of its log."""

Pull = Callable[[str, dict[int, int], int], Sequence[tuple[int, int, int, list[Note]]]]
"""(service, segment → after, limit) → sections of its log, as ``Client.read_log`` gives them."""


def gaps(store: Any) -> dict[Place, list[int]]:
    """(service, segment) → positions that were followed, are not parked, and have no entry."""
    followed = _positions(store, "SELECT upstream, segment, position FROM tracking")
    there: dict[Place, bytearray] = {place: bytearray(upto[0] + 1) for place, upto in followed.items()}
    for place, position in _walked(store):
        if position < len(there.get(place, b"")):
            there[place][position] = 1
    parked = _positions(store, "SELECT upstream, segment, position FROM parked")
    found = {
        place: [at for at in range(1, len(known)) if not known[at] and at not in parked.get(place, ())]
        for place, known in there.items()
    }
    return {place: missing for place, missing in found.items() if missing}


def _positions(store: Any, statement: str) -> dict[Place, list[int]]:
    with store.reading() as connection:
        found: dict[Place, list[int]] = {}
        for service, segment, position in connection.exec_driver_sql(statement).fetchall():
            found.setdefault((service, segment), []).append(position)
        return found


def _walked(store: Any) -> Iterator[tuple[Place, int]]:
    after = ("", 0)
    key = sa.tuple_(ENTRIES.c.case_id, ENTRIES.c.seq)
    wanted = sa.select(ENTRIES.c.case_id, ENTRIES.c.seq, ENTRIES.c.service, ENTRIES.c.segment, ENTRIES.c.position)
    while rows := store.select(wanted.where(key > sa.tuple_(*after)).order_by(*key).limit(PAGE)):
        yield from (((row["service"], row["segment"]), row["position"]) for row in rows)
        after = (rows[-1]["case_id"], rows[-1]["seq"])
        if len(rows) == PAGE:
            eventlet.sleep(REST)


def heal(store: Any, pull: Pull) -> int:
    """Appends what is missing; returns how many facts there were. Raises ``Unavailable`` when a service is silent."""
    healed = 0
    for (service, segment), missing in gaps(store).items():
        wanted = set(missing)
        while wanted:
            sections = pull(service, {segment: min(wanted) - 1}, PULLED)
            notes = [note for _, _, _, some in sections for note in some]
            if not notes:
                log.error("facts are in no log any more", service=service, segment=segment, positions=sorted(wanted))
                break
            healed += _append(store, service, segment, [note for note in notes if note.position in wanted])
            wanted = {position for position in wanted if position > notes[-1].position}
    if healed:
        log.error("facts were missing in the ledger, and were pulled", facts=healed)
    return healed


def _append(store: Any, service: str, segment: int, notes: Sequence[Note]) -> int:
    keys = distinct(key_of(note.stream, envelope(note.state)) for note in notes)
    with store.writing() as connection:
        # whoever follows or heals this segment, too, has done so or waits: a chain that is new has no head to lock
        followed = sa.select(FOLLOWED).where(FOLLOWED.c.upstream == service, FOLLOWED.c.segment == segment)
        connection.execute(followed.with_for_update())
        locked_heads(connection, keys)
        there = connection.execute(
            sa.select(ENTRIES.c.position).where(
                ENTRIES.c.case_id.in_(keys), ENTRIES.c.service == service, ENTRIES.c.segment == segment
            )
        )
        known = set(there.scalars())
        fresh = [(service, segment, note) for note in notes if note.position not in known]
        if fresh:
            append(connection, fresh)
    return len(fresh)
