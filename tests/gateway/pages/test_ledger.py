"""The auditor's pages of the whole ledger: all windows at an instant, and whether one head continues another."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from casefile.exports import CONSISTENCY_PROOF, check_consistency
from casefile.notary import Notary
from contracts.casefile import ConsistencyProof, ListTreeHeads, ProveCase
from contracts.halls import GetTree
from eventing.errors import NotFound
from gateway.pages.ledger import verdict
from kernel.merkle import Frontier, Node, consistency, leaf_hash
from kernel.notes import PublicKey
from testkit.facts import NOON
from testkit.house import House, eventually

AUDITOR = "auditor-shi"
NOTARY = Notary("990102", bytes(range(32)))


def read(web: Any, path: str, caller: str | None = AUDITOR) -> Any:
    return web("GET", path, caller=caller, Accept="text/html")


@pytest.fixture(scope="module")
def head(house: House) -> dict[str, Any]:
    """A head that the house has signed."""
    hall = house.client().ask(GetTree())[0]["hall"]

    def signed() -> bool:
        with suppress(NotFound):  # the ledger has not come there
            house.client().ask(ProveCase(case_id=hall))
        return bool(house.client().ask(ListTreeHeads(limit=1))["tree_heads"])

    eventually(signed)
    return dict(house.client().ask(ListTreeHeads(limit=1))["tree_heads"][0])


def test_they_are_for_auditors_alone(web: Any) -> None:
    for address in ("/audit/windows", "/audit/ledger", "/audit/ledger/consistency?old=1"):
        assert read(web, address, None).status == 303
        assert read(web, address, "clerk-zhao").status == 403


class TestWindows:
    def test_all_halls_are_shown_as_they_stood(self, web: Any, house: House) -> None:
        at, hall = datetime.now(UTC), house.client().ask(GetTree())[0]["name"]

        def told() -> str:
            return str(read(web, f"/audit/windows?at={quote(at.isoformat())}&lang=zh").body.decode())

        eventually(lambda: hall in told())
        assert "sha256:" in told()

    def test_before_anything_there_was_no_hall(self, web: Any) -> None:
        assert "当时还没有这个大厅" in read(web, "/audit/windows?at=2020-01-01T10:00:00&lang=zh").body.decode()
        at_hall = read(web, "/audit/windows?at=2020-01-01T10:00:00&hall=yl-hall&lang=zh")
        assert "当时还没有这个大厅" in at_hall.body.decode()

    @pytest.mark.parametrize(("at", "said"), [("yesterday", "aria-invalid"), ("2999-01-01T10:00", "还没有到")])
    def test_an_instant_that_is_none_is_told_beside_the_field(self, web: Any, at: str, said: str) -> None:
        answer = read(web, f"/audit/windows?at={at}&lang=zh")

        assert answer.status == 200
        assert said in answer.body.decode()


class TestConsistency:
    def test_a_kept_head_is_continued_and_the_proof_holds_offline(self, web: Any, head: dict[str, Any]) -> None:
        key = read(web, f"/audit/ledger?old={head['tree_size']}&lang=zh").body.decode()
        asked = f"/audit/ledger?kept={quote(head['signed_note'])}&lang=zh"
        proof = read(web, f"/audit/ledger/consistency?old={head['tree_size']}")

        assert "一致" in key
        assert "完整地包含在" in read(web, asked).body.decode()
        assert f'filename="consistency-{head["tree_size"]}.json"' in proof.headers["Content-Disposition"]
        offline = msgspec.json.decode(proof.body, type=ConsistencyProof)
        assert check_consistency(offline, PublicKey.read(offline.public_key), head["signed_note"]).verified

    def test_the_key_that_the_auditor_holds_is_the_one_that_counts(self, web: Any, head: dict[str, Any]) -> None:
        answer = read(web, f"/audit/ledger?old={head['tree_size']}&key={quote(str(NOTARY.key))}&lang=zh")

        assert "没有这把公钥的有效签名" in answer.body.decode()

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("old=987654321", "没有签署过"),
            ("old=many", "看不懂"),
            ("kept=nothing", "看不懂"),
            ("key=nothing&old={size}", "看不懂"),
            ("old={size}&new=0", "一致"),
        ],
    )
    def test_what_cannot_be_compared_is_said_in_words(
        self, web: Any, head: dict[str, Any], asked: str, said: str
    ) -> None:
        answer = read(web, f"/audit/ledger?{asked.format(size=head['tree_size'])}&lang=zh")

        assert answer.status == 200
        assert said in answer.body.decode()


LEAVES = [leaf_hash(b"%d" % n) for n in range(9)]


def signed(leaves: Sequence[bytes]) -> tuple[str, Any]:
    """A head over leaves, and the nodes of its tree."""
    tree = Frontier()
    nodes = {Node(0, place): leaf for place, leaf in enumerate(leaves)} | dict(tree.extend(leaves))
    return NOTARY.head(len(leaves), tree.root, NOON), nodes


def a_proof(old: Sequence[bytes], new: Sequence[bytes]) -> dict[str, Any]:
    (before, _), (after, nodes) = signed(old), signed(new)
    path = consistency(len(old), len(new), lambda wanted: {node: nodes[node] for node in wanted})
    proof = ConsistencyProof(
        format=CONSISTENCY_PROOF,
        public_key=str(NOTARY.key),
        old_head=before,
        new_head=after,
        consistency_path=tuple(path),
    )
    return dict(json.loads(msgspec.json.encode(proof)))


class TestTheVerdict:
    @pytest.mark.parametrize("old", range(1, 10))
    def test_is_that_what_was_signed_is_continued(self, old: int) -> None:
        found = verdict(a_proof(LEAVES[:old], LEAVES), "", signed(LEAVES[:old])[0])

        assert (found.wrong, found.old, found.new) == ("", old, 9)

    @pytest.mark.parametrize("changed", range(6))
    def test_is_that_a_fact_before_it_was_changed(self, changed: int) -> None:
        forged = [*LEAVES]
        forged[changed] = leaf_hash(b"another")

        assert verdict(a_proof(LEAVES[:6], forged), "", "").wrong == "rewritten"

    def test_is_that_the_house_shows_another_head_than_the_one_that_was_kept(self) -> None:
        kept = signed([leaf_hash(b"another"), *LEAVES[1:6]])[0]

        assert verdict(a_proof(LEAVES[:6], LEAVES), "", kept).wrong == "other-head"

    def test_is_that_a_signature_does_not_hold(self) -> None:
        kept = re.sub("^6$", "5", signed(LEAVES[:6])[0], flags=re.MULTILINE)

        assert verdict(a_proof(LEAVES[:6], LEAVES), "", kept).wrong == "head"
