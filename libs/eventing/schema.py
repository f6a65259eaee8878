"""The durable tables of a service's store."""

import sqlalchemy as sa

from eventing.tables import Bulk, Column

SEGMENTS = 16
"""The log of every service is divided into this many segments, for ever: a case's segment never changes."""

metadata = sa.MetaData()

EVENTS = Bulk(
    "events",
    (
        Column("segment", "int", key=True),
        Column("position", "int", key=True),
        Column("stream", "text", optional=False),
        Column("version", "int", optional=False),
        Column("topic", "text", optional=False),
        Column("state", "bytes", optional=False),
    ),
)
"""The log. ``position`` counts from 1 without gaps in each segment, in commit order (L5)."""

HEADS = Bulk("heads", (Column("segment", "int", key=True), Column("position", "int", optional=False)))
"""The last position of each segment; its row is the lock under which positions are taken."""

TRACKING = Bulk(
    "tracking",
    (
        Column("upstream", "text", key=True),
        Column("segment", "int", key=True),
        Column("position", "int", optional=False),
    ),
)
"""How far this service has followed each segment of each upstream (L3)."""

COMMANDS = Bulk(
    "commands",
    (
        Column("id", "text", key=True),
        Column("digest", "text", optional=False),
        Column("reply", "bytes", optional=False),
        Column("at", "instant", optional=False),
    ),
)
"""The first answer to every command, refusals included (L6)."""

DEADLINES = Bulk(
    "deadlines",
    (
        Column("stream", "text", key=True),
        Column("name", "text", key=True),
        Column("aggregate", "text", optional=False),
        Column("segment", "int", optional=False),
        Column("due_at", "instant", optional=False, index=True),
    ),
)
"""Deadlines that stand, by stream and name (L8)."""

PARKED = Bulk(
    "parked",
    (
        Column("upstream", "text", key=True),
        Column("segment", "int", key=True),
        Column("position", "int", key=True),
        Column("stream", "text", optional=False, index=True),
        Column("version", "int", optional=False),
        Column("topic", "text", optional=False),
        Column("state", "bytes", optional=False),
        Column("error", "text", optional=False),
        Column("parked_at", "instant", optional=False),
        Column("order", "int", optional=False),
        Column("wish", "text", optional=False),
    ),
)
"""Facts whose case could not go on, in the order they came; ``wish`` is what an operator asked for (L4)."""

SNAPSHOTS = Bulk(
    "snapshots",
    (
        Column("stream", "text", key=True),
        Column("aggregate", "text", key=True),
        Column("version", "int", optional=False),
        Column("shape", "text", optional=False),
        Column("state", "bytes", optional=False),
    ),
)
"""States of long streams, disposable: one whose ``shape`` is not today's is passed over."""

OWNERS = Bulk(
    "owners",
    (
        Column("segment", "int", key=True),
        Column("owner", "text", optional=False),
        Column("until", "instant", optional=False),
    ),
)
"""Which replica works on which segment, by lease."""

REPLICAS = Bulk("replicas", (Column("name", "text", key=True), Column("until", "instant", optional=False)))
"""The replicas that are alive, by lease."""

NUMBERS = Bulk("numbers", (Column("kind", "text", key=True), Column("last", "int", optional=False)))
"""The last number handed out of each kind."""

CATALOGUES = Bulk("catalogues", (Column("version", "text", key=True), Column("document", "bytes", optional=False)))
"""Every catalogue version this service has ever run with: a case keeps its version."""

for bulk in (TRACKING, COMMANDS, DEADLINES, PARKED, SNAPSHOTS, OWNERS, REPLICAS, NUMBERS, CATALOGUES, HEADS):
    bulk.table(metadata)
EVENTS.table(metadata, sa.UniqueConstraint("stream", "version", name="events_stream_version"))

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER IF NOT EXISTS {0}_no_update BEFORE UPDATE ON {0}
        BEGIN SELECT RAISE(ABORT, '{0} is append-only'); END""",
        """CREATE TRIGGER IF NOT EXISTS {0}_no_delete BEFORE DELETE ON {0}
        BEGIN SELECT RAISE(ABORT, '{0} is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION {0}_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{0} is append-only'; END $$""",
        "DROP TRIGGER IF EXISTS {0}_append_only ON {0}",
        """CREATE TRIGGER {0}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {0}
        FOR EACH STATEMENT EXECUTE FUNCTION {0}_append_only()""",
    ),
}
"""Statements that make a table refuse UPDATE and DELETE whoever asks (L10)."""


def append_only(connection: sa.Connection, table: str) -> None:
    """Makes a table append-only."""
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement.format(table).replace("%", "%%"))
