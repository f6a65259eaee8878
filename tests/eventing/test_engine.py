"""Load, decide, save: the laws L1, L3, L4, L6 and L8 on SQLite and on PostgreSQL."""

import itertools
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import eventlet
import msgspec
import pytest

from contracts.language import Act, Caller, Command, Note, Reply, Request, verb_of
from contracts.operations import ParkedDiscarded, ParkedRedriven
from eventing import mapper
from eventing.engine import Engine
from eventing.errors import NotFound, Unavailable
from eventing.operations import Parking, with_operations
from eventing.parking import Followed
from eventing.prepare import prepare
from eventing.store import Conflict, NewEvent, Overtaken, Save, Store, StoredFact, segment_of
from kernel.clock import SimulatedClock
from telemetry.metrics import REGISTRY
from testkit.facts import NOON
from testkit.toy import (
    BEADS,
    MIRRORED,
    AddBeads,
    Beads,
    BeadsAdded,
    BeadsLost,
    MirrorDeclarations,
    Mirrored,
    TakeBeads,
    ToyDeclarations,
    rows,
)


class Replica:
    """One replica of a toy service: its lane, its store, its clock."""

    def __init__(self, declared: type[Any], url: str, clock: SimulatedClock) -> None:
        declared.aggregates = with_operations(declared.aggregates)
        self.store = Store(declared.name, url)
        prepare(declared, self.store)
        self.clock = clock
        self.service = declared()
        self.shipped: list[StoredFact] = []
        self.engine = Engine(self.service, self.store, clock.now, ship=self.shipped.extend)
        self.service.store = self.engine

    def send(self, *commands: Command, ids: list[str] | None = None) -> list[Reply]:
        """Sends commands as one batch."""
        return self.engine.decide(
            [request(command, id) for command, id in zip(commands, ids or itertools.repeat(""))]  # noqa: B905
        )

    def notes(self) -> list[tuple[int, Note]]:
        """Everything in the log, as followers get it."""
        return [
            (f.segment, Note(f.position, f.stream, f.version, f.topic, f.state))
            for segment in range(16)
            for f in self.store.read_log(segment, 0)
        ]


def request(command: Command, id: str = "") -> Request:
    return Request(
        verb=verb_of(type(command)),
        id=id or str(uuid.uuid4()),
        body=msgspec.Raw(msgspec.json.encode(command)),
        caller=Caller(by="tester", roles=("service",)),
    )


def sections(replica: Replica, after: dict[int, int] | None = None) -> list[Followed]:
    by_segment: dict[int, list[Note]] = {}
    for segment, note in replica.notes():
        if note.position > (after or {}).get(segment, 0):
            by_segment.setdefault(segment, []).append(note)
    return [
        Followed("toy", segment, (after or {}).get(segment, 0), notes[-1].position, notes)
        for segment, notes in by_segment.items()
    ]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.cluster)])
