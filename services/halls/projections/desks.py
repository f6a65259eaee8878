"""Desks as rows: when each was last heard, how long its steps took, and what screens showed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contracts.halls import ScreenAcknowledged, ScreenShown, StepsTimed
from contracts.language import Note
from eventing import mapper
from eventing.tables import Bulk, Column
from halls.projections.tree import WINDOWS

HEARTBEATS = Bulk(
    "heartbeats",
    (
        Column("desk", "text", key=True),
        Column("hall", "text"),
        Column("window", "text"),
        Column("by", "text"),
        Column("case_id", "text", index=True),
        Column("heard_at", "instant"),
    ),
)
STEPS = Bulk(
    "step_times",
    (
        Column("segment", "int", key=True),
        Column("position", "int", key=True),
        Column("number", "int", key=True),
        Column("hall", "text", index=True),
        Column("window", "text"),
        Column("theme", "text"),
        Column("step", "text"),
        Column("milliseconds", "int"),
        Column("at", "instant", index=True),
    ),
)
SCREENS = Bulk(
    "screens_shown",
    (
        Column("screen", "text", key=True),
        Column("shown_at", "instant", key=True),
        Column("hall", "text"),
        Column("digest", "text"),
        Column("sequence", "int"),
        Column("acknowledged_at", "instant"),
    ),
)
LATCHES = Bulk("latches", (Column("name", "text", key=True), Column("turn", "int")))

metadata = sa.MetaData()
HEARTBEAT = HEARTBEATS.table(metadata)
"""When a desk was last heard, and on what case it works. No facts: a row a desk, written over."""
STEP_TIMES = STEPS.table(metadata)
SCREENS_SHOWN = SCREENS.table(metadata)
LATCH = LATCHES.table(metadata)
"""What two transactions must not do at once is latched by name until one of them has committed."""


def note_desks(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Takes down what desks and screens told, from the service's own log."""
    for _, segment, note in notes:
        if note.topic not in {StepsTimed.TOPIC, ScreenShown.TOPIC, ScreenAcknowledged.TOPIC}:
            continue
        match mapper.decode(note.topic, note.state):
            case StepsTimed() as fact:
                STEPS.upsert(
                    connection,
                    [
                        (
                            segment,
                            note.position,
                            number,
                            fact.hall,
                            fact.window,
                            each.theme,
                            each.step,
                            each.milliseconds,
                            fact.at,
                        )
                        for number, each in enumerate(fact.steps)
                    ],
                )
            case ScreenShown() as fact:
                SCREENS.upsert(connection, [(fact.screen, fact.at, fact.hall, fact.digest, fact.sequence, None)])
            case ScreenAcknowledged() as fact:
                s = SCREENS_SHOWN.c
                connection.execute(
                    sa.update(SCREENS_SHOWN)
                    .where(
                        s.screen == fact.screen,
                        s.digest == fact.digest,
                        s.sequence == fact.sequence,
                        s.acknowledged_at.is_(None),
                    )
                    .values(acknowledged_at=fact.at)
                )


def turned_silent(before: datetime, after: str, limit: int) -> sa.Select[Any]:
    """Windows that are manned, were heard since, and fell silent, but do not count as silent yet."""
    w, h = WINDOWS.c, HEARTBEAT.c
    return (
        sa.select(w.window, h.heard_at)
        .join(HEARTBEAT, h.desk == w.window)
        .where(w.state != "closed", w.silent_since.is_(None), h.heard_at < before, h.heard_at >= w.since)
        .where(w.window > after)
        .order_by(w.window)
        .limit(limit)
    )


def heard_again(after: str, limit: int) -> sa.Select[Any]:
    """Windows that count as silent and were heard since."""
    w, h = WINDOWS.c, HEARTBEAT.c
    return (
        sa.select(w.window, h.heard_at)
        .join(HEARTBEAT, h.desk == w.window)
        .where(w.silent_since.is_not(None), h.heard_at > w.silent_since, w.window > after)
        .order_by(w.window)
        .limit(limit)
    )
