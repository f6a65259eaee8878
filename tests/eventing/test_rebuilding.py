"""A view is made anew from the log, compared and mended, while facts are being recorded."""

import uuid

import pytest
import sqlalchemy as sa

from eventing.errors import Invalid
from eventing.rebuilding import projections, rebuild
from eventing.segments import Segments, holdings, move
from testkit.replica import DATABASES, replica
from testkit.toy import BEADS, AddBeads, TakeBeads, ToyDeclarations

pytestmark = pytest.mark.slow


@pytest.fixture(params=DATABASES)
def toy(request, tmp_path):
    with replica(ToyDeclarations, request, tmp_path) as running:
        yield running


def added(toy, number, for_seconds=60):
    cases = [str(uuid.UUID(int=n + 1)) for n in range(number)]
    toy.command(*(AddBeads(case_id=case, count=n + 2, for_seconds=for_seconds) for n, case in enumerate(cases)))
    return cases


def rows(toy):
    return [tuple(row.values()) for row in toy.store.select(sa.select(BEADS.table).order_by(BEADS.c.case_id))]


def test_what_is_right_is_found_equal_and_left_alone(toy):
    added(toy, 12)
    before = rows(toy)

    for name in ("beads_v1", "deadlines"):
        found = rebuild(ToyDeclarations, toy.store, name)
        assert found.equal
        assert (found.streams, found.rows, found.wrong, found.surplus) == (12, 12, 0, 0)
    assert rows(toy) == before


def test_a_view_that_was_spoilt_is_mended(toy):
    cases = added(toy, 12)
    right = rows(toy)
    with toy.store.writing() as connection:
        connection.execute(sa.delete(BEADS.table).where(BEADS.c.case_id == cases[0]))
        connection.execute(sa.update(BEADS.table).where(BEADS.c.case_id == cases[1]).values(count=99))
        connection.exec_driver_sql("INSERT INTO beads_v1 (case_id, count) VALUES ('nobody', 1), ('none', NULL)")

    looked = rebuild(ToyDeclarations, toy.store, "beads_v1", mend=False)
    assert not looked.equal
    assert (looked.wrong, looked.surplus) == (2, 2)
    assert rows(toy) != right

    assert rebuild(ToyDeclarations, toy.store, "beads_v1").wrong == 2
    assert rows(toy) == right
    assert rebuild(ToyDeclarations, toy.store, "beads_v1").equal


def test_deadlines_that_were_lost_stand_again(toy):
    added(toy, 3)
    with toy.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM deadlines")

    assert rebuild(ToyDeclarations, toy.store, "deadlines").wrong == 3
    assert rebuild(ToyDeclarations, toy.store, "deadlines").equal


def test_facts_recorded_meanwhile_are_in_it(toy, monkeypatch):
    monkeypatch.setattr("eventing.rebuilding.PAGE", 5)
    cases = added(toy, 20)
    seen = []

    def meanwhile(done, known):
        """Somebody takes beads of a case that was replayed, empties one, and brings a new one."""
        seen.append((done, known))
        if len(seen) > 4:
            return
        toy.command(TakeBeads(case_id=cases[done - 2], count=1), TakeBeads(case_id=cases[done - 1], count=done + 1))
        toy.command(AddBeads(case_id=str(uuid.uuid4()), count=1))

    found = rebuild(ToyDeclarations, toy.store, "beads_v1", progress=meanwhile)

    assert len(seen) > 4
    assert found.equal
    assert found.rows == len(rows(toy)) == 20  # each time one was emptied and one was new


def test_every_view_can_be_named():
    assert list(projections(ToyDeclarations)) == ["beads_v1", "deadlines"]


# segments


@pytest.fixture
def two(toy):
    found = [Segments(toy.store, name) for name in ("a", "b")]
    for each in (*found, *found, *found):
        each.renew()
    return found


def test_a_segment_is_exchanged_and_stays(toy, two):
    a, b = two
    assert (len(a.mine), len(b.mine)) == (8, 8)
    given = min(a.mine)

    back = move(toy.store, given, "b")
    for each in (a, b, a, b):
        each.renew()

    assert given in b.mine
    assert back in a.mine
    assert not a.mine & b.mine
    assert (len(a.mine), len(b.mine)) == (8, 8)
    assert holdings(toy.store).of("b") == sorted(b.mine)


def test_who_has_less_than_the_share_gives_nothing_back(toy):
    alone = Segments(toy.store, "a")
    alone.renew()
    late = Segments(toy.store, "b")
    late.renew()  # lives, and nothing is free yet
    assert not late.mine

    assert move(toy.store, 3, "b") is None
    late.renew()
    assert late.mine == {3}


@pytest.mark.parametrize(("segment", "to"), [(99, "b"), (-1, "b"), (0, "nobody")])
def test_what_is_not_there_is_not_moved(toy, two, segment, to):
    with pytest.raises(Invalid):
        move(toy.store, segment, to)


def test_a_segment_is_not_moved_to_who_has_it(toy, two):
    with pytest.raises(Invalid):
        move(toy.store, min(two[0].mine), "a")
