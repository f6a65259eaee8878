"""Where a benchmark runs: a fresh embedded house, or a cluster that runs or is started for it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import eventlet
from eventlet.green import subprocess as green_subprocess
from msgspec import Struct

from console.house import OPERATOR, calling, started
from console.preparation import prepare_all
from console.services import SERVICES
from eventing.client import Client
from eventing.errors import OneThingError, Unavailable
from eventing.settings import Settings

PATIENCE = 60.0
"""Seconds in which services that were started answer."""
GRACE = 20.0
"""Seconds that they have to stop."""


class Premises(Struct, frozen=True):
    """A house to measure and the processes that it consists of, as far as they are known."""

    client: Client
    settings: Settings
    pids: Mapping[str, int]


@contextmanager
def opened(settings: Settings, *, start: bool, fresh: bool, say: Callable[[str], None]) -> Iterator[Premises]:
    """The premises of these settings: a cluster as it is, or started; an embedded house, perhaps a fresh one."""
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
            say(f"嵌入式，服务与负载同在本进程 embedded: services and load in this process, {settings.data_dir}")
            house = stack.enter_context(started(settings))
            yield Premises(house.client, settings, {"all in one process": os.getpid()})
            return
        pids = {"load generator": os.getpid()}
        if start:
            pids |= stack.enter_context(_cluster(settings, say))
        calls = stack.enter_context(calling(settings))
        client = Client(calls, OPERATOR)
        _await_all(client)
        yield Premises(client, settings, pids)


@contextmanager
def _cluster(settings: Settings, say: Callable[[str], None]) -> Iterator[dict[str, int]]:
    """Every service as a process of its own, with the settings given by environment; stopped at the end."""
    for name in prepare_all(settings, list(SERVICES), patience=PATIENCE):
        say(f"已准备 prepared {name}")
    logs = Path(tempfile.mkdtemp(prefix="onething-bench-"))
    environ = os.environ | {
        "ONETHING_PROFILE": "cluster",
        "ONETHING_RENDERING": "on-demand",
        "ONETHING_CATALOGUE_DIRS": os.pathsep.join(settings.catalogue_dirs),
        "PYTHONPATH": os.pathsep.join(sys.path),
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
