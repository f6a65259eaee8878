"""Read models made anew from the log while everything goes on, compared with those that are there, and mended.

A view is a function of one aggregate's state (ADR 9), so what it should hold is known: the rows of every stream,
replayed. They are made beside the live table without a lock, streams that changed meanwhile once more, and the last
of them under a lock that keeps the view's writers waiting; readers go on. Then both are compared row by row, and what
differs in the live table is replaced.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from time import monotonic
from typing import Any

import msgspec
import sqlalchemy as sa

from eventing.aggregate import Aggregate
from eventing.declarations import Declarations
from eventing.mapper import decode
from eventing.operations import with_operations
from eventing.schema import DEADLINES
from eventing.schema import metadata as durable
from eventing.store import Store, segment_of
from eventing.tables import KINDS, Bulk, Column
from eventing.views import View

EVENT = durable.tables["events"]

PAGE = 200
"""Streams that are replayed at a time."""
FEW = 50
"""Streams left to replay, at which the view's writers are asked to wait."""
ROUNDS = 20
"""Rounds of catching up before they are asked to wait in any case."""

STREAM = "rebuilt_stream"

Rows = Callable[[Any], Iterable[tuple[Any, ...]]]
Progress = Callable[[int, int], None]
"""(streams done, streams known)."""


class Projection(msgspec.Struct, frozen=True):
    """A table that follows from aggregates' states: a view, or the deadlines that stand."""

    name: str
    bulk: Bulk
    sources: tuple[tuple[type[Aggregate], Rows], ...]


class Rebuilt(msgspec.Struct, frozen=True):
    """What was found, and mended unless it was only looked at."""

    service: str
    projection: str
    streams: int
    rows: int
    """Rows that there should be."""
    wrong: int
    """Rows that were missing or different in the live table."""
    surplus: int
    """Rows of the live table that nothing in the log accounts for."""
    live: str
    """SHA-256 over the rows of the live table as it was found, in the order of their keys."""
    rebuilt: str
    """The same over the rows made from the log."""
    seconds: float
    waited: float
    """Seconds in which the view's writers had to wait."""

    @property
    def equal(self) -> bool:
        """Whether the live table held exactly what the log says."""
        return self.live == self.rebuilt


def projections(service: type[Declarations]) -> dict[str, Projection]:
    """What can be rebuilt of a service, by name: each of its views, and ``deadlines``."""
    found = {view.name: Projection(view.name, view.bulk, ((view.of, _rows_of(view)),)) for view in service.views}
    found["deadlines"] = Projection(
        "deadlines", DEADLINES, tuple((kind, _timers) for kind in with_operations(service.aggregates))
    )
    return found


def _rows_of(view: View) -> Rows:
    return lambda aggregate: view.rows(aggregate).values()


def _timers(aggregate: Aggregate) -> Iterable[tuple[Any, ...]]:
    kind, stream = type(aggregate).__name__, aggregate.stream
    return [(stream, name, kind, segment_of(stream), due_at) for name, due_at in aggregate.timers().items()]


def rebuild(
    service: type[Declarations],
    store: Store,
    name: str,
    *,
    mend: bool = True,
    progress: Progress = lambda done, known: None,
) -> Rebuilt:
    """Makes a projection anew and, if ``mend``, puts right what differs. Raises KeyError for an unknown name."""
    return _Rebuilding(service, store, projections(service)[name], progress).run(mend=mend)


