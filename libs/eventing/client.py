"""Asking services and sending them commands: batched, with time-outs, and with our own errors coming back."""

import uuid
from collections.abc import Sequence
from typing import Any, Protocol

import eventlet
import msgspec
from eventlet.event import Event

from contracts.language import Caller, Command, Position, Query, Reply, Request
from eventing.declarations import verb_of
from eventing.errors import OneThingError, Unavailable
from telemetry import tracing

BATCH = 200
"""Commands in one message."""

_replies = msgspec.json.Decoder(list[Reply])


class Answer(msgspec.Struct, frozen=True):
    """What a command led to: its value, where the log stood after it, the stream's version."""

    value: Any
    position: Position | None
    version: int | None


class Calling(Protocol):
    """Something that carries a call to a service and its result back."""

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> Any: ...


class Client:
    """Speaks for one caller at a time to all services, over one connection.

    Raises the services' own errors (``Refused``, ``NotFound``, ``Forbidden``, ``Stale``) and ``Unavailable``.
    """

    def __init__(self, calls: Calling, caller: Caller | None = None, *, in_flight: int = 2) -> None:
        self.calls = calls
        self.caller = caller or Caller(by="system")
        self._batchers: dict[str, _Batcher] = {}
        self._in_flight = in_flight

    def as_(self, caller: Caller) -> "Client":
        """The same connection, speaking for another caller."""
        other = Client(self.calls, caller)
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
        batcher = self._batchers.get(service)
        if batcher is None:
            batcher = self._batchers.setdefault(service, _Batcher(self.calls, service, self._in_flight))
        pause = 0.1
        while True:
            attempts -= 1
            try:
                reply = batcher.send(request)
                if reply.error is not None:
                    raise OneThingError.from_data(reply.error)
            except Unavailable:
                if attempts <= 0:
                    raise
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                value = msgspec.json.decode(reply.value)
                return Answer(value, reply.position, reply.version)

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
        )
        text = msgspec.json.encode(request).decode()
        pause = 0.1
        while True:
            attempts -= 1
            try:
                reply = msgspec.json.decode(self.calls.call(query.SERVICE, "ask", text, timeout=timeout), type=Reply)
                if reply.error is not None:
                    raise OneThingError.from_data(reply.error)
            except Unavailable:
                if attempts <= 0:
                    raise
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                return msgspec.json.decode(reply.value)

    def operate(self, service: str, verb: str, **arguments: Any) -> Any:
        """What operators ask of a service: ``parked``, ``redrive``, ``discard``, ``status``."""
        text = msgspec.json.encode({"verb": verb, "caller": self.caller, "arguments": arguments}).decode()
        reply = msgspec.json.decode(self.calls.call(service, "operate", text), type=Reply)
        if reply.error is not None:
            raise OneThingError.from_data(reply.error)
        return msgspec.json.decode(reply.value)


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
