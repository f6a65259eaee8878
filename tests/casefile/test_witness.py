"""A third party binds a queue of its own to the broker, is told each signed head, and needs nothing else to hold the
house to it."""

from eventing import green

green.patch()

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kombu import Connection, Exchange, Queue

from casefile.exports import check_consistency
from casefile.service import CaseFile
from contracts.casefile import ConsistencyProof, ListTreeHeads, ProveConsistency
from contracts.halls import RegisterHall
from eventing.status import PREFIX, WITNESS
from halls.service import Halls
from kernel.notes import PublicKey
from testkit.house import House, eventually
from testkit.servers import PostgreSQL


def databases(postgresql: PostgreSQL, *services: str) -> str:
    """Empty databases of these services; their common address."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    made = {name: postgresql.create_database(f"{prefix}_{name}") for name in services}
    return made[services[0]].replace(f"_{services[0]}", "_{service}")


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    servers: dict[str, str] = {}
    if request.param == "cluster":
        servers = {
            "amqp_uri": request.getfixturevalue("rabbitmq").uri,
            "database_url": databases(request.getfixturevalue("postgresql"), "halls", "casefile"),
        }
    with House([Halls, CaseFile], tmp_path / "house", head_seconds=0.1, **servers) as running:
        yield running


def test_a_queue_that_somebody_bound_holds_the_heads_and_they_hold_the_house(house: House) -> None:
    client = house.client()
    told: list[Any] = []
    with Connection(house.settings.amqp_uri) as connection:
        queue = Queue(f"witness-{uuid.uuid4()}", Exchange(WITNESS, type="topic", durable=True), routing_key="990102")
        queue(connection.channel()).declare()

        def heard() -> list[Any]:
            while message := queue(connection.channel()).get(no_ack=True):
                told.append(message)
            return told

        for hall in ("county", "street"):
            before = len(told)
            client.command(RegisterHall(hall=hall, name="n", kind="county", region="990102"), attempts=20)
            eventually(lambda: len(heard()) > before)  # noqa: B023 - called at once

    notes = [msgspec.json.decode(message.body)["note"] for message in told]
    listed = client.ask(ListTreeHeads())
    assert notes == [each["signed_note"] for each in listed["tree_heads"]][: len(notes)]
    assert len(notes) > 1
    assert {message.headers[f"{PREFIX}type"] for message in told} == {"onething.ledger.head-signed.v1"}

    sizes = [each["tree_size"] for each in listed["tree_heads"]]
    answer = client.ask(ProveConsistency(old_size=sizes[0], new_size=sizes[1]))
    proof = msgspec.convert(answer, ConsistencyProof)
    assert check_consistency(proof, PublicKey.read(listed["public_key"]), notes[0]).verified
    assert check_consistency(proof, PublicKey.read(listed["public_key"]), notes[1]).wrong == "other-head"
