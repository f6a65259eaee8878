"""A process from outside: its probes from the first moment on, and its log."""

import json
import signal
import sys
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testkit.process import _DIRECT, ServiceProcess, free_port

PROGRAM = """
from eventing import green
green.patch()

import sys

from eventing.runner import run
from eventing.service import Service
from eventing.settings import Settings
from telemetry import logs
from testkit.toy import ToyDeclarations

class Toy(ToyDeclarations, Service):
    pass

settings = Settings.load()
logs.configure(sys.stderr, form=settings.log_format, level=settings.log_level, replica=settings.replica)
sys.exit(run([Toy], settings))
"""


class Program:
    """One service in a process of its own, and its probes."""

    def __init__(self, directory: Path, **env: str) -> None:
        script = directory / "program.py"
        script.write_text(PROGRAM)
        self.port = free_port()
        self.process = ServiceProcess(
            argv=[sys.executable, str(script)],
            log=directory / "log",
            env={
                "PYTHONPATH": ":".join(path for path in sys.path if path),
                "PYTHONWARNINGS": "ignore",
                "ONETHING_HEALTH_PORT": str(self.port),
                "ONETHING_DATA_DIR": str(directory / "data"),
                "ONETHING_LOG_FORMAT": "json",
                **env,
            },
        ).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def probe(self, path: str) -> tuple[int, Any]:
        try:
            with _DIRECT.open(self.url(path), timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, json.load(answer)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    running: list[Program] = []

    def start(**env: str) -> Program:
        running.append(Program(tmp_path, **env))
        return running[-1]

    yield start
    for each in running:
        each.process.kill9()


def test_a_process_becomes_ready_and_every_line_it_logs_is_json(program: Callable[..., Program]) -> None:
    toy = program()
    toy.process.wait_ready(toy.url("/readyz"))

    assert toy.probe("/startupz") == (200, {"started": True, "phase": "running"})
    toy.process.terminate()
    assert toy.process.returncode == 0
    lines = [json.loads(line) for line in toy.process.output().splitlines()]
    assert {"ready", "stopped"} <= {line["event"] for line in lines}
    assert {line["replica"] for line in lines} == {"embedded"}


def test_a_process_that_waits_for_its_broker_lives_and_has_not_started(program: Callable[..., Program]) -> None:
    toy = program(AMQP_URI=f"amqp://clerk:s3cret@127.0.0.1:{free_port()}//")
    toy.process.wait_ready(toy.url("/livez"))

    assert toy.probe("/livez") == (200, {"alive": True})
    assert toy.probe("/startupz") == (503, {"started": False, "phase": "starting"})
    assert toy.probe("/readyz")[0] == 503
    toy.process.wait_ready(line="waiting")
    assert "s3cret" not in toy.process.output()
    toy.process.terminate()
    assert toy.process.returncode == 0


def test_a_process_whose_port_is_taken_ends_and_says_so(program: Callable[..., Program], tmp_path: Path) -> None:
    first = program()
    first.process.wait_ready(first.url("/livez"))
    (tmp_path / "second").mkdir()

    second = Program(tmp_path / "second", ONETHING_HEALTH_PORT=str(first.port))
    try:
        second.process.wait_until(lambda: second.process.returncode is not None, timeout=120)
        assert second.process.returncode == 1
        assert "Address already in use" in second.process.output()
    finally:
        second.process.kill9()
    first.process.signal(signal.SIGTERM, timeout=60)
