"""The whole ledger, leaf by leaf: every entry, every chain, every head that was signed, in pages that know nothing of
each other but the frontier between them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from casefile.chain import Entry, Wrong, entry_of, is_of, leaf_of, next_link
from casefile.heads import HEAD, head_of
from casefile.notary import Notary
from casefile.projections import ENTRIES, HEADS
from casefile.tree import LEAF, frontier
from kernel.digests import EMPTY
from kernel.merkle import Frontier

Select = Callable[[sa.Select[Any]], Sequence[Any]]

BEFORE = ENTRIES.alias("before")


class Found(msgspec.Struct, frozen=True):
    """What was found between two places of the tree; if something is wrong, the first of it."""

    verified: bool
    checked: int
    """How many leaves are behind, from the first on."""
    peaks: str
    """The frontier there, to go on from."""
    done: bool = False
    """Whether this was the end of the tree, and the chains' ends were looked at, too."""
    wrong: Wrong = ""
    leaf_index: int | None = None
    case_id: str | None = None
    broken_at: int | None = None


def examine(select: Select, notary: Notary, tree: Frontier, limit: int) -> Found:
    """Recomputes the next leaves, and the heads that were signed over them; at the end also looks for what has no leaf.

    ``tree`` is the frontier where the page before ended. All that is selected must be of one instant.
    """
    first = tree.size
    heads = [head_of(row) for row in select(_heads(first, first + limit))]
    for row in _leaves(select, first, limit):
        if row is None or (wrong := _wrong(row)):
            at = {"case_id": row["chain"], "broken_at": row["number"]} if row is not None else {}
            return _broken(tree, "leaf" if row is None else wrong, leaf_index=tree.size, **at)
        [*tree.extend([bytes(row["hash"])])]
        while heads and heads[0].size == tree.size:
            head = heads.pop(0)
            known = notary.known(head.note)
            if known is None or (known.size, known.root) != (tree.size, tree.root) or head.root != tree.root:
                return _broken(tree, "head", leaf_index=tree.size - 1)
    now = frontier(select)
    if tree.size < min(first + limit, now.size):
        return _broken(tree, "leaf", leaf_index=tree.size)
    if now.size == tree.size and now.peaks != tree.peaks:
        return _broken(tree, "tree", leaf_index=tree.size - 1)
    if now.size > tree.size:
        return Found(verified=True, checked=tree.size, peaks=tree.peaks.hex())
    beyond = select(_heads(tree.size, None).limit(1))
    if beyond:
        return _broken(tree, "head", leaf_index=beyond[0]["size"] - 1)
    for wrong, statement in _ENDS:
        if astray := select(statement.limit(1)):
            return _broken(tree, wrong, case_id=astray[0]["case_id"], broken_at=astray[0]["seq"])
    return Found(verified=True, checked=tree.size, peaks=tree.peaks.hex(), done=True)


def _broken(tree: Frontier, wrong: Wrong, **at: Any) -> Found:
    return Found(verified=False, checked=tree.size, peaks=tree.peaks.hex(), done=True, wrong=wrong, **at)


def _heads(after: int, upto: int | None) -> sa.Select[Any]:
    wanted = sa.select(HEAD).where(HEAD.c.size > after).order_by(HEAD.c.size)
    return wanted if upto is None else wanted.where(HEAD.c.size <= upto)


def _leaves(select: Select, first: int, limit: int) -> Iterator[Any]:
    """The next leaves, each with its entry and the entry before it; None where one is gone."""
    rows = select(
        sa.select(
            ENTRIES,
            LEAF.c.place,
            LEAF.c.hash,
            LEAF.c.case_id.label("chain"),
            LEAF.c.seq.label("number"),
            BEFORE.c.link.label("previous"),
        )
        .select_from(LEAF)
        .outerjoin(ENTRIES, sa.and_(ENTRIES.c.case_id == LEAF.c.case_id, ENTRIES.c.seq == LEAF.c.seq))
        .outerjoin(BEFORE, sa.and_(BEFORE.c.case_id == LEAF.c.case_id, BEFORE.c.seq == LEAF.c.seq - 1))
        .where(LEAF.c.place >= first, LEAF.c.place < first + limit)
        .order_by(LEAF.c.place)
    )
    for place, row in enumerate(rows, start=first):
        if row["place"] != place:
            yield None
            return
        yield row


def _wrong(row: Any) -> Wrong:
    """What is wrong with an entry, against its leaf and the entry before it."""
    if row["link"] is None:
        return "leaf"
    entry: Entry = entry_of(row)
    previous = EMPTY if entry.seq == 1 else bytes(row["previous"] or b"")
    if len(previous) != len(EMPTY) or entry.link != next_link(previous, entry.service, entry):
        return "chain"
    if not is_of(entry.case_id, entry):
        return "chain"
    return "" if bytes(row["hash"]) == leaf_of(entry) else "leaf"


_ENDS: tuple[tuple[Wrong, sa.Select[Any]], ...] = (
    (
        "leaf",  # an entry that no leaf stands for
        sa.select(ENTRIES.c.case_id, ENTRIES.c.seq)
        .outerjoin(LEAF, sa.and_(LEAF.c.case_id == ENTRIES.c.case_id, LEAF.c.seq == ENTRIES.c.seq))
        .where(LEAF.c.place.is_(None))
        .order_by(ENTRIES.c.case_id, ENTRIES.c.seq),
    ),
    (
        "chain",  # a chain whose end is not its last entry
        sa.select(HEADS.c.case_id, HEADS.c.seq)
        .outerjoin(ENTRIES, sa.and_(ENTRIES.c.case_id == HEADS.c.case_id, ENTRIES.c.seq == HEADS.c.seq))
        .where(sa.or_(ENTRIES.c.link.is_(None), ENTRIES.c.link != HEADS.c.link))
        .order_by(HEADS.c.case_id),
    ),
    (
        "chain",  # an entry beyond the end of its chain, or of a chain that is gone
        sa.select(ENTRIES.c.case_id, ENTRIES.c.seq)
        .outerjoin(HEADS, HEADS.c.case_id == ENTRIES.c.case_id)
        .where(sa.or_(HEADS.c.seq.is_(None), ENTRIES.c.seq > HEADS.c.seq))
        .order_by(ENTRIES.c.case_id, ENTRIES.c.seq),
    ),
)
"""What the leaves do not show."""
