"""Observations made anew from the logs are those that stand, to the byte; one that was changed is found."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.language import Note
from eventing import mapper
from eventing.store import segment_of
from insight.measuring import sums
from insight.projections import OBSERVATIONS, SUMS
from insight.rebuild import Compared, Learned, compare
from insight.renewing import Pull, Renewed, Renewing
from insight.service import Insight
from testkit.facts import NOON
from testkit.replica import Replica

from .mothers import Teller, accepted, corrected, granted, opened, unlocked


class Remembering(Teller):
    """Remembers what it told, as a log does."""

    def __init__(self, counter: Replica) -> None:
        super().__init__(counter)
        self.logs: dict[tuple[str, int], list[Note]] = {}

    def tell(self, service: str, stream: str, *facts: Any) -> None:
        log = self.logs.setdefault((service, segment_of(stream)), [])
        for n, fact in enumerate(facts, start=self.versions.get((service, stream), 0) + 1):
            log.append(Note(len(log) + 1, stream, n, fact.TOPIC, mapper.encode(fact)))
        super().tell(service, stream, *facts)


@pytest.fixture
def teller(counter: Replica) -> Remembering:
    made = Remembering(counter)
    for n in range(6):
        case_id = f"c{n}"
        made.tell("intake", case_id, opened(case_id), accepted(case_id, "CSB01", "CSB02", tolerant=bool(n % 2)))
        counter.clock.advance(timedelta(seconds=n))
        made.tell("approval", case_id, unlocked(case_id, "CSB01", days=n), granted(case_id, "CSB01"))
        made.tell("intake", case_id, corrected(case_id, NOON, CSB01=("paper",)))
    return made


def everything(teller: Remembering) -> list[dict[str, Any]]:
    return [
        dict(row) for row in teller.counter.store.select(sa.select(OBSERVATIONS).order_by(*OBSERVATIONS.primary_key))
    ]


def renewed(teller: Remembering, pull: Pull | None = None) -> Renewed:
    from_logs = pull or (lambda segment, upto: teller.logs[segment])
    return Renewing(teller.counter.store, from_logs, guarded=Insight.append_only).run()


class TestRenewing:
    def test_what_takes_their_place_is_the_same_and_just_as_guarded(self, teller: Remembering) -> None:
        before = everything(teller)

        told = renewed(teller)

        assert told.is_equal
        assert (told.observations, told.taken_over) == (len(before), 0)
        assert told.facts == sum(map(len, teller.logs.values()))
        assert everything(teller) == before
        names = {index["name"] for index in sa.inspect(teller.counter.store._engine).get_indexes("observations_v1")}
        assert names == {f"observations_v1_{by}" for by in ("kind", "case", "subject", "learned")}
        with pytest.raises(sa.exc.DBAPIError), teller.counter.store.writing() as connection:
            connection.execute(sa.delete(OBSERVATIONS))

    def test_what_is_learned_meanwhile_is_in_it_too(self, teller: Remembering) -> None:
        logs = {segment: list(notes) for segment, notes in teller.logs.items()}
        more = iter(("late-1", "late-2"))

        def pull(segment: Any, upto: int) -> list[Note]:
            if name := next(more, ""):
                teller.tell("intake", name, opened(name), accepted(name, "CSB01"))
            return logs[segment]

        told = renewed(teller, pull)

        assert told.is_equal
        assert told.taken_over > 0
        assert {"late-1", "late-2"} <= {row["case_id"] for row in everything(teller)}
        assert all(each.is_equal for each in compared(teller))
        teller.tell("intake", "later", opened("later"))
        assert teller.value("levels") == 9

    def test_one_that_was_changed_is_named_and_mended(self, teller: Remembering) -> None:
        before = everything(teller)
        changed(teller)

        told = renewed(teller)

        assert [(each.service, each.segment) for each in told.differing] == [("approval", segment_of("c3"))]
        assert everything(teller) == before
        assert renewed(teller).is_equal


class TestSums:
    """What is summed of observations holds as long as these do."""

    def summed(self, teller: Remembering) -> list[Any]:
        return teller.counter.store.select(sa.select(SUMS).order_by(*SUMS.primary_key))

    @pytest.fixture
    def teller(self, teller: Remembering, monkeypatch: pytest.MonkeyPatch) -> Remembering:
        monkeypatch.setattr(sums, "SHORT", 9)
        while teller.counter.service.sums.advance(teller.counter.store):
            pass
        return teller

    def test_they_stay_where_all_is_the_same(self, teller: Remembering) -> None:
        before = self.summed(teller)

        assert renewed(teller).is_equal
        assert before
        assert self.summed(teller) == before

    def test_they_go_where_something_was_changed(self, teller: Remembering) -> None:
        changed(teller)

        assert not renewed(teller).is_equal
        assert self.summed(teller) == []
        assert teller.value("single_items") == 12


def compared(teller: Remembering) -> Iterator[Compared]:
    store = teller.counter.store
    learned = Learned.of(store.select)
    for segment in learned.segments():
        yield compare(segment, teller.logs[segment], learned, store.rows)


def test_made_anew_they_are_the_same(teller: Remembering) -> None:
    found = list(compared(teller))

    assert all(each.is_equal for each in found)
    assert sum(each.facts for each in found) == sum(map(len, teller.logs.values()))
    assert sum(each.observations for each in found) > 6 * 6


def changed(teller: Remembering) -> None:
    """Somebody changes one observation."""
    sqlite = teller.counter.store.sqlite
    with teller.counter.store.reading() as connection:
        guards = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        names = connection.execute(guards).scalars().all() if sqlite else ["observations_v1_append_only"]
        for name in names:
            connection.execute(sa.text(f'DROP TRIGGER "{name}"' + ("" if sqlite else " ON observations_v1")))
        update = sa.text("UPDATE observations_v1 SET value = value + 1 WHERE kind = 'decided' AND case_id = 'c3'")
        assert connection.execute(update).rowcount == 1
        connection.commit()


def test_one_that_was_changed_is_found(teller: Remembering) -> None:
    changed(teller)

    wrong = [each for each in compared(teller) if not each.is_equal]

    assert [(each.service, each.segment) for each in wrong] == [("approval", segment_of("c3"))]
