"""All services in one process, once for all scenarios of a profile."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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


OpenHouse = Callable[..., AbstractContextManager[House]]


@pytest.fixture(scope="session")
def open_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, county: Catalogue
) -> OpenHouse:
    """Starts a furnished house of a profile, and stops it before its servers are."""

    @contextmanager
    def opened(profile: str, **settings: Any) -> Iterator[House]:
        if profile == "cluster":
            server = request.getfixturevalue("postgresql")
            mark = uuid.uuid4().hex[:6]
            urls = {name: server.create_database(f"s{mark}_{name}") for name in SERVICES}
            settings |= {
                "amqp_uri": request.getfixturevalue("rabbitmq").uri,
                "database_url": urls["intake"].replace(f"s{mark}_intake", f"s{mark}_{{service}}"),
            }
        services = [service(name) for name in SERVICES]
        with House(services, tmp_path_factory.mktemp(profile), **{"rendering": "on-demand", **settings}) as house:
            furnish(house.client(), county)
            yield house

    return opened


@pytest.fixture(scope="session", params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, open_house: OpenHouse) -> Iterator[House]:
    """A county at work, on either profile."""
    with open_house(request.param) as opened:
        yield opened


@pytest.fixture(scope="session")
def clock() -> SimulatedClock:
    """A clock that only the tests move."""
    return SimulatedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def timed_house(open_house: OpenHouse, clock: SimulatedClock) -> Iterator[House]:
    """A county that lives by the simulated clock."""
    with open_house("embedded", clock=clock) as opened:
        yield opened
