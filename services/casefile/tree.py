"""The Merkle tree over all facts, in the order in which casefile received them: kept so that it grows by rows.

A leaf is written in the transaction of its ledger entry, under the lock of the tree's one row: a fact is in the ledger
and in the tree, or in neither. Leaves, and every fourth level above them, are never changed; the row is the frontier
from which the tree goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from eventing.tables import Bulk, Column
from kernel.merkle import Frontier, Known, Node, Read

LEAVES = Bulk(
    "leaves",
    (
        Column("place", "int", key=True),
        Column("case_id", "text", optional=False),
        Column("seq", "int", optional=False),
        Column("hash", "bytes", optional=False),
    ),
)
"""Every entry of the ledger as a leaf; ``place`` counts from 0 without gaps. Append-only."""

NODES = Bulk(
    "nodes",
    (
        Column("level", "int", key=True),
        Column("place", "int", key=True),
        Column("hash", "bytes", optional=False),
    ),
)
"""The complete subtrees of every fourth level above the leaves. Append-only."""

TREE = Bulk(
    "tree",
    (
        Column("name", "text", key=True),
        Column("size", "int", optional=False),
        Column("peaks", "bytes", optional=False),
    ),
)
"""The frontier, in one row that is also the lock under which places are taken."""

_metadata = sa.MetaData()
LEAF = LEAVES.table(_metadata, sa.UniqueConstraint("case_id", "seq", name="leaves_entry"))
NODE = NODES.table(_metadata)
FRONTIER = TREE.table(_metadata)

NAME = "all"

_FIRST = sa.text("INSERT INTO tree (name, size, peaks) VALUES (:name, 0, :peaks) ON CONFLICT DO NOTHING")

RUNS = 200
"""Runs of neighbours that one statement reads."""

Select = Callable[[sa.Select[Any]], Sequence[Any]]
Leaf = tuple[str, int, bytes]
"""The chain and the place in it that a leaf stands for, and its hash."""


def grow(connection: sa.Connection, leaves: Sequence[Leaf]) -> None:
    """Adds leaves at the end of the tree."""
    known = locked(connection)
    LEAVES.insert(connection, [(place, *leaf) for place, leaf in enumerate(leaves, start=known.size)])
    NODES.insert(connection, [(node.level, node.index, h) for node, h in known.extend(leaf[2] for leaf in leaves)])
    TREE.upsert(connection, [(NAME, known.size, known.peaks)])


def locked(connection: sa.Connection) -> Frontier:
    """The tree as it is; nobody else adds to it until the transaction ends."""
    statement = sa.select(FRONTIER.c.size, FRONTIER.c.peaks).where(FRONTIER.c.name == NAME).with_for_update()
    found = connection.execute(statement).one_or_none()
    if found is None:
        connection.execute(_FIRST, {"name": NAME, "peaks": b""})
        found = connection.execute(statement).one()
    return Frontier(found.size, bytes(found.peaks))


def frontier(select: Select) -> Frontier:
    """The tree as it is."""
    found = select(sa.select(FRONTIER.c.size, FRONTIER.c.peaks))
    return Frontier(found[0]["size"], bytes(found[0]["peaks"])) if found else Frontier()


def reader(select: Select) -> Read:
    """Reads hashes for proofs. A node that is gone is no hash: what is made of it proves nothing."""

    def read(wanted: frozenset[Node]) -> Known:
        known: dict[Node, bytes] = dict.fromkeys(wanted, b"")
        runs = [*_runs(sorted(wanted))]
        for start in range(0, len(runs), RUNS):
            some = runs[start : start + RUNS]
            leaves = [LEAF.c.place.between(first, last) for level, first, last in some if not level]
            nodes = [
                sa.and_(NODE.c.level == level, NODE.c.place.between(first, last))
                for level, first, last in some
                if level
            ]
            if leaves:
                rows = select(sa.select(LEAF.c.place, LEAF.c.hash).where(sa.or_(*leaves)))
                known.update((Node(0, row["place"]), bytes(row["hash"])) for row in rows)
            if nodes:
                rows = select(sa.select(NODE).where(sa.or_(*nodes)))
                known.update((Node(row["level"], row["place"]), bytes(row["hash"])) for row in rows)
        return known

    return read


def _runs(nodes: Sequence[Node]) -> Iterator[tuple[int, int, int]]:
    """Neighbours of one level as (level, first, last)."""
    first = last = None
    for node in nodes:
        if first is not None and last is not None and (node.level, node.index) == (last.level, last.index + 1):
            last = node
            continue
        if first is not None and last is not None:
            yield first.level, first.index, last.index
        first = last = node
    if first is not None and last is not None:
        yield first.level, first.index, last.index
