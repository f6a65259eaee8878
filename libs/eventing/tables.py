"""Tables and set-based writing, the same on PostgreSQL and SQLite: one statement a table, whatever the batch."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Kind = Literal["text", "int", "bool", "date", "instant", "json", "bytes"]


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC: how instants are stored, exact and ordered on every database."""
    return (instant - EPOCH) // MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as microseconds since 1970 UTC."""

    impl = sa.BigInteger
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Day(TypeDecorator[date]):
    """A date, stored as ISO text."""

    impl = sa.Text
    cache_ok = True
    python_type = date

    def process_bind_param(self, value: date | None, dialect: Any) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Any) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Any plain value, stored as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str:
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else msgspec.json.decode(value)


class _Kind(msgspec.Struct, frozen=True):
    column: Any
    array: str
    encode: Callable[[Any], Any] | None = None


def _optional(encode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else encode(value)


KINDS: dict[Kind, _Kind] = {
    "text": _Kind(sa.Text(), "text[]"),
    "int": _Kind(sa.BigInteger(), "bigint[]"),
    "bool": _Kind(sa.Boolean(), "boolean[]"),
    "date": _Kind(Day(), "text[]", _optional(date.isoformat)),
    "instant": _Kind(Instant(), "bigint[]", _optional(microseconds)),
    "json": _Kind(Json(), "text[]", lambda value: msgspec.json.encode(value).decode()),
    "bytes": _Kind(sa.LargeBinary(), "bytea[]"),
}


class Column(msgspec.Struct, frozen=True):
    """A column of one of the seven kinds that both databases store alike."""

    name: str
    kind: Kind
    key: bool = False
    index: bool = False
    optional: bool = True


class Bulk:
    """Writes many rows of one table in one statement (PostgreSQL: ``unnest`` of arrays; SQLite: executemany)."""

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.keys = tuple(column for column in columns if column.key)
        self.rest = tuple(column for column in columns if not column.key)
        self._names = [column.name for column in self.columns]
        self._statements: dict[tuple[str, str], str] = {}

    def table(self, metadata: sa.MetaData, *constraints: Any) -> sa.Table:
        """The SQLAlchemy table, for reading and for creating it."""
        made = sa.Table(
            self.name,
            metadata,
            *(
                sa.Column(
                    column.name,
                    KINDS[column.kind].column,
                    primary_key=column.key,
                    autoincrement=False,
                    nullable=not column.key and column.optional,
                )
                for column in self.columns
            ),
            *constraints,
        )
        for column in self.columns:
            if column.index:
                sa.Index(f"{self.name}_{column.name}", made.c[column.name])
        return made

    def insert(self, connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Inserts rows given in column order; a row that exists already is an integrity error."""
        self._write(connection, "insert", self.columns, rows)

    def stored(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Rows given in column order, with their values as they are stored."""
        return list(zip(*self._encoded(self.columns, rows), strict=True))

    def insert_stored(self, connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Inserts rows whose values are as they are stored."""
        self._send(connection, "insert", self.columns, list(zip(*rows, strict=True)))

    def as_stored(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        """The columns of a table of these, to be read as they are stored."""
        return [
            sa.type_coerce(column, column.type.impl_instance).label(column.name)
            if isinstance(column.type, TypeDecorator)
            else column
            for column in (table.c[name] for name in self._names)
        ]

    def upsert(self, connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Inserts rows given in column order, or replaces those with the same key."""
        self._write(connection, "upsert", self.columns, rows)

    def delete(self, connection: sa.Connection, keys: Sequence[Sequence[Any]]) -> int:
        """Deletes the rows with these keys, given in the order of the key columns; returns how many there were."""
        return self._write(connection, "delete", self.keys, keys)

    def row(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """A row in column order; missing columns are NULL."""
        return tuple(map(values.get, self._names))

    def _write(
        self, connection: sa.Connection, verb: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]
    ) -> int:
        return self._send(connection, verb, columns, self._encoded(columns, rows))

    @staticmethod
    def _encoded(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """Column by column, as it is stored."""
        values: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for i, column in enumerate(columns if values else ()):
            if encode := KINDS[column.kind].encode:
                values[i] = [encode(value) for value in values[i]]
        return values

    def _send(
        self, connection: sa.Connection, verb: str, columns: Sequence[Column], values: Sequence[Sequence[Any]]
    ) -> int:
        if not values:
            return 0
        dialect = connection.dialect.name
        statement = self._statements.get((verb, dialect))
        if statement is None:
            statement = self._statements[verb, dialect] = self._compile(verb, dialect, columns)
        if dialect == "postgresql":
            return connection.exec_driver_sql(statement, tuple(list(each) for each in values)).rowcount
        return connection.exec_driver_sql(statement, list(zip(*values, strict=True))).rowcount

    def _compile(self, verb: str, dialect: str, columns: Sequence[Column]) -> str:
        names = ", ".join(f'"{column.name}"' for column in columns)
        if dialect == "postgresql":
            arrays = ", ".join(f"%b::{KINDS[column.kind].array}" for column in columns)
            source = f"SELECT * FROM unnest({arrays})"
            if verb == "delete":
                return f'DELETE FROM "{self.name}" WHERE ({names}) IN ({source})'
            body = f'INSERT INTO "{self.name}" ({names}) {source}'
        else:
            if verb == "delete":
                match = " AND ".join(f'"{column.name}" = ?' for column in columns)
                return f'DELETE FROM "{self.name}" WHERE {match}'
            body = f'INSERT INTO "{self.name}" ({names}) VALUES ({", ".join("?" for _ in columns)})'
        if verb == "insert":
            return body
        keys = ", ".join(f'"{column.name}"' for column in self.keys)
        changes = ", ".join(f'"{column.name}" = excluded."{column.name}"' for column in self.rest)
        return f"{body} ON CONFLICT ({keys}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")


def distinct(values: Iterable[Any]) -> list[Any]:
    """The values once each, in the order they came."""
    return list(dict.fromkeys(values))
