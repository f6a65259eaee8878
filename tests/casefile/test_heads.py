"""Heads are signed, given away, and hold the house to what it signed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from casefile.chain import entry_of, leaf_of, next_link
from casefile.exports import check_consistency
from casefile.heads import HEAD, Head, Signing, TreeRewritten, Witness, cloud_event
from casefile.keeper import Keeper
from casefile.notary import ChainEnd, Notary
from casefile.projections import ENTRIES, HEADS
from casefile.service import CaseFile
from casefile.tree import FRONTIER, LEAF, NODE, frontier, grow
from contracts.casefile import ConsistencyProof, ListTreeHeads, ProveConsistency, VerifyCase
from eventing.errors import Invalid, NotFound
from kernel.notes import Checkpoint, NotSigned, PublicKey
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, a_case, disarm, filled, granted, opened

KEY = PublicKey.read(SIGNING.notary.key)


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING) as running:
        yield running


def keeper(casefile: Replica, signing: Signing = SIGNING) -> Keeper:
    return Keeper(casefile.store, signing, casefile.clock.now)


def heads(casefile: Replica, **asked: Any) -> Any:
    return casefile.ask(ListTreeHeads(**asked))


def signed_by(key: PublicKey, note: str) -> bool:
    try:
        return bool(key.opened(note))
    except NotSigned:
        return False


class TestSigning:
    def test_a_head_says_the_tree_as_it_is_and_is_opened_with_the_public_key(self, casefile: Replica) -> None:
        a_case(casefile)

        head = keeper(casefile).sign()

        assert head is not None
        tree = frontier(casefile.store.select)
        assert Checkpoint.read(KEY.opened(head.note)) == Checkpoint(
            "onething/990102/casefile", 4, tree.root, casefile.clock.now()
        )

    def test_what_did_not_grow_is_not_signed_again(self, casefile: Replica) -> None:
        assert keeper(casefile).sign() is None
        a_case(casefile)

        assert keeper(casefile).sign() is not None
        assert keeper(casefile).sign() is None

    def test_heads_are_listed_with_the_key(self, casefile: Replica) -> None:
        for number in range(3):
            a_case(casefile, f"case-{number}")
            casefile.clock.advance(timedelta(minutes=1))
            keeper(casefile).sign()

        assert heads(casefile)["public_key"] == str(KEY)
        assert [each["tree_size"] for each in heads(casefile)["tree_heads"]] == [4, 8, 12]
        assert [each["tree_size"] for each in heads(casefile, after=4, limit=1)["tree_heads"]] == [8]
        assert heads(casefile, after=4, limit=1)["after"] == 8
        assert [each["tree_size"] for each in heads(casefile, newest=True)["tree_heads"]] == [12]

    def test_two_installations_have_two_keys(self) -> None:
        other = Notary("990102", bytes(32))

        with pytest.raises(NotSigned):
            KEY.opened(other.head(1, bytes(32), NOON))

    def test_while_its_key_is_rotated_heads_are_checked_with_the_old_key_and_the_new(self, casefile: Replica) -> None:
        old, new = bytes(range(32)), bytes(32)
        public = str(KEY)
        steps = (Notary("990102", old), Notary("990102", new, old), Notary("990102", new, public))
        notes = []
        for number, notary in enumerate(steps):
            a_case(casefile, f"case-{number}")
            head = keeper(casefile, Signing(notary)).sign()  # refused, if it did not know the one before
            assert head is not None
            notes.append(head.note)
        other = PublicKey.read(steps[1].key)

        assert [signed_by(KEY, note) for note in notes] == [True, True, False]
        assert [signed_by(other, note) for note in notes] == [False, True, True]
        assert all(steps[-1].known(note) for note in notes)
        assert Notary("990102", new).known(notes[0]) is None  # without the old public key

    @pytest.mark.parametrize("keys", [(), (str(KEY),), (bytes(32), Notary("110000", bytes(32)).key)])
    def test_keys_that_do_not_sign_or_are_somebody_elses_are_refused(self, keys: tuple[bytes | str, ...]) -> None:
        with pytest.raises(ValueError, match=r"no key signs|is not onething"):
            Notary("990102", *keys)

    def test_a_signed_head_cannot_be_changed_or_deleted(self, casefile: Replica) -> None:
        a_case(casefile)
        keeper(casefile).sign()

        for statement in (sa.update(HEAD).values(note=""), sa.delete(HEAD)):
            with pytest.raises(Exception, match="append-only"), casefile.store.writing() as connection:
                connection.execute(statement)

    def test_the_end_of_a_chain_says_one_thing_in_one_way(self) -> None:
        end = ChainEnd("onething/990102/casefile", "case-1", 4, bytes(32), 44)

        assert ChainEnd.read(end.text) == end
        for text in (
            "",
            end.text + "more\n",
            end.text.replace("tree 44", "tree 044"),
            end.text.replace("\n4\n", "\nx\n"),
        ):
            with pytest.raises(ValueError, match="no end of a chain"):
                ChainEnd.read(text)


class TestConsistency:
    def test_every_head_continues_every_earlier_one(self, casefile: Replica) -> None:
        for number in range(20):
            casefile.follow("intake", (f"case-{number}", 1, opened(f"case-{number}")))
            keeper(casefile).sign()
        notes = {each["tree_size"]: each["signed_note"] for each in heads(casefile)["tree_heads"]}

        for old in range(1, 20):
            for new in range(old, 20):
                answer = casefile.ask(ProveConsistency(old_size=old, new_size=new))
                proof = msgspec.convert(answer, ConsistencyProof)
                assert check_consistency(proof, KEY, notes[old]).verified
                assert check_consistency(proof, KEY, notes[20]).wrong == "other-head"
                if old < new:
                    swapped = msgspec.structs.replace(proof, old_head=proof.new_head, new_head=proof.old_head)
                    assert check_consistency(swapped, KEY).wrong == "rewritten"

    def test_is_proven_between_heads_that_were_signed(self, casefile: Replica) -> None:
        a_case(casefile)
        keeper(casefile).sign()
        a_case(casefile, "case-2")
        keeper(casefile).sign()

        with refused(NotFound, id="3"):
            casefile.ask(ProveConsistency(old_size=3))
        with refused(Invalid, field="new_size"):
            casefile.ask(ProveConsistency(old_size=8, new_size=4))


def written_anew(casefile: Replica) -> None:
    """Somebody who owns the database and knows all rules makes another decision out of fact 3, and everything fit it:
    the chain, its head, the leaves, the frontier; only the key he has not."""
    disarm(casefile)
    with casefile.store.writing() as connection:
        rows = connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq)).mappings().all()
        link, leaves = bytes(32), []
        connection.execute(sa.delete(ENTRIES))
        for row in rows:
            entry = entry_of(dict(row))
            state = entry.state.replace(b'"D-1"', b'"D-2"')
            entry = msgspec.structs.replace(entry, state=state)
            link = next_link(link, entry.service, entry)
            entry = msgspec.structs.replace(entry, link=link)
            connection.execute(sa.insert(ENTRIES).values(msgspec.structs.asdict(entry)))
            leaves.append((entry.case_id, entry.seq, leaf_of(entry)))
        connection.execute(sa.update(HEADS).values(link=link))
        for table in (LEAF, NODE, FRONTIER):
            connection.execute(sa.delete(table))
        grow(connection, leaves)


class TestAHouseThatRewrites:
    @pytest.fixture
    def rewritten(self, casefile: Replica) -> Replica:
        casefile.follow("intake", ("case-1", 1, opened()), ("case-1", 2, filled()))
        keeper(casefile).sign()
        casefile.follow("approval", ("case-1", 1, granted()))
        casefile.follow("intake", ("case-1", 3, filled()))
        keeper(casefile).sign()
        assert casefile.ask(VerifyCase(case_id="case-1"))["verified"]
        written_anew(casefile)
        return casefile

    def test_is_told_by_the_head_that_it_signed(self, rewritten: Replica) -> None:
        found = rewritten.ask(VerifyCase(case_id="case-1"))

        assert (found["verified"], found["broken_at"], found["wrong"]) == (False, 3, "head")

    def test_signs_nothing_more(self, rewritten: Replica) -> None:
        rewritten.follow("intake", ("case-2", 1, opened("case-2")))

        looking = keeper(rewritten)
        with refused(TreeRewritten, signed=4):
            looking.sign()
        assert len(heads(rewritten)["tree_heads"]) == 2
        assert looking.is_rewritten

    def test_is_no_alarm_before_that_happened(self, casefile: Replica) -> None:
        casefile.follow("intake", ("case-1", 1, opened("case-1")))
        looking = keeper(casefile)

        looking.sign()

        assert not looking.is_rewritten

    def test_cannot_prove_that_it_continues(self, rewritten: Replica) -> None:
        proof = msgspec.convert(rewritten.ask(ProveConsistency(old_size=2, new_size=4)), ConsistencyProof)

        assert check_consistency(proof, KEY).wrong == "rewritten"

    def test_cannot_replace_the_heads_either(self, rewritten: Replica) -> None:
        with rewritten.store.writing() as connection:
            connection.execute(sa.delete(HEAD))
            tree = frontier(rewritten.store.select)
            forged = Notary("990102", bytes(32)).head(tree.size, tree.root, NOON)
            connection.execute(sa.insert(HEAD).values(size=tree.size, root=tree.root, at=NOON, note=forged))

        found = rewritten.ask(VerifyCase(case_id="case-1"))

        assert (found["verified"], found["broken_at"], found["wrong"]) == (False, 1, "head")


class Told(Witness):
    """A witness whose broker is a list."""

    def __init__(self, path: str) -> None:
        super().__init__("990102", "inproc://", path)
        self.sent: list[Any] = []
        self.publisher.publish = self.sent.extend  # type: ignore[method-assign,assignment]


class TestWitnesses:
    def test_are_told_every_head_once(self, casefile: Replica, tmp_path: Path) -> None:
        witness = Told(str(tmp_path / "heads.txt"))
        signing = Signing(SIGNING.notary, witness)
        for number in range(2):
            a_case(casefile, f"case-{number}")
            keeper(casefile, signing).sign()
            keeper(casefile, signing).sign()

        notes = [each["signed_note"] for each in heads(casefile)["tree_heads"]]
        assert (tmp_path / "heads.txt").read_text() == "".join(f"{note}\n" for note in notes)
        assert [msgspec.json.decode(each.data)["note"] for each in witness.sent] == notes
        assert {each.routing_key for each in witness.sent} == {"990102"}

    def test_that_are_away_hinder_nothing(self, casefile: Replica, tmp_path: Path) -> None:
        a_case(casefile)

        assert keeper(casefile, Signing(SIGNING.notary, Told(str(tmp_path / "no" / "folder")))).sign() is not None

    def test_get_the_signed_text(self) -> None:
        note = SIGNING.notary.head(4, bytes(32), NOON)

        sent = cloud_event("990102", Head(4, bytes(32), NOON, note))

        assert KEY.opened(msgspec.json.decode(sent.data)["note"]).startswith("onething/990102/casefile\n4\n")
        assert sent.attributes["id"] == "990102:4"
