"""Shipping the log: what was just committed, pushed to whoever follows (L2).

The replica that commits ships, because it holds the facts in memory. A shipment carries everything committed
while the last one was on its way: small when it is quiet, large when it is busy. Nothing depends on it: what gets
lost is pulled by the followers.
"""

from collections.abc import Callable, Sequence

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from kombu import Connection, Exchange, Producer

from eventing.signing import Signer
from eventing.store import StoredFact

log = structlog.get_logger()

EXCHANGE = "onething.log"
"""Topic exchange; the routing key is the service whose log it is."""

MARK = "onething-mark"
"""The header that shows that a shipment was made by this house (``eventing.signing``)."""

REST = 0.005
"""Seconds between two shipments: what is committed meanwhile goes together. The first one never waits."""

BACKLOG = 20_000
"""Facts that may wait for a broker that does not answer; beyond that they are left to be pulled."""


def log_exchange() -> Exchange:
    """The exchange that all logs are shipped through; it keeps nothing."""
    return Exchange(EXCHANGE, type="topic", durable=False, delivery_mode=1)


class Part(msgspec.Struct, frozen=True, array_like=True, eq=False):
    """A section inside a shipment; its notes stay undecoded for those who do not own the segment."""

    segment: int
    prev: int
    upto: int
    notes: msgspec.Raw


class Shipment(msgspec.Struct, frozen=True, array_like=True):
    """Sections of one service's log, at most one a segment."""

    service: str
    parts: tuple[Part, ...]


_encoder = msgspec.msgpack.Encoder()


def shipment(service: str, stored: Sequence[StoredFact]) -> Shipment:
    """Facts just committed by this replica, in commit order, as sections."""
    segments: dict[int, list[list[StoredFact]]] = {}
    for fact in stored:
        runs = segments.setdefault(fact.segment, [[]])
        if runs[-1] and runs[-1][-1].position + 1 != fact.position:
            runs.append([])  # another replica wrote in between: it ships that part
        runs[-1].append(fact)
    return Shipment(
        service,
        tuple(
            Part(
                segment,
                run[0].position - 1,
                run[-1].position,
                msgspec.Raw(_encoder.encode([(f.position, f.stream, f.version, f.topic, f.state) for f in run])),
            )
            for segment, runs in segments.items()
            for run in runs
        ),
    )


class Shipper:
    """One connection, one loop."""

    def __init__(
        self, service: str, amqp_uri: str, signer: Signer, *, nearby: Callable[[Shipment], None] = lambda shipment: None
    ) -> None:
        self.service = service
        self.amqp_uri = amqp_uri
        self.signer = signer
        self.nearby = nearby
        """Takes shipments in this process without the way over the broker."""
        self._waiting: list[StoredFact] = []
        self._wake = Event()
        self._stopping = False

    def ship(self, stored: Sequence[StoredFact]) -> None:
        """Takes facts that were committed; never waits."""
        if len(self._waiting) < BACKLOG:
            self._waiting.extend(stored)
        self._signal()

    def stop(self) -> None:
        """Ends the loop after what is waiting has gone."""
        self._stopping = True
        self._signal()

    def run(self) -> None:
        """Ships until stopped; a lost connection is made again."""
        pause = 0.1
        while not self._stopping:
            try:
                with Connection(self.amqp_uri, heartbeat=0, connect_timeout=5) as connection:
                    producer = Producer(connection.channel(), exchange=log_exchange())
                    pause = 0.1
                    self._loop(producer)
            except Exception as error:
                if self._stopping:
                    return
                log.warning("shipping interrupted", service=self.service, error=str(error))
                self._waiting.clear()
                eventlet.sleep(pause)
                pause = min(pause * 2, 2.0)

    def _loop(self, producer: Producer) -> None:
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._wake.wait()
                self._wake = Event()
                continue
            stored, self._waiting = self._waiting, []
            made = shipment(self.service, stored)
            self.nearby(made)
            body = _encoder.encode(made)
            producer.publish(
                body,
                headers={MARK: self.signer.mark(body)},
                routing_key=self.service,
                content_type="application/x-msgpack",
                content_encoding="binary",
                serializer=None,
                retry=False,
            )
            eventlet.sleep(REST)

    def _signal(self) -> None:
        if not self._wake.ready():
            self._wake.send()
