"""The host: what runs behind every service class — store, lane, shipping, following, segments, deadlines."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from nameko.extensions import DependencyProvider

from contracts.language import Caller, Command, Note, Position, Query, Reply, Request, verb_of
from eventing import scoping, standing
from eventing.aggregate import Aggregate
from eventing.calls import Calls
from eventing.client import Client
from eventing.declarations import Declarations
from eventing.dependency import HostDependency
from eventing.engine import Engine, Faulty
from eventing.errors import Forbidden, Invalid, OneThingError, Stale, Unavailable
from eventing.following import Follower
from eventing.operations import Parking, with_operations
from eventing.parking import Followed
from eventing.prepare import prepare
from eventing.schema import SEGMENTS
from eventing.segments import Segments
from eventing.shipping import Shipper
from eventing.signing import Signer
from eventing.store import Conflict, Store
from kernel.clock import Clock, ShiftedClock, SimulatedClock, SystemClock
from kernel.workdays import WorkingCalendar
from telemetry import batches
from telemetry.health import Check
from telemetry.metrics import Sample

log = structlog.get_logger()

A = TypeVar("A", bound=Aggregate)

DUE_TICK = 0.5
"""Seconds between looks at the due-table."""

WAIT_FOR_POSITION = 2.0
"""Seconds a read waits for the positions it was given (L9)."""

OPERATIONS: dict[str, frozenset[str]] = {
    "parked": frozenset({"operator", "manager", "auditor"}),
    "redrive": frozenset({"operator"}),
    "discard": frozenset({"operator"}),
    "status": frozenset({"operator", "manager", "auditor", "service"}),
    "advance": frozenset({"operator"}),
}
"""Which roles may ask for which operation."""

_requests = msgspec.json.Decoder(list[Request])
_request = msgspec.json.Decoder(Request)
_encode = msgspec.json.encode


class _After(msgspec.Struct, forbid_unknown_fields=True):
    """Which sections of the log are asked for."""

    after: dict[int, int]
    limit: int


@cache
def _clock(kind: str) -> Clock:
    """The clock that all services of this process live by."""
    return ShiftedClock(SystemClock()) if kind == "simulated" else SystemClock()


def _valued(value: Any) -> Reply:
    return Reply(value=msgspec.Raw(_encode(value)))


class Desk:
    """The store as a service's handlers see it."""

    def __init__(self, engine: Engine, client: Client) -> None:
        self._engine = engine
        self._client = client
        self._runs: dict[str, tuple[int, int]] = {}
        self._block: dict[str, int] = {}
        self.select = engine.store.select
        self.selecting = engine.store.selecting
        self.get = engine.get
        self.also = engine.also
        self.afterwards = engine.afterwards
        self.reading = engine.store.reading
        self.writing = engine.store.writing

    def seen(self, aggregate_type: type[A], stream: str, message: Command | Query, caller: Caller) -> A:
        """An aggregate for somebody who asks about it. Raises NotFound, NotYourRole, OutOfScope."""
        scoping.reaches(type(message), caller)
        found: A = self._engine.get(aggregate_type, stream)  # type: ignore[assignment]
        self.check(found, message, caller)
        return found

    def check(self, aggregate: Aggregate, message: Command | Query, caller: Caller) -> None:
        """Raises NotYourRole, OutOfScope where the question about the aggregate is beyond the caller."""
        scoping.check(message, caller, self._engine.service.reach_of(aggregate, message, caller))

    def record(self, command: Command, caller: Caller, id: str) -> None:
        """Has a command of this service decided now, outside any other, because of a question. Raises its refusal."""
        body = msgspec.Raw(_encode(command))
        request = Request(verb=verb_of(type(command)), id=id, body=body, caller=caller)
        reply = self._engine.decide([request])[0]
        if reply.error is not None:
            raise OneThingError.from_data(reply.error)

    def reserve(self, kind: str, count: int = 1) -> int:
        """The first of ``count`` fresh numbers; taken from the database in growing blocks."""
        first, left = self._runs.get(kind, (0, 0))
        if left < count:
            block = max(count, min(self._block.get(kind, 5) * 2, 200))
            self._block[kind] = block
            first, left = self._engine.store.reserve(kind, block), block
        self._runs[kind] = (first + count, left - count)
        return first


