"""The departments' work lists, and the bundles at a glance."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from approval.domain import Bundle, Review, Status
from contracts.approval import Consultations, Worklist
from eventing.paging import Order
from eventing.views import Column, View

SEVERAL = "*"
"""Stands for more than one version of the calendar."""

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
                "holder": bundle.holder(item),
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
            "calendar": _calendar(bundle),
            "granted": sum(review.status is Status.GRANTED for review in bundle.reviews.values()),
        }
    ]


def _calendar(bundle: Bundle) -> str:
    """The version of the calendar behind the open deadlines; empty: there are none."""
    versions = bundle.calendars
    return versions[0] if len(versions) == 1 else SEVERAL if versions else ""


REVIEWS = View(
    "reviews_v2",
    of=Bundle,
    columns=(
        Column("case_id", "text", key=True),
        Column("item", "text", key=True),
        Column("number", "text"),
        Column("theme", "text"),
        Column("handler", "text"),
        Column("holder", "text"),
        Column("state", "text"),
        Column("due_on", "date"),
        Column("promised_due", "date"),
        Column("statutory_due", "date"),
        Column("warned", "text"),
    ),
    rows=review_rows,
)
sa.Index("reviews_v2_desk", REVIEWS.c.handler, REVIEWS.c.state, REVIEWS.c.due_on)
sa.Index("reviews_v2_due", REVIEWS.c.state, REVIEWS.c.due_on)

BUNDLES = View(
    "bundles_v2",
    of=Bundle,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "text", index=True),
        Column("theme", "text"),
        Column("region", "text"),
        Column("verdict", "text", index=True),
        Column("calendar", "text", index=True),
        Column("reviews", "int"),
        Column("over", "int"),
        Column("granted", "int"),
    ),
    rows=bundle_rows,
)


WORKLIST_ORDERS = {
    "due": Order(REVIEWS.c.due_on, REVIEWS.c.case_id, REVIEWS.c.item),
    "newest": Order(REVIEWS.c.number, REVIEWS.c.case_id, REVIEWS.c.item, newest_first=True),
    "oldest": Order(REVIEWS.c.number, REVIEWS.c.case_id, REVIEWS.c.item),
}
"""How a work list may be sorted (``Worklist.sort``)."""


def stale(calendar: str, after: str, limit: int) -> sa.Select[Any]:
    """Cases with open deadlines that were derived by another calendar, after a case."""
    other = BUNDLES.c.calendar.not_in(("", calendar))
    return sa.select(BUNDLES.c.case_id).where(other, BUNDLES.c.case_id > after).order_by(BUNDLES.c.case_id).limit(limit)


def unwarned(today: date) -> sa.Select[Any]:
    """How many reviews run past their limit of which supervision has not said so."""
    r = REVIEWS.c
    runs = sa.and_(r.state.in_(("ready", "open")), r.due_on < today)
    silent = r.warned.not_in(("red", "escalated"))
    return sa.select(sa.func.count().label("reviews")).select_from(REVIEWS.table).where(runs, silent)


UNDECIDED = ("ready", "open", "locked", "suspended")


def desk(asked: Worklist, by: str) -> sa.Select[Any]:
    """What lies with an organisation, as far as it is asked for."""
    states = UNDECIDED if asked.state == "undecided" else (asked.state,)
    wanted = sa.select(REVIEWS.table).where(REVIEWS.c.handler == asked.org, REVIEWS.c.state.in_(states))
    if asked.holder:
        wanted = wanted.where(REVIEWS.c.holder == (by if asked.holder == "mine" else ""))
    for column, value in ((REVIEWS.c.theme, asked.theme), (REVIEWS.c.item, asked.item)):
        if value:
            wanted = wanted.where(column == value)
    if asked.warned:
        wanted = wanted.where(REVIEWS.c.warned.in_(("amber",) if asked.warned == "amber" else ("red", "escalated")))
    return wanted


def opinion_rows(bundle: Bundle) -> list[dict[str, Any]]:
    """One row an opinion that is still waited for."""
    return [
        {
            "case_id": bundle.stream,
            "opinion": number,
            "item": opinion.item,
            "number": bundle.number,
            "theme": bundle.theme,
            "handler": bundle.reviews[opinion.item].handler,
            "asked": opinion.of,
            "kind": opinion.kind,
            "question": opinion.question,
            "due_on": opinion.due_on,
            "overdue": opinion.overdue,
        }
        for number, opinion in bundle.opinions.items()
        if bundle.is_owed(number)
    ]


OPINIONS = View(
    "opinions_v1",
    of=Bundle,
    columns=(
        Column("case_id", "text", key=True),
        Column("opinion", "text", key=True),
        Column("item", "text"),
        Column("number", "text"),
        Column("theme", "text"),
        Column("handler", "text"),
        Column("asked", "text"),
        Column("kind", "text"),
        Column("question", "text"),
        Column("due_on", "date"),
        Column("overdue", "bool"),
    ),
    rows=opinion_rows,
)
sa.Index("opinions_v1_owed", OPINIONS.c.asked, OPINIONS.c.due_on)

DUE_FIRST = Order(OPINIONS.c.due_on, OPINIONS.c.case_id, OPINIONS.c.opinion)


def owed(query: Consultations) -> sa.Select[Any]:
    """The opinions that an organisation owes to others."""
    wanted = sa.select(OPINIONS.table).where(OPINIONS.c.asked == query.org)
    for name in ("theme", "item"):
        if value := getattr(query, name):
            wanted = wanted.where(OPINIONS.c[name] == value)
    return wanted.where(OPINIONS.c.overdue) if query.overdue else wanted
