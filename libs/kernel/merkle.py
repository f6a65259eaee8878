"""The Merkle tree of RFC 9162, section 2.1: heads, inclusion proofs and consistency proofs, over SHA-256.

A tree only grows to the right. What it needs to grow is its frontier, the roots of the complete subtrees that it
consists of. What it needs to prove is the hashes of complete subtrees; every fourth level of them is enough to be
kept, as the others are made of at most eight of those.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""

HASH = 32
"""Bytes of a hash."""

STEP = 4
"""Of the levels above the leaves every so many are kept."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Node(msgspec.Struct, frozen=True, order=True):
    """A complete subtree: over the 2**level leaves from index * 2**level on. At level 0 it is a leaf."""

    level: int
    index: int


class Frontier:
    """A tree as far as it takes to go on: its size and the roots of its complete subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        """Raises ValueError when so many peaks are not those of a tree of this size."""
        if len(peaks) != size.bit_count() * HASH:
            msg = f"a tree of {size} leaves has {size.bit_count()} peaks of {HASH} bytes"
            raise ValueError(msg)
        self.size = size
        self._peaks = [peaks[at : at + HASH] for at in range(0, len(peaks), HASH)]

    @property
    def peaks(self) -> bytes:
        """The peaks as they are stored."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The head of the tree as it is."""
        return _folded(self._peaks)

    def extend(self, leaves: Iterable[bytes]) -> Iterator[tuple[Node, bytes]]:
        """Adds leaves, given by their hashes; yields the nodes to be kept, as they become complete."""
        peaks = self._peaks
        for leaf in leaves:
            index, level, known = self.size, 0, leaf
            while index & 1:
                known = node_hash(peaks.pop(), known)
                index >>= 1
                level += 1
                if level % STEP == 0:
                    yield Node(level, index), known
            peaks.append(known)
            self.size += 1


def _folded(roots: Sequence[bytes]) -> bytes:
    """The root over adjacent complete subtrees, largest first."""
    if not roots:
        return EMPTY_ROOT
    *rest, root = roots
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


Known = Mapping[Node, bytes]
Read = Callable[[frozenset[Node]], Known]
"""Gives the hashes of nodes that are kept: of leaves, and of every fourth level above them."""


def root_at(size: int, read: Read) -> bytes:
    """The head of the tree when it had this size."""
    return _hashes([(0, size)], read)[0]


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The proof that a leaf is in the tree of this size (2.1.3.1). Raises ValueError for a place outside of it."""
    return inclusions([index], size, read)[0]


def inclusions(indexes: Sequence[int], size: int, read: Read) -> list[list[bytes]]:
    """The proofs of several leaves, with one reading."""
    if not all(0 <= index < size for index in indexes):
        msg = f"a tree of {size} leaves has no such leaf"
        raise ValueError(msg)
    paths = [[*_path(index, size)] for index in indexes]
    hashes = iter(_hashes([part for path in paths for part in path], read))
    return [[next(hashes) for _ in path] for path in paths]


def consistency(old: int, new: int, read: Read) -> list[bytes]:
    """The proof that the tree of the old size is a beginning of the new one (2.1.4.1). Raises ValueError."""
    if not 0 < old <= new:
        msg = f"a tree of {new} leaves did not begin with one of {old}"
        raise ValueError(msg)
    return _hashes([*_subproof(old, 0, new)], read)


def _split(start: int, end: int) -> int:
    """Where the left subtree of these leaves ends: at the largest power of two that is less than all of them."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _path(index: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges of leaves beside the way from a leaf up to the root."""
    start, end, beside = 0, size, []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((start, middle))
            start = middle
    return reversed(beside)


def _subproof(old: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """SUBPROOF of RFC 9162, as ranges of leaves."""
    parts: list[tuple[int, int]] = []
    whole = True
    while old != end:
        middle = _split(start, end)
        if old <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start, whole = middle, False
    if not whole:
        parts.append((start, end))
    return reversed(parts)


def _hashes(ranges: Sequence[tuple[int, int]], read: Read) -> list[bytes]:
    """The root over each range of leaves, all of them read at once."""
    subtrees = [[*_subtrees(start, end)] for start, end in ranges]
    known = read(frozenset(kept for nodes in subtrees for node in nodes for kept in _kept(node)))
    return [_folded([_root(node, known) for node in nodes]) for nodes in subtrees]


def _subtrees(start: int, end: int) -> Iterator[Node]:
    """The complete subtrees of a range that begins where its largest one may."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield Node(level, start >> level)
        start += 1 << level


def _kept(node: Node) -> list[Node]:
    """The nodes that a node is made of and that are kept."""
    below = node.level % STEP
    return [Node(node.level - below, (node.index << below) + n) for n in range(1 << below)]


def _root(node: Node, known: Known) -> bytes:
    hashes = [known[kept] for kept in _kept(node)]
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf, given by its hash, is at this place of the tree with this head (2.1.3.2)."""
    if not 0 <= index < size or any(len(each) != HASH for each in (leaf, root, *proof)):
        return False
    last, known = size - 1, leaf
    for beside in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            known = node_hash(beside, known)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            known = node_hash(known, beside)
        index >>= 1
        last >>= 1
    return last == 0 and known == root


def extends(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of the new head begins with all of the tree of the old head (2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if any(len(each) != HASH for each in (old_root, new_root, *proof)):
        return False
    path = [old_root, *proof] if old.bit_count() == 1 else [*proof]
    if not path:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index >>= 1
        last >>= 1
    was = now = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            was, now = node_hash(beside, was), node_hash(beside, now)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            now = node_hash(now, beside)
        index >>= 1
        last >>= 1
    return last == 0 and was == old_root and now == new_root
