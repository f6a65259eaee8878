"""Preparing a service's database: durable tables by migration, views and own tables by creation.

Run by ``onething prepare`` before the services start; the embedded profile runs it at every start. Migrations only
expand, so an older release goes on working beside a newer schema.
"""

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config

from eventing.declarations import Declarations
from eventing.schema import append_only
from eventing.store import Store

log = structlog.get_logger()


def prepare(service: type[Declarations], store: Store) -> None:
    """Creates or upgrades everything that the service needs in its database; safe to repeat and to race."""
    if store.sqlite:
        Path(store.url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.writing() as connection:
        if not store.sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7114051)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for view in service.views:
            view.metadata.create_all(connection)
        for table in service.tables:
            table.metadata.create_all(connection)
        for name in service.append_only:
            append_only(connection, name)
    log.info("prepared", service=service.name)
