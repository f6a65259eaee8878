"""The campaigns run their load on green threads, as the services do."""

from eventing import green

green.patch()

import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from eventing.calls import Calls
from eventing.client import Client
from testkit.facts import TESTER
from testkit.servers import PostgreSQL, RabbitMQ

from .cluster import Cluster, cluster_signer

IMPATIENCE = 1.0
"""Seconds after which people ask again: before a service is back, so that some things come twice."""


@pytest.fixture
def seed(tell: Callable[[str], None]) -> int:
    """What makes a campaign repeatable, as far as chance is the campaign's own: ONETHING_SEED sets it."""
    chosen = int(os.environ.get("ONETHING_SEED") or random.getrandbits(32))
    tell(f"seed {chosen}")
    return chosen


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[str], None]]:
    """Says on the terminal what a campaign does and has hit."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}", end="", flush=True)

    yield say
    with capsys.disabled():
        print()


@pytest.fixture
def build(tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> Callable[..., Cluster]:
    """Builds a cluster of its own for a campaign."""
    return partial(Cluster, tmp_path, rabbitmq, postgresql)


@pytest.fixture
def client(tmp_path: Path, rabbitmq: RabbitMQ) -> Iterator[Client]:
    """Speaks for everybody in a campaign."""
    calls = Calls(rabbitmq.uri, timeout=IMPATIENCE)
    calls.start()
    yield Client(calls, TESTER, signer=cluster_signer(tmp_path))
    calls.stop()
