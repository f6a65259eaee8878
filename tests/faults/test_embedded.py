"""The one process of the embedded profile may be killed at any instant."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import eventlet
import pytest

from console.control import ControlCalls
from console.county import county
from console.county import load as load_county
from console.services import SERVICES
from eventing.client import Client
from eventing.errors import Unavailable
from testkit.facts import TESTER
from testkit.servers import ServiceProcess

from .cluster import PATIENCE, READY, cluster_signer, environment
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.fault, pytest.mark.timeout(1200)]

CASES = 500
TIMES = 6


class Instance:
    """`onething up` on a directory of its own, and the way to its services through the control socket."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process = ServiceProcess(
            "up", log=directory / "up.log", env=environment(directory, ONETHING_PROFILE="embedded")
        )
        self._control: ControlCalls | None = None

    def start(self) -> None:
        self.process.start().wait_ready(line=READY, timeout=PATIENCE)
        self._control = ControlCalls(self.directory)

    def start_in_vain(self, seconds: float) -> None:
        """Starts it, and kills it so soon that it may not be ready yet."""
        self.process.start()
        eventlet.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        assert self.process.running, f"it had ended by itself: see {self.process.log}"
        self.process.kill9()
        self._control = None

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> Any:
        """A call through the socket of the process that runs now."""
        if self._control is None:
            raise Unavailable(service=service, reason="nobody is there")
        return self._control.call(service, method, *args, timeout=timeout)


def test_the_process_is_killed(tmp_path: Path, seed: int, tell: Callable[[str], None]) -> None:
    chance = random.Random(seed)
    instance = Instance(tmp_path)
    instance.start()
    try:
        client = Client(instance, TESTER, signer=cluster_signer(tmp_path))
        load_county(county("990102"), client)
        load = Load(client, seed)
        hit = 0
        for number in range(TIMES):
            load.release(CASES // TIMES + (number < CASES % TIMES))
            load.progress(chance.randrange(1, 500))
            hit += bool(load.open)
            instance.kill()
            if number % 2:
                instance.start_in_vain(chance.uniform(0.0, 2.0))
            instance.start()
        tell(f"killed {TIMES} times, {hit} of them with cases under way, and {TIMES // 2} times while it started")
        assert hit == TIMES
        reckon(load, {name: f"sqlite:///{tmp_path}/{name}.db" for name in SERVICES}, tell)
        assert load.closed == CASES
    finally:
        instance.kill()
