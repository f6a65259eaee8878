"""Five hundred subscribers while gateways and the broker die: no gap, no duplicate, order kept."""

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import eventlet
import pytest

from contracts.feed import FeedHeads, ReadFeed
from contracts.halls import CloseWindow, InstallWindow, OpenWindow, RegisterHall
from contracts.language import Caller
from eventing.errors import OneThingError
from eventing.prepare import prepare
from eventing.store import Store
from gateway.service import Gateway
from halls.service import Halls
from testkit.house import House, eventually
from testkit.process import Process, ServiceProcess, free_port
from testkit.servers import PostgreSQL, RabbitMQ

from .conftest import databases
from .subscribers import Refused, Stream, signed_in

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(400)]

SUBSCRIBERS = 500
SECONDS = 45.0
"""Of deaths; then everybody has as long as it takes to have everything."""

BROKERS = 2
"""Deaths of the broker among those of gateways: it takes its time to come back."""

WINDOWS = 3

HALLS = ("county", "street")


class Subscriber:
    """One who comes back, to any gateway, and goes on where they were."""

    def __init__(self, number: int, ports: list[int], seed: int) -> None:
        self.hall = HALLS[number % len(HALLS)]
        self.chance = random.Random(f"{seed}/{number}")
        self.ports = ports
        self.last = 0
        self.returns = 0
        self.wrong: list[str] = []
        self.heard: list[tuple[str, int, int]] = []

    def run(self) -> None:
        """Reads until killed."""
        while True:
            try:
                self._read(
                    Stream(
                        self.chance.choice(self.ports),
                        f"/api/v1/feed?hall={self.hall}&after={self.last}",
                        headers=signed_in(),
                        timeout=60,
                    )
                )
            except (OSError, ValueError, IndexError):
                eventlet.sleep(self.chance.uniform(0.1, 1.0))
            except Refused as refused:
                if refused.status not in {429, 503}:
                    self.wrong.append(str(refused))
                eventlet.sleep(self.chance.uniform(0.5, 2.0))

    def _read(self, stream: Stream) -> None:
        self.returns += 1
        try:
            for name, place, event in stream.events():
                if name != "fact":
                    continue
                if event["seq"] != self.last + 1 or place != f"{self.hall}:{event['seq']}":
                    self.wrong.append(f"{place} after {self.last}")
                self.last = event["seq"]
                self.heard.append((event["service"], event["segment"], event["position"]))
        finally:
            stream.close()


def environment(house: House, port: int, name: str) -> dict[str, str]:
    settings = house.settings
    return {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in sys.path if path)),
        "ONETHING_PROFILE": "cluster",
        "ONETHING_DATA_DIR": settings.data_dir,
        "AMQP_URI": settings.amqp_uri,
        "DATABASE_URL": settings.database_url,
        "CONTENTS_URL": settings.contents_url,
        "ONETHING_SECRET_KEY_FILE": settings.secret_key_file,
        "ONETHING_REPLICA": name,
        "ONETHING_HTTP_HOST": "127.0.0.1",
        "ONETHING_HTTP_PORT": str(port),
        "ONETHING_HTTP_REQUESTS_PER_SECOND": "0",
        "ONETHING_HTTP_REQUESTS_PER_ADDRESS": "0",
        "ONETHING_HTTP_CONNECTIONS_PER_ADDRESS": "0",
        "ONETHING_HTTP_FEEDS_PER_CALLER": "0",
        "ONETHING_LOG_FORMAT": "json",
    }


def work(client: Any, window: str, until: float, done: list[int]) -> None:
    """A window opens and closes, whatever happens around it; each has staff of its own."""
    client = client.as_(Caller(by=window, roles=("service",)))
    while monotonic() < until:
        for command in (OpenWindow(window=window), CloseWindow(window=window)):
            try:
                client.command(command, attempts=30)
                done[0] += 1
            except OneThingError:
                eventlet.sleep(0.2)
            eventlet.sleep(0.5)


