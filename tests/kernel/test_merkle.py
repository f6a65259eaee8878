"""The tree of RFC 9162: vectors of others, a naive tree beside it, and proofs that do not hold."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.merkle import (
    EMPTY_ROOT,
    STEP,
    Frontier,
    Known,
    Node,
    consistency,
    extends,
    includes,
    inclusion,
    inclusions,
    leaf_hash,
    root_at,
)

VECTORS = Path(__file__).parent / "vectors"


def vectors(name: str) -> dict[str, Any]:
    return dict(json.loads((VECTORS / name).read_text())["vectors"])


def b64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


class TestTheVectorsOfOthers:
    @pytest.mark.parametrize(("name", "case"), [*vectors("merkle_inclusion.json").items()])
    def test_inclusion(self, name: str, case: dict[str, Any]) -> None:
        proof = [b64(each) for each in case["proof"] or ()]

        held = includes(b64(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64(case["root"]))

        assert held is not case["wantErr"], case["desc"]

    @pytest.mark.parametrize(("name", "case"), [*vectors("merkle_consistency.json").items()])
    def test_consistency(self, name: str, case: dict[str, Any]) -> None:
        proof = [b64(each) for each in case["proof"] or ()]

        held = extends(case["size1"], case["size2"], b64(case["root1"]), b64(case["root2"]), proof)

        assert held is not case["wantErr"], case["desc"]

    @pytest.mark.parametrize("name", ["merkle_inclusion.json", "merkle_consistency.json"])
    def test_there_are_hostile_ones_and_right_ones(self, name: str) -> None:
        assert {case["wantErr"] for case in vectors(name).values()} == {True, False}


def mth(leaves: list[bytes]) -> bytes:
    """The definition in RFC 9162, section 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


class Grown:
    """A tree that keeps what it is told to keep, and nothing else."""

    def __init__(self, leaves: list[bytes], batches: Iterator[int]) -> None:
        self.kept: dict[Node, bytes] = {}
        self.frontier = Frontier()
        hashes = [leaf_hash(leaf) for leaf in leaves]
        self.kept.update({Node(0, index): known for index, known in enumerate(hashes)})
        start = 0
        while start < len(hashes):
            end = start + next(batches)
            self.frontier = Frontier(self.frontier.size, self.frontier.peaks)  # as read from a store
            self.kept.update(self.frontier.extend(hashes[start:end]))
            start = end

    def read(self, wanted: frozenset[Node]) -> Known:
        return {node: self.kept[node] for node in wanted}


def letters(size: int) -> list[bytes]:
    return [str(n).encode() for n in range(size)]


def ones() -> Iterator[int]:
    while True:
        yield 1


MOST = 70
"""More than four levels of leaves, and a few beyond a power of two."""


class TestATreeThatGrows:
    @pytest.mark.parametrize("size", range(MOST))
    def test_has_the_root_of_the_definition(self, size: int) -> None:
        tree = Grown(letters(size), ones())

        assert tree.frontier.root == mth(letters(size))
        assert root_at(size, tree.read) == mth(letters(size))

    @given(size=st.integers(1, 600), batches=st.lists(st.integers(1, 50), min_size=1))
    def test_does_not_depend_on_how_leaves_were_batched(self, size: int, batches: list[int]) -> None:
        def repeated() -> Iterator[int]:
            while True:
                yield from batches

        assert Grown(letters(size), repeated()).frontier.root == mth(letters(size))

    def test_knows_its_earlier_heads(self) -> None:
        tree = Grown(letters(MOST), ones())

        assert all(root_at(size, tree.read) == mth(letters(size)) for size in range(MOST + 1))

    def test_keeps_few_nodes(self) -> None:
        tree = Grown(letters(1000), ones())

        assert len(tree.kept) - 1000 <= 1000 // (2**STEP - 1)
        assert {node.level % STEP for node in tree.kept} == {0}

    def test_without_leaves_is_the_hash_of_nothing(self) -> None:
        assert Frontier().root == EMPTY_ROOT == hashlib.sha256(b"").digest()

    @pytest.mark.parametrize(("size", "peaks"), [(1, b""), (3, bytes(32)), (2, bytes(64)), (1, bytes(31))])
    def test_goes_on_only_from_peaks_of_its_size(self, size: int, peaks: bytes) -> None:
        with pytest.raises(ValueError, match="peaks"):
            Frontier(size, peaks)


class TestProofs:
    def test_of_every_leaf_in_every_tree_hold_and_only_there(self) -> None:
        tree = Grown(letters(MOST), ones())
        for size in range(1, MOST + 1):
            root = root_at(size, tree.read)
            for index, proof in enumerate(inclusions(range(size), size, tree.read)):
                leaf = leaf_hash(str(index).encode())
                assert includes(leaf, index, size, proof, root)
                assert not includes(leaf_hash(b"another"), index, size, proof, root)
                assert not includes(leaf, index ^ 1, size, proof, root)
                assert not includes(leaf, index, size, [*proof, root], root)
                assert not proof or not includes(leaf, index, size, proof[:-1], root)

    def test_between_all_sizes_hold_and_only_there(self) -> None:
        tree = Grown(letters(MOST), ones())
        roots = [root_at(size, tree.read) for size in range(MOST + 1)]
        for new in range(1, MOST + 1):
            for old in range(1, new + 1):
                proof = consistency(old, new, tree.read)
                assert extends(old, new, roots[old], roots[new], proof)
                assert not extends(old, new, leaf_hash(b"another"), roots[new], proof)
                assert not extends(old, new, roots[old], leaf_hash(b"another"), proof)
                assert not extends(old, new, roots[old], roots[new], [*proof, roots[1]])

    @given(st.data())
    def test_with_any_bit_changed_do_not_hold(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(2, 300))
        index = data.draw(st.integers(0, size - 1))
        tree = Grown(letters(size), ones())
        proof = inclusion(index, size, tree.read)
        which, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        changed = bytearray(proof[which])
        changed[bit // 8] ^= 1 << bit % 8
        hostile = [*proof[:which], bytes(changed), *proof[which + 1 :]]

        assert not includes(leaf_hash(str(index).encode()), index, size, hostile, tree.frontier.root)

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
    def test_are_not_made_for_places_outside_the_tree(self, index: int, size: int) -> None:
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion(index, size, lambda _: {})

    @pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
    def test_are_not_made_from_no_tree_or_a_later_one(self, old: int, new: int) -> None:
        with pytest.raises(ValueError, match="did not begin"):
            consistency(old, new, lambda _: {})
