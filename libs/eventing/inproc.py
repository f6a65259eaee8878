# ruff: noqa: A002, PLR0917  the signatures are those of AMQP's methods in kombu
"""``inproc://``: an AMQP broker inside the process, for the embedded profile and the tests.

A kombu transport that keeps what nameko and our own messaging rely on in RabbitMQ: direct, topic and fanout
exchanges, mandatory publishing, prefetch, acknowledgements, redelivery in order, exclusive, auto-delete and
expiring queues, expiring messages. Messages are pushed: a delivery wakes the one connection that it is for.
Nothing is durable: the log is the truth, here as everywhere, and an empty broker costs a pull.

``inproc:///name`` is a broker of its own; all connections of a process to the same name meet.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from itertools import count
from time import monotonic
from typing import Any
from uuid import uuid4

import eventlet
from amqp.exceptions import (
    ChannelError,
    ConnectionForced,
    PreconditionFailed,
    RecoverableChannelError,
    RecoverableConnectionError,
    error_for_code,
)
from amqp.protocol import queue_declare_ok_t
from eventlet.event import Event
from kombu.message import Message
from kombu.transport import TRANSPORT_ALIASES, base

from eventing.broker import EXCHANGE_TYPES, Broker, Consumer, Draft, Envelope, Queue

__all__ = ["install", "interrupt", "reset"]

_FAIR = 200
"""After so many deliveries in a row a connection lets the other green threads run."""

_brokers: dict[str, Broker] = {}
_connections: "set[Transport]" = set()


def install() -> None:
    """Makes ``inproc://`` known to kombu."""
    TRANSPORT_ALIASES["inproc"] = f"{__name__}:Transport"


def interrupt() -> None:
    """Everybody loses the connection, as when the network fails; what outlives a connection stays."""
    for connection in [*_connections]:
        connection.disconnect()


def reset() -> None:
    """Everybody loses the connection and every broker is forgotten, as when RabbitMQ is reinstalled."""
    interrupt()
    _brokers.clear()


