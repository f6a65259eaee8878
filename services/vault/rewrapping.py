"""Rewrapping: every case key that an older key wraps is wrapped by the newest, while vault goes on lending them."""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from eventing.store import Store
from vault.domain import KeyDamaged
from vault.keys import TABLE
from vault.wrapping import Wrapping

BATCH = 500
"""Keys that are wrapped anew in one transaction."""

KEPT = TABLE.c.wrapped.is_not(None)
_COLUMNS = (TABLE.c.key_id, TABLE.c.kek, TABLE.c.wrapped)


def wrapped_by(store: Store) -> Counter[str]:
    """How many case keys each wrapping key wraps, by its name."""
    counted = sa.select(TABLE.c.kek, sa.func.count().label("keys")).where(KEPT)
    return Counter({row["kek"]: row["keys"] for row in store.select(counted.group_by(TABLE.c.kek))})


def opens(store: Store, wrapping: Wrapping) -> bool:
    """Whether the newest key that each wrapping key wrapped can be opened."""
    for kek in wrapped_by(store):
        newest = sa.select(*_COLUMNS).where(KEPT, TABLE.c.kek == kek).order_by(TABLE.c.reserved_at.desc()).limit(1)
        for row in store.select(newest):
            try:
                wrapping.unwrap(row["key_id"], bytes(row["wrapped"]), row["kek"])
            except KeyDamaged:
                return False
    return True


def rewrap(store: Store, wrapping: Wrapping) -> Iterator[int]:
    """Wraps anew what the newest key does not wrap; yields how many were, batch by batch.

    A key that is destroyed meanwhile stays destroyed. Raises KeyDamaged for one that none of the keys opens.
    """
    old = sa.and_(TABLE.c.kek != wrapping.kek, KEPT)
    while rows := store.select(sa.select(*_COLUMNS).where(old).order_by(TABLE.c.key_id).limit(BATCH)):
        done = 0
        with store.writing() as connection:
            for row in rows:
                key = wrapping.unwrap(row["key_id"], bytes(row["wrapped"]), row["kek"])
                anew = {"kek": wrapping.kek, "wrapped": wrapping.wrap(row["key_id"], key)}
                still = sa.and_(TABLE.c.key_id == row["key_id"], old)
                done += connection.execute(TABLE.update().where(still).values(**anew)).rowcount
        yield done
