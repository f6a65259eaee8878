"""What the feed keeps: its rows, how far each hall's sequence reaches, and what ties cases and things to halls."""

import sqlalchemy as sa

from eventing.tables import Bulk, Column

FEED = Bulk(
    "feed",
    (
        Column("hall", "text", key=True),
        Column("seq", "int", key=True),
        Column("committed_at", "instant", optional=False),
        Column("event", "bytes", optional=False),
    ),
)
"""Every event once a hall; swept from the front."""

FEED_HEADS = Bulk(
    "feed_heads",
    (
        Column("hall", "text", key=True),
        Column("seq", "int", optional=False),
        Column("region", "text", optional=False),
        Column("newest_at", "instant"),
    ),
)
"""One row a hall; whoever holds its lock is the only one who writes to the hall's feed."""

FEED_CASES = Bulk(
    "feed_cases",
    (
        Column("case_id", "text", key=True),
        Column("number", "text", optional=False),
        Column("theme", "text", optional=False),
        Column("region", "text", optional=False),
    ),
)
"""What is said of a case with each of its events."""

FEED_LINKS = Bulk(
    "feed_links",
    (
        Column("kind", "text", key=True),
        Column("name", "text", key=True),
        Column("to", "text", key=True),
    ),
)
"""``case`` → hall, ``org`` (of a case) → organisation, ``seat`` (of an organisation) → hall, ``thing`` (a window, a
grant, a trip) → hall."""

FEED_WAITING = Bulk(
    "feed_waiting",
    (
        Column("case_id", "text", key=True),
        Column("turn", "int", key=True),
        Column("since", "instant", optional=False),
        Column("event", "bytes", optional=False),
    ),
)
"""Facts of cases of which no hall is known yet: another service was faster than the one that opened the case."""

_metadata = sa.MetaData()
EVENTS = FEED.table(_metadata)
HEADS = FEED_HEADS.table(_metadata)
CASES = FEED_CASES.table(_metadata)
LINKS = FEED_LINKS.table(_metadata)
WAITING = FEED_WAITING.table(_metadata)

TABLES = (EVENTS, HEADS, CASES, LINKS, WAITING)
