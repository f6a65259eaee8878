"""What can be asked of outreach: consultations, ratings, places and visits; and what it keeps of others' cases."""

from typing import Any

import sqlalchemy as sa

from eventing.paging import Order
from eventing.tables import Bulk, Column
from eventing.views import View
from kernel.clock import local_date
from outreach.domain import Consultation, Place, Ratings, Visit

# consultations


def consultation_rows(consultation: Consultation) -> list[dict[str, Any]]:
    """The consultation as it is counted."""
    matter = consultation.matter
    return [
        {
            "consultation": consultation.stream,
            "at": consultation.at,
            "on": consultation.on,
            "channel": matter.channel,
            "theme": matter.theme,
            "items": matter.items,
            "place": matter.place,
            "hall": consultation.hall,
            "window": consultation.window,
            "intention": consultation.intention,
            "state": consultation.standing,
            "follow_up_on": consultation.follow_up_on,
            "led_to": consultation.led_to,
            "who": consultation.person_day or consultation.stream,
            "by": consultation.by,
        }
    ]


CONSULTATIONS = View(
    "consultations_v2",
    of=Consultation,
    columns=(
        Column("consultation", "text", key=True),
        Column("at", "instant", index=True),
        Column("on", "date", index=True),
        Column("channel", "text"),
        Column("theme", "text", index=True),
        Column("items", "json"),
        Column("place", "text"),
        Column("hall", "text", index=True),
        Column("window", "text"),
        Column("intention", "text"),
        Column("state", "text"),
        Column("follow_up_on", "date", index=True),
        Column("led_to", "text", index=True),
        Column("who", "text"),
        Column("by", "text", index=True),
    ),
    rows=consultation_rows,
)
CONSULTATIONS_NEWEST = Order(CONSULTATIONS.c.at, CONSULTATIONS.c.consultation, newest_first=True)
CONSULTATIONS_LISTED = tuple(column for column in CONSULTATIONS.table.c if column.name not in {"who", "by"})

# ratings


def rating_rows(ratings: Ratings) -> list[dict[str, Any]]:
    """One row a rating; the comment stays where it is."""
    return [
        {
            "case_id": ratings.stream,
            "handling": rated.handling,
            "at": rated.at,
            "on": local_date(rated.at),
            "grade": rated.grade,
            "channel": rated.channel,
            "on_site": rated.on_site,
            "hall": rated.hall,
            "window": rated.window,
            "staff": rated.staff,
            "step": rated.step.value,
            "finding": rated.finding or "",
            "due_on": rated.due_on,
            "overdue": rated.is_overdue,
            "appeal": rated.appeal or "",
            "appeal_open": rated.appeal is not None and rated.is_upheld is None and rated.closed_at is None,
            "calls": rated.calls,
            "reached": rated.is_reached,
            "satisfied": rated.is_satisfied,
            "outcome": rated.outcome,
            "in_time": rated.is_in_time,
            "closed_at": rated.closed_at,
        }
        for rated in ratings.ratings.values()
    ]


RATINGS = View(
    "ratings_v1",
    of=Ratings,
    columns=(
        Column("case_id", "text", key=True),
        Column("handling", "text", key=True),
        Column("at", "instant", index=True),
        Column("on", "date", index=True),
        Column("grade", "int"),
        Column("channel", "text"),
        Column("on_site", "bool"),
        Column("hall", "text", index=True),
        Column("window", "text"),
        Column("staff", "text"),
        Column("step", "text", index=True),
        Column("finding", "text"),
        Column("due_on", "date"),
        Column("overdue", "bool"),
        Column("appeal", "text"),
        Column("appeal_open", "bool"),
        Column("calls", "int"),
        Column("reached", "bool"),
        Column("satisfied", "bool"),
        Column("outcome", "text"),
        Column("in_time", "bool"),
        Column("closed_at", "instant"),
    ),
    rows=rating_rows,
)
RATINGS_NEWEST = Order(RATINGS.c.at, RATINGS.c.case_id, RATINGS.c.handling, newest_first=True)


def indicator_rows(ratings: Ratings) -> list[dict[str, Any]]:
    """One row an indicator that was graded."""
    return [
        {"case_id": ratings.stream, "handling": rated.handling, "indicator": indicator, "grade": grade}
        for rated in ratings.ratings.values()
        for indicator, grade in rated.indicators.items()
        if not rated.is_struck
    ]


INDICATORS = View(
    "rating_indicators_v1",
    of=Ratings,
    columns=(
        Column("case_id", "text", key=True),
        Column("handling", "text", key=True),
        Column("indicator", "text", key=True),
        Column("grade", "int"),
    ),
    rows=indicator_rows,
)

# places


def place_rows(place: Place) -> list[dict[str, Any]]:
    """One row a place."""
    if place.terms is None:
        return []
    terms = place.terms
    return [
        {
            "place": place.stream,
            "name": terms.name,
            "kind": terms.kind,
            "region": terms.region,
            "theme": terms.theme,
            "hall": terms.hall,
            "entry_item": terms.entry_item,
            "address": terms.address,
            "closed": place.is_closed,
        }
    ]


PLACES = View(
    "places_v1",
    of=Place,
    columns=(
        Column("place", "text", key=True),
        Column("name", "text"),
        Column("kind", "text"),
        Column("region", "text"),
        Column("theme", "text", index=True),
        Column("hall", "text", index=True),
        Column("entry_item", "text"),
        Column("address", "text"),
        Column("closed", "bool"),
    ),
    rows=place_rows,
)
PLACES_BY_ID = Order(PLACES.c.place)


def visit_rows(visit: Visit) -> list[dict[str, Any]]:
    """One row a visit: place, day and theme, and nothing of who it was."""
    return [{"visit": visit.stream, "place": visit.place, "on": visit.on, "theme": visit.theme}]


VISITS = View(
    "visits_v1",
    of=Visit,
    columns=(
        Column("visit", "text", key=True),
        Column("place", "text", index=True),
        Column("on", "date", index=True),
        Column("theme", "text"),
    ),
    rows=visit_rows,
)

# what happened in cases, as others told it

SEEN = Bulk(
    "seen_cases",
    (
        Column("case_id", "text", key=True),
        Column("number", "text", index=True),
        Column("theme", "text", optional=False),
        Column("catalogue", "text", optional=False),
        Column("hall", "text", optional=False),
        Column("window", "text", optional=False),
        Column("applicant_index", "text", optional=False),
        Column("key_id", "text", optional=False),
        Column("state", "text", optional=False),
        Column("opened_on", "date", optional=False),
    ),
)
"""What outreach must know of a case: whose it is, and how far it has come."""

HANDLED = Bulk(
    "handlings",
    (
        Column("case_id", "text", key=True),
        Column("handling", "text", key=True),
        Column("kind", "text", optional=False),
        Column("hall", "text", optional=False),
        Column("window", "text", optional=False),
        Column("staff", "text", optional=False),
        Column("on_site", "bool", optional=False),
        Column("at", "instant", optional=False),
        Column("on", "date", index=True),
    ),
)
"""What was handled in a case, each of which can be rated once."""

CASES = SEEN.table(sa.MetaData())
HANDLINGS = HANDLED.table(sa.MetaData())
