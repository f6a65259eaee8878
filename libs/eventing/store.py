"""A service's store: facts, rows, deadlines, answers and positions, saved in one transaction (L1, L3, L5, L6)."""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event

from contracts.language import Note
from eventing.errors import Unavailable
from eventing.schema import (
    CATALOGUES,
    COMMANDS,
    DEADLINES,
    EVENTS,
    PARKED,
    SEGMENTS,
    SNAPSHOTS,
)
from eventing.tables import microseconds
from eventing.views import View

READ_LIMIT = 1000

OVERFLOW = 10
"""Connections to PostgreSQL beyond the pool, while there is much to do."""

CONTESTED = ("events_stream_version", "events_pkey", "commands_pkey", "events.stream", "events.segment", "commands.id")
"""Constraints that a concurrent writer makes fail, as PostgreSQL and SQLite name them."""


def segment_of(stream: str) -> int:
    """The segment of a case, or of a stream that belongs to no case."""
    return zlib.crc32(stream.encode()) % SEGMENTS


class Conflict(Exception):
    """Somebody else wrote to the same stream, or answered the same command, in the meantime."""


class Overtaken(Exception):
    """Another replica has moved this service's position: this one does not own the segment any more."""


class NewEvent(msgspec.Struct, frozen=True):
    """A fact about to enter the log."""

    stream: str
    version: int
    topic: str
    state: bytes


class StoredFact(msgspec.Struct, frozen=True):
    """A fact in the log."""

    segment: int
    position: int
    stream: str
    version: int
    topic: str
    state: bytes


class Move(msgspec.Struct, frozen=True):
    """A step of this service along an upstream's segment: from ``prev``, exactly, to ``upto``."""

    upstream: str
    segment: int
    prev: int
    upto: int


class Save(msgspec.Struct):
    """Everything that one transaction records."""

    events: list[NewEvent] = []
    moves: list[Move] = []
    replies: Callable[[Sequence["StoredFact"]], list[tuple[str, str, bytes, datetime]]] | None = None
    rows: dict[View, list[tuple[Any, ...]]] = {}
    gone: dict[View, list[tuple[Any, ...]]] = {}
    timers: list[tuple[str, str, str, int, datetime]] = []
    timers_gone: list[tuple[str, str]] = []
    parked: list[tuple[Any, ...]] = []
    unparked: list[tuple[str, int, int]] = []
    snapshots: list[tuple[str, str, int, str, bytes]] = []
    extra: list[Callable[[sa.Connection], None]] = []

    @property
    def empty(self) -> bool:
        return not any(getattr(self, field) for field in self.__struct_fields__)


