"""Calls to other services: nameko's RPC protocol from the caller's side.

nameko's own proxy waits for ever and has every message confirmed before the next. Here many green threads
share one connection for requests and one for replies, every call ends in time, and a request that nobody can
take fails at once. The reply is the confirmation; what the broker returns or refuses is noticed meanwhile.
"""

import random
from collections.abc import Callable, Mapping
from itertools import count
from time import monotonic
from typing import Any
from uuid import uuid4

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu import Connection
from kombu.utils import json as kombu_json

from eventing import transports
from eventing.errors import OneThingError, Unavailable
from eventing.settings import without_password

__all__ = ["Calls", "RemoteFault"]

EXCHANGE = "nameko-rpc"
PATIENCE = 1.0
"""A call made while the broker is away waits so many seconds for it."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
"""Seconds between two attempts to connect."""

log = structlog.get_logger(__name__)


class RemoteFault(OneThingError):
    """The other service failed, and not by a rule: ``exc_type`` and ``value`` say what it raised."""


class Calls:
    """Calls services by name: ``calls.call("intake", "read_case", case_id)``.

    Args:
        amqp_uri: ``amqp://…``, ``amqps://…`` or ``inproc://``.
        timeout: seconds that a call may take unless it says otherwise.
        headers: the headers of a call, asked for in the caller's green thread (``nameko.traceparent``, …).
    """

    def __init__(self, amqp_uri: str, *, timeout: float = 5.0, headers: Callable[[], Mapping[str, str]] = dict) -> None:
        self.amqp_uri = amqp_uri
        self.timeout = timeout
        self._headers = headers
        self._ids = count(1)
        self._keeper: Any = None
        self._stopped = False
        self._link: _Link | None = None
        self._linked = Event()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        return self._link is not None

    def start(self) -> None:
        """Begins to connect and to stay connected; calls may be made at once."""
        transports.install()
        if self._keeper is None:
            self._stopped = False
            self._keeper = eventlet.spawn(self._stay_connected)

    def stop(self) -> None:
        """Disconnects; calls under way end with ``Unavailable``."""
        self._stopped = True
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.kill()

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Asks a service and returns its answer.

        Arguments and answer are what JSON can say. A batch that is encoded already is passed as one string:
        it goes through both sides as fast as it can be copied.

        Raises:
            Unavailable: with ``reason`` and ``outcome``: ``not-done`` (the request never reached the service)
                or ``unknown`` (it may have been carried out, or still be; repeat only what is idempotent).
            RemoteFault: the service raised something else than one of our errors.
        """
        ends_at = monotonic() + (self.timeout if timeout is None else timeout)
        body = msgspec.json.encode({"args": args, "kwargs": kwargs})
        link = self._wait_for_link(service, method, ends_at)
        seconds = max(ends_at - monotonic(), 0.001)
        call_id, answer = str(next(self._ids)), Event()
        link.waiting[call_id] = (service, method, answer)
        try:
            link.send(f"{service}.{method}", body, call_id, seconds, self._headers())
            reply: bytes | None = answer.wait(seconds)
        finally:
            link.waiting.pop(call_id, None)
        if reply is None:
            raise Unavailable(service=service, method=method, reason="no answer in time", outcome="unknown")
        return _result(reply)

    def _wait_for_link(self, service: str, method: str, ends_at: float) -> "_Link":
        if self._stopped:
            raise Unavailable(service=service, method=method, reason="stopped", outcome="not-done")
        if self._keeper is None:
            raise RuntimeError("Calls.start() comes first")
        if self._link is None:
            self._linked.wait(max(min(ends_at - monotonic(), PATIENCE), 0.0))
        if self._link is None or self._link.lost.ready():
            raise Unavailable(service=service, method=method, reason="no broker", outcome="not-done")
        return self._link

    def _stay_connected(self) -> None:
        pause = FIRST_PAUSE
        while True:
            link = _Link(self.amqp_uri)
            try:
                link.open()
                pause = FIRST_PAUSE
                self._link = link
                self._linked.send(None)
                error = link.lost.wait()
            except Exception as failed:
                error = failed
            finally:
                self._link = None
                if self._linked.ready():
                    self._linked = Event()
                link.close()
            log.warning("broker lost", broker=without_password(self.amqp_uri), reason=str(error))
            eventlet.sleep(pause * random.uniform(0.5, 1.0))  # replicas shall not return as one
            pause = min(pause * 2, LONGEST_PAUSE)


