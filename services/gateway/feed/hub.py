"""The hub: one in each process of the gateway, between the status exchange and any number of subscribers.

It hears every event from the broker, keeps those of halls that somebody here subscribes to, reads what is missing from
halls, and asks once a second how far the feeds reach: a lost message costs a second, never a fact. Subscribers read
at their own pace; one who is too far behind for the ring reads from halls, and slows nobody.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import eventlet
import msgspec
import structlog
from eventlet.event import Event

from contracts.feed import FeedHeads, ReadFeed
from eventing.errors import OneThingError
from eventing.status import CloudEvent, Listener
from gateway.backend import Backend
from gateway.feed.ring import Ring, Told
from gateway.limits import Seats
from telemetry.metrics import Sample

LOOK = 1.0
"""Seconds between two looks at how far the feeds reach."""

PAGE = 500
"""Events that are read at a time."""

log = structlog.get_logger(__name__)


class _Head(msgspec.Struct):
    """What the hub looks at of an event; the rest goes through unread."""

    hall: str
    seq: int
    topic: str
    at: datetime
    case_id: str = ""


_head = msgspec.json.Decoder(_Head).decode
_encode = msgspec.json.encode


def tell(data: bytes) -> Told:
    """An event as subscribers get it."""
    head = _head(data)
    return Told(head.hall, head.seq, head.topic, head.case_id, head.at.timestamp(), data)


class Subscription:
    """Somebody's place in the feeds of some halls."""

    def __init__(self, hub: "Hub", places: Mapping[str, int]) -> None:
        self.hub = hub
        self.places = dict(places)
        """hall → the last event that was given out."""
        self._wake = Event()
        for hall in self.places:
            hub.ring(hall).subscriptions.add(self)

    def wake(self) -> None:
        """There may be something."""
        if not self._wake.ready():
            self._wake.send()

    def wait(self, seconds: float) -> bool:
        """Waits until there may be something; False when nothing came."""
        if not self._wake.ready():
            with eventlet.Timeout(seconds, False):
                self._wake.wait()
                self._wake = Event()
                return True
            return False
        self._wake = Event()
        return True

    def next(self, limit: int = PAGE) -> Iterator[Told]:
        """What is there now, hall by hall. Raises ``FeedGone`` for somebody who was away for too long."""
        for hall, after in list(self.places.items()):
            for told in self.hub.after(hall, after, limit):
                self.places[hall] = told.seq
                yield told

    def close(self) -> None:
        """Ends it; a ring that nobody reads goes."""
        for hall in self.places:
            self.hub.leave(hall, self)


class Hub:
    """Rings, and the loops that fill them."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.rings: dict[str, Ring] = {}
        self.seats = Seats(backend.settings.http_feeds_per_caller)
        self.listener = Listener(backend.settings.amqp_uri, self.hear)
        self.stopping = False
        self.refilled = 0
        """Events that came by reading, not by the broker."""
        self._loops: list[Any] = []

    def now(self) -> datetime:
        """The clock of the house."""
        return self.backend.now()

    def start(self) -> None:
        """Begins to listen, with the first subscriber."""
        if not self._loops:
            self._loops = [eventlet.spawn(self.listener.run), eventlet.spawn(self._look)]

    def stop(self) -> None:
        """Says goodbye to all subscribers."""
        self.stopping = True
        self.listener.stop()
        for loop in self._loops:
            loop.kill()
        for ring in list(self.rings.values()):
            for subscription in list(ring.subscriptions):
                subscription.wake()

    def subscribe(self, places: Mapping[str, int]) -> Subscription:
        """A subscription from these points of these halls' feeds on."""
        self.start()
        while missing := [hall for hall in places if hall not in self.rings]:  # others leave while halls are asked
            found: dict[str, int] = self.backend.client.ask(FeedHeads(halls=tuple(missing)), attempts=3)
            for hall in missing:
                self.rings.setdefault(hall, Ring(hall, found.get(hall, 0)))
        return Subscription(self, places)

    def ring(self, hall: str) -> Ring:
        """The ring of a hall that somebody subscribes to."""
        return self.rings[hall]

    def leave(self, hall: str, subscription: Subscription) -> None:
        """A subscription ended."""
        ring = self.rings.get(hall)
        if ring is not None:
            ring.subscriptions.discard(subscription)
            if not ring.subscriptions:
                del self.rings[hall]

    def after(self, hall: str, seq: int, limit: int) -> list[Told]:
        """Events after a point, from the ring or from halls. Raises ``FeedGone``."""
        ring = self.rings[hall]
        found = ring.after(seq, limit)
        return self._read(hall, seq, limit) if found is None else found

    def hear(self, event: CloudEvent) -> None:
        """An event came from the broker."""
        hall = event.attributes.get("source", "").rpartition("/")[2]
        ring = self.rings.get(hall)
        if ring is None:
            return
        try:
            told = tell(event.data)
        except msgspec.DecodeError as error:
            log.warning("an event that cannot be read", error=str(error))
            return
        if ring.offer(told):
            self._refill(ring)

    def samples(self) -> Iterator[Sample]:
        """How many subscribe, and how many events are known to be there and have not come."""
        lag = sum(max(ring.known - ring.head, 0) for ring in self.rings.values())
        yield Sample("onething_feed_lag_facts", ("gateway",), lag)
        yield Sample(
            "onething_feed_subscriptions", ("gateway",), sum(len(r.subscriptions) for r in self.rings.values())
        )
        yield Sample("onething_feed_refilled_facts", ("gateway",), self.refilled)

    def _look(self) -> None:
        while not self.stopping:
            eventlet.sleep(LOOK)
            halls = tuple(self.rings)
            if not halls:
                continue
            try:
                found: dict[str, int] = self.backend.client.ask(FeedHeads(halls=halls), timeout=5)
            except OneThingError as error:
                log.warning("nobody says how far the feeds reach", error=str(error))
                continue
            for hall, head in found.items():
                ring = self.rings.get(hall)
                if ring is not None and head > ring.head:
                    ring.known = max(ring.known, head)
                    self._refill(ring)

    def _refill(self, ring: Ring) -> None:
        if not ring.refilling:
            ring.refilling = True
            eventlet.spawn_n(self._fill, ring)

    def _fill(self, ring: Ring) -> None:
        """Reads what is missing, until nothing is."""
        try:
            eventlet.sleep(0.02)  # what is late by a moment comes by itself
            while ring.known > ring.head and ring.subscriptions and not self.stopping:
                found = self._read(ring.hall, ring.head, PAGE)
                self.refilled += len(found)
                for told in found:
                    ring.offer(told)
                if not found:
                    break
        except OneThingError as error:
            if error.code == "feed-gone":
                ring.restart(int(error.data.get("head", 0)))
            log.warning("a feed has a gap for now", hall=ring.hall, error=str(error))
        finally:
            ring.refilling = False

    def _read(self, hall: str, after: int, limit: int) -> list[Told]:
        answer: Any = self.backend.client.ask(ReadFeed(hall=hall, after=after, limit=limit), timeout=10)
        return [tell(_encode(each)) for each in answer["events"]]
