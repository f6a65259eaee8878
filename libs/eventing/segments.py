"""Which replica works on which segments: leases in the service's own database.

Replicas share the sixteen segments evenly. A replica that dies is noticed when its lease ends; one that stops hands
its segments over at once. Two owners at a time, which a paused process can cause, do no harm: positions move by
compare-and-set (L3).
"""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import msgspec
import structlog

from eventing.errors import Invalid, OneThingError
from eventing.schema import SEGMENTS
from eventing.store import Store

log = structlog.get_logger()

LEASE_OF_A_MOVE = 10_000_000
"""Microseconds that a replica has to take up a segment that it was given."""


class Segments:
    """Claims segments for one replica of one service and keeps them while it lives."""

    def __init__(
        self,
        store: Store,
        replica: str,
        *,
        lease_seconds: float = 6.0,
        gained: Callable[[set[int]], None] = lambda segments: None,
        lost: Callable[[set[int]], None] = lambda segments: None,
    ) -> None:
        self.store = store
        self.replica = replica
        self.lease = int(lease_seconds * 1_000_000)
        self.gained = gained
        self.lost = lost
        self.mine: set[int] = set()
        self.share: int | None = None
        """How many segments are due to this replica; None before its first heartbeat."""
        self._stopping = False

    def run(self) -> None:
        """Renews the leases until stopped, then gives the segments back."""
        while not self._stopping:
            try:
                self.renew()
            except OneThingError as error:
                log.warning("lease not renewed", service=self.store.service, error=str(error))
            self._pause(self.lease / 1_000_000 / 3)

    def stop(self) -> None:
        """Gives everything back at once, so that others need not wait for the lease to end."""
        self._stopping = True
        try:
            with self.store.writing() as connection:
                self._execute(connection, "UPDATE owners SET owner = '', until = 0 WHERE owner = ?", self.replica)
                self._execute(connection, "DELETE FROM replicas WHERE name = ?", self.replica)
        except OneThingError as error:
            log.warning("segments not handed over", service=self.store.service, error=str(error))

    def renew(self) -> None:
        """One heartbeat: says that this replica lives, takes its fair share, gives up what is too much."""
        with self.store.writing() as connection:
            rows = connection.exec_driver_sql(
                "SELECT segment, owner, until FROM owners ORDER BY segment"
                + ("" if self.store.sqlite else " FOR UPDATE")
            ).fetchall()
            now = database_now(self.store, connection)
            self._execute(
                connection,
                "INSERT INTO replicas (name, until) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET until = excluded.until",
                self.replica,
                now + self.lease,
            )
            alive = sorted(
                row[0] for row in self._execute(connection, "SELECT name FROM replicas WHERE until > ?", now).fetchall()
            )
            self._execute(connection, "DELETE FROM replicas WHERE until < ?", now - 100 * self.lease)
            owners = {row[0]: (row[1], row[2]) for row in rows}
            held = [s for s, (owner, _) in owners.items() if owner == self.replica]
            free = [
                s
                for s, (owner, until) in owners.items()
                if owner != self.replica and (not owner or until <= now or owner not in alive)
            ]
            place = alive.index(self.replica)
            share = SEGMENTS // len(alive) + (1 if place < SEGMENTS % len(alive) else 0)
            keep = held[:share]
            give = held[share:]
            keep += free[: share - len(keep)]
            self._give(connection, keep, self.replica, now + self.lease)
            self._give(connection, give, "", 0)
        self.share = share
        self._changed(set(keep))

    def _changed(self, held: set[int]) -> None:
        """Tells who works on segments; what could not be taken up is tried again with the next heartbeat."""
        lost, gained = self.mine - held, held - self.mine
        self.mine &= held
        if lost:
            self.lost(lost)
        if gained:
            log.info("segments gained", service=self.store.service, segments=sorted(gained))
            self.gained(gained)
            self.mine = held

    def _give(self, connection: Any, segments: list[int], owner: str, until: int) -> None:
        if segments:
            these = ", ".join(map(str, segments))
            self._execute(
                connection, f"UPDATE owners SET owner = ?, until = ? WHERE segment IN ({these})", owner, until
            )

    def _execute(self, connection: Any, statement: str, *values: Any) -> Any:
        if not self.store.sqlite:
            statement = statement.replace("?", "%b")
        return connection.exec_driver_sql(statement, values)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            eventlet.sleep(min(0.25, max(0.0, end - time.monotonic())))


class Lease(msgspec.Struct, frozen=True):
    """Who works on a segment."""

    segment: int
    owner: str
    """The replica; empty when nobody does."""
    seconds: float
    """Until the lease ends; 0 when nobody has it."""


class Holdings(msgspec.Struct, frozen=True):
    """All leases of a service, and the replicas that live."""

    leases: tuple[Lease, ...]
    replicas: tuple[str, ...]

    def of(self, replica: str) -> list[int]:
        """The segments that a replica works on."""
        return [lease.segment for lease in self.leases if lease.owner == replica]

    def share(self, replica: str) -> int:
        """How many segments are due to a replica that lives."""
        place = self.replicas.index(replica)
        return SEGMENTS // len(self.replicas) + (1 if place < SEGMENTS % len(self.replicas) else 0)


def holdings(store: Store, connection: Any = None) -> Holdings:
    """Who works on what, by the database's clock."""
    if connection is None:
        with store.snapshot() as reading:  # a replica that comes meanwhile has its segments and lives, or neither
            return holdings(store, reading)
    now = database_now(store, connection)
    alive = [
        row[0]
        for row in connection.exec_driver_sql("SELECT name, until FROM replicas ORDER BY name").fetchall()
        if row[1] > now
    ]
    rows = connection.exec_driver_sql("SELECT segment, owner, until FROM owners ORDER BY segment").fetchall()
    return Holdings(
        tuple(
            Lease(segment, owner, (until - now) / 1_000_000)
            if owner in alive and until > now
            else Lease(segment, "", 0.0)
            for segment, owner, until in rows
        ),
        tuple(alive),
    )


def move(store: Store, segment: int, to: str) -> int | None:
    """Gives a segment to a replica that lives. One that has its share gives another in exchange, which is returned.

    Shares stay even, so the move lasts until replicas come or go. Raises Invalid when the segment or the replica is
    not there, or the replica has the segment already.
    """
    with store.writing() as connection:
        if not store.sqlite:
            connection.exec_driver_sql("SELECT segment FROM owners ORDER BY segment FOR UPDATE")
        found = holdings(store, connection)
        if not 0 <= segment < SEGMENTS:
            raise Invalid(what="segment", segment=segment, known=f"0–{SEGMENTS - 1}")
        if to not in found.replicas:
            raise Invalid(what="replica", replica=to, known=", ".join(found.replicas))
        giver = found.leases[segment].owner
        if giver == to:
            raise Invalid(what="segment", segment=segment, reason=f"{to} has it already")
        theirs = found.of(to)
        back = theirs[-1] if giver and len(theirs) >= found.share(to) else None
        until = database_now(store, connection) + LEASE_OF_A_MOVE
        given = [(to, until, segment)] if back is None else [(to, until, segment), (giver, until, back)]
        for values in given:
            statement = "UPDATE owners SET owner = ?, until = ? WHERE segment = ?"
            connection.exec_driver_sql(statement if store.sqlite else statement.replace("?", "%b"), values)
    return back


def database_now(store: Store, connection: Any) -> int:
    """The database's clock in microseconds: all replicas compare leases by the same one."""
    if store.sqlite:
        return time.time_ns() // 1000
    now: int = connection.exec_driver_sql(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    ).scalar_one()
    return now
