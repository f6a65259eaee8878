"""Asking services and sending them commands: batched, with time-outs, and with our own errors coming back."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import eventlet
import msgspec
from eventlet.event import Event

from contracts.language import Caller, Command, Note, Position, Query, Reply, Request, verb_of
from eventing.errors import OneThingError, Unavailable
from eventing.signing import Signer
from telemetry import tracing

SYSTEM = Caller(by="system", roles=("service",))
"""The house itself: what its policies and deadlines do."""

BATCH = 200
"""Commands in one message."""

PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds before what was ``Unavailable`` is sent again, and at most."""

T = TypeVar("T")

_replies = msgspec.json.Decoder(list[Reply])
_sections = msgspec.json.Decoder(list[tuple[int, int, int, list[Note]]])


class Answer(msgspec.Struct, frozen=True):
    """What a command led to: its value, where the log stood after it, the stream's version, whether it is new."""

    value: Any
    position: Position | None
    version: int | None
    created: bool = False


class Tally(msgspec.Struct):
    """How often something was sent, and how often it came to nothing: to be sent again, or given up."""

    sent: int = 0
    unavailable: int = 0


class Calling(Protocol):
    """Something that carries a call to a service and its result back."""

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> Any: ...


class Client:
    """Speaks for one caller at a time to all services, over one connection.

    Raises the services' own errors (``Refused``, ``NotFound``, ``Forbidden``, ``Stale``) and ``Unavailable``.
    """

    def __init__(self, calls: Calling, caller: Caller | None = None, *, signer: Signer, in_flight: int = 2) -> None:
        self.calls = calls
        self.signer = signer
        self.caller = caller or SYSTEM
        self.tally = Tally()
        self._batchers: dict[str, _Batcher] = {}
        self._in_flight = in_flight

    def as_(self, caller: Caller) -> "Client":
        """The same connection, speaking for another caller."""
        other = Client(self.calls, caller, signer=self.signer)
        other.tally = self.tally
        other._batchers = self._batchers
        other._in_flight = self._in_flight
        return other

    def command(
        self,
        command: Command,
        *,
        id: str = "",
        service: str = "",
        expected: int | None = None,
        attempts: int = 1,
        trace: str = "",
    ) -> Answer:
        """Sends a command; the same ``id`` again gives the first answer again. ``attempts`` > 1 retries what was
        ``Unavailable``, which is safe because of the id."""
        service = service or command.SERVICE
        request = Request(
            verb=verb_of(type(command)),
            id=id or str(uuid.uuid4()),
            body=msgspec.Raw(msgspec.json.encode(command)),
            caller=self.caller,
            expected=expected,
            trace=trace or tracing.traceparent(),
        )
        batcher = self._batchers.get(service) or self._batchers.setdefault(
            service, _Batcher(self.calls, service, self._in_flight)
        )

        def send() -> Reply:
            reply = batcher.send(self.signer.signed(service, request))
            if reply.error is not None:
                raise OneThingError.from_data(reply.error)
            return reply

        reply = self._tried(attempts, send)
        return Answer(msgspec.json.decode(reply.value), reply.position, reply.version, reply.created)

    def ask(
        self, query: Query, *, since: Sequence[Position] = (), timeout: float | None = None, attempts: int = 1
    ) -> Any:
        """Asks a question; with ``since``, the answer knows at least what these positions know (L9)."""
        request = Request(
            verb=verb_of(type(query)),
            id="",
            body=msgspec.Raw(msgspec.json.encode(query)),
            caller=self.caller,
            since=tuple(since),
            trace=tracing.traceparent(),
        )
        reply = self._tried(attempts, lambda: self._call(query.SERVICE, "ask", request, timeout))
        return msgspec.json.decode(reply.value)

    def operate(self, service: str, verb: str, *, id: str = "", attempts: int = 1, **arguments: Any) -> Any:
        """What operators ask of a service: ``parked``, ``redrive``, ``discard``, ``status``.

        ``id`` names what changes something: the same again gets the first answer again.
        """
        body = msgspec.Raw(msgspec.json.encode(arguments))
        request = Request(verb=verb, id=id, body=body, caller=self.caller, trace=tracing.traceparent())
        reply = self._tried(attempts, lambda: self._call(service, "operate", request))
        return msgspec.json.decode(reply.value)

    def read_log(self, service: str, after: dict[int, int], limit: int) -> list[tuple[int, int, int, list[Note]]]:
        """What a service published in these segments after these positions; for services alone."""
        body = msgspec.Raw(msgspec.json.encode({"after": after, "limit": limit}))
        request = Request(verb="read_log", id="", body=body, caller=self.caller)
        return _sections.decode(self._call(service, "read_log", request).value)

    def _tried(self, attempts: int, send: Callable[[], T]) -> T:
        """What it gives to send something, at the last attempt that there is if not before."""
        pause = PAUSE
        while True:
            attempts -= 1
            self.tally.sent += 1
            try:
                return send()
            except Unavailable:
                self.tally.unavailable += 1
                if attempts <= 0:
                    raise
                eventlet.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _call(self, service: str, method: str, request: Request, timeout: float | None = None) -> Reply:
        text = msgspec.json.encode(self.signer.signed(service, request)).decode()
        reply = msgspec.json.decode(self.calls.call(service, method, text, timeout=timeout), type=Reply)
        if reply.error is not None:
            raise OneThingError.from_data(reply.error)
        return reply


class _Batcher:
    """Sends together what arrived while the last batch was on its way."""

    def __init__(self, calls: Calling, service: str, in_flight: int) -> None:
        self.calls = calls
        self.service = service
        self._free = in_flight
        self._waiting: list[tuple[Request, Event]] = []

    def send(self, request: Request) -> Reply:
        done = Event()
        self._waiting.append((request, done))
        if self._free:
            self._free -= 1
            eventlet.spawn_n(self._work)
        reply: Reply = done.wait()
        return reply

    def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    text = msgspec.json.encode([request for request, _ in batch]).decode()
                    replies = _replies.decode(self.calls.call(self.service, "execute", text))
                except OneThingError as error:
                    replies = [Reply(error=error.as_data())] * len(batch)
                except Exception as error:
                    replies = [Reply(error=Unavailable(what=self.service, error=str(error)).as_data())] * len(batch)
                for (_, done), reply in zip(batch, replies, strict=True):
                    done.send(reply)
        finally:
            self._free += 1
