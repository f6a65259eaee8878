"""The messages at a glance: those that are due are the sender's queue, those undelivered somebody's task."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contracts.notification import ListUndelivered
from eventing.paging import Order
from eventing.views import Column, View
from kernel.clock import beginning
from notification.domain import Correspondence, State

LEFT_WITHIN = timedelta(minutes=10)
"""A message that should have left so long ago is late."""


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


def late(now: datetime) -> sa.Select[Any]:
    """How many messages should have left by now and did not."""
    c = MESSAGES.c
    waiting = sa.and_(c.state == State.PREPARED.value, c.next_at <= now - LEFT_WITHIN)
    return sa.select(sa.func.count().label("messages")).select_from(MESSAGES.table).where(waiting)


def undelivered(question: ListUndelivered) -> sa.Select[Any]:
    """What no carrier could bring, as far as it is asked for."""
    wanted = sa.select(MESSAGES.table).where(MESSAGES.c.state == State.UNDELIVERED.value)
    for name in ("kind", "channel", "reason"):
        if value := getattr(question, name):
            wanted = wanted.where(MESSAGES.c[name] == value)
    if question.since is not None:
        wanted = wanted.where(MESSAGES.c.prepared_at >= beginning(question.since))
    return wanted
