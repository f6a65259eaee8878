"""The departments' work lists, and the bundles at a glance."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from approval.domain import Bundle, Review, Status
from eventing.paging import Order
from eventing.views import Column, View

UNLIMITED = date.max
"""Stands for "no limit", so that it is sorted behind every limit on every database."""


def review_rows(bundle: Bundle) -> list[dict[str, Any]]:
    """One row a review that exists and whose case was taken up."""
    return list(_review_rows(bundle)) if bundle.is_open else []


def _review_rows(bundle: Bundle) -> Iterator[dict[str, Any]]:
    for item, review in bundle.reviews.items():
        if review.handler:
            yield {
                "case_id": bundle.stream,
                "item": item,
                "number": bundle.number,
                "theme": bundle.theme,
                "handler": review.handler,
                "state": desk_state(review),
                "due_on": review.due_on or UNLIMITED,
                "promised_due": review.clocks and review.clocks.promised_due,
                "statutory_due": review.clocks and review.clocks.statutory_due,
                "warned": review.warned,
            }


def desk_state(review: Review) -> str:
    """The review's status as a department sees it: an open one is ready when its materials are there."""
    return "ready" if review.is_ready else review.status.value


def bundle_rows(bundle: Bundle) -> list[dict[str, Any]]:
    """One row a case that was taken up."""
    if not bundle.is_open:
        return []
    return [
        {
            "case_id": bundle.stream,
            "number": bundle.number,
            "theme": bundle.theme,
            "region": bundle.region,
            "verdict": bundle.verdict or "",
            "reviews": len(bundle.reviews),
            "over": sum(review.is_over for review in bundle.reviews.values()),
            "granted": sum(review.status is Status.GRANTED for review in bundle.reviews.values()),
        }
    ]


REVIEWS = View(
    "reviews_v1",
    of=Bundle,
    columns=(
        Column("case_id", "text", key=True),
        Column("item", "text", key=True),
        Column("number", "text"),
        Column("theme", "text"),
        Column("handler", "text"),
        Column("state", "text"),
        Column("due_on", "date"),
        Column("promised_due", "date"),
        Column("statutory_due", "date"),
        Column("warned", "text"),
    ),
    rows=review_rows,
)
sa.Index("reviews_v1_desk", REVIEWS.c.handler, REVIEWS.c.state, REVIEWS.c.due_on)

BUNDLES = View(
    "bundles_v1",
    of=Bundle,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "text", index=True),
        Column("theme", "text"),
        Column("region", "text"),
        Column("verdict", "text", index=True),
        Column("reviews", "int"),
        Column("over", "int"),
        Column("granted", "int"),
    ),
    rows=bundle_rows,
)


MOST_URGENT_FIRST = Order(REVIEWS.c.due_on, REVIEWS.c.case_id, REVIEWS.c.item)


def desk(org: str) -> sa.Select[Any]:
    """What an organisation can decide now."""
    return sa.select(REVIEWS.table).where(REVIEWS.c.handler == org, REVIEWS.c.state == "ready")