class Channel(base.StdChannel):
    """One AMQP channel; kombu calls its methods by the names of the protocol."""

    def __init__(self, transport: "Transport", channel_id: int) -> None:
        self.connection: Transport | None = transport
        self.transport = transport
        self.channel_id = channel_id
        self.no_ack_consumers: set[str] = set()
        self.events: defaultdict[str, set[Callable[..., None]]] = defaultdict(set)
        self._prefetch = 0
        self._consumers: dict[str, tuple[Consumer, Callable[[Message], None]]] = {}
        self._unacked: dict[int, tuple[Consumer, Envelope]] = {}
        self._delivery_tags = count(1)
        self._confirms: count[int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether neither the channel nor its connection was closed."""
        return self.connection is not None

    @property
    def _broker(self) -> Broker:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        return self.transport.broker

    # exchanges and queues

    def exchange_declare(
        self,
        exchange: str,
        type: str = "direct",
        passive: bool = False,
        durable: bool = False,
        auto_delete: bool = False,
        **_: Any,
    ) -> None:
        if passive:
            self._broker.exchange(exchange)
        else:
            self._broker.declare_exchange(exchange, (type, durable, auto_delete))

    def exchange_delete(self, exchange: str, if_unused: bool = False, **_: Any) -> None:
        if if_unused and self._broker.exchange(exchange).bindings:
            raise PreconditionFailed(f"PRECONDITION_FAILED - exchange {exchange!r} in use", (40, 20))
        self._broker.exchanges.pop(exchange, None)

    def prepare_queue_arguments(self, arguments: dict[str, Any] | None, **named: Any) -> dict[str, Any]:
        prepared: dict[str, Any] = base.to_rabbitmq_queue_arguments(arguments or {}, **named)
        return prepared

    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        durable: bool = False,
        exclusive: bool = False,
        auto_delete: bool = False,
        arguments: dict[str, Any] | None = None,
        **_: Any,
    ) -> queue_declare_ok_t:
        if passive:
            known = self._broker.queue(queue, self.transport)
        else:
            name = queue or f"amq.gen-{uuid4()}"
            known = self._broker.declare_queue(
                Queue(name, self.transport, durable, exclusive, auto_delete, arguments or {})
            )
        return queue_declare_ok_t(known.name, len(known.ready), len(known.consumers))

    def queue_bind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        self._broker.queue(queue, self.transport)
        self._broker.exchange(exchange).bind(queue, routing_key)

    def queue_unbind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        self._broker.exchange(exchange)
        self._broker.unbind(exchange, lambda *bound: bound == (queue, routing_key))

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **_: Any) -> int:
        if queue not in self._broker.queues:
            return 0
        known = self._broker.queue(queue, self.transport)
        if (if_unused and known.consumers) or (if_empty and known.ready):
            raise PreconditionFailed(f"PRECONDITION_FAILED - queue {queue!r} in use or not empty", (50, 40))
        self._broker.delete(known)
        return len(known.ready)

    def queue_purge(self, queue: str, **_: Any) -> int:
        ready = self._broker.queue(queue, self.transport).ready
        purged = len(ready)
        ready.clear()
        return purged

    # publishing

    def prepare_message(
        self,
        body: str | bytes,
        priority: int | None = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> Draft:
        """A message to publish; nameko looks for ``content_type`` among its properties."""
        named = {"content_type": content_type, "content_encoding": content_encoding, "priority": priority}
        known = {name: value for name, value in named.items() if value is not None}
        encoded = body.encode() if isinstance(body, str) else bytes(body)
        return Draft(encoded, dict(headers or {}), {**(properties or {}), **known})

    def basic_publish(
        self, message: Draft, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        queues = self._broker.route(exchange, routing_key)
        for queue in queues:
            queue.put(message, exchange, routing_key)
        if mandatory and not queues:
            self._return(message, exchange, routing_key)
        if self._confirms is not None:
            tag = next(self._confirms)
            for confirm in [*self.events["basic_ack"]]:
                confirm(tag, False)

    def confirm_select(self, nowait: bool = False) -> None:
        """Messages are confirmed before ``basic_publish`` returns: expect the tag before you publish."""
        self._confirms = self._confirms or count(1)

    def _return(self, message: Draft, exchange: str, routing_key: str) -> None:
        error = error_for_code(312, "NO_ROUTE", (60, 50), ChannelError)
        handlers = [*self.events["basic_return"]]
        if not handlers:
            raise error
        for handle in handlers:
            handle(error, exchange, routing_key, message)

    # consuming

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False, **_: Any) -> None:
        """Limits the unacknowledged messages of each consumer that starts on this channel from now on."""
        self._prefetch = prefetch_count

    def basic_consume(
        self,
        queue: str,
        consumer_tag: str = "",
        no_ack: bool = False,
        callback: Callable[[Message], None] = lambda _message: None,
        **_: Any,
    ) -> str:
        source = self._broker.queue(queue, self.transport)
        tag = consumer_tag or f"inproc-{uuid4()}"
        consumer = Consumer(tag, source, self._prefetch, no_ack, self._deliver, self._end)
        if no_ack:
            self.no_ack_consumers.add(tag)
        self._consumers[tag] = (consumer, callback)
        source.consumers.append(consumer)
        source.push()
        return tag

    def basic_cancel(self, consumer_tag: str, **_: Any) -> None:
        consumer, _callback = self._consumers.get(consumer_tag, (None, None))
        if consumer is not None:
            consumer.queue.restore(self._end(consumer))
            self._broker.delete_unused(consumer.queue)

    def _deliver(self, consumer: Consumer, envelope: Envelope) -> None:
        _, callback = self._consumers[consumer.tag]
        self.transport.post(consumer, callback, self._message(consumer, envelope), envelope)

    def _end(self, consumer: Consumer) -> list[Envelope]:
        """Ends a consumer; what it was sent and nobody has looked at is returned."""
        del self._consumers[consumer.tag]
        self.no_ack_consumers.discard(consumer.tag)
        consumer.queue.consumers.remove(consumer)
        unseen = self.transport.take_back(consumer)
        for message, _ in unseen:
            self._unacked.pop(message.delivery_tag, None)
        return [envelope for _, envelope in unseen]

    def _message(self, consumer: Consumer, envelope: Envelope) -> Message:
        """The message as kombu knows it, unacknowledged from now on if its consumer acknowledges at all."""
        tag = next(self._delivery_tags)
        if not consumer.no_ack:
            self._unacked[tag] = (consumer, envelope)
            consumer.unacked += 1
        properties = envelope.draft.properties
        return Message(
            body=envelope.draft.body,
            delivery_tag=tag,
            content_type=properties.get("content_type"),
            content_encoding=properties.get("content_encoding"),
            delivery_info={
                "consumer_tag": consumer.tag,
                "delivery_tag": tag,
                "redelivered": envelope.redelivered,
                "exchange": envelope.exchange,
                "routing_key": envelope.routing_key,
            },
            properties=dict(properties),
            headers=dict(envelope.draft.headers),
            channel=self,
        )

    def message_to_python(self, raw_message: Message) -> Message:
        return raw_message

    def basic_get(self, queue: str, no_ack: bool = False, **_: Any) -> Message | None:
        source = self._broker.queue(queue, self.transport)
        envelope = source.take()
        if envelope is None:
            return None
        return self._message(Consumer("", source, 0, no_ack, self._deliver, self._end), envelope)

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        for queue, _ in self._settle(delivery_tag, multiple):
            queue.push()

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        for queue, envelope in self._settle(delivery_tag, multiple=False):
            queue.restore([envelope] if requeue else [])

    def basic_recover(self, requeue: bool = False) -> None:
        """Everything unacknowledged on this channel is delivered again."""
        _restore(self._settle(0, multiple=True))

    def _settle(self, delivery_tag: int, multiple: bool) -> list[tuple[Queue, Envelope]]:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        if multiple:
            tags = [tag for tag in self._unacked if tag <= delivery_tag or not delivery_tag]
        elif delivery_tag in self._unacked:
            tags = [delivery_tag]
        else:
            raise PreconditionFailed(f"PRECONDITION_FAILED - unknown delivery tag {delivery_tag}", (60, 80))
        settled = [self._unacked.pop(tag) for tag in tags]
        for consumer, _ in settled:
            consumer.unacked -= 1
        return [(consumer.queue, envelope) for consumer, envelope in settled]

    def close(self, *_: Any) -> None:
        """Ends the channel: its consumers stop, and what they have not acknowledged is delivered again."""
        if self.connection is None:
            return
        broker = self._broker
        consumers = [consumer for consumer, _ in self._consumers.values()]
        back = [(consumer.queue, envelope) for consumer in consumers for envelope in self._end(consumer)]
        back += self._settle(0, multiple=True)
        self.connection = None
        self.events.clear()
        self.transport.channels.pop(self.channel_id, None)
        _restore(back)
        for consumer in consumers:
            broker.delete_unused(consumer.queue)


def _restore(settled: Iterable[tuple[Queue, Envelope]]) -> None:
    by_queue: defaultdict[Queue, list[Envelope]] = defaultdict(list)
    for queue, envelope in settled:
        by_queue[queue].append(envelope)
    for queue, envelopes in by_queue.items():
        queue.restore(envelopes)


class Transport(base.Transport):
    """One connection to the broker; kombu makes one transport for each of its connections."""

    driver_type = "inproc"
    driver_name = "inproc"
    connection_errors = (RecoverableConnectionError, OSError)
    channel_errors = (ChannelError,)
    recoverable_connection_errors = (RecoverableConnectionError, OSError)
    recoverable_channel_errors = (RecoverableChannelError,)
    implements = base.Transport.implements.extend(exchange_type=frozenset(EXCHANGE_TYPES))

    def __init__(self, client: Any, **_: Any) -> None:
        super().__init__(client)
        self.broker: Broker
        self.connected = False
        self.channels: dict[int, Channel] = {}
        self._channel_ids = count(1)
        self._inbox: deque[tuple[Consumer, Callable[[Message], None], Message, Envelope]] = deque()
        self._waiting: Event | None = None
        self._in_a_row = 0

    def driver_version(self) -> str:
        return "1"

    def establish_connection(self) -> "Transport":
        self.broker = _brokers.setdefault(self.client.virtual_host or "/", Broker())
        self.connected = True
        _connections.add(self)
        return self

    def verify_connection(self, connection: "Transport") -> bool:
        return self.connected

    def create_channel(self, connection: "Transport") -> Channel:
        if not self.connected:
            raise RecoverableConnectionError("connection already closed")
        channel = Channel(self, next(self._channel_ids))
        self.channels[channel.channel_id] = channel
        return channel

    def close_connection(self, connection: "Transport") -> None:
        self.disconnect()

    def _collect(self, connection: "Transport") -> None:
        self.disconnect()

    def disconnect(self) -> None:
        """Ends the connection and what lives no longer: its channels, its exclusive and expiring queues."""
        if not self.connected:
            return
        self.connected = False
        _connections.discard(self)
        for channel in [*self.channels.values()]:
            channel.close()
        self.broker.leave(self)
        self._inbox.clear()
        self._wake()

    def post(
        self, consumer: Consumer, callback: Callable[[Message], None], message: Message, envelope: Envelope
    ) -> None:
        """A delivery arrives; whoever drains this connection handles it."""
        self._inbox.append((consumer, callback, message, envelope))
        self._wake()

    def take_back(self, consumer: Consumer) -> list[tuple[Message, Envelope]]:
        """The deliveries to this consumer that nobody has handled yet."""
        taken = [(message, envelope) for to, _, message, envelope in self._inbox if to is consumer]
        self._inbox = deque(delivery for delivery in self._inbox if delivery[0] is not consumer)
        return taken

    def drain_events(self, connection: "Transport", timeout: float | None = None) -> None:
        """Handles one delivery, waiting for it up to ``timeout`` seconds (None: for ever).

        Raises:
            TimeoutError: nothing came in time.
            amqp.ConnectionForced: the connection was closed.
        """
        self._in_a_row += 1
        if self._in_a_row > _FAIR:
            self._in_a_row = 0
            eventlet.sleep(0)
        deadline = None if timeout is None else monotonic() + timeout
        while not self._inbox:
            self._in_a_row = 0
            if not self.connected:
                raise ConnectionForced("connection closed")
            remaining = None if deadline is None else deadline - monotonic()
            if remaining is not None and remaining <= 0:
                raise TimeoutError("timed out")
            self._waiting = self._waiting or Event()
            self._waiting.wait(remaining)
        _, callback, message, _ = self._inbox.popleft()
        callback(message)

    def _wake(self) -> None:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.send(None)
