"""The exchanges and queues of AMQP, in memory: what ``inproc`` connects to."""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from math import inf
from time import monotonic
from typing import Any

from amqp.exceptions import NotFound, PreconditionFailed, ResourceLocked

__all__ = ["EXCHANGE_TYPES", "Broker", "Consumer", "Draft", "Envelope", "Queue", "matches"]


def matches(pattern: str, key: str) -> bool:
    """Whether a topic exchange routes ``key`` to a queue bound with ``pattern``."""

    def match(pattern: list[str], words: list[str]) -> bool:
        if not pattern:
            return not words
        head, rest = pattern[0], pattern[1:]
        if head == "#":
            return any(match(rest, words[skipped:]) for skipped in range(len(words) + 1))
        return bool(words) and head in ("*", words[0]) and match(rest, words[1:])

    return match(_words(pattern), _words(key))


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


EXCHANGE_TYPES: Mapping[str, Callable[[str, str], bool]] = {
    "direct": lambda bound, key: bound == key,
    "fanout": lambda _bound, _key: True,
    "topic": matches,
}
"""By exchange type: whether a binding key lets a routing key through."""


@dataclass(slots=True)
class Draft:
    """A message before it is published."""

    body: bytes
    headers: dict[str, Any]
    properties: dict[str, Any]


@dataclass(slots=True, eq=False)
class Envelope:
    """One message on its way through one queue; ``turn`` is its place there."""

    draft: Draft
    exchange: str
    routing_key: str
    turn: int
    expires_at: float
    redelivered: bool = False


@dataclass(slots=True, eq=False)
class Consumer:
    """Somebody who takes messages from a queue; ``prefetch`` 0 is no limit."""

    tag: str
    queue: "Queue"
    prefetch: int
    no_ack: bool
    deliver: Callable[["Consumer", Envelope], None]
    end: Callable[["Consumer"], object]
    unacked: int = 0

    @property
    def has_room(self) -> bool:
        """Whether it may be sent one more message."""
        return self.no_ack or not self.prefetch or self.unacked < self.prefetch


@dataclass(slots=True, eq=False)
class Queue:
    """Messages in order, until somebody has acknowledged them."""

    name: str
    owner: object
    durable: bool = False
    exclusive: bool = False
    auto_delete: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    ready: deque[Envelope] = field(default_factory=deque)
    consumers: deque[Consumer] = field(default_factory=deque)
    _turns: "count[int]" = field(default_factory=count)

    @property
    def shape(self) -> tuple[object, ...]:
        """What a second declaration must agree with."""
        return (self.durable, self.exclusive, self.auto_delete, self.arguments)

    def put(self, draft: Draft, exchange: str, routing_key: str) -> None:
        """A message arrives."""
        expiration = draft.properties.get("expiration")
        expires_at = inf if expiration is None else monotonic() + int(expiration) / 1000
        self.ready.append(Envelope(draft, exchange, routing_key, next(self._turns), expires_at))
        self.push()

    def restore(self, envelopes: Iterable[Envelope]) -> None:
        """Puts messages back where they stood, to be delivered again."""
        for envelope in envelopes:
            envelope.redelivered = True
            insort(self.ready, envelope, key=lambda other: other.turn)
        self.push()

    def take(self) -> Envelope | None:
        """The message at the head; those whose time is over vanish here, and only here, as in RabbitMQ."""
        while self.ready:
            envelope = self.ready.popleft()
            if monotonic() < envelope.expires_at:
                return envelope
        return None

    def push(self) -> None:
        """Hands messages to the consumers that have room, in turn."""
        while self.ready:
            for _ in range(len(self.consumers)):
                self.consumers.rotate(-1)
                if self.consumers[-1].has_room:
                    break
            else:
                return
            envelope = self.take()
            if envelope is not None:
                consumer = self.consumers[-1]
                consumer.deliver(consumer, envelope)


