"""Probes and metrics over HTTP, on a port of their own: never the one that clients use.

``/livez`` says that the event loop turns, and asks nobody. ``/startupz`` says that all services have
started, ``/readyz`` that each can do its work now, and ``/metrics`` is for Prometheus. The services of a
process share it.

Slow is not unwell. A process that is not ready gets no requests: that is right where another one would do better, which
has its broker, its store and its share of the work. What is slow because the machine or the database is busy is slow
everywhere at once; to take every process away for it would make an outage of a delay, and to take one away would give
its load to the others. So what a service said last holds while it is slow to say it again; only who says nothing for
half a minute is stuck.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol, TypeVar

import eventlet
import eventlet.wsgi
import msgspec
import structlog

from telemetry.metrics import Sample, exposition

__all__ = ["Check", "Health", "Process", "Replica", "served"]

PATIENCE = 2.0
"""Seconds that a service's checks may take: whoever probes waits for 5."""

STUCK = 30.0
"""Seconds without an answer after which a service is not well."""

T = TypeVar("T")
Answer = tuple[str, str, bytes]
"""Status, media type, content."""

log = structlog.get_logger(__name__)


class Check(msgspec.Struct, frozen=True):
    """One condition of being ready: whose, of what, whether it holds, and how things stand in words."""

    service: str
    check: str
    ok: bool
    words: str


class Replica(Protocol):
    """A service in this process that says how it is."""

    service_name: str

    def checks(self) -> Iterable[Check]:
        """What must hold for it to do its work."""
        ...

    def samples(self) -> Iterable[Sample]:
        """What its gauges show."""
        ...


class Process(Protocol):
    """What runs the services of this process."""

    phase: str
    """``starting``, ``running`` or ``stopping``."""

    def replicas(self) -> Sequence[Replica]:
        """Its services."""
        ...


class Health:
    """The WSGI application."""

    def __init__(self, process: Process, *, now: Callable[[], float] = monotonic) -> None:
        self._process = process
        self._now = now
        self._said: dict[str, list[Check]] = {}
        """What each service said last."""
        self._silent_since: dict[str, float] = {}
        self._pages: dict[str, Callable[[str], Answer]] = {
            "/livez": self._alive,
            "/startupz": self._started,
            "/readyz": self._ready,
            "/metrics": self._metrics,
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        page = self._pages.get(environ["PATH_INFO"])
        answer: Answer
        if page is None:
            answer = "404 Not Found", "text/plain", " ".join(self._pages).encode()
        elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            answer = "405 Method Not Allowed", "text/plain", b"GET"
        else:
            answer = page(environ.get("HTTP_ACCEPT", ""))
        status, media_type, content = answer
        start_response(
            status,
            [
                ("Content-Type", media_type),
                ("Content-Length", str(len(content))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _alive(self, _accept: str) -> Answer:
        return _json(True, {"alive": True})

    def _started(self, _accept: str) -> Answer:
        started = self._process.phase != "starting"
        return _json(started, {"started": started, "phase": self._process.phase})

    def _ready(self, _accept: str) -> Answer:
        phase = self._process.phase
        if phase != "running":
            return _json(False, {"ready": False, "phase": phase, "checks": []})
        checks = [check for service in self._ask(self._checks_of) for check in service]
        ready = all(check.ok for check in checks)
        return _json(ready, {"ready": ready, "phase": phase, "checks": checks})

    def _metrics(self, accept: str) -> Answer:
        samples: list[Sample] = []
        if self._process.phase == "running":
            samples = [sample for service in self._ask(_samples_of) for sample in service]
        return "200 OK", *exposition(samples, accept)

    def _ask(self, question: Callable[[Replica], T]) -> list[T]:
        """Asks all services at once: one that is stuck keeps none of the others."""
        asked = [eventlet.spawn(question, service) for service in self._process.replicas()]
        return [answer.wait() for answer in asked]

    def _checks_of(self, service: Replica) -> list[Check]:
        name, found = service.service_name, list[Check]()
        late = eventlet.Timeout(PATIENCE)
        try:
            found.extend(service.checks())
        except eventlet.Timeout as timeout:
            if timeout is not late:
                raise
            return self._unanswered(name)
        except Exception:  # a service that cannot say how it is, is not well
            log.exception("checks failed", service=name)
            found.append(Check(name, "answer", False, "it cannot say how it is"))
        finally:
            late.cancel()
        self._said[name] = found
        self._silent_since.pop(name, None)
        return found

    def _unanswered(self, name: str) -> list[Check]:
        """What a service said last, for as long as it may be slow; who has said nothing yet is not well."""
        now = self._now()
        seconds = now - self._silent_since.setdefault(name, now)
        said = self._said.get(name)
        if said is None or seconds >= STUCK:
            words = f"it does not answer within {PATIENCE:.0f} s, for {seconds:.0f} s now; {STUCK:.0f} s is the bound"
            return [Check(name, "answer", False, words)]
        return [*said, Check(name, "answer", True, f"it is slow, for {seconds:.0f} s now; this is what it said last")]


def _samples_of(service: Replica) -> list[Sample]:
    found: list[Sample] = []
    with eventlet.Timeout(PATIENCE, False):  # False: silently; what was found in time is shown
        try:
            for sample in service.samples():
                found.append(sample)  # noqa: PERF402  one by one: what was found in time remains
        except Exception:  # the others' gauges are shown all the same
            log.exception("gauges failed", service=service.service_name)
    return found


def _json(ok: bool, content: Any) -> Answer:
    text = msgspec.json.format(msgspec.json.encode(content), indent=2)
    return "200 OK" if ok else "503 Service Unavailable", "application/json", text


@contextmanager
def served(process: Process, host: str, port: int) -> Iterator[None]:
    """Serves probes and metrics of this process; port 0 serves nothing.

    Raises OSError when the port cannot be had.
    """
    if not port:
        yield
        return
    sock = eventlet.listen((host, port), reuse_port=False)
    options = {"log_output": False, "debug": False, "keepalive": False, "socket_timeout": 10}
    server = eventlet.spawn(eventlet.wsgi.server, sock, Health(process), **options)
    log.info("health is served", host=host, port=port)
    try:
        yield
    finally:
        server.kill()
        sock.close()
