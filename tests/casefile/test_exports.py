"""A history that was taken away can be checked anywhere, and whatever is done to it is found."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefile.exports import Finding, check_case
from casefile.keeper import Keeper
from casefile.notary import Notary
from casefile.projections import HEADS
from casefile.service import CaseFile, HistoryBroken
from contracts.casefile import CaseProof, ProveCase, ProvenFact
from contracts.language import Caller
from eventing.scoping import NotYourRole
from kernel.notes import PublicKey
from testkit.facts import refused
from testkit.replica import Replica

from .mothers import SIGNING, a_case, disarm, filled, opened

KEY = PublicKey.read(SIGNING.notary.key)


@pytest.fixture(scope="module")
def casefile(tmp_path_factory: pytest.TempPathFactory) -> Replica:
    """Two cases that were appended in turn, and one beside them."""
    folder = tmp_path_factory.mktemp("casefile")
    running = Replica(CaseFile, f"sqlite:///{folder}/casefile.db", signing=SIGNING)
    a_case(running, "case-0")
    for version in range(1, 8):
        for case in ("case-1", "case-2"):
            running.follow("intake", (case, version, opened(case) if version == 1 else filled(case)))
    return running


def proven(casefile: Replica, case: str = "case-1") -> CaseProof:
    """As it comes out of a file."""
    return msgspec.convert(casefile.ask(ProveCase(case_id=case)), CaseProof)


@pytest.fixture(scope="module")
def proof(casefile: Replica) -> CaseProof:
    return proven(casefile)


def changed(proof: CaseProof, facts: tuple[ProvenFact, ...]) -> CaseProof:
    return msgspec.structs.replace(proof, facts=facts)


class TestAProof:
    def test_holds_with_the_public_key_alone(self, proof: CaseProof) -> None:
        assert check_case(proof, KEY) == Finding(verified=True, size=18, length=7)

    def test_is_under_a_head_that_was_signed_for_it(self, casefile: Replica, proof: CaseProof) -> None:
        again = proven(casefile)

        assert again.tree_head == proof.tree_head
        assert [fact.leaf_index for fact in proof.facts] == [4, 6, 8, 10, 12, 14, 16]

    def test_does_not_hold_with_another_key(self, proof: CaseProof) -> None:
        other = PublicKey.read(Notary("990102", bytes(32)).key)

        assert check_case(proof, other).wrong == "head"

    def test_is_for_those_who_may_see_everything(self, casefile: Replica) -> None:
        with refused(NotYourRole):
            casefile.ask(ProveCase(case_id="case-1"), caller=Caller(by="li", hall="county", roles=("clerk",)))

    def test_is_not_made_of_a_history_that_is_broken(self, tmp_path: Path) -> None:
        running = Replica(CaseFile, f"sqlite:///{tmp_path}/casefile.db", signing=SIGNING)
        a_case(running)
        disarm(running)
        with running.store.writing() as connection:
            connection.exec_driver_sql("UPDATE ledger SET state = '{}' WHERE seq = 2")

        with refused(HistoryBroken, at=2):
            proven(running)

    def test_stays_valid_when_the_house_goes_on(self, casefile: Replica, proof: CaseProof) -> None:
        a_case(casefile, "case-3")
        casefile.clock.advance(timedelta(days=1))
        Keeper(casefile.store, SIGNING, casefile.clock.now).sign()

        assert check_case(proof, KEY).verified
        assert check_case(proven(casefile), KEY).size == 22


SMALL: dict[str, Callable[[Any], Any]] = {
    "service": lambda v: v + "x",
    "segment": lambda v: v + 1,
    "position": lambda v: v + 1,
    "stream": lambda v: v + "x",
    "version": lambda v: v + 1,
    "topic": lambda v: v + "x",
    "state": lambda v: v.replace(b"clerk-7", b"clerk-8"),
    "link": lambda v: bytes(32),
    "seq": lambda v: v + 1,
    "leaf_index": lambda v: v + 1,
    "inclusion_path": lambda v: v[::-1],
}
"""Field → the smallest change."""


class TestWhateverIsDoneToIt:
    def test_every_field_is_looked_at(self) -> None:
        assert SMALL.keys() == set(ProvenFact.__struct_fields__)

    @pytest.mark.parametrize("field", SMALL)
    @pytest.mark.parametrize("at", range(1, 8))
    def test_a_changed_field_is_found_where_it_is(self, proof: CaseProof, at: int, field: str) -> None:
        facts = [*proof.facts]
        facts[at - 1] = msgspec.structs.replace(facts[at - 1], **{field: SMALL[field](getattr(facts[at - 1], field))})

        found = check_case(changed(proof, tuple(facts)), KEY)

        assert (found.verified, found.at) == (False, at)

    @pytest.mark.parametrize("at", range(1, 8))
    def test_a_dropped_fact_is_found(self, proof: CaseProof, at: int) -> None:
        found = check_case(changed(proof, proof.facts[: at - 1] + proof.facts[at:]), KEY)

        assert (found.verified, found.wrong, found.at) == (False, "missing", at)

    @pytest.mark.parametrize("at", range(1, 7))
    def test_two_that_changed_places_are_found(self, proof: CaseProof, at: int) -> None:
        facts = [*proof.facts]
        facts[at - 1], facts[at] = (
            msgspec.structs.replace(facts[at], seq=at),
            msgspec.structs.replace(facts[at - 1], seq=at + 1),
        )

        found = check_case(changed(proof, tuple(facts)), KEY)

        assert (found.verified, found.wrong, found.at) == (False, "fact", at)

    @pytest.mark.parametrize("at", range(1, 9))
    def test_an_inserted_fact_is_found(self, proof: CaseProof, at: int) -> None:
        facts = [*proof.facts]
        facts.insert(at - 1, facts[min(at, 7) - 1])
        facts = [msgspec.structs.replace(fact, seq=n) for n, fact in enumerate(facts, start=1)]

        found = check_case(changed(proof, tuple(facts)), KEY)

        assert not found.verified
        assert found.at in {at, at + 1}

    def test_of_another_case_is_found(self, casefile: Replica, proof: CaseProof) -> None:
        other = proven(casefile, "case-2")

        assert check_case(changed(proof, other.facts), KEY).at == 1
        assert check_case(msgspec.structs.replace(proof, chain_end=other.chain_end), KEY).wrong == "another"
        assert check_case(msgspec.structs.replace(proof, case_id="case-2"), KEY).wrong == "another"

    @pytest.mark.parametrize("state", [b"", b"\xcb", b"[]", b"{}", b"null"])
    def test_bytes_that_are_no_fact_are_found(self, proof: CaseProof, state: bytes) -> None:
        facts = (proof.facts[0], msgspec.structs.replace(proof.facts[1], state=state), *proof.facts[2:])

        found = check_case(changed(proof, facts), KEY)

        assert (found.verified, found.wrong, found.at) == (False, "fact", 2)

    def test_without_facts_is_no_history(self, proof: CaseProof) -> None:
        assert check_case(changed(proof, ()), KEY).wrong == "missing"

    @given(st.data())
    def test_a_bit_anywhere_in_its_bytes(self, proof: CaseProof, data: st.DataObject) -> None:
        raw = bytearray(msgspec.json.encode(proof))
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= 1 << data.draw(st.integers(0, 7))
        try:
            read = msgspec.json.decode(bytes(raw), type=CaseProof)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # nobody takes it for a proof
        told = msgspec.structs.replace(
            read, public_key=proof.public_key, number=proof.number
        )  # these two are for the reader
        assert told == proof or not check_case(read, KEY).verified


def test_the_number_is_the_one_of_the_case(casefile: Replica, proof: CaseProof) -> None:
    assert proof.number == casefile.store.select(HEADS.select().where(HEADS.c.case_id == "case-1"))[0]["number"]
