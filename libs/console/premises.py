"""Where a benchmark runs: a fresh embedded house, or a cluster that runs or is started for it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import eventlet
from eventlet.green import socket
from eventlet.green import subprocess as green_subprocess
from msgspec import Struct

from console.benchissuer import HOST, issuing
from console.house import OPERATOR, calling, entered, started
from console.preparation import prepare_all
from console.services import SERVICES
from contracts.language import Fact
from contracts.published import published
from eventing.client import Client
from eventing.errors import OneThingError, Unavailable
from eventing.settings import Settings
from eventing.signing import Signer

PATIENCE = 240.0
"""Seconds in which services that were started answer."""
ADDRESS = "gateway.address"
"""The file in the data directory in which an embedded gateway says where it answers."""
UNBOUNDED = dict.fromkeys(
    (
        "ONETHING_HTTP_REQUESTS_PER_SECOND",
        "ONETHING_HTTP_REQUESTS_PER_ADDRESS",
        "ONETHING_HTTP_CONNECTIONS_PER_ADDRESS",
        "ONETHING_HTTP_FEEDS_PER_CALLER",
    ),
    "0",
)
"""All load comes from one address."""
GRACE = 20.0
"""Seconds that they have to stop."""


class Premises(Struct, frozen=True):
    """A house to measure and the processes that it consists of, as far as they are known."""

    client: Client
    settings: Settings
    pids: Mapping[str, int]
    address: str = ""
    """Where its gateway answers, if it is asked over HTTP."""
    issue: Callable[[str], str] | None = None
    """Who signs a person's token, where the house does not do so itself."""


@contextmanager
def opened(
    settings: Settings, *, start: bool, fresh: bool, say: Callable[[str], None], http: bool = False
) -> Iterator[Premises]:
    """The premises of these settings: a cluster as it is, or started; an embedded house, perhaps a fresh one.

    With ``http``, the embedded house is a process of its own, with its gateway: who asks over HTTP is somewhere else.
    """
    with ExitStack() as stack:
        if settings.profile == "embedded":
            if fresh:
                directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="onething-bench-"))
                settings = Settings(
                    data_dir=directory,
                    catalogue_dirs=settings.catalogue_dirs,
                    region=settings.region,
                    rendering=settings.rendering,
                )
            if http:
                yield stack.enter_context(_apart(settings, say))
                return
            say(f"嵌入式，服务与负载同在本进程 embedded: services and load in this process, {settings.data_dir}")
            house = stack.enter_context(started(settings))
            yield Premises(house.client, settings, {"all in one process": os.getpid()})
            return
        pids = {"load generator": os.getpid()}
        environ: dict[str, str] = {}
        address, issue = "", None
        if start and http:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onething-bench-")))
            standing = stack.enter_context(issuing(settings, place))
            port = _free_port()
            address, issue = f"http://{HOST}:{port}", standing.issuer.access_token
            environ = standing.environ() | {"ONETHING_HTTP_HOST": HOST, "ONETHING_HTTP_PORT": str(port)} | UNBOUNDED
        if start:
            pids |= stack.enter_context(_cluster(settings, environ, say))
        calls = stack.enter_context(calling(settings))
        client = Client(calls, OPERATOR, signer=Signer(*settings.context_keys()))
        _await_all(client)
        yield Premises(client, settings, pids, address, issue)


@contextmanager
def _apart(settings: Settings, say: Callable[[str], None]) -> Iterator[Premises]:
    """An embedded house in a process of its own."""
    environ = os.environ | {
        "ONETHING_PROFILE": "embedded",
        "ONETHING_DATA_DIR": settings.data_dir,
        "ONETHING_RENDERING": "on-demand",
        "ONETHING_HTTP_PORT": "0",
        **UNBOUNDED,
        "ONETHING_LOG_LEVEL": "warning",
        "ONETHING_CATALOGUE_DIRS": os.pathsep.join(settings.catalogue_dirs),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    place = Path(settings.data_dir) / ADDRESS
    with tempfile.NamedTemporaryFile(prefix="onething-bench-", suffix=".log") as log:
        process = green_subprocess.Popen([sys.executable, "-m", "console", "up"], env=environ, stdout=log, stderr=log)
        try:
            until = monotonic() + PATIENCE
            while not place.exists():
                if monotonic() > until or process.poll() is not None:
                    said = Path(log.name).read_text("utf-8")[-2000:]
                    raise Unavailable(what="house", reason="it does not answer", log=said)
                eventlet.sleep(0.1)
            address = place.read_text("utf-8").strip()
            deque(published(Fact), maxlen=0)  # no service runs here that would have imported its facts
            say(f"嵌入式，服务在另一进程 embedded: the services are a process of their own, {address}")
            with entered(settings, names=()) as house:
                yield Premises(
                    house.client,
                    settings,
                    {"all services": process.pid, "load generator": os.getpid()},
                    address,
                )
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _cluster(settings: Settings, more: Mapping[str, str], say: Callable[[str], None]) -> Iterator[dict[str, int]]:
    """Every service as a process of its own, with the settings given by environment; stopped at the end."""
    for name in prepare_all(settings, list(SERVICES), patience=PATIENCE):
        say(f"已准备 prepared {name}")
    logs = Path(tempfile.mkdtemp(prefix="onething-bench-"))
    environ = os.environ | {
        "ONETHING_PROFILE": "cluster",
        "ONETHING_RENDERING": "on-demand",
        "ONETHING_HTTP_PORT": "0",
        "ONETHING_CATALOGUE_DIRS": os.pathsep.join(settings.catalogue_dirs),
        "PYTHONPATH": os.pathsep.join(sys.path),
        **more,
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in SERVICES:
            with (logs / f"{name}.log").open("wb") as log:
                processes[name] = green_subprocess.Popen(
                    [sys.executable, "-m", "console", "run", name], env=environ, stdout=log, stderr=log
                )
        say(f"每个服务一个进程，日志在 each service is a process, logs in {logs}")
        yield {name: process.pid for name, process in processes.items()}
        shutil.rmtree(logs)  # after a failure they are kept
    finally:
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        return int(listening.getsockname()[1])


def _await_all(client: Client) -> None:
    until = monotonic() + PATIENCE
    for name in SERVICES:
        while True:
            try:
                client.operate(name, "status")
            except OneThingError as error:
                if monotonic() > until:
                    raise Unavailable(service=name, reason="it does not answer") from error
                eventlet.sleep(0.2)
            else:
                break
