"""The messages at a glance: those that are due are the sender's queue, those undelivered somebody's task."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from eventing.paging import Order
from eventing.views import Column, View
from notification.domain import Correspondence, State


def message_rows(correspondence: Correspondence) -> list[dict[str, Any]]:
    """One row a message."""
    return [
        {
            "case_id": correspondence.stream,
            "message": name,
            "kind": message.kind,
            "state": message.state.value,
            "next_at": message.next_at,
            "prepared_at": message.prepared_at,
            "channel": message.channel or "",
            "attempts": message.attempts,
            "reason": message.reason,
        }
        for name, message in correspondence.messages.items()
    ]


MESSAGES = View(
    "messages_v1",
    of=Correspondence,
    columns=(
        Column("case_id", "text", key=True),
        Column("message", "text", key=True),
        Column("kind", "text"),
        Column("state", "text"),
        Column("next_at", "instant"),
        Column("prepared_at", "instant"),
        Column("channel", "text"),
        Column("attempts", "int"),
        Column("reason", "text"),
    ),
    rows=message_rows,
)
sa.Index("messages_v1_queue", MESSAGES.c.state, MESSAGES.c.next_at)

OLDEST_FIRST = Order(MESSAGES.c.prepared_at, MESSAGES.c.case_id, MESSAGES.c.message)


def due(now: datetime, after: str, limit: int) -> sa.Select[Any]:
    """The cases with messages to be sent by now, in the order of their ids."""
    c = MESSAGES.c
    return (
        sa.select(c.case_id)
        .where(c.state == State.PREPARED.value, c.next_at <= now, c.case_id > after)
        .distinct()
        .order_by(c.case_id)
        .limit(limit)
    )


def undelivered() -> sa.Select[Any]:
    """What no carrier could bring."""
    return sa.select(MESSAGES.table).where(MESSAGES.c.state == State.UNDELIVERED.value)
