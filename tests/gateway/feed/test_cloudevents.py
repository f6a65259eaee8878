"""The status exchange for clients that are not ours: valid CloudEvents, and gaps that can be seen and filled."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.feed import FeedHeads
from contracts.halls import CloseWindow, InstallWindow, OpenWindow, RegisterHall
from gateway.service import Gateway
from halls.service import Halls
from testkit.house import House, eventually
from testkit.process import Process
from testkit.servers import PostgreSQL, RabbitMQ

from .conftest import databases
from .subscribers import bearer

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "subscribe-to-a-hall.md"

READER = """
import json, os, pika
from cloudevents.core.bindings.amqp import AMQPMessage, from_binary_event
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URI"]))
channel = connection.channel()
channel.exchange_declare("onething.status", exchange_type="topic", durable=True, passive=True)
queue = channel.queue_declare("", exclusive=True).method.queue
channel.queue_bind(queue, "onething.status", "990102.county.window.*")
print("listening", flush=True)
for method, properties, body in channel.consume(queue):
    event = from_binary_event(AMQPMessage(
        properties={"content-type": properties.content_type},
        application_properties=properties.headers,
        application_data=body,
    ))
    attributes = {name: str(value) for name, value in event.get_attributes().items()}
    print(json.dumps([method.routing_key, attributes, event.get_data()]), flush=True)
"""
"""A client of the public libraries alone; it reads each message as a CloudEvent, and fails on what is none."""


@pytest.fixture
def house(tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, known_callers: None) -> Iterator[House]:
    url = databases(postgresql, "halls", "gateway")
    with House([Halls, Gateway], tmp_path / "house", amqp_uri=rabbitmq.uri, database_url=url) as running:
        client = running.client()
        client.command(RegisterHall(hall="county", name="n", kind="county", region="990102"), attempts=20)
        client.command(InstallWindow(window="w1", hall="county", name="1"))
        eventually(lambda: client.ask(FeedHeads(halls=("county",))) == {"county": 2})
        yield running


def work(house: House, times: int) -> None:
    client = house.client()
    for _ in range(times):
        client.command(OpenWindow(window="w1"), attempts=100)
        client.command(CloseWindow(window="w1"), attempts=100)


def standard(rabbitmq: RabbitMQ) -> str:
    """The broker's address as others than kombu write it."""
    return f"{rabbitmq.uri.removesuffix('//')}/%2F"


def start(script: str, log: Path, **env: str) -> Process:
    file = log.with_suffix(".py")
    file.write_text(script)
    return Process([sys.executable, str(file)], log, env=env).start()


def test_a_client_of_the_public_libraries_reads_valid_cloudevents(
    house: House, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    reader = start(READER, tmp_path / "reader.log", AMQP_URI=standard(rabbitmq))
    try:
        reader.wait_until(lambda: "listening" in reader.output(), 30)
        work(house, 1)
        eventually(lambda: reader.output().count("\n") >= 3)
    finally:
        reader.kill9()

    told: list[Any] = [json.loads(line) for line in reader.output().splitlines()[1:]]

    assert [(key, event["type"]) for key, event, _ in told] == [
        ("990102.county.window.opened", "onething.window.opened.v1"),
        ("990102.county.window.closed", "onething.window.closed.v1"),
    ]
    _, event, data = told[0]
    assert event["specversion"] == "1.0"
    assert (event["id"], event["source"], event["subject"]) == ("county:3", "/onething/halls/county", "w1")
    assert (event["sequence"], event["sequencetype"], event["datacontenttype"]) == ("3", "Integer", "application/json")
    assert (data["seq"], data["hall"], data["topic"]) == (3, "county", "onething.window.opened.v1")


def test_the_example_of_the_guide_misses_nothing_though_the_broker_is_wiped(
    house: House, rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    port = house.host("gateway").instance.edge.port
    reader = start(
        found[1],
        tmp_path / "guide.log",
        AMQP_URI=standard(rabbitmq),
        API=f"http://127.0.0.1:{port}",
        HALL="county",
        AFTER="0",
        TOKEN=bearer("subscriber", hall="county"),
    )

    def numbers() -> list[int]:
        return [int(line.split()[0]) for line in reader.output().splitlines() if line[:1].isdigit()]

    try:
        eventually(lambda: numbers() == [1, 2])
        work(house, 2)
        eventually(lambda: numbers() == [*range(1, 7)])
        rabbitmq.kill()
        rabbitmq.wipe()
        rabbitmq.start()
        work(house, 2)
        eventually(lambda: house.client().ask(FeedHeads(halls=("county",)), attempts=20) == {"county": 10})
        eventually(lambda: len(numbers()) >= 10, within=60)
    finally:
        reader.kill9()

    assert numbers() == [*range(1, 11)]