def kill_and_restart(
    gateways: list[Process], rabbitmq: RabbitMQ, chance: random.Random, until: float
) -> dict[str, int]:
    """Somebody dies every few seconds; what was hit, by kind."""
    hit = {"gateway": 0, "broker": 0}
    while monotonic() < until:
        eventlet.sleep(chance.uniform(1.0, 4.0))
        if hit["broker"] < BROKERS and hit["gateway"] >= 2 * hit["broker"] + 1:
            rabbitmq.kill()
            rabbitmq.wipe()
            eventlet.sleep(chance.uniform(0.0, 1.0))
            rabbitmq.start()
            hit["broker"] += 1
        else:
            gateway = chance.choice(gateways)
            assert gateway.running
            gateway.kill9()
            eventlet.sleep(chance.uniform(0.0, 1.0))
            gateway.start()
            hit["gateway"] += 1
    return hit


def test_nobody_misses_anything_whoever_dies(
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, tell: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("ONETHING_SEED") or random.getrandbits(32))
    tell(f"seed {seed}")
    url = databases(postgresql, "halls", "gateway")
    house = House([Halls], tmp_path / "house", amqp_uri=rabbitmq.uri, database_url=url)
    ports = [free_port(), free_port()]
    with house:
        client = house.client()
        for hall in HALLS:
            client.command(RegisterHall(hall=hall, name=hall, kind="county", region="990102"), attempts=20)
            for n in range(WINDOWS):
                client.command(InstallWindow(window=f"{hall}-{n}", hall=hall, name="1"), attempts=20)
        gateways: list[Process] = [
            ServiceProcess(
                log=tmp_path / f"gateway-{n}.log",
                env=environment(house, port, f"gateway-{n}"),
                argv=[sys.executable, str(Path(__file__).with_name("a_gateway.py"))],
            )
            for n, port in enumerate(ports)
        ]
        prepare_gateway(house)
        for gateway in gateways:
            gateway.start().wait_until(lambda each=gateway: "http is served" in each.output(), 60)
        subscribers = [Subscriber(n, ports, seed) for n in range(SUBSCRIBERS)]
        threads = [eventlet.spawn(each.run) for each in subscribers]
        eventually(lambda: all(each.returns for each in subscribers), within=60)
        until, done = monotonic() + SECONDS, [0]
        workers = [eventlet.spawn(work, client, f"{hall}-{n}", until, done) for hall in HALLS for n in range(WINDOWS)]
        hit = kill_and_restart(gateways, rabbitmq, random.Random(seed), until)
        for worker in workers:
            worker.wait()
        eventlet.sleep(2.0)
        heads = client.ask(FeedHeads(halls=HALLS), attempts=60)
        try:
            eventually(lambda: all(each.last == heads[each.hall] for each in subscribers), within=120)
        finally:
            returns = sum(each.returns for each in subscribers)
            tell(
                f"{hit['gateway']} gateways killed, the broker killed and wiped {hit['broker']} times; {done[0]} "
                f"commands, feeds up to {heads}; {SUBSCRIBERS} subscribers came {returns} times, "
                f"{sum(each.last == heads[each.hall] for each in subscribers)} have everything"
            )
            for thread in threads:
                thread.kill()
            for gateway in gateways:
                gateway.kill9()
        reckon(client, heads, subscribers)
    assert hit["gateway"], "no gateway was killed"
    assert hit["broker"], "the broker was not killed"
    assert returns > SUBSCRIBERS, "nobody ever lost a connection"
    assert done[0] > 20, "nothing happened meanwhile"


def prepare_gateway(house: House) -> None:
    store = Store("gateway", house.settings.database_url_for("gateway"))
    prepare(Gateway, store)
    store.close()


def reckon(client: Any, heads: dict[str, int], subscribers: list[Subscriber]) -> None:
    """Each heard exactly the feed, and the feed has every fact once and each stream in its order."""
    for hall in HALLS:
        events: list[Any] = []
        while len(events) < heads[hall]:
            events += client.ask(ReadFeed(hall=hall, after=len(events)), attempts=20)["events"]
        assert [event["seq"] for event in events] == [*range(1, heads[hall] + 1)]
        places = [(event["service"], event["segment"], event["position"]) for event in events]
        assert len(set(places)) == len(places)
        versions: dict[str, int] = {}
        for event in events:
            assert event["version"] == versions.get(event["stream"], 0) + 1, event
            versions[event["stream"]] = event["version"]
        for subscriber in subscribers:
            if subscriber.hall == hall:
                assert not subscriber.wrong
                assert subscriber.heard == places