class _Rebuilding:
    def __init__(self, service: type[Declarations], store: Store, projection: Projection, progress: Progress) -> None:
        self.service = service
        self.store = store
        self.projection = projection
        self.progress = progress
        self.live = projection.bulk
        self.shadow = Bulk(
            "rebuilt",
            (Column(STREAM, "text", key=True), *(Column(c.name, c.kind) for c in self.live.columns)),
        )
        self.sources = {
            topic: (kind, rows)
            for kind, rows in projection.sources
            for fact in kind.facts()
            for topic in (fact.TOPIC, *fact.OLD_TOPICS)
        }
        self.columns = ", ".join(f'"{c.name}"' for c in self.live.columns)
        self.keys = [c.name for c in self.live.keys]
        self.done = 0

    def run(self, *, mend: bool) -> Rebuilt:
        began = monotonic()
        with self.store.session() as connection:
            self._create(connection)
            try:
                heads = self.store.heads()
                known = self._count(connection)
                last = ""
                while streams := self._page(connection, last):
                    self._replay(connection, streams)
                    self.done += len(streams)
                    last = streams[-1]
                    self.progress(self.done, max(known, self.done))
                heads = self._catch_up(connection, heads)
                with self.store.begun(connection):
                    asked = monotonic()
                    if not self.store.sqlite:
                        connection.exec_driver_sql(f'LOCK TABLE "{self.live.name}" IN SHARE ROW EXCLUSIVE MODE')
                    self._replay(connection, self._changed(connection, heads))
                    found = self._compare(connection)
                    if mend and found["live"] != found["rebuilt"]:
                        self._mend(connection)
                    waited = monotonic() - asked
            finally:
                connection.exec_driver_sql('DROP TABLE "rebuilt"')
        return Rebuilt(
            service=self.service.name,
            projection=self.projection.name,
            streams=self.done,
            seconds=round(monotonic() - began, 3),
            waited=round(waited, 3),
            **found,
        )

    def _create(self, connection: sa.Connection) -> None:
        columns = [sa.Column(column.name, KINDS[column.kind].column) for column in self.shadow.columns]
        table = sa.Table("rebuilt", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
        table.create(connection)
        connection.exec_driver_sql(f'CREATE INDEX rebuilt_by_stream ON "rebuilt" ("{STREAM}")')

    # streams

    def _first_facts(self) -> sa.Select[Any]:
        return sa.select(EVENT.c.stream).where(EVENT.c.version == 1, EVENT.c.topic.in_(list(self.sources)))

    def _count(self, connection: sa.Connection) -> int:
        counted = sa.select(sa.func.count()).select_from(self._first_facts().subquery())
        return int(connection.execute(counted).scalar_one())

    def _page(self, connection: sa.Connection, last: str) -> list[str]:
        return list(
            connection.execute(
                self._first_facts().where(EVENT.c.stream > last).order_by(EVENT.c.stream).limit(PAGE)
            ).scalars()
        )

    def _catch_up(self, connection: sa.Connection, heads: dict[int, int]) -> dict[int, int]:
        """Replays what changed since these heads, until little is left or the writers are faster than we."""
        for _ in range(ROUNDS):
            now = self.store.heads()
            changed = self._changed(connection, heads)
            self._replay(connection, changed)
            heads = now
            if len(changed) <= FEW:
                break
        return heads

    def _changed(self, connection: sa.Connection, heads: dict[int, int]) -> list[str]:
        statement = sa.select(EVENT.c.stream).distinct().where(
            EVENT.c.topic.in_(list(self.sources)),
            sa.or_(*(
                sa.and_(EVENT.c.segment == segment, EVENT.c.position > position) for segment, position in heads.items()
            )),
        )  # fmt: skip
        return list(connection.execute(statement).scalars())

    def _replay(self, connection: sa.Connection, streams: Sequence[str]) -> None:
        for n in range(0, len(streams), PAGE):
            some = streams[n : n + PAGE]
            self.shadow.delete(connection, [(stream,) for stream in some])
            stored = connection.execute(
                sa.select(EVENT.c.stream, EVENT.c.topic, EVENT.c.state)
                .where(EVENT.c.stream.in_(some))
                .order_by(EVENT.c.stream, EVENT.c.version)
            )
            rows: list[tuple[Any, ...]] = []
            for stream, facts in groupby(stored.all(), key=itemgetter(0)):
                held = list(facts)
                kind, rows_of = self.sources[held[0][1]]
                aggregate = kind.replay(stream, (decode(topic, state) for _, topic, state in held))
                rows.extend((stream, *row) for row in rows_of(aggregate))
            self.shadow.insert(connection, rows)

    # rows

    def _compare(self, connection: sa.Connection) -> dict[str, Any]:
        live, columns = self.live.name, self.columns

        def count(statement: str) -> int:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM ({statement}) AS counted").scalar_one())

        return {
            "rows": count('SELECT 1 FROM "rebuilt"'),
            "wrong": count(f'SELECT {columns} FROM "rebuilt" EXCEPT SELECT {columns} FROM "{live}"'),
            "surplus": count(f'SELECT 1 FROM "{live}" AS l WHERE {self._unknown()}'),
            "live": self._digest(connection, live),
            "rebuilt": self._digest(connection, "rebuilt"),
        }

    def _unknown(self) -> str:
        """The condition that the log accounts for no row with this key."""
        same = " AND ".join(f'r."{key}" = l."{key}"' for key in self.keys)
        return f'NOT EXISTS (SELECT 1 FROM "rebuilt" AS r WHERE {same})'

    def _digest(self, connection: sa.Connection, table: str) -> str:
        order = ", ".join(f'"{key}"' for key in self.keys)
        running = hashlib.sha256()
        found = connection.exec_driver_sql(f'SELECT {self.columns} FROM "{table}" ORDER BY {order}')
        for rows in found.partitions(1000):
            for row in rows:
                running.update(msgspec.json.encode([bytes(v) if isinstance(v, memoryview) else v for v in row]))
        return running.hexdigest()

    def _mend(self, connection: sa.Connection) -> None:
        live, columns = self.live.name, self.columns
        connection.exec_driver_sql(f'DELETE FROM "{live}" AS l WHERE {self._unknown()}')
        changes = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in self.live.rest)
        connection.exec_driver_sql(
            f'INSERT INTO "{live}" ({columns}) SELECT * FROM '
            f'(SELECT {columns} FROM "rebuilt" EXCEPT SELECT {columns} FROM "{live}") AS differing WHERE true '
            f"ON CONFLICT ({', '.join(self.keys)}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")
        )
