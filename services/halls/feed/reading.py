"""Reading the feed: a stretch of it, how far it reaches, and where a hall stands; and sweeping what is old."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.feed import FeedEvent, FeedPage
from eventing.errors import Refused
from halls.feed.tables import EVENTS, HEADS, WAITING

MOST = 2000
"""Events in one answer."""

SWEPT = 5000
"""Events that are swept at a time."""

_event = msgspec.json.Decoder(FeedEvent).decode


class FeedGone(Refused):
    """That part of the feed is kept no more, or never was: a subscriber begins with a snapshot."""

    status = 410


def page(store: Any, hall: str, after: int, limit: int) -> FeedPage:
    """Events after a point. Raises ``FeedGone``."""
    limit = max(1, min(limit, MOST))
    for _ in range(2):  # what was written between the two statements is found by the second look
        rows = store.select(
            sa.select(EVENTS.c.event)
            .where(EVENTS.c.hall == hall, EVENTS.c.seq > after)
            .order_by(EVENTS.c.seq)
            .limit(limit)
        )
        head, oldest = ends(store, hall)
        events = tuple(_event(row["event"]) for row in rows)
        if events and events[0].seq == after + 1:
            return FeedPage(hall=hall, events=events, after=events[-1].seq, head=head, oldest=oldest)
        if not events and after == head:
            return FeedPage(hall=hall, events=(), after=after, head=head, oldest=oldest)
    raise FeedGone(hall=hall, after=after, oldest=oldest, head=head)


def ends(store: Any, hall: str) -> tuple[int, int]:
    """How far a feed reaches, and the first event that is kept."""
    rows = store.select(
        sa.select(
            HEADS.c.seq,
            sa.select(sa.func.min(EVENTS.c.seq)).where(EVENTS.c.hall == hall).scalar_subquery().label("oldest"),
        ).where(HEADS.c.hall == hall)
    )
    if not rows:
        return 0, 1
    return int(rows[0]["seq"]), int(rows[0]["oldest"] or rows[0]["seq"] + 1)


def heads(store: Any, halls: Sequence[str]) -> dict[str, int]:
    """How far these feeds reach."""
    rows = store.select(sa.select(HEADS.c.hall, HEADS.c.seq).where(HEADS.c.hall.in_(halls)))
    return {**dict.fromkeys(halls, 0), **{row["hall"]: row["seq"] for row in rows}}


def sweep(store: Any, before: datetime) -> int:
    """Takes away what is older, from the front of each feed; returns how much it was."""
    last = sa.func.max(EVENTS.c.seq).label("seq")
    swept = 0
    for row in store.select(
        sa.select(EVENTS.c.hall, last).where(EVENTS.c.committed_at < before).group_by(EVENTS.c.hall)
    ):
        while True:
            old = (
                sa.select(EVENTS.c.seq)
                .where(EVENTS.c.hall == row["hall"], EVENTS.c.seq <= row["seq"])
                .order_by(EVENTS.c.seq)
                .limit(SWEPT)
            )
            with store.writing() as connection:
                gone = connection.execute(
                    sa.delete(EVENTS).where(EVENTS.c.hall == row["hall"], EVENTS.c.seq.in_(old))
                ).rowcount
            swept += gone
            if gone < SWEPT:
                break
    with store.writing() as connection:
        connection.execute(sa.delete(WAITING).where(WAITING.c.since < before))
    return swept
