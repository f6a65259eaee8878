"""Broker and database may be gone at any instant; nobody has to do anything but start them again."""

import random
from collections.abc import Callable

import pytest

from eventing.client import Client
from testkit.servers import PostgreSQL, RabbitMQ

from .cluster import Cluster
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(1200)]

CASES = 500
TIMES = 3
"""How often a server is lost."""


def lose(server: RabbitMQ | PostgreSQL, load: Load, seed: int, *, wipe: bool) -> int:
    """Ends the server again and again in the middle of the load; returns how often cases were under way."""
    chance = random.Random(seed)
    hit = 0
    for number in range(TIMES):
        load.release(CASES // TIMES + (number < CASES % TIMES))
        load.progress(chance.randrange(100, 600))
        hit += bool(load.open)
        server.kill()
        if wipe:
            server.wipe()
        server.start()
    return hit


def test_the_broker_is_killed_and_wiped(
    rabbitmq: RabbitMQ, build: Callable[..., Cluster], client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    with build() as cluster:
        load = Load(client, seed)
        hit = lose(rabbitmq, load, seed, wipe=True)
        tell(f"the broker was killed and wiped {TIMES} times, {hit} of them with cases under way")
        assert hit == TIMES
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert not cluster.ended()


def test_the_database_is_killed(
    postgresql: PostgreSQL,
    build: Callable[..., Cluster],
    client: Client,
    seed: int,
    tell: Callable[[str], None],
) -> None:
    with build() as cluster:
        load = Load(client, seed)
        hit = lose(postgresql, load, seed, wipe=False)
        tell(f"the database was killed {TIMES} times, {hit} of them with cases under way")
        assert hit == TIMES
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert not cluster.ended()
