"""The control socket: how a command reaches the services of an embedded instance that runs already.

A Unix socket in the data directory, for its owner alone. A line is a call,
``{"id", "service", "method", "args", "timeout"}``; its answer, in
whatever order, is a line ``{"id", "result"}`` or ``{"id", "error"}``.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import eventlet
import msgspec
from eventlet.event import Event
from eventlet.greenpool import GreenPool
from eventlet.semaphore import Semaphore

from eventing.client import Calling
from eventing.errors import OneThingError, Unavailable

SOCKET = "control.sock"
LOCK = "lock"
AT_ONCE = 200
"""Calls of one connection that are under way at a time."""
PATIENCE = 30.0
"""Seconds that a call may take unless it says otherwise."""


class Call(msgspec.Struct):
    """One line of a caller."""

    id: int
    service: str
    method: str
    args: list[Any] = []
    timeout: float | None = None


class Outcome(msgspec.Struct, omit_defaults=True):
    """One line of the instance."""

    id: int
    result: Any = None
    error: dict[str, Any] | None = None


class Occupied(Exception):
    """Another process runs the services of this data directory."""


@contextmanager
def occupying(directory: Path) -> Iterator[None]:
    """Holds the data directory for this process alone; the system lets go of it however the process ends.

    Raises:
        Occupied: another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(directory) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


@contextmanager
def _address(directory: Path) -> Iterator[str]:
    # a socket's path has at most 107 bytes; seen through a descriptor of its directory, every path is short
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)


class Control:
    """The instance's end. It carries calls and signs none: whoever speaks through it has the house's key."""

    def __init__(self, directory: Path, calls: Calling) -> None:
        self.directory = directory
        self.calls = calls
        self._listener: Any = None
        self._acceptor: Any = None

    def start(self) -> None:
        """Listens. The caller holds the directory (``occupying``), so a socket there is a dead process's."""
        (self.directory / SOCKET).unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with _address(self.directory) as address:
                self._listener.bind(address)
        finally:
            os.umask(before)
        self._listener.listen(64)
        self._acceptor = eventlet.spawn(self._accept)

    def stop(self) -> None:
        """Stops listening; calls under way end with their connections."""
        if self._acceptor is not None:
            self._acceptor.kill()
            self._listener.close()
            (self.directory / SOCKET).unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            eventlet.spawn_n(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        pool: GreenPool = GreenPool(AT_ONCE)
        writing = Semaphore()
        # who does not speak our language is hung up on
        with suppress(OSError, msgspec.DecodeError), connection, connection.makefile("rb") as lines:
            for line in lines:
                pool.spawn_n(self._answer, connection, writing, msgspec.json.decode(line, type=Call))
            pool.waitall()

    def _answer(self, connection: socket.socket, writing: Semaphore, call: Call) -> None:
        try:
            result = self.calls.call(call.service, call.method, *call.args, timeout=call.timeout)
            outcome = Outcome(call.id, result)
        except OneThingError as error:
            outcome = Outcome(call.id, error=error.as_data())
        except Exception as error:  # noqa: BLE001  the caller is told; this connection's other calls go on
            outcome = Outcome(call.id, error=Unavailable(service=call.service, error=repr(error)).as_data())
        with suppress(OSError), writing:  # the caller may have gone
            connection.sendall(msgspec.json.encode(outcome) + b"\n")


class ControlCalls:
    """The command's end: calls services through the control socket of a running instance."""

    def __init__(self, directory: Path) -> None:
        """Connects. Raises OSError when nobody listens there."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _address(directory) as address:
                self._socket.connect(address)
        except OSError:
            self._socket.close()
            raise
        self._ids = count(1)
        self._waiting: dict[int, Event] = {}
        self._gone = False
        self._writing = Semaphore()
        self._reader = eventlet.spawn(self._read)

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> Any:
        """Asks a service and returns its answer; raises the services' own errors, and Unavailable."""
        if self._gone:
            raise Unavailable(service=service, reason="the instance has ended")
        number, done = next(self._ids), Event()
        self._waiting[number] = done
        try:
            line = msgspec.json.encode(Call(number, service, method, list(args), timeout))
            with self._writing:
                self._socket.sendall(line + b"\n")
            # the instance itself keeps the time; this only ends the wait for one that hangs
            outcome: Outcome | None = done.wait((timeout or PATIENCE) + 1.0)
        except OSError as error:
            raise Unavailable(service=service, reason=str(error)) from error
        finally:
            self._waiting.pop(number, None)
        if outcome is None:
            raise Unavailable(service=service, method=method, reason="no answer in time", outcome="unknown")
        if outcome.error is not None:
            raise OneThingError.from_data(outcome.error)
        return outcome.result

    def close(self) -> None:
        """Hangs up."""
        self._reader.kill()
        self._socket.close()

    def _read(self) -> None:
        try:
            with suppress(OSError), self._socket.makefile("rb") as lines:
                for line in lines:
                    outcome = msgspec.json.decode(line, type=Outcome)
                    done = self._waiting.pop(outcome.id, None)
                    if done is not None:
                        done.send(outcome)
        finally:
            self._gone = True
            for done in self._waiting.values():
                done.send(Outcome(0, error=Unavailable(reason="the instance has ended", outcome="unknown").as_data()))
            self._waiting.clear()
