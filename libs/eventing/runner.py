"""Running services: in one process or in many, until told to stop.

It waits for what the services need and says so, stops in order when it is asked to, and never lives
half-dead: when one service dies, the process ends with its cause.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import FrameType, TracebackType
from typing import Any

import eventlet
import structlog
from eventlet.event import Event
from eventlet.hubs import trampoline
from eventlet.queue import LightQueue
from greenlet import GreenletExit
from kombu import Connection
from nameko.containers import ServiceContainer, get_container_cls
from nameko.utils.concurrency import SpawningProxy

from eventing import green, transports
from eventing.settings import ConfigurationErrors, Settings, without_password
from telemetry import health, tracing

__all__ = ["Container", "Runner", "run"]

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two attempts to reach something that is waited for."""
ATTEMPT = 10.0
"""Seconds that one such attempt may take."""
GRACE = 20.0
"""Seconds that work in hand may take when the services stop; what takes longer is killed."""
LAST_GRACE = 3.0
"""Seconds that killing may take."""

COLLECT = (5_000, 10, 160)
"""How rarely Python looks for cycles of garbage (``gc.set_threshold``): a service makes many objects and few cycles.
Young ones are looked at often and a few at a time: everybody waits meanwhile."""

Failure = tuple[type[BaseException], BaseException, TracebackType | None]

log = structlog.get_logger(__name__)


class Container(ServiceContainer):
    """A service container that tells at once when it dies, before it has taken itself apart.

    A service may name a subclass as ``SERVICE_CONTAINER_CLS`` in its config.
    """

    def __init__(self, service_cls: type, config: Mapping[str, Any]) -> None:
        super().__init__(service_cls, config)
        self.ended = Event()

    def start(self) -> None:
        """Starts all parts at once; fails with the first that fails, for which another may be waiting."""
        self.started = True
        parts = SpawningProxy(self.extensions, abort_on_error=True)
        parts.setup()
        parts.start()

    def stop(self) -> None:
        """Finishes the work in hand and ends."""
        super().stop()
        self.end(None)

    def kill(self, exc_info: Failure | None = None) -> None:
        """Ends without regard for work in hand; ``exc_info`` is what it dies of."""
        self.end(exc_info)
        super().kill(exc_info)

    def end(self, failure: Failure | None) -> None:
        """Tells those who wait for ``ended``; what is told first counts."""
        if not self.ended.ready():
            self.ended.send(failure)

    def _handle_thread_exited(self, gt: Any) -> None:
        try:
            gt.wait()
        except GreenletExit:
            pass
        except (Exception, eventlet.Timeout):  # nameko would overlook a timeout, which is no Exception
            log.exception("thread died", service=self.service_name)
            self.kill(sys.exc_info())  # type: ignore[arg-type]


class Runner:
    """Services that start, live and stop together."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = dict(config or {})
        self.containers: dict[str, Container] = {}
        self.phase = "starting"
        """``starting``, ``running`` or ``stopping``."""
        self._starting: list[Any] = []
        self._first_end = Event()

    def add(self, service_cls: type, config: Mapping[str, Any] | None = None) -> Container:
        """Adds a service, with its own config over the runner's."""
        transports.install()
        merged = {"SERVICE_CONTAINER_CLS": f"{__name__}.Container", **self.config, **(config or {})}
        container: Container = get_container_cls(merged)(service_cls, merged)
        if container.service_name in self.containers:
            raise ValueError(f"two services are called {container.service_name}")
        self.containers[container.service_name] = container
        return container

    def replicas(self) -> list[health.Replica]:
        """Those who say how a service is: the hosts."""
        parts = [part for container in self.containers.values() for part in container.dependencies]
        return [part for part in parts if hasattr(part, "checks")]

    @property
    def is_started(self) -> bool:
        """Whether ``start`` was called."""
        return bool(self._starting)

    def start(self) -> None:
        """Starts all services at once; returns when all are ready, or were stopped meanwhile.

        Raises:
            Exception: whatever kept a service from starting; the others are killed.
        """
        for container in self.containers.values():
            eventlet.spawn_n(self._watch, container)
        self._starting = [eventlet.spawn(container.start) for container in self.containers.values()]
        ended: LightQueue = LightQueue()
        for start in self._starting:
            start.link(ended.put)
        try:
            for _ in self._starting:  # whichever fails first: others may wait for it
                ended.get().wait()
            self.phase = "running" if self.phase == "starting" else self.phase
        except GreenletExit:
            return
        except Exception:
            self.kill()
            raise

    def wait(self) -> None:
        """Returns when the services were stopped.

        Raises:
            Exception: what one of them died of; the others are stopped first.
        """
        name, failure = self._first_end.wait()
        if failure is not None:
            log.error("service died", service=name, cause=failure[1])
            self.stop()
            raise failure[1]
        for container in self.containers.values():
            container.ended.wait()

    def stop(self, grace: float = GRACE) -> None:
        """Stops all services at once; what is not done after ``grace`` seconds is killed."""
        self.phase = "stopping"
        for start in self._starting:
            start.kill()
        if late := self._all(lambda container: container.stop, grace):
            log.warning("killed", services=late, after_s=grace)
            self.kill()

    def kill(self) -> None:
        """Stops all services without regard for work in hand."""
        for start in self._starting:
            start.kill()
        if stuck := self._all(lambda container: container.kill, LAST_GRACE):
            log.error("left behind", services=stuck)

    def _watch(self, container: Container) -> None:
        failure = container.ended.wait()
        if not self._first_end.ready():
            self._first_end.send((container.service_name, failure))

    def _all(self, action: Callable[[Container], Callable[[], None]], seconds: float) -> list[str]:
        """Does something to all containers at once; returns those that failed or took too long."""
        tasks = {name: eventlet.spawn(action(container)) for name, container in self.containers.items()}
        done = set()
        with eventlet.Timeout(seconds, False):  # False: silently
            for name, task in tasks.items():
                try:
                    task.wait()
                    done.add(name)
                except Exception:  # one service's trouble must not keep the others
                    log.warning("not stopped in order", service=name, exc_info=True)
        for task in tasks.values():
            task.kill()
        return [name for name in tasks if name not in done]


