"""Push for speed, pull for truth: following a log over a real broker and over the embedded one."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import eventlet
import msgspec
import pytest
from kombu import Connection, Consumer, Exchange, Producer, Queue
from structlog.testing import capture_logs

from contracts.asyncapi import LOG, RPC
from contracts.language import Note
from eventing import following, inproc, mapper
from eventing.client import Tally
from eventing.engine import Engine
from eventing.errors import Unavailable
from eventing.following import BATCH, Follower
from eventing.parking import Followed
from eventing.service import Service
from eventing.shipping import MARK, Shipment, log_exchange, shipment
from eventing.store import StoredFact, segment_of
from testkit.conforming import conforms
from testkit.facts import NOON
from testkit.house import House, eventually
from testkit.toy import (
    MIRRORED,
    AddBeads,
    BeadsAdded,
    CountBeads,
    CountMirrored,
    MirrorDeclarations,
    TakeBeads,
    ToyDeclarations,
)


class Toy(ToyDeclarations, Service):
    pass


class Mirror(MirrorDeclarations, Service):
    pass


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds houses of one profile on the same stores and the same broker; stops them at the end."""
    common: dict[str, Any] = {}
    if request.param == "cluster":
        name = f"h{uuid.uuid4().hex[:6]}"
        server = request.getfixturevalue("postgresql")
        for service in ("toy", "mirror"):
            url = server.create_database(f"{name}_{service}")
        common = {
            "amqp_uri": request.getfixturevalue("rabbitmq").uri,
            "database_url": url.replace("_mirror", "_{service}"),
        }
    houses: list[House] = []

    def make(*services: type, **settings: Any) -> House:
        house = House(services or (Toy, Mirror), tmp_path, **{**common, **settings})
        houses.append(house)
        return house.start()

    make.profile = request.param  # type: ignore[attr-defined]
    yield make
    for house in houses:
        house.stop()


def add(house: House, count: int, *, spread: int = 40) -> list[str]:
    """Adds one bead to each of many accounts, some of them several times."""
    client = house.client()
    accounts = [str(uuid.uuid4()) for _ in range(spread)]
    pool = eventlet.GreenPool(20)
    for i in range(count):
        pool.spawn(client.command, AddBeads(case_id=accounts[i % spread], count=1), attempts=30)
    pool.waitall()
    return accounts


def mirrored(house: House) -> tuple[int, int]:
    """(beads, facts) that the mirror has seen."""
    rows = house.host("mirror").store.select(MIRRORED.table.select())
    return sum(row["count"] for row in rows), sum(row["seen"] for row in rows)


def test_everything_is_followed_exactly_once(build: Callable[..., House]) -> None:
    house = build()
    add(house, 300)

    eventually(lambda: mirrored(house) == (300, 300))


