"""Whether what stands in the ledger is what was written: each entry against its chain, its leaf and the tree."""

from collections.abc import Sequence

import msgspec

from casefile.chain import Entry, Verdict, Wrong, leaf_of
from kernel.merkle import Frontier, Read, includes, inclusions


class Leaf(msgspec.Struct, frozen=True):
    """An entry's leaf as it is stored."""

    place: int
    hash: bytes


def in_tree(
    verdict: Verdict, entries: Sequence[Entry], leaves: Sequence[Leaf | None], tree: Frontier, read: Read
) -> Verdict:
    """The verdict on a chain that is whole, once the tree has been looked at, too.

    Every entry has the leaf that was made of it, and every leaf leads to the root.
    """
    size, root = tree.size, tree.root
    known: list[Leaf] = []
    for entry, leaf in zip(entries, leaves, strict=True):
        if leaf is None or leaf.hash != leaf_of(entry):
            return broken(verdict, entry.seq, "leaf")
        if not 0 <= leaf.place < size:
            return broken(verdict, entry.seq, "tree")
        known.append(leaf)
    proofs = inclusions([leaf.place for leaf in known], size, read)
    for entry, leaf, proof in zip(entries, known, proofs, strict=True):
        if not includes(leaf.hash, leaf.place, size, proof, root):
            return broken(verdict, entry.seq, "tree")
    return verdict


def broken(verdict: Verdict, at: int, wrong: Wrong) -> Verdict:
    """A verdict that says where."""
    return msgspec.structs.replace(verdict, verified=False, broken_at=at, wrong=wrong)


def rewritten_from(verdict: Verdict, leaves: Sequence[Leaf], size: int) -> Verdict:
    """The verdict where the tree is no more the one that was signed, but up to a size: the first entry beyond that."""
    beyond = [seq for seq, leaf in enumerate(leaves, start=1) if leaf.place >= size]
    return msgspec.structs.replace(verdict, verified=False, broken_at=min(beyond, default=None), wrong="head")