class Exchange:
    """Routes messages by their key to the queues that are bound to it."""

    def __init__(self, kind: str, durable: bool, auto_delete: bool) -> None:
        if kind not in EXCHANGE_TYPES:
            raise PreconditionFailed(f"PRECONDITION_FAILED - unknown exchange type {kind!r}", (40, 10))
        self.shape = (kind, durable, auto_delete)
        self.auto_delete = auto_delete
        self.bindings: dict[tuple[str, str], None] = {}
        self._matches = EXCHANGE_TYPES[kind]
        self._routes: dict[str, list[str]] = {}

    def bind(self, queue: str, key: str) -> None:
        """From now on messages whose routing key passes ``key`` go to ``queue``, too."""
        self.bindings[queue, key] = None
        self._routes.clear()

    def unbind(self, gone: Callable[[str, str], bool]) -> None:
        """Removes every binding of which ``gone(queue, key)`` holds."""
        for binding in [binding for binding in self.bindings if gone(*binding)]:
            del self.bindings[binding]
        self._routes.clear()

    def route(self, routing_key: str) -> list[str]:
        """The queues that a message with this key goes to, each once."""
        queues = self._routes.get(routing_key)
        if queues is None:
            if len(self._routes) > 10_000:
                self._routes.clear()
            passed = (queue for queue, key in self.bindings if self._matches(key, routing_key))
            queues = self._routes[routing_key] = [*dict.fromkeys(passed)]
        return queues


class Broker:
    """Exchanges and queues, shared by all connections to one name.

    Every method that names something raises ``amqp.NotFound`` when it is not there.
    """

    def __init__(self) -> None:
        self.exchanges = {f"amq.{kind}": Exchange(kind, True, False) for kind in EXCHANGE_TYPES}
        self.queues: dict[str, Queue] = {}

    def exchange(self, name: str) -> Exchange:
        """The exchange of this name."""
        try:
            return self.exchanges[name]
        except KeyError:
            raise NotFound(f"NOT_FOUND - no exchange {name!r}", (40, 10)) from None

    def queue(self, name: str, asker: object) -> Queue:
        """The queue of this name; ``amqp.ResourceLocked`` when it is exclusive to another connection."""
        try:
            queue = self.queues[name]
        except KeyError:
            raise NotFound(f"NOT_FOUND - no queue {name!r}", (50, 10)) from None
        if queue.exclusive and queue.owner is not asker:
            raise ResourceLocked(f"RESOURCE_LOCKED - queue {name!r} is exclusive to another connection", (50, 10))
        return queue

    def declare_exchange(self, name: str, shape: tuple[str, bool, bool]) -> None:
        """Makes sure of an exchange; ``amqp.PreconditionFailed`` when one of another shape has the name."""
        known = self.exchanges.setdefault(name, Exchange(*shape))
        if known.shape != shape:
            raise PreconditionFailed(f"PRECONDITION_FAILED - exchange {name!r} is {known.shape}", (40, 10))

    def declare_queue(self, wanted: Queue) -> Queue:
        """Makes sure of a queue; ``amqp.PreconditionFailed`` when one of another shape has the name."""
        self.queues.setdefault(wanted.name, wanted)
        known = self.queue(wanted.name, wanted.owner)
        if known.shape != wanted.shape:
            raise PreconditionFailed(f"PRECONDITION_FAILED - queue {known.name!r} is {known.shape}", (50, 10))
        return known

    def route(self, exchange: str, routing_key: str) -> list[Queue]:
        """Where a message goes; the exchange without a name routes to the queue that the key names."""
        if not exchange:
            return [self.queues[routing_key]] if routing_key in self.queues else []
        return [self.queues[name] for name in self.exchange(exchange).route(routing_key)]

    def unbind(self, exchange: str, gone: Callable[[str, str], bool]) -> None:
        """Removes bindings; an auto-delete exchange goes with its last one."""
        bound = self.exchanges[exchange]
        before = len(bound.bindings)
        bound.unbind(gone)
        if bound.auto_delete and before and not bound.bindings:
            del self.exchanges[exchange]

    def delete(self, queue: Queue) -> None:
        """Deletes a queue with its messages; its consumers end."""
        self.queues.pop(queue.name, None)
        for consumer in [*queue.consumers]:
            consumer.end(consumer)
        for exchange in [*self.exchanges]:
            self.unbind(exchange, lambda bound, _key: bound == queue.name)

    def delete_unused(self, queue: Queue) -> None:
        """An auto-delete queue goes with its last consumer."""
        if queue.auto_delete and not queue.consumers and queue.name in self.queues:
            self.delete(queue)

    def leave(self, owner: object) -> None:
        """A connection has ended: its exclusive queues go with it, and its expiring ones without consumers.

        RabbitMQ keeps an expiring queue for a while, lest the client comes back; in one process it will not.
        """
        for queue in [*self.queues.values()]:
            expires = "x-expires" in queue.arguments and not queue.consumers
            if queue.owner is owner and (queue.exclusive or expires):
                self.delete(queue)
