"""Preparing a service's database: durable tables by migration, views and own tables by creation.

Run by ``onething prepare`` before the services start; the embedded profile runs it at every start. A view that is new,
or has a new name because its shape changed, is filled by replay. Migrations only
expand, so an older release goes on working beside a newer schema.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config

from eventing.declarations import Declarations
from eventing.mapper import decode
from eventing.schema import append_only, metadata
from eventing.store import Store
from eventing.views import View

EVENT = metadata.tables["events"]

log = structlog.get_logger()


def grant(connection: sa.Connection, role: str, append_only: Sequence[str]) -> None:
    """Gives a role what a service needs of these tables, and nothing more."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
    connection.exec_driver_sql(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(append_only)} FROM {name}")


FILLED_AT_A_TIME = 500
"""Streams whose rows are written in one statement when a view is filled."""


def fill(view: View, connection: sa.Connection) -> int:
    """Writes the rows of every stream that a new view is about, by replay; returns how many there were."""
    topics = [topic for fact in view.of.facts() for topic in (fact.TOPIC, *fact.OLD_TOPICS)]
    stored = connection.execute(
        sa.select(EVENT.c.stream, EVENT.c.topic, EVENT.c.state)
        .where(EVENT.c.topic.in_(topics))
        .order_by(EVENT.c.stream, EVENT.c.version),
        execution_options={"yield_per": 5000},
    )
    rows: list[tuple[Any, ...]] = []
    filled = 0
    for stream, facts in groupby(stored, key=itemgetter(0)):
        aggregate = view.of.replay(stream, (decode(topic, state) for _, topic, state in facts))
        rows.extend(view.rows(aggregate).values())
        if len(rows) >= FILLED_AT_A_TIME:
            filled += len(rows)
            view.bulk.upsert(connection, rows)
            rows = []
    view.bulk.upsert(connection, rows)
    filled += len(rows)
    if filled:
        log.info("view filled", view=view.name, rows=filled)
    return filled


def prepare(service: type[Declarations], store: Store, role: str = "") -> None:
    """Creates or upgrades everything that the service needs in its database; safe to repeat and to race.

    ``role`` is the role of PostgreSQL that the service runs as, where that is not the owner of its tables: it may do
    what a service does, which is neither to change nor to delete anything of an append-only table.
    """
    if store.sqlite:
        Path(store.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.writing() as connection:
        if not store.sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7114051)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        there = set(sa.inspect(connection).get_table_names())
        for view in service.views:
            view.metadata.create_all(connection)
            if view.name not in there:
                fill(view, connection)
        for table in service.tables:
            table.metadata.create_all(connection)
            for index in table.indexes:  # those that a release added to a table that is there
                index.create(connection, checkfirst=True)
        for name in service.append_only:
            append_only(connection, name)
        if role and not store.sqlite:
            grant(connection, role, ("events", *service.append_only))
    log.info("prepared", service=service.name)