class _Link:
    """Two connections, one for requests and one for replies; when either is lost, both are."""

    def __init__(self, amqp_uri: str) -> None:
        self.lost = Event()
        self.waiting: dict[str, tuple[str, str, Event]] = {}
        self._requests = Connection(amqp_uri, heartbeat=transports.HEARTBEAT)
        self._replies = Connection(amqp_uri, heartbeat=transports.HEARTBEAT)
        self._channel: Any = None
        self._reply_to = str(uuid4())
        self._turn = Semaphore(1)
        self._sequence = count(1)
        self._unconfirmed: dict[int, str] = {}
        self._readers: list[Any] = []

    def open(self) -> None:
        """Connects, prepares the way back and begins to listen."""
        for connection in (self._requests, self._replies):
            connection.ensure_connection(max_retries=len(connection.alt), interval_start=0, interval_step=0)
        transports.read_elsewhere(self._requests)

        replies = self._replies.channel()
        replies.auto_decode = False  # answers are decoded by those who wait for them, from bytes
        replies.exchange_declare(exchange=EXCHANGE, type="topic", durable=True, auto_delete=False)
        queue = replies.queue_declare(
            queue=f"rpc.reply-calls-{self._reply_to}", durable=False, exclusive=True, auto_delete=True
        ).queue
        replies.queue_bind(queue=queue, exchange=EXCHANGE, routing_key=self._reply_to)
        replies.basic_consume(queue=queue, no_ack=True, callback=self._on_reply)

        self._channel = self._requests.channel()
        self._channel.confirm_select()
        self._channel.events["basic_return"].add(self._on_return)
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._readers = [eventlet.spawn(self._read, each) for each in (self._requests, self._replies)]

    def send(self, routing_key: str, body: bytes, call_id: str, seconds: float, headers: Mapping[str, str]) -> None:
        """Publishes a request that expires with its caller's patience; a failure ends the call's wait."""
        message = self._channel.prepare_message(
            body,
            content_type="application/json",
            content_encoding="utf-8",
            headers=dict(headers),
            properties={
                "reply_to": self._reply_to,
                "correlation_id": call_id,
                "expiration": str(max(int(seconds * 1000), 1)),
                "delivery_mode": 1,
            },
        )
        try:
            with self._turn:  # the frames of one message stay together, and are counted as they go
                self._unconfirmed[next(self._sequence)] = call_id
                self._channel.basic_publish(message, exchange=EXCHANGE, routing_key=routing_key, mandatory=True)
        except Exception as error:
            self.lose(error)

    def lose(self, error: Exception) -> None:
        """The broker is gone, and so are all answers."""
        if not self.lost.ready():
            self.lost.send(error)
        self._end_calls("broker lost")

    def close(self) -> None:
        """Hangs up, politely if the broker still listens."""
        for reader in self._readers:
            reader.kill()
        for connection in (self._requests, self._replies):
            with eventlet.Timeout(1, False):  # False: silently
                if not self.lost.ready():
                    connection.release()
            connection.collect()
        self._end_calls("broker lost" if self.lost.ready() else "stopped")

    def _end_calls(self, reason: str) -> None:
        for call_id in [*self.waiting]:
            self._end_call(call_id, reason, "unknown")

    def _end_call(self, call_id: str, reason: str, outcome: str) -> None:
        service, method, answer = self.waiting.pop(call_id, ("", "", None))
        if answer is not None:
            error = Unavailable(service=service, method=method, reason=reason, outcome=outcome)
            answer.send_exception(error)

    def _read(self, connection: Connection) -> None:
        try:
            for _ in transports.listening(connection, turn=self._turn):
                pass
        except Exception as error:
            self.lose(error)

    def _on_reply(self, message: Any) -> None:
        _, _, answer = self.waiting.pop(message.properties.get("correlation_id"), ("", "", None))
        if answer is not None:  # else its caller has lost patience
            answer.send(bytes(message.body))

    def _on_return(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self._end_call(message.properties["correlation_id"], "no such service", "not-done")

    def _on_nack(self, tag: int, multiple: bool) -> None:
        for call_id in self._settle(tag, multiple):
            self._end_call(call_id, "refused by the broker", "not-done")

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [known for known in self._unconfirmed if known <= tag] if multiple else [tag]
        return [self._unconfirmed.pop(known) for known in tags if known in self._unconfirmed]


def _result(reply: bytes) -> Any:
    # kombu marks what JSON has no word for (dates, UUIDs, decimals); almost no reply has such
    answer = kombu_json.loads(reply) if b'"__type__"' in reply else msgspec.json.decode(reply)
    error = answer["error"]
    if error:
        raise RemoteFault(exc_type=error.get("exc_type"), value=error.get("value"))
    return answer["result"]
