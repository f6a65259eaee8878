"""Two replicas of halls write the feed of one hall: no gap, nothing twice, each stream in its order."""

from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts.feed import FeedHeads, ReadFeed
from contracts.halls import CloseWindow, InstallWindow, OpenWindow, RegisterHall
from contracts.language import Caller
from halls.service import Halls
from testkit.house import House, eventually
from testkit.servers import PostgreSQL, RabbitMQ

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

WINDOWS = 12
TIMES = 8


def test_two_replicas_number_without_a_gap(tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> None:
    database = postgresql.create_database(f"feed_{tmp_path.name[-8:].lower()}_{id(tmp_path) % 9999}")
    directory = tmp_path / "house"
    settings: dict[str, Any] = {"amqp_uri": rabbitmq.uri, "database_url": database}
    with (
        House([Halls], directory, replica="a", **settings) as first,
        House([Halls], directory, replica="b", **settings) as second,
    ):
        client = first.client()
        hosts = [first.host("halls"), second.host("halls")]
        eventually(lambda: [len(host.segments.mine) for host in hosts] == [8, 8])
        client.command(RegisterHall(hall="county", name="n", kind="county", region="990102"), attempts=10)

        def day(window: str) -> None:
            clerk = client.as_(Caller(by=window, roles=("service",)))
            client.command(InstallWindow(window=window, hall="county", name="1"), attempts=10)
            for _ in range(TIMES):
                clerk.command(OpenWindow(window=window), attempts=10)
                clerk.command(CloseWindow(window=window), attempts=10)

        for thread in [eventlet.spawn(day, f"w{n}") for n in range(WINDOWS)]:
            thread.wait()
        facts = 1 + WINDOWS * (1 + 2 * TIMES)
        eventually(lambda: client.ask(FeedHeads(halls=("county",))) == {"county": facts})
        events = client.ask(ReadFeed(hall="county", limit=2000))["events"]

    assert [event["seq"] for event in events] == [*range(1, facts + 1)]
    assert len({(event["segment"], event["position"]) for event in events}) == facts
    versions: dict[str, int] = {}
    for event in events:
        assert event["version"] == versions.get(event["stream"], 0) + 1
        versions[event["stream"]] = event["version"]
    assert len({event["segment"] for event in events}) > 8, "both replicas had work"
