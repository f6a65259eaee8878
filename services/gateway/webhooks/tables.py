"""The rows of webhooks: subscriptions as a view, their places in the feeds, and the queue of deliveries."""

from typing import Any

import sqlalchemy as sa

from eventing.tables import Column, Instant
from eventing.views import View
from gateway.webhooks.domain import Webhook


def webhook_rows(webhook: Webhook) -> list[dict[str, Any]]:
    """The subscription as it stands."""
    return [
        {
            "webhook": webhook.stream,
            "hall": webhook.hall,
            "url": webhook.url,
            "halls": webhook.halls,
            "topics": webhook.topics,
            "state": webhook.status,
            "reason": webhook.reason,
            "gone": webhook.is_gone,
            "generation": webhook.generation,
            "old_until": webhook.old_until,
            "created_at": webhook.created_at,
        }
    ]


WEBHOOKS = View(
    "webhooks_v1",
    of=Webhook,
    columns=(
        Column("webhook", "text", key=True),
        Column("hall", "text", index=True),
        Column("url", "text"),
        Column("halls", "json"),
        Column("topics", "json"),
        Column("state", "text", index=True),
        Column("reason", "text"),
        Column("gone", "bool"),
        Column("generation", "int"),
        Column("old_until", "instant"),
        Column("created_at", "instant"),
    ),
    rows=webhook_rows,
)

_METADATA = sa.MetaData()

PLACES = sa.Table(
    "webhook_places_1",
    _METADATA,
    sa.Column("webhook", sa.Text, primary_key=True),
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("missed_after", sa.BigInteger),
    sa.Column("missed_upto", sa.BigInteger),
    sa.Column("missed_at", Instant),
)
"""Up to which event of a hall's feed deliveries were enqueued. Moved by compare-and-set together with them."""

DELIVERIES = sa.Table(
    "webhook_deliveries_1",
    _METADATA,
    sa.Column("webhook", sa.Text, primary_key=True),
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.BigInteger, nullable=False),
    sa.Column("taken_at", Instant, nullable=False),
    sa.Column("first_at", Instant),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("lease", sa.Text, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("status", sa.BigInteger),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("webhook_deliveries_1_order", "webhook", "hall", "subject", "seq"),
    sa.Index("webhook_deliveries_1_due", "webhook", "state", "due_at"),
    sa.Index("webhook_deliveries_1_done", "state", "done_at"),
)
"""Every event on its way: ``waiting`` to be sent (again), ``parked``, ``delivered`` or ``given_up``."""

OPEN = ("waiting", "parked")
"""States in which a delivery holds up what comes after it in its case."""
