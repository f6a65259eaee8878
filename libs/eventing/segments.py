"""Which replica works on which segments: leases in the service's own database.

Replicas share the sixteen segments evenly. A replica that dies is noticed when its lease ends; one that stops hands
its segments over at once. Two owners at a time, which a paused process can cause, do no harm: positions move by
compare-and-set (L3).
"""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import structlog

from eventing.errors import OneThingError
from eventing.schema import SEGMENTS
from eventing.store import Store

log = structlog.get_logger()


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
            now = self._now(connection)
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
            for segment in keep:
                self._execute(
                    connection,
                    "UPDATE owners SET owner = ?, until = ? WHERE segment = ?",
                    self.replica,
                    now + self.lease,
                    segment,
                )
            for segment in give:
                self._execute(connection, "UPDATE owners SET owner = '', until = 0 WHERE segment = ?", segment)
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

    def _execute(self, connection: Any, statement: str, *values: Any) -> Any:
        if not self.store.sqlite:
            statement = statement.replace("?", "%b")
        return connection.exec_driver_sql(statement, values)

    def _now(self, connection: Any) -> int:
        """The database's clock in microseconds: all replicas compare leases by the same one."""
        if self.store.sqlite:
            return time.time_ns() // 1000
        now: int = connection.exec_driver_sql(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        ).scalar_one()
        return now

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            eventlet.sleep(min(0.25, max(0.0, end - time.monotonic())))
