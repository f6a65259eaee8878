"""Green threads: the standard library and psycopg made cooperative, before anything else is imported.

psycopg 3 waits for the server in C and would stop every green thread of the process meanwhile, up to a
deadlock on a table lock; its wait functions are replaced by ones that wait in eventlet's hub.
"""

import os
import threading
import warnings
from collections.abc import Callable, Generator
from time import monotonic
from typing import Any, TypeVar

with warnings.catch_warnings():
    # eventlet warns against its use in new projects whenever it is imported; nameko leaves no choice
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated", category=Warning)
    import eventlet
    from eventlet import hubs, patcher

import greenlet

__all__ = ["is_patched", "patch"]

R = TypeVar("R")

READ, WRITE = 1, 2
"""The bits of `psycopg.waiting.Wait` and, the same, of `psycopg.waiting.Ready`."""
CLOSED = -1


def patch() -> None:
    """Makes this process green; call it first of all. Calling it again changes nothing."""
    if is_patched():
        return
    eventlet.monkey_patch()

    import psycopg._acompat
    import psycopg.connection
    import psycopg.waiting

    # where psycopg was imported before, it holds the lock class that stops the whole process
    psycopg._acompat.Lock = psycopg.connection.Lock = threading.Lock  # type: ignore[attr-defined]
    # Connection.wait, Connection.connect and Connection.cancel_safe look these up in the module at every call
    psycopg.waiting.wait = wait
    psycopg.waiting.wait_conn = wait_conn


def is_patched() -> bool:
    """Whether this process is green."""
    return bool(patcher.is_monkey_patched("socket") and patcher.is_monkey_patched("thread"))


def wait(gen: Generator[int, int, R], fileno: int, interval: float = 0.0, timeout: float | None = None) -> R:
    """Runs one of psycopg's generators to its end and lets other green threads run whenever it would block.

    Args:
        gen: yields what it waits for (`psycopg.waiting.Wait`), is sent what is ready (`Ready`).
        fileno: the connection's socket.
        interval: after so many seconds of silence the generator is asked again.
        timeout: so many seconds for the whole; None for no end.

    Raises:
        psycopg.errors._WaitTimeout: the time is over and the generator is not.
        psycopg.OperationalError: the socket was closed meanwhile.
    """
    deadline = None if timeout is None else monotonic() + timeout
    try:
        wanted = next(gen)
        while True:
            ready = _ready(fileno, wanted, interval, deadline)
            if not ready:
                _check_open(fileno)
            wanted = gen.send(ready)
            _check_time(deadline)
    except StopIteration as ended:
        result: R = ended.value
        return result


def wait_conn(gen: Generator[tuple[int, int], int, R], interval: float = 0.0, timeout: float | None = None) -> R:
    """Like `wait`, for the generators that connect: they name the socket with everything they wait for."""
    deadline = None if timeout is None else monotonic() + timeout
    known = -1
    try:
        fileno, wanted = next(gen)
        while True:
            if fileno != known:
                # the number may have been another connection's, closed while somebody waited on it
                hubs.notify_opened(fileno)
                known = fileno
            fileno, wanted = gen.send(_ready(fileno, wanted, interval, deadline))
            _check_time(deadline)
    except StopIteration as ended:
        result: R = ended.value
        return result


def _ready(fileno: int, wanted: int, interval: float, deadline: float | None) -> int:
    """Waits in the hub until the socket can do some of what is wanted; 0 after an interval of silence."""
    hub = hubs.get_hub()
    waiter = greenlet.getcurrent()
    if waiter is hub.greenlet:
        raise RuntimeError("the database was asked from the event loop itself; spawn a green thread")
    seconds = interval if deadline is None else max(0.0, min(interval, deadline - monotonic()))
    over = False

    def resume_with(ready: int) -> Callable[..., None]:
        def resume(*_: Any) -> None:
            if not over:  # the hub may call both the reader and the writer after one poll
                waiter.switch(ready)

        return resume

    def closed(*_: Any) -> None:
        # not from here: the hub does not survive what a green thread that it wakes this way raises
        hub.schedule_call_global(0, resume_with(CLOSED))

    timer = hub.schedule_call_global(seconds, resume_with(0))
    listeners = []
    try:
        if wanted & READ:
            listeners.append(hub.add(hub.READ, fileno, resume_with(READ), closed, None))
        if wanted & WRITE:
            listeners.append(hub.add(hub.WRITE, fileno, resume_with(WRITE), closed, None))
        ready: int = hub.switch()
    except OSError as error:
        raise _closed() from error
    finally:
        over = True
        timer.cancel()
        for listener in listeners:
            hub.remove(listener)
    if ready == CLOSED:
        raise _closed()
    return ready


def _check_open(fileno: int) -> None:
    try:
        os.fstat(fileno)
    except OSError as error:
        raise _closed() from error


def _check_time(deadline: float | None) -> None:
    # asked after the generator has run, so that data already here is used and a timeout of 0 looks once
    if deadline is not None and monotonic() >= deadline:
        from psycopg import errors

        raise errors._WaitTimeout("wait timeout expired")


def _closed() -> Exception:
    from psycopg import errors

    return errors.OperationalError("connection socket closed")
