"""A house with halls and the gateway, where a header says who somebody is."""

from eventing import green

green.patch()

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.identity import Identity
from gateway.service import Gateway
from halls.service import Halls
from testkit.house import House
from testkit.servers import PostgreSQL

from .a_gateway import believe


@pytest.fixture
def known_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bearer is believed to be who it says."""
    monkeypatch.setattr(Identity, "process_request", believe)


def databases(postgresql: PostgreSQL, *services: str) -> str:
    """Empty databases of these services; their common address."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    made = {name: postgresql.create_database(f"{prefix}_{name}") for name in services}
    return made[services[0]].replace(f"_{services[0]}", "_{service}")


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, tmp_path: Path, known_callers: None) -> Iterator[House]:
    servers: dict[str, str] = {}
    if request.param == "cluster":
        servers = {
            "amqp_uri": request.getfixturevalue("rabbitmq").uri,
            "database_url": databases(request.getfixturevalue("postgresql"), "halls", "gateway"),
        }
    with House([Halls, Gateway], tmp_path / "house", **servers) as running:
        yield running


@pytest.fixture
def port(house: House) -> int:
    return int(house.host("gateway").instance.edge.port)


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[str], None]]:
    """Says on the terminal what the campaign does and has hit."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}", end="", flush=True)

    yield say
    with capsys.disabled():
        print()
