"""A table takes the place of another, in one transaction: who reads sees the one or the other, and never neither."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from eventing.prepare import grant
from eventing.schema import append_only


def beside(connection: sa.Connection, table: sa.Table, name: str) -> None:
    """Makes an empty table of the same columns and key under another name; what was left there before is gone."""
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}"')
    columns = [sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in table.columns]
    sa.Table(name, sa.MetaData(), *columns).create(connection)


def swap(connection: sa.Connection, table: sa.Table, name: str, *, guarded: Sequence[str] = (), role: str = "") -> None:
    """Lets the table made ``beside`` take the place of the other, with its indexes, guards and rights.

    ``guarded`` are the append-only tables of the service, ``role`` the role of PostgreSQL that it runs as, as for
    ``prepare``.
    """
    connection.exec_driver_sql(f'DROP TABLE "{table.name}"')
    connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{table.name}"')
    indexes: Any = table.indexes
    for index in indexes:
        index.create(connection)
    if table.name in guarded:
        append_only(connection, table.name)
    if role and connection.dialect.name == "postgresql":
        grant(connection, role, ("events", *guarded))
