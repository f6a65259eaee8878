"""OCEL 2.0 as a relational file: an SQLite database with a table for each type of events and of objects."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from contracts.exports import LogEvent, LogObject, LogPage, LogValue
from mining.ocel import Beside, instant, own, text, timed

SQL_TYPES = {"string": "TEXT", "time": "TIMESTAMP", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN"}

SCHEMA = """
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL);
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event_object (
    ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""


def write(path: Path, pages: Iterable[LogPage]) -> None:
    """Writes the log into a new file. Raises FileExistsError."""
    if path.exists() and path.stat().st_size:
        raise FileExistsError(str(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA)
        file = _File(connection)
        beside = Beside()
        for page in pages:
            file.objects([*beside.without(page.objects)])
            file.events(page.events)
            connection.commit()
        file.objects([*beside.all()])
        connection.commit()


class _File:
    """The tables there are, and the columns that each has by now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[str, set[str]] = {}

    def objects(self, told: Sequence[LogObject]) -> None:
        self._connection.executemany("INSERT INTO object VALUES (?, ?)", [(e.object, e.kind) for e in told])
        self._connection.executemany(
            "INSERT INTO object_object VALUES (?, ?, ?)",
            [(each.object, to.object, to.qualifier) for each in told for to in each.relations],
        )
        for each in told:
            table = self._table("object", each.kind, "ocel_id TEXT, ocel_time TIMESTAMP, ocel_changed_field TEXT")
            values = [*timed(each.values)]
            first = {value.name: value for value, since in reversed(values) if since == values[0][1]}
            self._insert(table, (*first.values(),), ocel_id=each.object, ocel_time=values[0][1] if values else None)
            for value, since in values:
                if first[value.name] is not value:
                    self._insert(table, (value,), ocel_id=each.object, ocel_time=since, ocel_changed_field=value.name)

    def events(self, told: Sequence[LogEvent]) -> None:
        self._connection.executemany("INSERT INTO event VALUES (?, ?)", [(e.event, e.activity) for e in told])
        self._connection.executemany(
            "INSERT INTO event_object VALUES (?, ?, ?)",
            [(each.event, to.object, to.qualifier) for each in told for to in each.relations],
        )
        for each in told:
            table = self._table("event", each.activity, "ocel_id TEXT PRIMARY KEY, ocel_time TIMESTAMP")
            self._insert(table, (*own(each), *each.values), ocel_id=each.event, ocel_time=instant(each.at))

    def _table(self, of: str, type_: str, columns: str) -> str:
        """The table of a type, made where there is none."""
        mapped = "".join(each if each.isascii() and each.isalnum() else "_" for each in type_)
        table = f"{of}_{mapped}"
        if table not in self._columns:
            self._connection.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", (type_, mapped))  # noqa: S608
            self._connection.execute(f'CREATE TABLE "{table}" ({columns})')
            self._columns[table] = set()
        return table

    def _insert(self, table: str, values: Sequence[LogValue], **own_columns: str | None) -> None:
        for each in values:
            if each.name not in self._columns[table]:
                self._connection.execute(f'ALTER TABLE "{table}" ADD COLUMN "{each.name}" {SQL_TYPES[each.kind]}')
                self._columns[table].add(each.name)
        names = [*own_columns, *(each.name for each in values)]
        given = [*own_columns.values(), *map(_stored, values)]
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        self._connection.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', given)  # noqa: S608


def _stored(value: LogValue) -> str | int | float:
    return text(value) if value.kind in {"string", "time"} else value.value
