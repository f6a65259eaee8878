"""All services in one process, once for all scenarios of a profile."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from eventing import green

green.patch()

import catalogue
from catalogue import Catalogue
from console.journey import furnish
from console.services import SERVICES, service
from kernel.clock import SimulatedClock
from testkit.house import House


@pytest.fixture(scope="session")
def county() -> Catalogue:
    """The catalogue of the fictional county, as services load it."""
    return catalogue.load("990102")


@pytest.fixture(scope="session")
def open_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, county: Catalogue
) -> Iterator[Callable[..., House]]:
    """Starts a furnished house of a profile; all of them stop at the end."""
    houses: list[House] = []

    def start(profile: str, **settings: Any) -> House:
        if profile == "cluster":
            server = request.getfixturevalue("postgresql")
            mark = uuid.uuid4().hex[:6]
            urls = {name: server.create_database(f"s{mark}_{name}") for name in SERVICES}
            settings |= {
                "amqp_uri": request.getfixturevalue("rabbitmq").uri,
                "database_url": urls["intake"].replace(f"s{mark}_intake", f"s{mark}_{{service}}"),
            }
        house = House(
            [service(name) for name in SERVICES],
            tmp_path_factory.mktemp(profile),
            **{"rendering": "on-demand", **settings},
        ).start()
        houses.append(house)
        furnish(house.client(), county)
        return house

    yield start
    for house in houses:
        house.stop()


@pytest.fixture(scope="session", params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, open_house: Callable[..., House]) -> House:
    """A county at work, on either profile."""
    return open_house(request.param)


@pytest.fixture(scope="session")
def clock() -> SimulatedClock:
    """A clock that only the tests move."""
    return SimulatedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def timed_house(open_house: Callable[..., House], clock: SimulatedClock) -> House:
    """A county that lives by the simulated clock."""
    return open_house("embedded", clock=clock)
