"""A child process of a test is known by its pid, tells why it ended, and never outlives the test."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from testkit.process import LOOPBACK, NotReady, Process, ServiceProcess, free_port

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"]


def a_service(tmp_path: Path, argv: list[str] = SLEEPER) -> ServiceProcess:
    return ServiceProcess(log=tmp_path / "log", argv=argv)


def test_a_service_is_ready_when_it_has_printed_the_line(tmp_path: Path) -> None:
    service = a_service(tmp_path).start().wait_ready(line="awake")

    assert Path(f"/proc/{service.pid}/cmdline").read_bytes().decode().split("\0")[:-1] == SLEEPER
    service.kill9()
    assert service.returncode == -signal.SIGKILL


def test_a_line_of_an_earlier_run_does_not_make_a_later_run_ready(tmp_path: Path) -> None:
    service = a_service(tmp_path).start().wait_ready(line="awake")
    service.terminate()
    service.argv = [sys.executable, "-c", "print('asleep')"]

    with pytest.raises(NotReady, match="asleep"):
        service.start().wait_ready(line="awake")


def test_a_service_that_ends_early_says_what_it_printed(tmp_path: Path) -> None:
    service = a_service(tmp_path, [sys.executable, "-c", "raise SystemExit('no database there')"])

    with pytest.raises(NotReady, match=r"(?s)ended with 1.*no database there"):
        service.start().wait_ready(line="ready")


def test_a_service_that_ignores_sigterm_is_killed_and_reported(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER[2]
    service = a_service(tmp_path, [sys.executable, "-c", deaf]).start().wait_ready(line="awake")

    with pytest.raises(NotReady, match="SIGTERM"):
        service.terminate(timeout=0.2)
    assert service.returncode == -signal.SIGKILL


@pytest.fixture
def health() -> Iterator[str]:
    """The address of a health page that fails twice and then succeeds."""
    answers = iter([503, 503])

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers, 200))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer((LOOPBACK, 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}/readyz"
        server.shutdown()
        assert next(answers, 200) == 200


def test_a_service_is_ready_when_its_page_succeeds(tmp_path: Path, health: str) -> None:
    service = a_service(tmp_path).start().wait_ready(url=health)

    service.kill9()


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    test_run = textwrap.dedent(f"""
        import os, sys, pathlib
        from testkit.process import ServiceProcess
        service = ServiceProcess(log=pathlib.Path({str(log)!r}), argv={SLEEPER!r})
        service.start().wait_ready(line="awake")
        print(service.pid, flush=True)
        sys.stdin.read()
    """)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", test_run], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        orphan = os.pidfd_open(int(run.stdout.readline()))

        run.kill()
        ended, _, _ = select.select([orphan], [], [], 30)

    os.close(orphan)
    assert ended, "the child is still there"


def test_a_free_port_lies_below_the_range_that_clients_are_given() -> None:
    first_of_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert 1024 < free_port() < first_of_clients


def test_a_process_that_was_never_started_has_no_pid(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="never started"):
        _ = Process(SLEEPER, tmp_path / "log").pid
