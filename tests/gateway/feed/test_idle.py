"""Ten thousand who only wait: what one gateway needs for them, and that each still hears what happens."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.halls import InstallWindow, RegisterHall
from eventing.prepare import prepare
from eventing.store import Store
from gateway.service import Gateway
from halls.service import Halls
from testkit.house import House, eventually
from testkit.process import Process, ServiceProcess, free_port
from testkit.servers import PostgreSQL, RabbitMQ

from .conftest import databases
from .subscribers import signed_in
from .test_endurance import environment

pytestmark = [pytest.mark.heavy, pytest.mark.cluster, pytest.mark.timeout(900)]

MANY = 10_000
MOST = 64 * 1024
"""Bytes a connection may take at most."""


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_ten_thousand_idle_subscribers(
    tmp_path: Path, rabbitmq: RabbitMQ, postgresql: PostgreSQL, tell: Callable[[str], None]
) -> None:
    url = databases(postgresql, "halls", "gateway")
    house = House([Halls], tmp_path / "house", amqp_uri=rabbitmq.uri, database_url=url)
    port = free_port()
    with house:
        client = house.client()
        client.command(RegisterHall(hall="county", name="n", kind="county", region="990102"), attempts=20)
        store = Store("gateway", house.settings.database_url_for("gateway"))
        prepare(Gateway, store)
        store.close()
        gateway = ServiceProcess(
            log=tmp_path / "gateway.log",
            env=environment(house, port, "gateway-0"),
            argv=[sys.executable, str(Path(__file__).with_name("a_gateway.py"))],
        )
        gateway.start().wait_until(lambda: "http is served" in gateway.output(), 60)
        headers = "".join(f"{name}: {value}\r\n" for name, value in signed_in().items())
        request = f"GET /api/v1/feed?hall=county HTTP/1.1\r\nHost: test\r\n{headers}\r\n"
        crowd = Process(
            [sys.executable, str(Path(__file__).with_name("an_idle_crowd.py")), str(port), str(MANY), request],
            tmp_path / "crowd.log",
        )

        def counts() -> tuple[int, int, int]:
            found = re.findall(r"standing (\d+) heard (\d+) lost (\d+)", crowd.output())
            return (int(found[-1][0]), int(found[-1][1]), int(found[-1][2])) if found else (0, 0, 0)

        before = resident(gateway.pid)
        crowd.start()
        try:
            eventually(lambda: sum(counts()[::2]) >= MANY, within=400)
            each = (resident(gateway.pid) - before) / MANY
            tell(f"{counts()[0]} subscribers stand; {each / 1024:.1f} KiB of the gateway's memory each")
            client.command(InstallWindow(window="w1", hall="county", name="1"), attempts=20)
            eventually(lambda: counts()[1] >= MANY, within=200)
        finally:
            tell(f"standing, heard, lost: {counts()}")
            crowd.kill9()
            gateway.kill9()
    assert each < MOST
