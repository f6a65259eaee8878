"""Two replicas of each service share the work; one goes on alone when the other dies."""

import random
from collections.abc import Callable
from time import monotonic

import pytest

from console.services import SERVICES
from eventing.client import Client
from testkit.house import eventually

from .cluster import LEASE, Cluster
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(1200)]

CASES = 200


def test_one_of_two_replicas_of_each_service_dies(
    build: Callable[..., Cluster], client: Client, seed: int, tell: Callable[[str], None]
) -> None:
    chance = random.Random(seed)
    with build(replicas=("a", "b")) as cluster:
        shares = {name: {f"{name}-a": 8, f"{name}-b": 8} for name in SERVICES}
        eventually(lambda: {name: cluster.owners(name) for name in SERVICES} == shares, within=30)
        load = Load(client, seed)
        load.release(CASES // 2)
        load.progress(chance.randrange(50, 400))
        survivors = {name: chance.choice("ab") for name in SERVICES}
        open_then = load.open
        for name, survivor in survivors.items():
            cluster.kill(name, "b" if survivor == "a" else "a")
        began = monotonic()
        load.release(CASES - CASES // 2)
        alone = {name: {f"{name}-{survivor}": 16} for name, survivor in survivors.items()}
        eventually(lambda: {name: cluster.owners(name) for name in SERVICES} == alone, within=30)
        tell(
            f"{len(SERVICES)} replicas killed with {open_then} cases under way; "
            f"the others had everything after {monotonic() - began:.1f} s of leases of {LEASE} s"
        )
        assert open_then
        reckon(load, cluster.stores, tell)
        assert load.closed == CASES
        assert len(cluster.ended()) == len(SERVICES)