def test_lost_shipments_cost_a_moment_and_no_fact(build: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    house = build()
    follower = house.host("mirror").follower
    chance, dropped = random.Random(20260723), []
    offer = follower.offer

    def lossy(shipment: Shipment) -> None:
        if chance.random() < 0.5:
            dropped.append(shipment)
        else:
            offer(shipment)

    monkeypatch.setattr(follower, "offer", lossy)
    for _ in range(30):
        add(house, 10, spread=5)

    assert dropped, "no shipment was dropped: nothing was tested"
    eventually(lambda: mirrored(house) == (300, 300))


def test_doubled_and_late_shipments_change_nothing(
    build: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build()
    follower = house.host("mirror").follower
    offer, kept = follower.offer, []

    def echoing(shipment: Shipment) -> None:
        kept.append(shipment)
        offer(shipment)
        for old in kept[-5:]:
            offer(old)

    monkeypatch.setattr(follower, "offer", echoing)
    for _ in range(20):
        add(house, 10, spread=5)

    eventually(lambda: mirrored(house) == (200, 200))


@pytest.mark.parametrize(
    "headers",
    [{}, {MARK: ""}, {MARK: "0" * 64}, {MARK: 1}, {MARK: ["0"]}],
    ids=["none", "empty", "wrong", "odd", "several"],
)
def test_a_shipment_that_the_house_did_not_make_is_passed_over(
    build: Callable[..., House], headers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    receive = Follower._receive
    monkeypatch.setattr(Follower, "_receive", lambda self, message: (receive(self, message), heard.append(message)))
    house = build()
    follower = house.host("mirror").follower
    fact = mapper.encode(BeadsAdded(case_id="a", at=NOON, by="nobody", count=1000))
    made_up = shipment("toy", [StoredFact(segment_of("a"), 1, "a", 1, BeadsAdded.TOPIC, fact)])
    offered: list[Shipment] = []
    offer = follower.offer
    monkeypatch.setattr(follower, "offer", lambda shipped: (offered.append(shipped), offer(shipped)))

    with Connection(house.settings.amqp_uri) as connection:
        producer = Producer(connection.channel(), exchange=log_exchange())

        def publish() -> None:
            producer.publish(
                msgspec.msgpack.encode(made_up),
                routing_key="toy",
                headers=headers,
                content_type="application/x-msgpack",
                content_encoding="binary",
                serializer=None,
            )

        eventually(lambda: publish() or heard)  # what comes before the follower listens reaches nobody
    assert offered == []
    house.client().command(AddBeads(case_id="a", count=2), attempts=30)

    eventually(lambda: mirrored(house) == (2, 1))


def test_a_broker_that_forgets_everything_loses_nothing(
    build: Callable[..., House], request: pytest.FixtureRequest
) -> None:
    house = build()
    add(house, 50)
    working = eventlet.spawn(add, house, 300)
    eventlet.sleep(0.1)
    if build.profile == "embedded":  # type: ignore[attr-defined]
        inproc.reset()
    else:
        rabbitmq = request.getfixturevalue("rabbitmq")
        rabbitmq.kill()
        rabbitmq.wipe()
        rabbitmq.start()
    working.wait()

    eventually(lambda: mirrored(house) == (350, 350), within=60)


def test_what_happened_while_a_follower_was_away_is_caught_up(build: Callable[..., House]) -> None:
    alone = build(Toy)
    add(alone, 200)
    follower = build(Mirror)

    eventually(lambda: mirrored(follower) == (200, 200))


def test_a_read_that_brings_a_position_sees_the_write(build: Callable[..., House]) -> None:
    house = build()
    client = house.client()
    account = str(uuid.uuid4())
    for n in range(1, 21):
        answer = client.command(AddBeads(case_id=account, count=1), attempts=30)
        assert client.ask(CountBeads(case_id=account)) == {"count": n}
        assert client.ask(CountMirrored(case_id=account), since=[answer.position], attempts=30) == {"count": n}


def test_a_position_that_never_comes_is_unavailable_not_a_stale_answer(build: Callable[..., House]) -> None:
    house = build()
    client = house.client()
    account = str(uuid.uuid4())
    position = client.command(AddBeads(case_id=account, count=1), attempts=30).position
    beyond = type(position)(position.service, position.segment, position.position + 1000)

    with pytest.raises(Unavailable):
        client.ask(CountMirrored(case_id=account), since=[beyond])


def test_a_service_that_is_not_there_is_unavailable(build: Callable[..., House]) -> None:
    house = build(Mirror)
    house.calls.timeout = 2.0  # where another house had this service, its queue is still there
    client = house.client()

    with pytest.raises(Unavailable):
        client.command(TakeBeads(case_id=str(uuid.uuid4()), count=1), attempts=2)
    assert client.tally == Tally(sent=2, unavailable=2)


@pytest.mark.parametrize("build", [pytest.param("cluster", marks=pytest.mark.cluster)], indirect=True)
class TestReplicas:
    def test_they_share_the_segments_and_the_work(self, build: Callable[..., House]) -> None:
        first = build(replica="first")
        second = build(Mirror, replica="second")
        eventually(lambda: len(first.host("mirror").segments.mine) == 8)
        eventually(lambda: len(second.host("mirror").segments.mine) == 8)
        both = first.host("mirror").segments.mine | second.host("mirror").segments.mine
        assert both == set(range(16))

        add(first, 400)
        eventually(lambda: mirrored(first) == (400, 400))

    def test_when_one_dies_the_other_goes_on(self, build: Callable[..., House]) -> None:
        first = build(replica="first")
        second = build(Mirror, replica="second")
        eventually(lambda: len(second.host("mirror").segments.mine) == 8)
        working = eventlet.spawn(add, first, 400)
        eventlet.sleep(0.2)
        second.runner.kill()  # type: ignore[union-attr]  # no goodbye: its leases stand until they end
        working.wait()

        eventually(lambda: first.host("mirror").segments.mine == set(range(16)))
        eventually(lambda: mirrored(first) == (400, 400))

    def test_one_that_stops_hands_over_at_once(self, build: Callable[..., House]) -> None:
        first = build(replica="first", lease_seconds=120.0)
        owners = first.host("mirror").store
        second = build(Mirror, replica="second", lease_seconds=120.0)
        for replica in (second, first, second):
            replica.host("mirror").segments.renew()
        assert len(second.host("mirror").segments.mine) == 8
        second.stop()

        with owners.reading() as connection:
            held = connection.exec_driver_sql("SELECT count(*) FROM owners WHERE owner = 'second'").scalar()
        assert held == 0
        first.host("mirror").segments.renew()
        assert first.host("mirror").segments.mine == set(range(16))


def test_what_crosses_the_broker_is_what_the_document_says(build: Callable[..., House]) -> None:
    house = build()
    seen: dict[str, list[bytes]] = {"shipment": [], "call": [], "result": []}

    def hear(message: Any) -> None:
        exchange, key = message.delivery_info["exchange"], message.delivery_info["routing_key"]
        kind = "shipment" if exchange == LOG else "call" if "." in key else "result"
        body = message.body
        seen[kind].append(body.encode() if isinstance(body, str) else bytes(body))

    with Connection(house.settings.amqp_uri) as connection:
        channel = connection.channel()
        queues = [
            Queue(uuid.uuid4().hex, Exchange(name, "topic", durable=name == RPC), routing_key="#", exclusive=True)
            for name in (LOG, RPC)
        ]
        with Consumer(channel, queues, on_message=hear, no_ack=True):
            house.client().command(AddBeads(case_id="c-1", count=3))

            def heard() -> bool:
                with suppress(TimeoutError):
                    connection.drain_events(timeout=0.1)
                return all(seen.values())

            eventually(heard)

    for kind, bodies in seen.items():
        for body in bodies:
            conforms(kind, body)


@pytest.mark.parametrize(
    ("rest", "facts", "taken", "rested"),
    [
        (0.0, 1, 0.001, 0.01), (0.0, 1, 0.05, 0.05), (0.0, 1, 3.0, 0.2), (0.0, BATCH, 0.05, 0.05),
        (1.0, 1, 0.05, 1.0), (1.0, BATCH, 0.05, 0.05),
        (0.02, 1, 3.0, 0.02), (0.02, BATCH, 3.0, 0.02), (0.02, BATCH, 0.001, 0.01),
    ],
)  # fmt: skip
def test_between_batches_it_rests_as_the_service_wants_and_less_when_it_is_behind(
    rest: float, facts: int, taken: float, rested: float
) -> None:
    class Resting(Toy):
        pass

    Resting.rest = rest
    follower = Follower(Engine(Resting(), Any, Any), (), "", lambda *_: [], Any)
    notes = [Note(n, "c", n, "t", b"") for n in range(1, facts + 1)]

    assert follower._rest([Followed("toy", 0, 0, facts, notes)], taken) == rested


class TestAnUpstreamIsCalledSilent:
    @pytest.fixture
    def asking(self) -> Iterator[Callable[[bool], int]]:
        """Asks an upstream once, which answers or does not; returns how often it was called silent so far."""
        store = SimpleNamespace(positions=lambda upstreams: {(each, 0): 0 for each in upstreams})
        engine: Any = SimpleNamespace(service=SimpleNamespace(name="mirror", rest=0.0), store=store)
        answers: list[bool] = []

        def pull(*_: Any) -> list[Followed]:
            if not answers.pop():
                raise Unavailable(service="toy")
            return []

        follower = Follower(engine, ("toy",), "", pull, Any)
        follower.own({0})
        with capture_logs() as logs:

            def ask(is_there: bool) -> int:
                answers.append(is_there)
                follower._everything_is_old()
                follower._pull_what_is_missing()
                assert not answers, "it was not asked"
                return sum((each["event"], each["log_level"]) == ("upstream silent", "warning") for each in logs)

            yield ask

    def test_when_it_does_not_answer_any_more_and_once(self, asking: Callable[[bool], int]) -> None:
        assert [asking(there) for there in (True, False, False, True, False)] == [0, 1, 1, 1, 2]

    def test_but_not_while_it_may_be_starting(self, asking: Callable[[bool], int]) -> None:
        assert [asking(there) for there in (False, False, True)] == [0, 0, 0]

    def test_and_when_it_had_the_time_to_start_and_did_not(
        self, asking: Callable[[bool], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(following, "STARTING", 0.0)

        assert [asking(False), asking(False)] == [1, 1]


def test_a_pod_may_take_as_long_to_start_as_its_followers_wait_for_it() -> None:
    values = (Path(__file__).parents[2] / "charts" / "onething" / "values.yaml").read_text("utf-8")

    assert f"\nstartupSeconds: {following.STARTING:.0f}\n" in values
