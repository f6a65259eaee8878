"""Broker and database may be gone at any instant; nobody has to do anything but start them again."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from eventing.client import Client
from testkit.servers import PostgreSQL, RabbitMQ

from .cluster import Cluster
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(600)]

CASES = 500
TIMES = 4
"""How often a server is lost."""


def lose(
    server: RabbitMQ | PostgreSQL, cluster: Cluster, load: Load, chance: random.Random, *, wipe: bool
) -> int:
    """Ends the server again and again in the middle of the load; returns how often cases were under way."""
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
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    with Cluster(tmp_path, rabbitmq, postgresql) as cluster:
        load = Load(client, seed)
        hit = lose(rabbitmq, cluster, load, random.Random(seed), wipe=True)
        tell(f"the broker was killed and wiped {TIMES} times, {hit} of them with cases under way")
        assert hit == TIMES
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert not cluster.ended()


def test_the_database_is_killed(
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    with Cluster(tmp_path, rabbitmq, postgresql) as cluster:
        load = Load(client, seed)
        hit = lose(postgresql, cluster, load, random.Random(seed), wipe=False)
        tell(f"the database was killed {TIMES} times, {hit} of them with cases under way")
        assert hit == TIMES
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert not cluster.ended()
