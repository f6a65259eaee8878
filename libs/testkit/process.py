"""Child processes of a test: on loopback, stopped by pid, and never outliving the test that started them."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

LOOPBACK = "127.0.0.1"

# Becomes the child itself (exec), so the pid that the test knows is the pid of the program. The signal on the
# parent's death is set after the change of user, which would clear it; then the parent is looked at again.
_LAUNCHER = """
import ctypes, os, sys
parent, user, death_signal, *argv = sys.argv[1:]
if user:
    import pwd
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
ctypes.CDLL(None).prctl(1, int(death_signal))
if os.getppid() != int(parent):
    sys.exit(1)
os.execvp(argv[0], argv)
"""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy of the environment


class NotReady(Exception):
    """A process ended, or did not answer in time; the message carries the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on.

    It lies below the range that the kernel hands out to clients: a server that a test stops and starts must
    find its port free again, and a client that knocks at a closed port must not end up connected to itself.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


class Process:
    """One program with its log file, started and ended as often as a test likes.

    It dies with the thread that started it, so start it from a thread that lives as long as it is needed. It
    runs in `directory` (else where the test does), as `user`, which only root may choose.
    """

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        directory: Path | None = None,
        user: str = "",
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.argv = [*argv]
        self.log = log
        self.env = {**os.environ, **(env or {})}
        self.directory = directory
        self.user = user
        self.death_signal = death_signal
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        """The process id of the running program."""
        if self._child is None:
            raise NotReady(f"{self.argv[0]} was never started")
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def returncode(self) -> int | None:
        """What the last run ended with (negative: the signal), None while it runs or before it ever did."""
        return None if self._child is None else self._child.poll()

    def start(self) -> Self:
        """Starts the program; what it prints is appended to the log."""
        if self.running:
            raise NotReady(f"{self.argv[0]} runs already, as {self.pid}")
        launcher = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            _LAUNCHER,
            str(os.getpid()),
            self.user,
            str(int(self.death_signal)),
        ]
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                [*launcher, *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.directory,
                start_new_session=True,
            )
        return self

    def signal(self, number: signal.Signals, timeout: float) -> None:
        """Sends one signal and waits for the end; seconds."""
        if self._child is None:
            return
        self._child.send_signal(number)
        self._child.wait(timeout)

    def kill9(self) -> None:
        """Ends it at this instant, as a power cut would."""
        self.signal(signal.SIGKILL, 60)

    def terminate(self, timeout: float = 60) -> None:
        """Asks it to end and waits; after `timeout` seconds it is killed and `NotReady` is raised."""
        try:
            self.signal(signal.SIGTERM, timeout)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise self._not_ready(f"did not end within {timeout} s of SIGTERM") from None

    def output(self) -> str:
        """What this run has printed so far."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def wait_until(self, holds: Callable[[], bool], timeout: float) -> Self:
        """Waits, in seconds, until `holds()`; raises `NotReady` when the process ends or the time does."""
        deadline = time.monotonic() + timeout
        while True:
            running = self.running  # asked first: what ends well between the two questions has done its work
            if holds():
                return self
            if not running:
                raise self._not_ready(f"ended with {self.returncode}")
            if time.monotonic() > deadline:
                raise self._not_ready(f"was not ready within {timeout} s")
            time.sleep(0.02)

    def _not_ready(self, what: str) -> NotReady:
        tail = "\n".join(self.output().splitlines()[-40:])
        return NotReady(f"{' '.join(self.argv)}\n{what}; the end of {self.log}:\n{tail}")


class ServiceProcess(Process):
    """One of our programs as a process of its own, by default `python -m console ARGUMENTS`."""

    def __init__(
        self,
        *arguments: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        argv: Sequence[str] | None = None,
    ) -> None:
        super().__init__(argv or [sys.executable, "-m", "console", *arguments], log, env=env)

    def wait_ready(self, url: str = "", line: str = "", timeout: float = 240) -> Self:
        """Waits until `url` answers with success, or until `line` is part of what this run printed."""
        if bool(url) == bool(line):
            raise ValueError("name either a url or a line to wait for")
        return self.wait_until((lambda: _answers(url)) if url else (lambda: line in self.output()), timeout)


def _answers(url: str) -> bool:
    try:
        with _DIRECT.open(url, timeout=2) as answer:
            return bool(200 <= answer.status < 300)
    except OSError:  # refused, cut off, or an HTTP status that is no success
        return False
