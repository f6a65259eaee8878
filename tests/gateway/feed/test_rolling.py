"""Two gateways behind one address are replaced in turn: nobody who follows misses anything, nobody who writes loses it.

People do what the documentation says: who was told ``bye``, or was cut off, comes again with the last place; a write
that was not answered, or was told to come again, is sent once more under the same key.
"""

import http.client
import os
import random
import socket
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import eventlet
import pytest

from contracts.feed import FeedHeads
from contracts.halls import InstallWindow, RegisterHall
from halls.service import Halls
from testkit.house import House, eventually
from testkit.process import LOOPBACK, Process, ServiceProcess, free_port
from testkit.servers import PostgreSQL, RabbitMQ

from .conftest import databases
from .subscribers import signed_in
from .test_endurance import HALLS, WINDOWS, Subscriber, environment, prepare_gateway, reckon

pytestmark = [pytest.mark.heavy, pytest.mark.fault, pytest.mark.cluster, pytest.mark.timeout(900)]

SUBSCRIBERS = 20
ROUNDS = 2
"""How often each gateway is replaced."""
EACH = 5
"""Writes of everybody between two replacements."""


class Front:
    """One address before several gateways: a connection goes to the first one that takes it, each in its turn."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._socket = eventlet.listen((LOOPBACK, 0))
        self.port = int(self._socket.getsockname()[1])
        self._serving = eventlet.spawn(self._serve)

    def close(self) -> None:
        self._serving.kill()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connected, _ = self._socket.accept()
            self._ports = [*self._ports[1:], self._ports[0]]
            eventlet.spawn_n(self._carry, connected, [*self._ports])

    def _carry(self, near: Any, ports: list[int]) -> None:
        with closing(near):
            for port in ports:
                with suppress(OSError), closing(eventlet.connect((LOOPBACK, port))) as far:
                    back = eventlet.spawn(_pass_on, far, near)
                    _pass_on(near, far)
                    back.wait()
                    return


def _pass_on(one: Any, other: Any) -> None:
    """Bytes from one to the other until there are no more; then nothing comes the other way either."""
    with suppress(OSError):
        while part := one.recv(65_536):
            other.sendall(part)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


class Writer:
    """Whoever opens and closes a window over HTTP, and repeats what was not answered."""

    def __init__(self, port: int, hall: str, window: str) -> None:
        self.port = port
        self.window = window
        self.headers = signed_in("manager", by=f"of-{window}", hall=hall)
        self.done = 0
        self.repeated: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self, over: Callable[[], bool]) -> None:
        while not over():
            for verb in ("open-window", "close-window"):
                self._write(f"/api/v1/windows/{self.window}/{verb}", str(uuid.uuid4()))
                self.done += 1
            eventlet.sleep(0.05)

    def _write(self, path: str, key: str) -> None:
        while True:
            wait = 0.1
            try:
                status, headers, body = self._sent(path, key)
                if status in {200, 201}:
                    return
                if status == 503 and headers.get("Retry-After"):
                    wait = float(headers["Retry-After"])
                    self.repeated["told to come again"] += 1
                else:
                    self.wrong.append(f"{status} {body[:300]!r}")
                    return
            except (OSError, http.client.HTTPException) as error:
                self.repeated[type(error).__name__] += 1
            eventlet.sleep(wait)

    def _sent(self, path: str, key: str) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
        try:
            said = {**self.headers, "Content-Type": "application/json", "Idempotency-Key": key}
            connection.request("POST", path, b"{}", said)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@contextmanager
def two_gateways(house: House, tmp_path: Path) -> Iterator[tuple[list[Process], int]]:
    """Both, and the port of the one address before them."""
    ports = [free_port(), free_port()]
    gateways: list[Process] = [
        ServiceProcess(
            log=tmp_path / f"gateway-{n}.log",
            env=environment(house, port, f"gateway-{n}"),
            argv=[sys.executable, str(Path(__file__).with_name("a_gateway.py"))],
        )
        for n, port in enumerate(ports)
    ]
    front = Front(ports)
    try:
        for gateway in gateways:
            served(gateway.start())
        yield gateways, front.port
    finally:
        front.close()
        for gateway in gateways:
            if gateway.running:
                gateway.kill9()


def served(gateway: Process) -> None:
    gateway.wait_until(lambda: "http is served" in gateway.output(), 120)


def test_gateways_are_replaced_in_turn_and_nobody_notices(
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, tell: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("ONETHING_SEED") or random.getrandbits(32))
    url = databases(postgresql, "halls", "gateway")
    with House([Halls], tmp_path / "house", amqp_uri=rabbitmq.uri, database_url=url) as house:
        client = house.client()
        for hall in HALLS:
            client.command(RegisterHall(hall=hall, name=hall, kind="county", region="990102"), attempts=20)
            for n in range(WINDOWS):
                client.command(InstallWindow(window=f"{hall}-{n}", hall=hall, name="1"), attempts=20)
        prepare_gateway(house)
        with two_gateways(house, tmp_path) as (gateways, port):
            subscribers = [Subscriber(n, [port], seed) for n in range(SUBSCRIBERS)]
            reading = [eventlet.spawn(each.run) for each in subscribers]
            writers = [Writer(port, hall, f"{hall}-{n}") for hall in HALLS for n in range(WINDOWS)]
            over = eventlet.event.Event()
            writing = [eventlet.spawn(each.run, over.ready) for each in writers]

            def some_more() -> None:
                before = {each: each.done for each in writers}
                eventually(lambda: all(each.done >= before[each] + EACH for each in writers), within=120)

            eventually(lambda: all(each.returns for each in subscribers), within=60)
            for _ in range(ROUNDS):
                for gateway in gateways:
                    some_more()
                    gateway.terminate(timeout=60)
                    assert gateway.returncode == 0
                    some_more()
                    served(gateway.start())
            some_more()
            over.send()
            for each in writing:
                each.wait()
            done = {hall: sum(w.done for w in writers if w.window.startswith(hall)) for hall in HALLS}
            expected = {hall: 1 + WINDOWS + done[hall] for hall in HALLS}
            heads = eventually(lambda: client.ask(FeedHeads(halls=HALLS), attempts=60) == expected and expected)
            eventually(lambda: all(each.last == heads[each.hall] for each in subscribers), within=120)
            for reader in reading:
                reader.kill()
        repeated = sum((each.repeated for each in writers), Counter())
        tell(
            f"seed {seed}: {ROUNDS * len(gateways)} replacements, {sum(done.values())} writes, "
            f"repeated {dict(repeated)}, "
            f"{SUBSCRIBERS} subscribers came {sum(each.returns for each in subscribers)} times"
        )
        assert not [wrong for each in writers for wrong in each.wrong]
        reckon(client, heads, subscribers)
        assert all(each.returns > 1 for each in subscribers), "somebody followed one gateway all the time"
