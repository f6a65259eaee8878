"""The ledger has every fact that it followed; one that is missing is pulled again."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from casefile.completeness import gaps, heal
from casefile.keeper import Keeper
from casefile.projections import ENTRIES, HEADS, append
from casefile.service import CaseFile
from casefile.tree import frontier
from contracts.casefile import CaseFacts, VerifyCase, VerifyLedger
from contracts.language import Fact, Note
from eventing import mapper
from eventing.errors import Unavailable
from eventing.parking import Followed
from eventing.prepare import prepare
from eventing.store import Store, segment_of
from testkit.facts import refused
from testkit.meanwhile import meanwhile
from testkit.replica import DATABASES, Replica, replica
from testkit.servers import PostgreSQL

from .mothers import SIGNING, filled, opened

CASES = ("case-1", "case-2", "case-3")
FACTS: list[tuple[str, int, Fact]] = [
    (case, version, opened(case) if version == 1 else filled(case)) for version in range(1, 6) for case in CASES
]


@pytest.fixture(params=DATABASES)
def casefile(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(CaseFile, request, tmp_path, signing=SIGNING) as running:
        yield running


IS_WAITED = sa.text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
"""Whether anybody waits for a lock in this database."""


class Log:
    """What intake published, as it would be pulled."""

    def __init__(self) -> None:
        self.notes: dict[int, list[Note]] = {}
        self.asked = 0
        for stream, version, fact in FACTS:
            some = self.notes.setdefault(segment_of(stream), [])
            some.append(Note(len(some) + 1, stream, version, fact.TOPIC, mapper.encode(fact)))

    def pull(self, service: str, after: dict[int, int], limit: int) -> list[tuple[int, int, int, list[Note]]]:
        self.asked += 1
        assert service == "intake"
        found = []
        for segment, position in after.items():
            notes = [note for note in self.notes[segment] if note.position > position][:limit]
            found.append((segment, position, notes[-1].position if notes else position, notes))
        return found


def followed_without(casefile: Replica, monkeypatch: pytest.MonkeyPatch, *left_out: tuple[str, int]) -> None:
    """Follows all, but these facts do not reach the ledger: as where an operator gave a parked case up."""

    def some(_: Any, connection: sa.Connection, notes: Any) -> None:
        append(connection, [each for each in notes if (each[2].stream, each[2].version) not in left_out])

    with monkeypatch.context() as patch:
        patch.setattr(CaseFile, "append", some)
        for fact in FACTS:
            casefile.follow("intake", fact)


class TestGaps:
    def test_there_are_none_where_everything_was_followed(self, casefile: Replica) -> None:
        casefile.follow("intake", *FACTS)

        assert gaps(casefile.store) == {}
        assert heal(casefile.store, Log().pull) == 0

    @pytest.mark.parametrize("lost", [("case-1", 1), ("case-2", 3), ("case-3", 5)])
    def test_a_lost_version_is_found_by_its_position(
        self, casefile: Replica, monkeypatch: pytest.MonkeyPatch, lost: tuple[str, int]
    ) -> None:
        followed_without(casefile, monkeypatch, lost)

        ((place, positions),) = gaps(casefile.store).items()

        notes = {note.position: note for note in Log().notes[place[1]]}
        assert [(notes[at].stream, notes[at].version) for at in positions] == [lost]

    def test_what_is_parked_is_not_missing(self, casefile: Replica) -> None:
        casefile.follow("intake", *FACTS)
        segment = segment_of("case-1")
        last = len(Log().notes[segment])
        unreadable = Note(last + 1, "case-1", 6, "onething.case.opened.v1", b"{}")

        casefile.engine.react([Followed("intake", segment, last, last + 1, [unreadable])])

        assert casefile.store.parked("case-1")
        assert gaps(casefile.store) == {}


class TestHealing:
    def test_what_is_missing_is_pulled_and_becomes_part_of_chain_and_tree(
        self, casefile: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        followed_without(casefile, monkeypatch, ("case-1", 2), ("case-1", 3), ("case-3", 5))

        Keeper(casefile.store, SIGNING, casefile.clock.now, Log().pull).look()

        assert gaps(casefile.store) == {}
        assert frontier(casefile.store.select).size == len(FACTS)
        facts = casefile.ask(CaseFacts(case_id="case-1"))["facts"]
        assert sorted(each["version"] for each in facts) == [1, 2, 3, 4, 5]
        assert all(casefile.ask(VerifyCase(case_id=case))["verified"] for case in CASES)
        assert casefile.ask(VerifyLedger())["done"]

    def test_is_done_once_however_often_it_is_tried(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        followed_without(casefile, monkeypatch, ("case-2", 2))

        assert [heal(casefile.store, Log().pull) for _ in range(3)] == [1, 0, 0]

    @pytest.mark.parametrize("casefile", ["postgresql"], indirect=True)
    @pytest.mark.cluster
    def test_is_done_once_by_two_at_the_same_moment(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a chain that is not there yet, neither can lock the head."""
        followed_without(casefile, monkeypatch, *(("case-1", version) for version in range(1, 6)))
        other, healed = Store("casefile", casefile.store.url), list[int]()
        another = Thread(target=lambda: healed.append(heal(other, Log().pull)))

        def another_heals() -> None:
            another.start()
            with casefile.store.reading() as connection:
                while another.is_alive() and not connection.execute(IS_WAITED).first():
                    another.join(0.01)

        with meanwhile(casefile.store, another_heals, after="SELECT ledger.position"):
            healed.append(heal(casefile.store, Log().pull))
        another.join()
        other.close()

        assert sorted(healed) == [0, 5]
        assert frontier(casefile.store.select).size == len(FACTS)
        assert casefile.ask(VerifyLedger())["verified"]

    def test_waits_for_a_service_that_is_silent(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        followed_without(casefile, monkeypatch, ("case-2", 2))

        def silent(*_: Any) -> Any:
            raise Unavailable(what="intake")

        with refused(Unavailable, what="intake"):
            heal(casefile.store, silent)
        assert heal(casefile.store, Log().pull) == 1

    def test_ends_where_the_log_has_nothing_either(self, casefile: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
        followed_without(casefile, monkeypatch, ("case-2", 2))

        assert heal(casefile.store, lambda *_: []) == 0


@pytest.mark.cluster
class TestTheRoleOfTheService:
    """On PostgreSQL the service need not own its tables."""

    @pytest.fixture
    def store(self, postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Store]:
        name = f"role_{abs(hash(tmp_path)) % 10**9}"
        owner = Store("casefile", postgresql.create_database(name))
        with owner.writing() as connection:
            connection.exec_driver_sql(f'CREATE ROLE "{name}" LOGIN')
        prepare(CaseFile, owner, role=name)
        prepare(CaseFile, owner, role=name)  # again, as with every release
        owner.close()
        running = Store("casefile", owner.url.replace("onething@", f"{name}@"))
        yield running
        running.close()

    def test_appends(self, store: Store) -> None:
        notes = [("intake", segment_of("case-1"), Note(n, "case-1", n, f.TOPIC, mapper.encode(f)))
                 for n, f in ((1, opened()), (2, filled()))]  # fmt: skip
        with store.writing() as connection:
            append(connection, notes)

        assert frontier(store.select).size == 2
        assert Keeper(store, SIGNING, lambda: opened().at).sign() is not None
        assert store.select(sa.select(HEADS.c.seq))[0]["seq"] == 2

    @pytest.mark.parametrize("table", ["events", *CaseFile.append_only])
    @pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
    def test_may_neither_change_nor_delete(self, store: Store, table: str, statement: str) -> None:
        column = {"events": "stream", ENTRIES.name: '"by"', "signed_heads": "note"}.get(table, "hash")

        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), store.writing() as connection:
            connection.exec_driver_sql(statement.format(table, column))

    @pytest.mark.parametrize("table", ["events", *CaseFile.append_only])
    def test_may_not_disarm_the_triggers(self, store: Store, table: str) -> None:
        for statement in ("DROP TRIGGER {0}_append_only ON {0}", "ALTER TABLE {0} DISABLE TRIGGER ALL"):
            with pytest.raises(sa.exc.ProgrammingError, match="must be owner"), store.writing() as connection:
                connection.exec_driver_sql(statement.format(table))
