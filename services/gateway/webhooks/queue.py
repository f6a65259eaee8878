"""The queue of deliveries in the gateway's database, worked on by every replica."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from eventing.tables import EPOCH
from gateway.webhooks.posting import Result
from gateway.webhooks.tables import DELIVERIES, OPEN, PLACES

_D = DELIVERIES.c
_P = PLACES.c


class Queue:
    """Takes events in, gives them out one at a time for each case, and keeps what became of them."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def take_in(
        self,
        webhook: str,
        hall: str,
        after: int,
        upto: int,
        events: Sequence[Mapping[str, Any]],
        *,
        now: datetime,
        missed: bool = False,
    ) -> bool:
        """Enqueues the events of a stretch of a feed and moves the place over it, both or neither.

        False when another replica was first. What waits already stays as it is; what is told again waits again.
        """
        moved: dict[Any, Any] = {_P.seq: upto}
        if missed:
            moved |= {_P.missed_after: after, _P.missed_upto: upto, _P.missed_at: now}
        with self.store.writing() as connection:
            here = (_P.webhook == webhook) & (_P.hall == hall) & (_P.seq == after)
            if connection.execute(sa.update(PLACES).where(here).values(moved)).rowcount != 1:
                return False
            if events:
                rows = [{**_fresh(now), "webhook": webhook, "hall": hall, **event} for event in events]
                connection.execute(_insert(connection.dialect.name), rows)
        return True

    def claim(self, webhook: str, now: datetime, lease: str, seconds: float, limit: int) -> list[Mapping[str, Any]]:
        """Leases deliveries that are due and the first of their case that is not done, when they are leased, too."""
        before = DELIVERIES.alias("before")
        held_up = sa.exists().where(
            before.c.webhook == _D.webhook,
            before.c.hall == _D.hall,
            before.c.subject == _D.subject,
            before.c.seq < _D.seq,
            before.c.state.in_(OPEN),
        )
        free = sa.or_(_D.leased_until.is_(None), _D.leased_until < now)
        ready = (_D.webhook == webhook) & (_D.state == "waiting") & (_D.due_at <= now) & free
        found = self.store.select(
            sa.select(DELIVERIES).where(ready, ~held_up).order_by(_D.due_at, _D.hall, _D.seq).limit(limit)
        )
        if not found:
            return []
        until = now + timedelta(seconds=seconds)
        claimed = []
        with self.store.writing() as connection:
            for row in sorted(found, key=lambda row: (row["hall"], row["seq"])):
                ours = sa.update(DELIVERIES).where(_is(row), ready, ~held_up).values(lease=lease, leased_until=until)
                if connection.execute(ours).rowcount == 1:
                    claimed.append(row)
        return claimed

    def settle(
        self, row: Mapping[str, Any], lease: str, result: Result, *, now: datetime, pause: float, patience: timedelta
    ) -> str:
        """Keeps what became of a delivery; returns its state, or nothing when the lease was lost meanwhile."""
        first = row["first_at"] or now
        values: dict[str, Any] = {
            "attempts": row["attempts"] + 1,
            "first_at": first,
            "status": result.status,
            "error": result.error,
            "lease": "",
            "leased_until": None,
        }
        if result.is_delivered:
            values |= {"state": "delivered", "done_at": now}
        elif now - first >= patience and not result.is_gone:
            values |= {"state": "parked"}
        else:
            values |= {"state": "waiting", "due_at": now + timedelta(seconds=max(pause, result.retry_after))}
        with self.store.writing() as connection:
            ours = sa.update(DELIVERIES).where(_is(row), _D.lease == lease, _D.state == "waiting").values(values)
            return str(values["state"]) if connection.execute(ours).rowcount == 1 else ""

    def waiting(self, webhook: str) -> int:
        """How many deliveries of a subscription are not done."""
        counted = sa.select(sa.func.count().label("n")).where(_D.webhook == webhook, _D.state.in_(OPEN))
        return int(self.store.select(counted)[0]["n"])

    def counts(self) -> dict[str, int]:
        """state → how many are in it, of those that are not done."""
        counted = sa.select(_D.state, sa.func.count().label("n")).where(_D.state.in_(OPEN)).group_by(_D.state)
        return {row["state"]: row["n"] for row in self.store.select(counted)}

    def places(self, webhooks: Sequence[str]) -> list[Mapping[str, Any]]:
        """The places of these subscriptions."""
        found: list[Mapping[str, Any]] = self.store.select(sa.select(PLACES).where(_P.webhook.in_(webhooks)))
        return found

    def sweep(self, before: datetime) -> int:
        """Forgets what was done before."""
        with self.store.writing() as connection:
            old = sa.delete(DELIVERIES).where(_D.state.in_(("delivered", "given_up")), _D.done_at < before)
            return int(connection.execute(old).rowcount)


# steps in the transaction of a command


def begin(webhook: str, places: Mapping[str, int]) -> Any:
    """The step that gives a new subscription its places."""
    rows = [{"webhook": webhook, "hall": hall, "seq": seq} for hall, seq in places.items()]
    return lambda connection: connection.execute(sa.insert(PLACES), rows)


def go_back(webhook: str, hall: str, after: int) -> Any:
    """The step after which a hall's feed is taken in again from a point."""
    here = (_P.webhook == webhook) & (_P.hall == hall)
    return lambda connection: connection.execute(sa.update(PLACES).where(here).values(seq=after))


def again(webhook: str, hall: str, seq: int, now: datetime) -> Any:
    """The step after which a parked delivery waits again."""
    values = {"state": "waiting", "due_at": now, "first_at": None, "taken_at": now}
    return _of_parked(webhook, hall, seq, values)


def leave(webhook: str, hall: str, seq: int, now: datetime) -> Any:
    """The step after which a parked delivery is given up."""
    return _of_parked(webhook, hall, seq, {"state": "given_up", "done_at": now})


def end(webhook: str) -> Any:
    """The step that ends a subscription: no place, and nothing that waits."""

    def step(connection: sa.Connection) -> None:
        connection.execute(sa.delete(PLACES).where(_P.webhook == webhook))
        connection.execute(sa.delete(DELIVERIES).where(_D.webhook == webhook, _D.state.in_(OPEN)))

    return step


def _of_parked(webhook: str, hall: str, seq: int, values: dict[str, Any]) -> Any:
    here = (_D.webhook == webhook) & (_D.hall == hall) & (_D.seq == seq) & (_D.state == "parked")
    return lambda connection: connection.execute(sa.update(DELIVERIES).where(here).values(values))


def _is(row: Mapping[str, Any]) -> Any:
    return (_D.webhook == row["webhook"]) & (_D.hall == row["hall"]) & (_D.seq == row["seq"])


def _fresh(now: datetime) -> dict[str, Any]:
    return {
        "state": "waiting",
        "attempts": 0,
        "taken_at": now,
        "first_at": None,
        "due_at": now,
        "done_at": None,
        "lease": "",
        "leased_until": None,
        "status": None,
        "error": "",
    }


def _insert(dialect: str) -> Any:
    made: Any = (postgresql if dialect == "postgresql" else sqlite).insert(DELIVERIES)
    anew = {name: made.excluded[name] for name in ("body", "subject", "topic", *_fresh(EPOCH))}
    return made.on_conflict_do_update(
        index_elements=["webhook", "hall", "seq"],
        set_=anew,
        where=sa.or_(_D.state == "delivered", _D.state == "given_up"),
    )