def run(
    services: Sequence[type],
    settings: Settings,
    *,
    wait_for: Sequence[tuple[str, Callable[[], object]]] = (),
    config: Mapping[str, Any] | None = None,
    ready: Callable[[], object] | None = None,
) -> int:
    """Runs services until SIGTERM or SIGINT, and returns the exit code of the process.

    A signal lets the work in hand finish; a second one ends the process at once.

    Args:
        services: service classes.
        settings: where the broker is, and every service's config.
        wait_for: what else must answer before the services start: its name, and a function that raises
            until it is there.
        config: added to every service's config.
        ready: called once all services are started.

    Returns:
        0 after a signal; 1 when a service could not start or died (the cause is logged).

    Raises:
        ConfigurationErrors: something that was configured cannot be had, which shows only here.
    """
    if not green.is_patched():
        raise RuntimeError("eventing.green.patch() must be the first thing that this process does")
    transports.install()
    broker = (f"broker {without_password(settings.amqp_uri)}", lambda: _reach_broker(settings.amqp_uri))
    runner = Runner(config)
    for service in services:
        runner.add(service, settings.for_service(service.name))  # type: ignore[attr-defined]
    names = [*runner.containers]

    def live() -> None:
        for name, attempt in (broker, *wait_for):
            _wait_for(name, attempt)
        log.info("starting", services=names)
        runner.start()
        if ready is not None:
            ready()
        _keep_what_is_there()
        log.info("ready", services=names)
        runner.wait()

    signals = _Signals()
    life = eventlet.spawn(live)
    stopper = eventlet.spawn(_stop_when, signals.first, runner, life)
    health_host = "127.0.0.1" if settings.profile == "embedded" else "0.0.0.0"  # noqa: S104  in a container
    try:
        with tracing.exported(settings.replica), health.served(runner, health_host, settings.health_port):
            life.wait()
    except GreenletExit:
        pass
    except ConfigurationErrors:  # what shows only where it runs, such as a port that somebody else has
        raise
    except Exception as error:
        log.critical("ended by a failure", services=names, cause=error, exc_info=True)
        return 1
    finally:
        stopper.kill()
        life.kill()
        signals.close()
    log.info("stopped", services=names)
    return 0


def _keep_what_is_there() -> None:
    """Modules, catalogue and the like stay as long as the process does: looking for garbage among them is in vain."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


def _stop_when(told: Event, runner: Runner, life: Any) -> None:
    number = told.wait()
    log.info("stopping", services=[*runner.containers], signal=signal.Signals(number).name)
    if runner.is_started:
        runner.stop()
    else:
        life.kill()


def _reach_broker(amqp_uri: str) -> None:
    with Connection(amqp_uri) as connection:
        connection.ensure_connection(max_retries=len(connection.alt), interval_start=0, interval_step=0)


def _wait_for(name: str, attempt: Callable[[], object]) -> None:
    pause = FIRST_PAUSE
    for number in count(1):
        try:
            with eventlet.Timeout(ATTEMPT):
                attempt()
        except (Exception, eventlet.Timeout) as error:
            reason = str(error) or type(error).__name__
            log.warning("waiting", **{"for": name}, attempt=number, next_in_s=pause, reason=reason)
            eventlet.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


class _Signals:
    """SIGTERM and SIGINT as an event; the second of them ends the process.

    Python calls a handler inside whatever green thread runs, the hub's own included, where nothing may
    switch; and the hub may be asleep for a minute: so it is a pipe, written below Python, that wakes it.
    """

    def __init__(self) -> None:
        self.first = Event()
        self._seen = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._listener = eventlet.spawn(self._listen)
        handled = (signal.SIGTERM, signal.SIGINT)
        self._before = {number: signal.signal(number, self._handle) for number in handled}
        self._wakeup_before = signal.set_wakeup_fd(self._writer)

    def close(self) -> None:
        """Signals mean again what they meant before."""
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._listener.kill()
        os.close(self._reader)
        os.close(self._writer)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._seen:
            os._exit(128 + number)
        self._seen = True

    def _listen(self) -> None:
        number = 0
        while number not in self._before:
            trampoline(self._reader, read=True)
            number = os.read(self._reader, 1)[0]
        self.first.send(number)
