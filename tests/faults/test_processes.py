"""Any service may die at any instant."""

import random
from collections.abc import Callable

import pytest

from console.services import SERVICES
from eventing.client import Client

from .cluster import Cluster
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(1200)]

CASES = 500


def test_services_are_killed_one_after_another(
    build: Callable[..., Cluster], client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    chance = random.Random(seed)
    with build() as cluster:
        load = Load(client, seed)
        victims = chance.sample([*SERVICES], len(SERVICES)) + chance.sample([*SERVICES], len(SERVICES) // 2)
        hit = []
        for number, victim in enumerate(victims):
            load.release(CASES // len(victims) + (number < CASES % len(victims)))
            load.progress(chance.randrange(20, 200))
            if load.open:
                hit.append(victim)
            cluster.kill(victim)
            cluster.restart(victim, renamed=chance.choice(["", f"{victim}-{number}"]))
        tell(f"killed {len(victims)} times, {len(hit)} of them with cases under way")
        assert set(hit) == set(SERVICES)
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert not cluster.ended()
