"""The status exchange: CloudEvents 1.0 in the binary mode of AMQP, for whoever binds a queue to it.

Nothing depends on it. What gets lost is seen by the events' ``sequence`` and read again from where it is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from kombu import Connection, Consumer, Exchange, Queue

from eventing.transports import HEARTBEAT, listening, read_elsewhere

log = structlog.get_logger()

EXCHANGE = "onething.status"
"""Durable topic exchange; the routing key is ``<region>.<hall>.<aggregate>.<event>``."""

PREFIX = "cloudEvents:"
"""Before the name of each attribute among the headers (CloudEvents AMQP binding 1.0.2, section 3.1.3.1)."""

BACKLOG = 20_000
"""Events that may wait for a broker that does not answer; beyond that they are left to be read."""

PERSISTENT = 2
"""The delivery mode of events: a durable queue keeps them over the broker's restart."""

BURST = 200
"""Events sent before others get their turn."""


WITNESS = "onething.witness"
"""Durable topic exchange of signed heads of the ledger's tree; the routing key is the region."""


def status_exchange(name: str = EXCHANGE) -> Exchange:
    """The exchange; it keeps nothing itself, queues of subscribers do."""
    return Exchange(name, type="topic", durable=True, delivery_mode=PERSISTENT)


class CloudEvent(msgspec.Struct, frozen=True):
    """One event: its attributes by their names in the specification, its data as JSON."""

    routing_key: str
    attributes: Mapping[str, str]
    data: bytes


@lru_cache(maxsize=4096)
def word(text: str) -> str:
    """A text as one word of a routing key: dots separate words, and a key is 255 bytes at most."""
    return text.replace(".", "-").replace("*", "-").replace("#", "-")[:60] or "-"


class Publisher:
    """One connection, one loop."""

    def __init__(self, amqp_uri: str, *, exchange: str = EXCHANGE) -> None:
        self.amqp_uri = amqp_uri
        self.exchange = exchange
        self._waiting: list[CloudEvent] = []
        self._wake = Event()
        self._stopping = False

    def publish(self, events: Iterable[CloudEvent]) -> None:
        """Takes events; never waits."""
        if len(self._waiting) < BACKLOG:
            self._waiting.extend(events)
        self._signal()

    def stop(self) -> None:
        """Ends the loop after what is waiting has gone."""
        self._stopping = True
        self._signal()

    def run(self) -> None:
        """Publishes until stopped; a lost connection is made again."""
        pause = 0.1
        while not self._stopping:
            try:
                with Connection(self.amqp_uri, heartbeat=0, connect_timeout=5) as connection:
                    channel = connection.channel()
                    status_exchange(self.exchange)(channel).declare()
                    read_elsewhere(connection)  # the loop looks by itself for what the broker says, once a burst
                    pause = 0.1
                    self._loop(connection, channel)
            except Exception as error:
                if self._stopping:
                    return
                log.warning("publishing of events interrupted", error=str(error))
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _loop(self, connection: Connection, channel: Any) -> None:
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._wake.wait()
                self._wake = Event()
                continue
            for event in self._waiting[:BURST]:
                message = channel.prepare_message(
                    event.data,
                    content_type="application/json",
                    content_encoding="utf-8",
                    headers={PREFIX + name: value for name, value in event.attributes.items()},
                    properties={"delivery_mode": PERSISTENT},
                )
                channel.basic_publish(message, exchange=self.exchange, routing_key=event.routing_key)
            with suppress(TimeoutError):
                connection.drain_events(timeout=0.001)  # a broker that hung up says so here; others get their turn
            del self._waiting[:BURST]  # a burst that was cut off is sent again: its numbers tell who had it

    def _signal(self) -> None:
        if not self._wake.ready():
            self._wake.send()


class Listener:
    """Hears every event, in a queue of its own that goes with it."""

    def __init__(
        self, amqp_uri: str, heard: Callable[[CloudEvent], None], *, binding: str = "#", exchange: str = EXCHANGE
    ) -> None:
        self.amqp_uri = amqp_uri
        self.exchange = exchange
        self.heard = heard
        self.binding = binding
        self.connected = False
        self._stopping = False

    def stop(self) -> None:
        """Ends the loop when the next event or second has passed."""
        self._stopping = True

    def run(self) -> None:
        """Listens until stopped; a lost connection is made again."""
        pause = 0.1
        while not self._stopping:
            try:
                with Connection(self.amqp_uri, heartbeat=HEARTBEAT, connect_timeout=5) as connection:
                    channel = connection.channel()
                    exchange = status_exchange(self.exchange)(channel)
                    exchange.declare()
                    queue = Queue("", exclusive=True, auto_delete=True, durable=False)(channel)
                    queue.queue_declare()
                    queue.bind_to(exchange, routing_key=self.binding)
                    consumer = Consumer(channel, [queue], on_message=self._receive, no_ack=True, auto_declare=False)
                    consumer.consume(no_ack=True)
                    self.connected, pause = True, 0.1
                    for _ in listening(connection, 1):
                        if self._stopping:
                            break
            except Exception as error:
                if self._stopping:
                    return
                log.warning("events are not heard, only read", error=str(error))
                self.connected = False
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)
        self.connected = False

    def _receive(self, message: Any) -> None:
        attributes = {
            name.removeprefix(PREFIX): str(value) for name, value in message.headers.items() if name.startswith(PREFIX)
        }
        body = message.body
        data = body.encode() if isinstance(body, str) else bytes(body)
        self.heard(CloudEvent(str(message.delivery_info.get("routing_key", "")), attributes, data))