def database(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """Makes a fresh database of either kind."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path}/{name}.db"
    server = request.getfixturevalue("postgresql")
    return lambda name: server.create_database(f"{name}_{uuid.uuid4().hex[:8]}")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def toy(database: Any, clock: SimulatedClock) -> Iterator[Replica]:
    replica = Replica(ToyDeclarations, database("toy"), clock)
    yield replica
    replica.store.close()


@pytest.fixture
def mirror(database: Any, clock: SimulatedClock) -> Iterator[Replica]:
    replica = Replica(MirrorDeclarations, database("mirror"), clock)
    yield replica
    replica.store.close()


def an_account() -> str:
    return str(uuid.uuid4())


def value(reply: Reply) -> Any:
    assert reply.error is None, reply.error
    return msgspec.json.decode(reply.value)


class TestCommands:
    def test_a_batch_is_answered_in_order_and_saved_together(self, toy: Replica) -> None:
        account = an_account()
        added, taken = toy.send(AddBeads(case_id=account, count=5), TakeBeads(case_id=account, count=2))

        assert (value(added), value(taken)) == ({"count": 5}, {"count": 3})
        assert toy.store.select(BEADS.table.select()) == [{"case_id": account, "count": 3}]
        assert [note.version for _, note in toy.notes()] == [1, 2]
        assert [fact.version for fact in toy.shipped] == [1, 2]

    def test_a_repeated_command_has_one_effect_and_the_same_answer(self, toy: Replica) -> None:
        account = an_account()
        command = AddBeads(case_id=account, count=5)
        first, in_the_same_batch = toy.send(command, command, ids=["a", "a"])
        (later,) = toy.send(command, ids=["a"])

        assert msgspec.json.encode(first) == msgspec.json.encode(later) == msgspec.json.encode(in_the_same_batch)
        assert len(toy.notes()) == 1

    def test_a_refusal_records_nothing_and_is_answered_the_same_again(self, toy: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1))
        (refused,) = toy.send(TakeBeads(case_id=account, count=2), ids=["b"])
        toy.send(AddBeads(case_id=account, count=9))
        (again,) = toy.send(TakeBeads(case_id=account, count=2), ids=["b"])

        assert refused.error == {"code": "too-few", "kind": "refused", "data": {"count": 1, "wanted": 2}}
        assert again == refused
        assert len(toy.notes()) == 2

    def test_the_same_id_with_another_content_is_refused(self, toy: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5), ids=["c"])
        (reused,) = toy.send(AddBeads(case_id=account, count=6), ids=["c"])

        assert reused.error is not None
        assert reused.error["code"] == "command-id-reused"

    def test_what_a_failed_handler_did_is_taken_back(self, toy: Replica) -> None:
        account = an_account()
        _, failed, after = toy.send(
            AddBeads(case_id=account, count=3),
            TakeBeads(case_id=account, count=2, twice=True),
            TakeBeads(case_id=account, count=3),
        )

        assert failed.error is not None
        assert failed.error["data"] == {"count": 1, "wanted": 2}
        assert value(after) == {"count": 0}
        assert toy.store.select(BEADS.table.select()) == []

    def test_unknown_commands_and_unreadable_bodies_are_invalid(self, toy: Replica) -> None:
        broken = request(AddBeads(case_id=an_account(), count=1))
        replies = toy.engine.decide(
            [
                msgspec.structs.replace(broken, verb="fly"),
                msgspec.structs.replace(broken, id="x", body=msgspec.Raw(b'{"case_id": 1}')),
            ]
        )

        assert [reply.error and reply.error["code"] for reply in replies] == ["invalid", "invalid"]

    def test_a_stream_that_does_not_exist_is_not_found(self, toy: Replica) -> None:
        (reply,) = toy.send(TakeBeads(case_id=an_account(), count=1))

        assert reply.error is not None
        assert reply.error["code"] == "not-found"

    def test_an_expected_version_that_has_passed_is_stale(self, toy: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1), AddBeads(case_id=account, count=1))
        late = msgspec.structs.replace(request(AddBeads(case_id=account, count=1)), expected=1)
        (reply,) = toy.engine.decide([late])

        assert reply.error is not None
        assert reply.error["code"] == "stale"

    def test_a_fault_outside_a_handler_harms_its_own_command_only_and_leaves_nothing_behind(
        self, toy: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, whole = an_account(), an_account()
        command = AddBeads(case_id=broken, count=5)

        def fail(beads: Beads) -> list[dict[str, object]]:
            if beads.stream == broken:
                raise MemoryError
            return rows(beads)

        with monkeypatch.context() as patched:
            patched.setattr(BEADS, "_derive", fail)
            faulty, fine = toy.send(command, AddBeads(case_id=whole, count=1), ids=["d", "e"])
        assert faulty.error is not None
        assert faulty.error["code"] == "faulty"
        assert value(fine) == {"count": 1}

        toy.send(AddBeads(case_id=whole, count=1))
        assert [note.stream for _, note in toy.notes()] == [whole, whole]
        (again,) = toy.send(command, ids=["d"])
        assert value(again) == {"count": 5}
        assert [note.stream for _, note in toy.notes()].count(broken) == 1

    def test_each_answer_of_a_batch_knows_the_version_that_it_wrote(self, toy: Replica) -> None:
        account = an_account()
        first, second = toy.send(AddBeads(case_id=account, count=1), AddBeads(case_id=account, count=1))

        assert [first.version, second.version] == [1, 2]
        assert [first.position.position, second.position.position] == [1, 2]  # type: ignore[union-attr]

    def test_the_id_of_somebody_elses_command_cannot_be_used(self, toy: Replica) -> None:
        command = AddBeads(case_id=an_account(), count=1)
        toy.send(command, ids=["f"])
        stranger = msgspec.structs.replace(request(command, "f"), caller=Caller(by="stranger", roles=("service",)))
        (reply,) = toy.engine.decide([stranger])

        assert reply.error is not None
        assert reply.error["code"] == "command-id-reused"

    @pytest.mark.parametrize("id", ["operations:toy", "a\x00b", "\n"])
    def test_ids_that_are_none_are_refused(self, toy: Replica, id: str) -> None:
        replies = toy.send(AddBeads(case_id=id, count=1))
        assert replies[0].error is not None
        assert replies[0].error["code"] == "invalid"


class TestTwoReplicas:
    @pytest.fixture
    def other(self, toy: Replica) -> Iterator[Replica]:
        replica = Replica(ToyDeclarations, toy.store.url, toy.clock)
        yield replica
        replica.store.close()

    def test_each_sees_what_the_other_committed(self, toy: Replica, other: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5))
        other.send(TakeBeads(case_id=account, count=3))
        (reply,) = toy.send(TakeBeads(case_id=account, count=3))

        assert reply.error is not None
        assert reply.error["data"] == {"count": 2, "wanted": 3}

    def test_one_command_sent_to_both_at_once_has_one_effect(self, toy: Replica, other: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=50))
        commands = [TakeBeads(case_id=account, count=1) for _ in range(20)]
        ids = [f"{account}-{i}" for i in range(20)]
        threads = [
            eventlet.spawn(replica.send, command, ids=[id])
            for command, id in zip(commands, ids, strict=True)
            for replica in (toy, other)
        ]
        answers = [thread.wait()[0] for thread in threads]

        assert toy.store.select(BEADS.table.select()) == [{"case_id": account, "count": 30}]
        for first, second in (
            itertools.batched(answers, 2)
            if hasattr(itertools, "batched")
            else zip(answers[::2], answers[1::2], strict=True)
        ):
            assert msgspec.json.encode(first) == msgspec.json.encode(second)

    def test_writers_of_one_stream_meet_and_all_get_through(self, toy: Replica, other: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1))
        threads = [
            eventlet.spawn(replica.send, AddBeads(case_id=account, count=1))
            for _ in range(15)
            for replica in (toy, other)
        ]
        replies = [thread.wait()[0] for thread in threads]

        assert [reply.error for reply in replies] == [None] * 30
        assert toy.engine.get(Beads, account).count == 31
        assert [note.version for _, note in toy.notes()] == list(range(1, 32))


class TestReactions:
    def test_facts_are_followed_once_however_often_they_come(self, toy: Replica, mirror: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5), TakeBeads(case_id=account, count=1))
        batch = sections(toy)
        mirror.engine.react(batch)

        with pytest.raises(Overtaken):
            mirror.engine.react(batch)
        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 4, "seen": 2}]

    def test_a_gap_is_never_passed(self, toy: Replica, mirror: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1), AddBeads(case_id=account, count=2))
        (whole,) = sections(toy)
        beyond = Followed("toy", whole.segment, whole.notes[0].position, whole.upto, [whole.notes[1]])

        with pytest.raises(Overtaken):
            mirror.engine.react([beyond])
        assert mirror.notes() == []

    def test_a_poisoned_fact_parks_its_case_and_no_other(self, toy: Replica, mirror: Replica) -> None:
        poisoned, *others = (an_account() for _ in range(101))
        toy.send(AddBeads(case_id=poisoned, count=666))
        toy.send(*(AddBeads(case_id=account, count=7) for account in others))
        toy.send(AddBeads(case_id=poisoned, count=1))
        mirror.engine.react(sections(toy))

        seen = {row["case_id"]: row["count"] for row in mirror.store.select(MIRRORED.table.select())}
        assert seen == dict.fromkeys(others, 7)
        parked = Parking(mirror.engine).listed()
        assert [p.case for p in parked] == [poisoned, poisoned]
        assert ["behind another parked fact" in p.error for p in parked] == [False, True]
        assert "poisoned" not in parked[0].error  # whose words might be personal

    def test_only_what_comes_after_a_poisoned_fact_parks_behind_it_heeded_or_not(
        self, toy: Replica, mirror: Replica
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1), AddBeads(case_id=account, count=666))
        toy.send(AddBeads(case_id=account, count=1, for_seconds=1))
        toy.clock.advance(timedelta(seconds=2))
        toy.engine.fire(toy.store.due(toy.clock.now(), range(16), 10))  # nobody reacts to what a deadline does
        assert [note.topic for _, note in toy.notes()] == [BeadsAdded.TOPIC] * 3 + [BeadsLost.TOPIC]
        mirror.engine.react(sections(toy))

        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 1, "seen": 1}]
        assert [note.version for _, _, note in mirror.store.parked(account)] == [2, 3, 4]

    def test_facts_of_a_case_park_in_their_order_whatever_was_found_wrong_first(
        self, toy: Replica, mirror: Replica
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666), AddBeads(case_id=account, count=1))
        (whole,) = sections(toy)
        first, second = whole.notes
        unreadable = msgspec.structs.replace(second, state=b"{")
        mirror.engine.react([Followed("toy", whole.segment, whole.prev, whole.upto, [first, unreadable])])

        assert [note.version for _, _, note in mirror.store.parked(account)] == [1, 2]

    def test_redriving_completes_the_case_in_order_and_is_recorded(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666), TakeBeads(case_id=account, count=6))
        mirror.engine.react(sections(toy))
        parking = Parking(mirror.engine)
        parking.wish(account, "redrive", Caller(by="operator", roles=("operator",)))
        parking.grant({segment_of(account)})
        assert len(parking.listed()) == 2  # still poisoned: it stays parked

        monkeypatch.setattr(
            Mirrored,
            "mirror",
            lambda self, count, act: self.record(mapper._topics["mirror.beads-mirrored.v1"][0], act, count=count),
        )
        parking.wish(account, "redrive", Caller(by="operator", roles=("operator",)))
        parking.grant({segment_of(account)})

        assert parking.listed() == []
        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 660, "seen": 2}]
        acts = [note for _, note in mirror.notes() if note.topic == ParkedRedriven.TOPIC]
        assert [mapper.decode(note.topic, note.state).by for note in acts] == ["operator"]

    def test_discarding_is_recorded_with_its_reason(self, toy: Replica, mirror: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666))
        mirror.engine.react(sections(toy))
        parking = Parking(mirror.engine)
        parking.wish(account, "discard", Caller(by="operator", roles=("operator",)), "entered by mistake")
        parking.grant({segment_of(account)})

        assert parking.listed() == []
        (act,) = (note for _, note in mirror.notes() if note.topic == ParkedDiscarded.TOPIC)
        assert mapper.decode(act.topic, act.state).reason == "entered by mistake"  # type: ignore[attr-defined]

    def test_a_wish_that_names_itself_is_kept_with_its_answer(self, toy: Replica, mirror: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666))
        mirror.engine.react(sections(toy))
        operator = Caller(by="operator", roles=("operator",))
        request = Request(verb="redrive", id="once", body=msgspec.Raw(b"{}"), caller=operator)
        parking = Parking(mirror.engine)
        assert mirror.engine.answered(request) is None

        parking.wish(account, "redrive", operator, request=request)

        assert mirror.engine.answered(request) == Reply()
        with pytest.raises(Conflict):
            parking.wish(account, "redrive", operator, request=request)
        other = mirror.engine.answered(msgspec.structs.replace(request, verb="discard"))
        assert other is not None
        assert other.error is not None
        assert other.error["code"] == "command-id-reused"

    def test_nobody_can_wish_anything_for_a_case_that_is_not_parked(self, mirror: Replica) -> None:
        with pytest.raises(NotFound):
            Parking(mirror.engine).wish(an_account(), "redrive", Caller(by="operator", roles=("operator",)))

    def test_unavailable_leaves_everything_as_it_was(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5))

        def away(self: Mirrored, count: int, act: Act) -> None:
            raise Unavailable(what="something")

        with monkeypatch.context() as patched:
            patched.setattr(Mirrored, "mirror", away)
            with pytest.raises(Unavailable):
                mirror.engine.react(sections(toy))
        mirror.engine.react(sections(toy))

        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 5, "seen": 1}]

    def test_a_fact_parked_while_another_of_its_case_is_redriven_is_done_after_it(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666))
        first = sections(toy)
        mirror.engine.react(first)
        toy.send(AddBeads(case_id=account, count=1))
        second = sections(toy, {segment_of(account): 1})
        parking = Parking(mirror.engine)
        parking.wish(account, "redrive", Caller(by="operator", roles=("operator",)))
        original = Mirrored.mirror
        monkeypatch.setattr(
            Mirrored, "mirror", lambda self, count, act: original(self, 600 if count == 666 else count, act)
        )
        with mirror.engine.lane:  # the redrive has to wait, and meanwhile the next fact parks behind the first
            redriving = eventlet.spawn(parking.grant, {segment_of(account)})
            eventlet.sleep(0.05)
            mirror.engine._persist(second)
        redriving.wait()

        assert parking.listed() == []
        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 601, "seen": 2}]

    def test_two_owners_do_not_redrive_the_same_fact_twice(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=666))
        mirror.engine.react(sections(toy))
        other = Replica(MirrorDeclarations, mirror.store.url, mirror.clock)
        original = Mirrored.mirror
        monkeypatch.setattr(Mirrored, "mirror", lambda self, count, act: original(self, 7, act))
        parked = other.store.parked(account)
        Parking(mirror.engine).wish(account, "redrive", Caller(by="operator", roles=("operator",)))
        Parking(mirror.engine).grant({segment_of(account)})
        monkeypatch.setattr(other.store, "parked", lambda case: parked)  # what it read before it was paused
        with pytest.raises(Overtaken):
            other.engine.unpark(account, "operations:mirror", lambda o, facts: None, again=True)
        other.store.close()

        assert mirror.store.select(MIRRORED.table.select()) == [{"case_id": account, "count": 7, "seen": 1}]

    def test_what_the_database_refuses_parks_its_case_and_no_other(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, *others = (an_account() for _ in range(5))
        toy.send(*(AddBeads(case_id=account, count=7) for account in (broken, *others)))
        derive = MIRRORED._derive

        def incomplete(mirrored: Mirrored) -> list[Any]:
            return [
                {**row, "case_id": None if mirrored.stream == broken else row["case_id"]} for row in derive(mirrored)
            ]

        monkeypatch.setattr(MIRRORED, "_derive", incomplete)
        mirror.engine.react(sections(toy))

        assert {row["case_id"] for row in mirror.store.select(MIRRORED.table.select())} == set(others)
        assert [parked.case for parked in Parking(mirror.engine).listed()] == [broken]

    def test_a_case_of_two_facts_that_waits_with_all_others_parks_nothing(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=1), AddBeads(case_id=account, count=1))
        toy.send(AddBeads(case_id=an_account(), count=1))

        def away(self: Mirrored, count: int, act: Act) -> None:
            raise Unavailable(what="everything")

        monkeypatch.setattr(Mirrored, "mirror", away)
        with pytest.raises(Unavailable):
            mirror.engine.react(sections(toy))
        assert Parking(mirror.engine).listed() == []

    def test_one_case_that_waits_for_something_does_not_hold_up_the_others(
        self, toy: Replica, mirror: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting, *others = (an_account() for _ in range(5))
        toy.send(*(AddBeads(case_id=account, count=7) for account in (waiting, *others)))
        parking = Parking(mirror.engine)
        original = Mirrored.mirror

        def away(self: Mirrored, count: int, act: Act) -> None:
            if self.stream == waiting:
                raise Unavailable(what="something")
            original(self, count, act)

        with monkeypatch.context() as patched:
            patched.setattr(Mirrored, "mirror", away)
            mirror.engine.react(sections(toy))
            parking.grant(set(range(16)))
        seen = {row["case_id"] for row in mirror.store.select(MIRRORED.table.select())}
        assert seen == set(others)
        assert [parked.case for parked in parking.listed()] == [waiting]

        parking._not_before.clear()
        parking.grant(set(range(16)))  # nobody asked for it
        assert parking.listed() == []
        assert len(mirror.store.select(MIRRORED.table.select())) == 5


class TestDeadlines:
    def test_a_deadline_happens_once_whoever_runs(self, toy: Replica, clock: SimulatedClock) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5, for_seconds=60))
        segments = [segment_of(account)]
        assert toy.store.due(clock.now(), segments, 10) == []

        clock.advance(timedelta(seconds=61))
        due = toy.store.due(clock.now(), segments, 10)
        assert due == [(account, "until", "Beads")]
        assert toy.engine.fire(due) == 1
        assert toy.engine.fire(due) == 0

        assert toy.engine.get(Beads, account).count == 0
        assert toy.store.due(clock.now(), segments, 10) == []

    def test_a_deadline_whose_handler_fails_is_tried_again_later_and_hinders_no_other(
        self, toy: Replica, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, whole = an_account(), an_account()
        toy.send(*(AddBeads(case_id=account, count=5, for_seconds=60) for account in (broken, whole)))
        clock.advance(timedelta(seconds=61))
        segments = list(range(16))

        def failures() -> float:
            return REGISTRY.get_sample_value("onething_deadline_failures_total", {"service": "toy"}) or 0.0

        before = failures()

        def fail(self: Beads, act: Act) -> None:
            if self.stream == broken:
                raise RuntimeError("a fault")
            mapper_fact = mapper._topics["toy.beads-lost.v1"][0]
            self.record(mapper_fact, act)

        with monkeypatch.context() as patched:
            patched.setattr(Beads, "lose", fail)
            assert toy.engine.fire(toy.store.due(clock.now(), segments, 10)) == 1
        assert failures() == before + 1
        assert toy.store.due(clock.now(), segments, 10) == []
        clock.advance(timedelta(minutes=1))
        assert toy.engine.fire(toy.store.due(clock.now(), segments, 10)) == 1
        assert toy.engine.get(Beads, broken).count == 0

    def test_a_deadline_that_was_set_meanwhile_is_not_lost(self, toy: Replica, clock: SimulatedClock) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5, for_seconds=60))
        clock.advance(timedelta(seconds=61))
        due = toy.store.due(clock.now(), [segment_of(account)], 10)
        toy.send(AddBeads(case_id=account, count=1, for_seconds=60))
        toy.store.correct_deadline(account, "until", clock.now(), None)  # by one who has not seen the new one
        assert toy.engine.fire(due) == 0

        clock.advance(timedelta(seconds=61))
        assert len(toy.store.due(clock.now(), [segment_of(account)], 10)) == 1

    def test_a_later_fact_moves_the_deadline(self, toy: Replica, clock: SimulatedClock) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5, for_seconds=60))
        toy.send(AddBeads(case_id=account, count=5, for_seconds=120))
        clock.advance(timedelta(seconds=61))

        assert toy.store.due(clock.now(), [segment_of(account)], 10) == []


class TestHistory:
    def test_old_topics_are_brought_to_todays_shape(self, toy: Replica) -> None:
        account = an_account()
        old = b'{"case_id":"%s","at":"2025-01-01T00:00:00Z","by":"x","beads":3}' % account.encode()
        toy.store.save(Save(events=[NewEvent(account, 1, "toy.beads-added.v1", old)]))
        (reply,) = toy.send(TakeBeads(case_id=account, count=2))

        assert value(reply) == {"count": 1}

    def test_a_long_stream_is_restored_from_its_snapshot(self, toy: Replica) -> None:
        account = an_account()
        toy.send(*(AddBeads(case_id=account, count=1) for _ in range(120)))
        fresh = Replica(ToyDeclarations, toy.store.url, toy.clock)
        loaded: list[int] = []
        original = fresh.store.load
        fresh.store.load = lambda known: (  # type: ignore[method-assign]
            loaded.extend(version for _, version in known) or original(known)
        )
        (reply,) = fresh.send(AddBeads(case_id=account, count=1))
        fresh.store.close()

        assert value(reply) == {"count": 121}
        assert loaded == [120]

    def test_replayed_state_equals_live_state(self, toy: Replica) -> None:
        account = an_account()
        toy.send(AddBeads(case_id=account, count=5), TakeBeads(case_id=account, count=2))
        live = toy.engine._cache[account].aggregate.state()

        assert toy.engine.get(Beads, account).state() == live

    def test_facts_cannot_be_changed_or_deleted(self, toy: Replica) -> None:
        toy.send(AddBeads(case_id=an_account(), count=5))
        for statement in ("UPDATE events SET topic = 'x'", "DELETE FROM events"):
            with pytest.raises(Exception, match="append-only"), toy.store.writing() as connection:
                connection.exec_driver_sql(statement)
        assert [note.topic for _, note in toy.notes()] == [BeadsAdded.TOPIC]


class TestAfterwards:
    def test_is_done_once_the_transaction_has_committed_and_only_then(
        self, toy: Replica, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[int] = []
        save = toy.store.save

        def saving(what: Save) -> list[StoredFact]:
            toy.engine.afterwards(lambda: done.append(len(toy.notes())))
            return save(what)

        def failing(what: Save) -> list[StoredFact]:
            toy.engine.afterwards(lambda: done.append(-1))
            raise Unavailable(what="database")

        monkeypatch.setattr(toy.store, "save", failing)
        toy.send(AddBeads(case_id=str(uuid.uuid4()), count=1))
        assert done == []

        monkeypatch.setattr(toy.store, "save", saving)
        toy.send(AddBeads(case_id=str(uuid.uuid4()), count=1))

        assert done == [1]