class Host(DependencyProvider):
    """One replica of one service."""

    is_host = True

    def setup(self) -> None:
        self.settings = self.container.config["settings"]
        self.service_name = self.container.service_name
        service_class: type[Declarations] = self.container.service_cls
        service_class.aggregates = with_operations(service_class.aggregates)
        self.clock = self.container.config.get("clock") or _clock(self.settings.clock)
        self.store = Store(self.service_name, self.settings.database_url_for(self.service_name))
        if self.settings.profile == "embedded":
            prepare(service_class, self.store)
        uri = self.container.config["AMQP_URI"]
        self.calls = Calls(uri)
        self.signer = Signer(*self.settings.context_keys())
        self.client = Client(
            self.calls, Caller(by=f"service:{self.service_name}", roles=("service",)), signer=self.signer
        )
        self.started = Event()
        self._ready: list[Callable[[], None]] = []
        self._watched: dict[tuple[str, str], Callable[[Note], None]] = {}
        self._stopping = False
        self._service_class = service_class
        self._uri = uri

    def when_ready(self, step: Callable[[], None]) -> None:
        """Something to do once the service has its store, before it takes work."""
        self._ready.append(step)

    def watch(self, service: str, topic: str, watcher: Callable[[Note], None]) -> None:
        """Something to do at once when another service pushes such a fact; nothing may depend on it."""
        self._watched[service, topic] = watcher

    def start(self) -> None:
        self.calls.start()
        instance = self._service_class()
        self.engine = Engine(
            instance, self.store, self.clock.now, digest_key=self.settings.derived_key("command digests")
        )
        self.desk = Desk(self.engine, self.client)
        instance.store, instance.clock, instance.peers = self.desk, self.clock, self.client
        self.instance = instance
        if self.settings.calendar_file and hasattr(instance, "calendar"):
            instance.calendar = WorkingCalendar.official(Path(self.settings.calendar_file))
        for extension in self.container.dependencies:
            if isinstance(extension, HostDependency):
                setattr(instance, extension.attr_name, extension.get_dependency())
        for step in self._ready:
            step()
        self.parking = Parking(self.engine)
        self.follower = Follower(self.engine, instance.upstreams(), self._uri, self._pull, self.signer)
        self.follower.watched = self._watched
        self.follower.load_parked = self.parking.load
        self.shipper = Shipper(self.service_name, self._uri, self.signer)
        if self.service_name in instance.upstreams():
            self.shipper.nearby = self.follower.offer
        self.engine.ship = self.shipper.ship
        self.segments = Segments(
            self.store,
            self.settings.replica,
            lease_seconds=self.settings.lease_seconds,
            gained=self.follower.own,
            lost=self.follower.disown,
        )
        self._threads = {
            name: self.container.spawn_managed_thread(loop, identifier=name)
            for name, loop in (
                ("shipper", self.shipper.run),
                ("listener", self.follower.listen),
                ("follower", self.follower.run),
                ("segments", self.segments.run),
                ("due", self._run_due),
            )
        }
        own = getattr(instance, "started", None)
        if own is not None:
            self._threads["own"] = self.container.spawn_managed_thread(own, identifier="own")
        self.started.send()

    def stop(self) -> None:
        """Finishes the batch in hand, ships it, hands the segments over."""
        self._stopping = True
        stopping = getattr(self.instance, "stopping", None)
        if stopping is not None:
            stopping()
        self.follower.stop()
        self._threads["listener"].kill()
        with eventlet.Timeout(5, False), self.engine.lane:  # nothing is being decided or saved
            for loop in ("follower", "due", "segments"):
                self._threads[loop].kill()
            self.segments.stop()
        self.shipper.stop()
        with eventlet.Timeout(1, False):
            self._threads["shipper"].wait()
        if "own" in self._threads:
            self._threads["own"].kill()
        self.calls.stop()
        self.store.close()

    def kill(self) -> None:
        """Leaves everything as it is, like a process that dies; only connections are let go."""
        self._stopping = True
        self.calls.stop()
        self.store.close()

    def get_dependency(self, worker_ctx: Any = None) -> "Host":
        return self

    # what the RPC methods of a service do

    def execute(self, batch: str) -> str:
        """Commands in, replies out, in order; those that the house did not sign are refused unread."""
        requests = _requests.decode(batch)
        refused: dict[int, Reply] = {}
        for i, request in enumerate(requests):
            try:
                self.signer.check(self.service_name, request)
            except Forbidden as error:
                refused[i] = Reply(error=error.as_data())
        decided = iter(self.engine.decide([request for i, request in enumerate(requests) if i not in refused]))
        replies = [refused[i] if i in refused else next(decided) for i in range(len(requests))]
        return _encode(replies).decode()

    def ask(self, text: str) -> str:
        """One question, one reply."""
        return self._reply("ask", text, self._answer)

    def read_log(self, text: str) -> str:
        """What was published in these segments after these positions: the truth that followers pull (L2)."""
        return self._reply("read_log", text, self._published)

    def operate(self, text: str) -> str:
        """What operators ask: ``parked``, ``redrive``, ``discard``, ``status``, ``advance``."""
        return self._reply("operate", text, self._operate)

    def _reply(self, entrypoint: str, text: str, answer: Callable[[Request], Reply]) -> str:
        """The reply to a request that the house signed; others are refused unread."""
        request = _request.decode(text)
        known = self.instance.queries.keys() | OPERATIONS.keys() | {"read_log"}
        verb = request.verb if request.verb in known else "unknown"
        with batches.question(self.service_name, entrypoint, verb, request) as asked:
            try:
                self.signer.check(self.service_name, request)
                return _encode(answer(request)).decode()
            except OneThingError as error:
                asked.error = error.as_data()
            except Exception as error:
                log.exception("question failed", service=self.service_name, verb=verb)
                asked.error = Faulty(fault=type(error).__name__).as_data()
            return _encode(Reply(error=asked.error)).decode()

    def _answer(self, request: Request) -> Reply:
        answerer = self.instance.queries.get(request.verb)
        if answerer is None:
            raise Invalid(verb=request.verb, service=self.service_name, reason="unknown query")
        scoping.reaches(answerer.message, request.caller)
        try:
            query = msgspec.json.decode(request.body, type=answerer.message)
        except msgspec.DecodeError as error:
            raise Invalid(verb=request.verb, reason=str(error)) from error
        self._wait_for(request.since)
        return _valued(getattr(self.instance, answerer.method)(query, request.caller))

    def _published(self, request: Request) -> Reply:
        if "service" not in request.caller.roles:
            raise Forbidden(verb=request.verb)
        asked = msgspec.json.decode(request.body, type=_After)
        return _valued(self._sections(asked.after, asked.limit))

    def _operate(self, request: Request) -> Reply:
        if not OPERATIONS.get(request.verb, frozenset()) & {*request.caller.roles}:
            raise Forbidden(verb=request.verb, service=self.service_name)
        arguments = msgspec.json.decode(request.body, type=dict[str, str])
        match request.verb:
            case "parked":
                return _valued(self.parking.listed())
            case "redrive" | "discard":
                return self._wish(request, arguments)
            case "status":
                return _valued(self.status())
            case "advance":
                return _valued(self.advance(str(arguments["to"])))
            case _:
                raise Invalid(verb=request.verb, reason="unknown operation")

    def _wish(self, asked: Request, arguments: dict[str, str]) -> Reply:
        """Keeps what an operator wants; the same request again gets the same answer, whatever came of it meanwhile."""
        if (known := self.engine.answered(asked)) is not None:
            return known
        try:
            self.parking.wish(arguments["case"], asked.verb, asked.caller, arguments.get("reason", ""), request=asked)
        except Conflict:
            return self.engine.answered(asked) or Reply(error=Stale(stream=arguments["case"]).as_data())
        return Reply()

    def status(self) -> dict[str, Any]:
        """Where this replica stands: segments, log heads, positions."""
        return {
            "service": self.service_name,
            "replica": self.settings.replica,
            "segments": sorted(self.segments.mine),
            "heads": {str(k): v for k, v in self.store.heads().items()},
            "positions": {
                f"{upstream}/{segment:02}": position
                for (upstream, segment), position in self.store.positions(self.instance.upstreams()).items()
            },
            "parked": len(self.parking.listed()),
        }

    def advance(self, to: str) -> str:
        """Moves a simulated clock forward to an instant, unless it is there already; returns where it then stands.

        Any other clock is nobody's to move.
        """
        if not isinstance(self.clock, ShiftedClock | SimulatedClock):
            raise Invalid(verb="advance", reason="the clock is not simulated")
        step = (datetime.fromisoformat(to) if to else self.clock.now()) - self.clock.now()
        self.clock.advance(max(step, timedelta(0)))
        return self.clock.now().isoformat()

    def checks(self) -> Iterator[Check]:
        """What must hold for this replica to do its work."""
        return standing.checks(self)

    def samples(self) -> Iterator[Sample]:
        """What its gauges show."""
        return standing.samples(self)

    # loops

    def _run_due(self) -> None:
        while not self._stopping:
            try:
                mine = self.segments.mine
                fired = 0
                if mine:
                    due = self.store.due(self.clock.now(), sorted(mine), 200)
                    fired = self.engine.fire(due) if due else 0
                    self.parking.grant(mine)
            except OneThingError as error:
                log.warning("deadlines wait", service=self.service_name, error=str(error))
                fired = 0
            if not fired:
                eventlet.sleep(DUE_TICK)

    def _pull(self, upstream: str, after: dict[int, int], limit: int) -> list[Followed]:
        if upstream == self.service_name:
            sections = self._sections(after, limit)
        else:
            sections = self.client.read_log(upstream, after, limit)
        return [Followed(upstream, segment, prev, upto, notes) for segment, prev, upto, notes in sections]

    def _sections(self, after: dict[int, int], limit: int) -> list[tuple[int, int, int, list[Note]]]:
        heads = self.store.heads()
        sections = []
        for segment, position in after.items():
            if heads.get(segment, 0) <= position:
                continue
            facts = self.store.read_log(segment, position, limit)
            if facts:
                notes = [Note(f.position, f.stream, f.version, f.topic, f.state) for f in facts]
                sections.append((segment, position, facts[-1].position, notes))
        return sections

    def _wait_for(self, since: tuple[Position, ...]) -> None:
        for wanted in since:
            if wanted.service == self.service_name or wanted.service not in self.instance.upstreams():
                continue
            if not 0 <= wanted.segment < SEGMENTS:
                raise Invalid(reason="no such segment", segment=wanted.segment)
            with eventlet.Timeout(WAIT_FOR_POSITION, False):
                while self._followed(wanted) < wanted.position:
                    eventlet.sleep(0.01)
                continue
            raise Unavailable(what="position", service=self.service_name, behind=wanted.service)

    def _followed(self, wanted: Position) -> int:
        here = self.follower.position(wanted.service, wanted.segment)
        if here is not None:
            return here
        return self.store.positions([wanted.service])[wanted.service, wanted.segment]