class Store:
    """The store of one service in PostgreSQL or SQLite.

    Raises ``Unavailable`` when the database cannot be reached, ``Conflict`` and ``Overtaken`` as they say.
    """

    def __init__(self, service: str, url: str, *, pool_size: int = 5) -> None:
        self.service = service
        self.url = url
        self.sqlite = url.startswith("sqlite")
        overflow = 0 if self.sqlite else OVERFLOW
        self._most = pool_size + overflow
        if self.sqlite:
            # transactions are begun and ended by name (``writing``), never by the driver
            self._engine = sa.create_engine(
                url, pool_size=pool_size, max_overflow=overflow, isolation_level="AUTOCOMMIT"
            )
            event.listen(self._engine, "connect", _tune_sqlite)
        else:
            self._engine = sa.create_engine(
                url,
                pool_size=pool_size,
                max_overflow=overflow,
                connect_args={"connect_timeout": 5, "application_name": f"onething-{service}"},
            )

    # connections

    @contextmanager
    def reading(self) -> Any:
        """A connection for reading; each statement sees what is committed."""
        with self._guard(), self._engine.connect() as connection:
            yield connection if self.sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def snapshot(self) -> Any:
        """A connection for reading; all its statements see what is committed when the first one asks."""
        with self._guard(), self._engine.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            try:
                yield connection
            finally:
                if self.sqlite:
                    connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def writing(self) -> Any:
        """A transaction. On SQLite it is the only writer; it waits for others without stopping the process."""
        if not self.sqlite:
            with self._guard(), self._engine.begin() as connection:
                yield connection
            return
        with self._guard(), self._engine.connect() as connection:
            _begin_immediate(connection)
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def session(self) -> Any:
        """One connection for several transactions, each ``begun`` by name, and for temporary tables between them."""
        with self._guard(), self._engine.connect() as connection:
            yield connection if self.sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def begun(self, connection: sa.Connection) -> Any:
        """A transaction on a session's connection; on SQLite it is the only writer."""
        if self.sqlite:
            _begin_immediate(connection)
        else:
            connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    @contextmanager
    def _guard(self) -> Any:
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            if isinstance(error, sa.exc.InternalError) and not error.connection_invalidated:
                raise
            self._engine.dispose()
            raise Unavailable(what="database", service=self.service, error=str(error.orig)) from error
        except sa.exc.TimeoutError as error:
            raise Unavailable(what="database", service=self.service, error="all connections in use") from error

    def ping(self) -> None:
        """Raises ``Unavailable`` unless the database answers."""
        with self.reading() as connection:
            connection.exec_driver_sql("SELECT 1")

    def connections(self) -> dict[str, int]:
        """How many are in use, idle, and could still be opened."""
        pool = self._engine.pool
        used, idle = pool.checkedout(), pool.checkedin()  # type: ignore[attr-defined]
        return {"used": used, "idle": idle, "free": max(self._most - used - idle, 0)}

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    # reading

    def load(self, streams: Iterable[tuple[str, int]]) -> dict[str, list[tuple[int, str, bytes]]]:
        """stream → (version, topic, state) after the version that is known already, in order; one statement."""
        known = list(streams)
        if not known:
            return {}
        with self.reading() as connection:
            if self.sqlite:
                found = connection.exec_driver_sql(
                    "SELECT e.stream, e.version, e.topic, e.state FROM json_each(?) k JOIN events e "
                    "ON e.stream = k.value->>0 AND e.version > k.value->>1 ORDER BY e.stream, e.version",
                    (msgspec.json.encode(known).decode(),),
                )
            else:
                found = connection.exec_driver_sql(
                    "SELECT e.stream, e.version, e.topic, e.state "
                    "FROM unnest(%b::text[], %b::bigint[]) AS k(stream, version) "
                    "JOIN events e ON e.stream = k.stream AND e.version > k.version "
                    "ORDER BY e.stream, e.version",
                    ([stream for stream, _ in known], [version for _, version in known]),
                )
            rows = found.fetchall()
        return {
            stream: [(version, topic, state) for _, version, topic, state in facts]
            for stream, facts in groupby(rows, key=lambda row: row[0])
        }

    def read_log(self, segment: int, after: int, limit: int = READ_LIMIT) -> list[StoredFact]:
        """Facts of a segment after a position, in order, none skipped."""
        with self.reading() as connection:
            rows = connection.exec_driver_sql(
                self._sql(
                    "SELECT segment, position, stream, version, topic, state FROM events "
                    "WHERE segment = ? AND position > ? ORDER BY position LIMIT ?"
                ),
                (segment, after, limit),
            ).fetchall()
        return [StoredFact(*row) for row in rows]

    def stream(self, stream: str) -> list[StoredFact]:
        """All facts of one stream, in order."""
        with self.reading() as connection:
            rows = connection.exec_driver_sql(
                self._sql(
                    "SELECT segment, position, stream, version, topic, state FROM events "
                    "WHERE stream = ? ORDER BY version"
                ),
                (stream,),
            ).fetchall()
        return [StoredFact(*row) for row in rows]

    def heads(self) -> dict[int, int]:
        """segment → last position."""
        with self.reading() as connection:
            return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT segment, position FROM heads")}

    def replies(self, ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """command id → (digest, stored reply), for those that were answered before."""
        if not ids:
            return {}
        with self.reading() as connection:
            if self.sqlite:
                rows = connection.exec_driver_sql(
                    "SELECT id, digest, reply FROM commands WHERE id IN (SELECT value FROM json_each(?))",
                    (msgspec.json.encode(ids).decode(),),
                ).fetchall()
            else:
                rows = connection.exec_driver_sql(
                    "SELECT id, digest, reply FROM commands WHERE id = ANY(%b::text[])", (list(ids),)
                ).fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}

    def positions(self, upstreams: Sequence[str]) -> dict[tuple[str, int], int]:
        """(upstream, segment) → how far this service has followed it."""
        with self.reading() as connection:
            rows = connection.exec_driver_sql("SELECT upstream, segment, position FROM tracking").fetchall()
        known = {(row[0], row[1]): row[2] for row in rows}
        return {
            (upstream, segment): known.get((upstream, segment), 0)
            for upstream in upstreams
            for segment in range(SEGMENTS)
        }

    def select(self, statement: sa.Select[Any]) -> list[Any]:
        """Rows of a view or another table of this service, as mappings."""
        with self.reading() as connection:
            return list(connection.execute(statement).mappings().all())

    @contextmanager
    def selecting(self) -> Iterator[Callable[[sa.Select[Any]], list[Any]]]:
        """``select`` for several statements as of one instant: what is written meanwhile, none of them sees."""
        with self.snapshot() as connection:
            yield lambda statement: list(connection.execute(statement).mappings().all())

    def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        """The same as tuples, where there are many."""
        with self.reading() as connection:
            return list(map(tuple, connection.execute(statement).all()))

    def snapshots(self, streams: Sequence[str], aggregate: str, shape: str) -> dict[str, tuple[int, bytes]]:
        """stream → (version, state) where a snapshot of today's shape stands."""
        statement = self._sql(
            "SELECT stream, version, state FROM snapshots WHERE aggregate = ? AND shape = ? AND stream "
        ) + ("IN (SELECT value FROM json_each(?))" if self.sqlite else "= ANY(%b::text[])")
        keys: Any = msgspec.json.encode(streams).decode() if self.sqlite else list(streams)
        with self.reading() as connection:
            rows = connection.exec_driver_sql(statement, (aggregate, shape, keys)).fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}

    def snapshots_of(self, streams: Sequence[str]) -> list[tuple[str, str, str, int, bytes]]:
        """Every snapshot of these streams, whatever its shape: stream, aggregate, shape, version, state."""
        statement = "SELECT stream, aggregate, shape, version, state FROM snapshots WHERE stream "
        statement += "IN (SELECT value FROM json_each(?))" if self.sqlite else "= ANY(%b::text[])"
        keys: Any = msgspec.json.encode(streams).decode() if self.sqlite else list(streams)
        with self.reading() as connection:
            rows = connection.exec_driver_sql(statement, (keys,)).fetchall()
        return [(*row[:4], bytes(row[4])) for row in rows]

    # writing

    def save(self, save: Save) -> list[StoredFact]:
        """Records everything or nothing. Positions are taken at the end, under the segments' locks (L5);

        only the answers that name them are written after that.
        """
        if save.empty:
            return []
        try:
            with self.writing() as connection:
                if save.moves:
                    self._move(connection, save.moves)
                if save.unparked and PARKED.delete(connection, save.unparked) != len(save.unparked):
                    raise Overtaken
                for view, rows in save.rows.items():
                    view.bulk.upsert(connection, rows)
                for view, keys in save.gone.items():
                    view.bulk.delete(connection, keys)
                DEADLINES.delete(connection, save.timers_gone)
                DEADLINES.upsert(connection, save.timers)
                PARKED.insert(connection, save.parked)
                SNAPSHOTS.upsert(connection, save.snapshots)
                for step in save.extra:
                    step(connection)
                stored = self.append(connection, save.events)
                if save.replies is not None:
                    COMMANDS.insert(connection, save.replies(stored))
                return stored
        except sa.exc.IntegrityError as error:
            if any(name in str(error.orig) for name in CONTESTED):
                raise Conflict(str(error.orig)) from error
            raise

    def append(self, connection: sa.Connection, events: Sequence[NewEvent]) -> list[StoredFact]:
        """Puts events at the end of their segments. Whoever holds a segment's lock is its only writer."""
        if not events:
            return []
        counts: dict[int, int] = {}
        segments = [segment_of(new.stream) for new in events]
        for segment in segments:
            counts[segment] = counts.get(segment, 0) + 1
        next_position = self.take_positions(connection, counts)
        stored = []
        for segment, new in zip(segments, events, strict=True):
            next_position[segment] += 1
            stored.append(StoredFact(segment, next_position[segment], new.stream, new.version, new.topic, new.state))
        EVENTS.insert(connection, [(s.segment, s.position, s.stream, s.version, s.topic, s.state) for s in stored])
        return stored

    def take_positions(self, connection: sa.Connection, counts: dict[int, int]) -> dict[int, int]:
        """Locks the segments in ascending order and moves their heads; returns where each head stood."""
        ordered = sorted(counts)
        if self.sqlite:
            marks = ", ".join("?" * len(ordered))
            rows = connection.exec_driver_sql(
                f"SELECT segment, position FROM heads WHERE segment IN ({marks})", tuple(ordered)
            ).fetchall()
            connection.exec_driver_sql(
                "UPDATE heads SET position = position + ? WHERE segment = ?",
                [(counts[segment], segment) for segment in ordered],
            )
        else:
            rows = connection.exec_driver_sql(
                "SELECT segment, position FROM heads WHERE segment = ANY(%b::bigint[]) ORDER BY segment FOR UPDATE",
                (ordered,),
            ).fetchall()
            connection.exec_driver_sql(
                "UPDATE heads SET position = heads.position + k.count "
                "FROM unnest(%b::bigint[], %b::bigint[]) AS k(segment, count) WHERE heads.segment = k.segment",
                (ordered, [counts[segment] for segment in ordered]),
            )
        return {row[0]: row[1] for row in rows}

    def _move(self, connection: sa.Connection, moves: Sequence[Move]) -> None:
        """Compare-and-set on equality: order and absence of gaps are proved, not assumed (L3)."""
        fresh = [(m.upstream, m.segment) for m in moves if m.prev == 0]
        if self.sqlite:
            if fresh:
                connection.exec_driver_sql(
                    "INSERT INTO tracking (upstream, segment, position) VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
                    fresh,
                )
            moved = connection.exec_driver_sql(
                "UPDATE tracking SET position = k.value->>3 FROM json_each(?) k "
                "WHERE upstream = k.value->>0 AND segment = k.value->>1 AND position = k.value->>2",
                (msgspec.json.encode([(m.upstream, m.segment, m.prev, m.upto) for m in moves]).decode(),),
            ).rowcount
        else:
            if fresh:
                connection.exec_driver_sql(
                    "INSERT INTO tracking (upstream, segment, position) "
                    "SELECT *, 0 FROM unnest(%b::text[], %b::bigint[]) ON CONFLICT DO NOTHING",
                    ([u for u, _ in fresh], [s for _, s in fresh]),
                )
            moved = connection.exec_driver_sql(
                "UPDATE tracking t SET position = k.upto "
                "FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[]) "
                "AS k(upstream, segment, prev, upto) "
                "WHERE t.upstream = k.upstream AND t.segment = k.segment AND t.position = k.prev",
                (
                    [m.upstream for m in moves],
                    [m.segment for m in moves],
                    [m.prev for m in moves],
                    [m.upto for m in moves],
                ),
            ).rowcount
        if moved != len(moves):
            raise Overtaken

    def reserve(self, kind: str, count: int = 1) -> int:
        """The first of ``count`` fresh numbers of a kind; never handed out twice, gaps are possible."""
        with self.writing() as connection:
            last: int = connection.exec_driver_sql(
                self._sql(
                    "INSERT INTO numbers (kind, last) VALUES (?, ?) "
                    "ON CONFLICT (kind) DO UPDATE SET last = numbers.last + excluded.last RETURNING last"
                ),
                (kind, count),
            ).scalar_one()
        return last - count + 1

    # catalogues

    def keep_catalogue(self, version: str, document: bytes) -> None:
        """Keeps a catalogue version for as long as cases may run under it."""
        with self.writing() as connection:
            CATALOGUES.upsert(connection, [(version, document)])

    def catalogue(self, version: str) -> bytes | None:
        """The document of a catalogue version that this service has run with."""
        with self.reading() as connection:
            found: bytes | None = connection.exec_driver_sql(
                self._sql("SELECT document FROM catalogues WHERE version = ?"), (version,)
            ).scalar()
        return found

    # parked facts

    def parked(self, stream: str) -> list[tuple[str, int, Note]]:
        """(upstream, segment, fact) of a case that is parked, in the order in which they were parked."""
        with self.reading() as connection:
            rows = connection.exec_driver_sql(
                self._sql(
                    "SELECT upstream, segment, position, stream, version, topic, state FROM parked "
                    'WHERE stream = ? ORDER BY "order"'
                ),
                (stream,),
            ).fetchall()
        return [(row[0], row[1], Note(*row[2:])) for row in rows]

    def last_parked(self) -> int:
        """The place of what was parked last."""
        with self.reading() as connection:
            return int(connection.exec_driver_sql('SELECT coalesce(max("order"), 0) FROM parked').scalar_one())

    # deadlines

    def correct_deadline(self, stream: str, name: str, now: datetime, standing: datetime | None) -> None:
        """Moves a deadline that is in the table as due to where it stands, or out; one that was set meanwhile stays."""
        with self.writing() as connection:
            if standing is None:
                connection.exec_driver_sql(
                    self._sql("DELETE FROM deadlines WHERE stream = ? AND name = ? AND due_at <= ?"),
                    (stream, name, microseconds(now)),
                )
            else:
                connection.exec_driver_sql(
                    self._sql("UPDATE deadlines SET due_at = ? WHERE stream = ? AND name = ? AND due_at <= ?"),
                    (microseconds(standing), stream, name, microseconds(now)),
                )

    def due(self, now: datetime, segments: Sequence[int], limit: int) -> list[tuple[str, str, str]]:
        """(stream, name, aggregate) of deadlines that have come, oldest first."""
        if not segments:
            return []
        marks = ", ".join(str(int(segment)) for segment in segments)
        with self.reading() as connection:
            return [
                (row[0], row[1], row[2])
                for row in connection.exec_driver_sql(
                    self._sql(
                        "SELECT stream, name, aggregate FROM deadlines WHERE due_at <= ? "
                        f"AND segment IN ({marks}) ORDER BY due_at LIMIT ?"
                    ),
                    (microseconds(now), limit),
                )
            ]

    def _sql(self, statement: str) -> str:
        return statement if self.sqlite else statement.replace("?", "%b")


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "busy_timeout = 0",
        "foreign_keys = ON",
        "secure_delete = ON",
        "cache_size = -16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    """BEGIN IMMEDIATE; a lock held by another process is waited for with green sleeps, never in C."""
    deadline = time.monotonic() + 10
    pause = 0.001
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except sa.exc.OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        else:
            return
