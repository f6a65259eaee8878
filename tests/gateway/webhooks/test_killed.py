"""The house is killed in the middle of deliveries: nothing is lost, and the order of each subject is kept."""

import os
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eventlet.event import Event

from testkit.house import eventually
from testkit.process import LOOPBACK, ServiceProcess, free_port

from .conftest import Receiver, verified
from .test_delivering import in_order, sequences

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]

HALL, MANAGER, OPERATOR = "yl-hospital", "manager-shen", "operator-kong"
WINDOWS = tuple(f"{HALL}-{number}" for number in (1, 2, 3))
TURNS = 8
BEFORE = len(WINDOWS) + 1
"""Events of the hall before the subscription: it is registered, its windows installed."""
ALL = set(range(BEFORE + 1, BEFORE + 2 * TURNS * len(WINDOWS) + 1))


@pytest.fixture
def up(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A whole embedded house as a process of its own."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path for path in sys.path if path)),
        "ONETHING_DATA_DIR": str(tmp_path / "data"),
        "ONETHING_HTTP_PORT": str(free_port()),
        "ONETHING_HTTP_REQUESTS_PER_SECOND": "0",
        "ONETHING_HTTP_REQUESTS_PER_ADDRESS": "0",
        "ONETHING_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "ONETHING_RENDERING": "on-demand",
        "ONETHING_LOG_LEVEL": "warning",
    }
    process = ServiceProcess("up", log=tmp_path / "up.log", env=env)
    process.port = int(env["ONETHING_HTTP_PORT"])
    process.start()
    try:
        process.wait_ready(line="ready", timeout=240)
        yield process
    finally:
        if process.running:
            process.terminate(timeout=30)


def do(web: Any, path: str, body: Any, person: str = MANAGER) -> None:
    answer = web("POST", f"/api/v1/{path}", body, caller=person, Idempotency_Key=str(uuid.uuid4()))
    assert answer.status in {200, 201}, answer.json


def test_what_was_being_sent_when_it_died_is_sent_again(
    up: ServiceProcess, receiver: Callable[..., Receiver], web_at: Callable[[str], Any]
) -> None:
    held: list[int] = []
    died = Event()

    def answer(event: dict[str, Any], attempt: int) -> int:
        """After a quarter every window's next event is on its way, and stays there until the house has died."""
        if len(taker.taken) >= len(ALL) // 4 and not died.ready():
            held.append(int(event["sequence"]))
            died.wait()
        return 204

    taker = receiver(answer)
    web = web_at(f"http://{LOOPBACK}:{up.port}")
    do(web, f"halls/{HALL}/register-hall", {"name": HALL, "kind": "hospital", "region": "990102"}, OPERATOR)
    for window in WINDOWS:
        do(web, f"windows/{window}/install-window", {"hall": HALL, "name": window})
    eventually(lambda: web("GET", f"/api/v1/halls/{HALL}/feed", caller=MANAGER).json["head"] == BEFORE, within=60)
    do(web, "webhooks/w1/create-webhook", {"url": taker.url, "halls": [HALL], "after": {HALL: BEFORE}})
    for _ in range(TURNS):
        for window in WINDOWS:
            do(web, f"windows/{window}/open-window", {})
            do(web, f"windows/{window}/close-window", {})

    eventually(lambda: len(set(held)) == len(WINDOWS), within=60)
    up.kill9()
    assert sequences(taker.taken).isdisjoint(held)
    died.send()
    up.start()
    up.wait_ready(line="ready", timeout=240)

    eventually(lambda: sequences(taker.taken) == ALL, within=120)
    assert in_order(taker.taken)
    tried = Counter(int(each["sequence"]) for each in taker.tried)
    assert {sequence for sequence, times in tried.items() if times > 1} == {*held}, "only that comes again"
    secrets = web("GET", "/api/v1/webhooks/w1/secret", caller=MANAGER).json["secrets"]
    assert all(verified(secrets, *each) for each in taker.requests)

    def settled() -> bool:
        found = web("GET", "/api/v1/webhooks/w1", caller=MANAGER)
        return found.status == 200 and (found.json["waiting"], found.json["parked"]) == (0, 0)

    eventually(settled, within=60)
