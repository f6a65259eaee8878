"""Every fact is a leaf of one tree, in the order in which casefile received it."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casefile import projections
from casefile.chain import entry_of, leaf_of
from casefile.keeper import Keeper
from casefile.projections import ENTRIES
from casefile.service import CaseFile
from casefile.tree import FRONTIER, LEAF, NODE, frontier
from contracts.casefile import VerifyCase, VerifyLedger
from eventing.errors import Unavailable
from kernel.merkle import EMPTY_ROOT, node_hash
from testkit.facts import refused
from testkit.meanwhile import meanwhile
from testkit.replica import DATABASES, Replica, replica

from .mothers import SIGNING, a_case, closed, disarm, filled, granted, opened


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING) as running:
        yield running


def verified(casefile: Replica, case_id: str = "case-1") -> Any:
    return casefile.ask(VerifyCase(case_id=case_id))


def rows(casefile: Replica, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in casefile.store.select(statement)]


def of_the_definition(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes, as RFC 9162 defines it."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(of_the_definition(leaves[:k]), of_the_definition(leaves[k:]))


def leaves(casefile: Replica) -> list[bytes]:
    """The leaves in their order, recomputed from the ledger."""
    stored = rows(
        casefile,
        sa.select(ENTRIES)
        .join(LEAF, sa.and_(LEAF.c.case_id == ENTRIES.c.case_id, LEAF.c.seq == ENTRIES.c.seq))
        .order_by(LEAF.c.place),
    )
    return [leaf_of(entry_of(row)) for row in stored]


class TestGrowth:
    def test_a_new_house_has_an_empty_tree(self, casefile: Replica) -> None:
        assert (frontier(casefile.store.select).size, frontier(casefile.store.select).root) == (0, EMPTY_ROOT)

    def test_leaves_stand_in_the_order_in_which_facts_came(self, casefile: Replica) -> None:
        casefile.follow("intake", ("case-1", 1, opened()), ("case-2", 1, opened("case-2")))
        casefile.follow("approval", ("case-2", 1, granted("case-2")))
        casefile.follow("intake", ("case-1", 2, filled()))

        stood = rows(casefile, sa.select(LEAF.c.place, LEAF.c.case_id, LEAF.c.seq).order_by(LEAF.c.place))

        assert [row["place"] for row in stood] == [0, 1, 2, 3]
        assert {(row["case_id"], row["seq"]) for row in stood[:2]} == {("case-1", 1), ("case-2", 1)}
        assert [(row["case_id"], row["seq"]) for row in stood[2:]] == [("case-2", 2), ("case-1", 2)]

    @pytest.mark.parametrize("batch", [1, 7, 50])
    def test_the_root_is_that_of_the_definition(self, casefile: Replica, batch: int) -> None:
        facts = [(f"case-{n % 5}", n // 5 + 1, filled(f"case-{n % 5}")) for n in range(50)]
        for start in range(0, len(facts), batch):
            casefile.follow("intake", *facts[start : start + batch])

        tree = frontier(casefile.store.select)

        assert tree.size == 50
        assert tree.root == of_the_definition(leaves(casefile))
        assert len(rows(casefile, sa.select(NODE))) == 50 // 16
        assert all(verified(casefile, f"case-{n}")["verified"] for n in range(5))

    def test_what_is_not_saved_is_in_neither(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        a_case(casefile)

        def dies(*_: Any) -> None:
            raise Unavailable(what="power")

        with monkeypatch.context() as patch:
            patch.setattr(projections.CHAINS, "upsert", dies)
            with refused(Unavailable):
                casefile.follow("intake", ("case-2", 1, opened("case-2")))

        assert len(rows(casefile, sa.select(ENTRIES))) == frontier(casefile.store.select).size == 4
        assert verified(casefile)["verified"]


class TestAnOlderStore:
    """One whose entries were written by a release that knew no tree."""

    @pytest.fixture
    def old(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> Replica:
        with monkeypatch.context() as patch:
            patch.setattr(projections, "grow", lambda *_: None)
            for number in range(3):
                a_case(casefile, f"case-{number}")
        return casefile

    def test_says_that_its_tree_is_not_there_yet(self, old: Replica) -> None:
        with refused(Unavailable, what="tree"):
            verified(old)

    def test_gets_leaves_for_all_of_its_entries(self, old: Replica) -> None:
        Keeper(old.store, SIGNING, old.clock.now).look()

        assert frontier(old.store.select).root == of_the_definition(leaves(old))
        assert frontier(old.store.select).size == 12
        assert all(verified(old, f"case-{number}")["verified"] for number in range(3))

    def test_may_go_on_meanwhile(self, old: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("casefile.keeper.CAUGHT_UP", 5)
        old.follow("intake", ("case-1", 5, filled("case-1")))
        old.follow("intake", ("case-9", 1, opened("case-9")), ("case-9", 2, closed("case-9")))

        Keeper(old.store, SIGNING, old.clock.now).look()
        Keeper(old.store, SIGNING, old.clock.now).look()

        assert frontier(old.store.select).size == 15 == len(leaves(old))
        assert frontier(old.store.select).root == of_the_definition(leaves(old))
        assert all(verified(old, f"case-{number}")["verified"] for number in (0, 1, 2, 9))

    def test_that_gets_its_leaves_while_somebody_looks_is_not_tampered_with(self, old: Replica) -> None:
        """The entries were read without their leaves, and a moment later nobody is behind any more."""
        keeper = Keeper(old.store, SIGNING, old.clock.now)
        with meanwhile(old.store, keeper.look, after="FROM chains LEFT OUTER JOIN ledger"), refused(Unavailable):
            verified(old)

        assert verified(old)["verified"]

    def test_may_write_while_somebody_looks(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        """The tree was whole, and a moment later an older release beside this one writes what has no leaf."""
        a_case(casefile)
        versions = itertools.count(1)

        def an_older_release_writes() -> None:
            with monkeypatch.context() as patch:
                patch.setattr(projections, "grow", lambda *_: None)
                casefile.follow("intake", ("case-2", next(versions), filled("case-2")))

        with meanwhile(casefile.store, an_older_release_writes, after="max(tree.size)") as came:
            found = casefile.ask(VerifyLedger())

        assert came
        assert (found["verified"], found["checked"], found["done"]) == (True, 4, True)


@pytest.mark.parametrize("stretch", [3, 2000])
def test_what_is_recorded_while_somebody_looks_is_nothing_amiss(casefile: Replica, stretch: int) -> None:
    """Facts and a signed head come between any two statements of whoever verifies the ledger, or a case."""
    a_case(casefile)
    keeper, versions = Keeper(casefile.store, SIGNING, casefile.clock.now), itertools.count(1)

    def somebody_writes() -> None:
        casefile.follow("intake", ("case-2", next(versions), filled("case-2")))
        keeper.sign()

    checked, peaks, found = 0, "", {}
    with meanwhile(casefile.store, somebody_writes):
        for _ in range(5):
            found = casefile.ask(VerifyLedger(checked=checked, peaks=peaks, stretch=stretch))
            checked, peaks = found["checked"], found["peaks"]
            assert found["verified"], found
            assert verified(casefile, "case-2")["verified"]

    assert next(versions) > 10
    assert checked >= 9


def change_a_leaf(connection: sa.Connection) -> None:
    connection.execute(sa.update(LEAF).where(LEAF.c.seq == 2).values(hash=bytes(32)))


def delete_a_leaf(connection: sa.Connection) -> None:
    connection.execute(sa.delete(LEAF).where(LEAF.c.seq == 3))


def swap_two_leaves(connection: sa.Connection) -> None:
    for before, after in ((1, 99), (2, 1), (99, 2)):
        connection.execute(sa.update(LEAF).where(LEAF.c.place == before).values(place=after))


def change_where_a_fact_stood(connection: sa.Connection) -> None:
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 3).values(position=77))


def change_its_segment(connection: sa.Connection) -> None:
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.seq == 4).values(segment=15))


def cut_the_tree(connection: sa.Connection) -> None:
    connection.execute(sa.update(FRONTIER).values(size=0, peaks=b""))


def change_a_peak(connection: sa.Connection) -> None:
    connection.execute(sa.update(FRONTIER).values(peaks=bytes(32)))


@pytest.mark.parametrize(
    ("tamper", "place", "wrong"),
    [
        (change_a_leaf, 2, "leaf"),
        (delete_a_leaf, 3, "leaf"),
        (swap_two_leaves, 1, "tree"),
        (change_where_a_fact_stood, 3, "leaf"),
        (change_its_segment, 4, "leaf"),
        (cut_the_tree, 1, "tree"),
        (change_a_peak, 1, "tree"),
    ],
)
def test_what_does_not_fit_is_told(casefile: Replica, tamper: Any, place: int, wrong: str) -> None:
    a_case(casefile)
    disarm(casefile)

    with casefile.store.writing() as connection:
        tamper(connection)

    found = verified(casefile)
    assert (found["verified"], found["broken_at"], found["wrong"]) == (False, place, wrong)


def test_an_end_that_was_cut_off_with_its_chain_is_missed_by_the_tree(casefile: Replica) -> None:
    """Somebody who knows the rule of the chain takes the last entry away and makes the head fit."""
    a_case(casefile)
    disarm(casefile)
    with casefile.store.writing() as connection:
        (link,) = connection.execute(sa.select(ENTRIES.c.link).where(ENTRIES.c.seq == 3)).one()
        connection.execute(sa.delete(ENTRIES).where(ENTRIES.c.seq == 4))
        connection.execute(sa.update(projections.HEADS).values(seq=3, link=link))

    found = verified(casefile)

    assert (found["verified"], found["length"], found["broken_at"], found["wrong"]) == (False, 3, 4, "leaf")


@pytest.mark.parametrize("table", [LEAF, NODE], ids=["leaves", "nodes"])
@pytest.mark.parametrize("verb", [sa.update, sa.delete], ids=["update", "delete"])
def test_leaves_and_nodes_are_append_only(casefile: Replica, table: sa.Table, verb: Any) -> None:
    casefile.follow("intake", *(("case-1", n, filled()) for n in range(1, 20)))
    statement = verb(table) if verb is sa.delete else verb(table).values(hash=b"")

    with pytest.raises(Exception, match="append-only"), casefile.store.writing() as connection:
        connection.execute(statement)
