"""The two loops of webhooks: one takes events from the feeds into the queue, one sends what is due.

Both run in every replica; what only one may do is decided by compare-and-set in the database. Neither holds a
transaction while it calls somebody. Times are the machine's: what an exercise does to the clock moves no retry.
"""

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import eventlet
import msgspec
import structlog
from eventlet.event import Event
from eventlet.greenpool import GreenPool

from contracts.feed import FeedEvent, FeedHeads, FeedPage, ReadFeed, cloud_attributes
from contracts.webhooks import FEED_GONE, FeedGap, ReportWebhookGone
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.webhooks import signing
from gateway.webhooks.addresses import Rules
from gateway.webhooks.posting import PATIENCE, Post, Result
from gateway.webhooks.queue import Queue
from gateway.webhooks.tables import WEBHOOKS
from telemetry import metrics
from telemetry.metrics import Sample

LOOK = 1.0
"""Seconds between two looks at how far the feeds reach, and at what is due."""
PAGE = 200
"""Events taken in at a time."""
MOST_WAITING = 10_000
"""Deliveries of one subscription that may wait; beyond that events stay in the feed."""
SENDERS = 64
"""Requests of one process at a time."""
OF_ONE = 4
"""Requests to one subscriber at a time, so that one who hangs holds up nobody else."""
LEASE = 2 * PATIENCE
"""Seconds after which another replica sends what a replica that died had claimed."""
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 3600.0
KEPT = timedelta(days=7)
"""How long deliveries that are done stay to be seen."""
SWEEP_EVERY = 600.0

log = structlog.get_logger(__name__)


def pause_after(attempts: int, first: float = FIRST_PAUSE) -> float:
    """Seconds until the next attempt: doubled each time up to an hour, half of it by chance."""
    longest = min(first * 2.0 ** min(attempts, 30), LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)


def wants(topics: tuple[str, ...] | list[str], topic: str) -> bool:
    """Whether a subscription is told events of a topic."""
    return not topics or any(topic.startswith(each[:-1]) if each.endswith("*") else topic == each for each in topics)


def delivery_of(event: FeedEvent) -> dict[str, Any]:
    """An event as it waits in the queue: its body is the CloudEvent, as JSON."""
    attributes = cloud_attributes(event)
    body = msgspec.json.encode({**attributes, "data": event}).decode()
    return {"seq": event.seq, "subject": attributes["subject"], "topic": event.topic, "body": body}


def gap_of(hall: str, after: int, upto: int, now: datetime) -> dict[str, Any]:
    """What a subscriber is told of events that it will never get; it stands in their place."""
    body = {
        "specversion": "1.0",
        "id": f"{hall}:{after}-{upto}:gone",
        "source": f"/onething/halls/{hall}",
        "type": FEED_GONE,
        "subject": hall,
        "time": now.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": FeedGap(hall=hall, after=after, upto=upto),
    }
    return {"seq": upto, "subject": hall, "topic": FEED_GONE, "body": msgspec.json.encode(body).decode()}


class Dispatcher:
    """Webhooks of one replica of the gateway."""

    def __init__(self, backend: Backend) -> None:
        settings = backend.settings
        self.backend = backend
        self.queue = Queue(backend.store)
        rules = Rules(settings.webhook_networks, plain=settings.profile == "embedded")
        self.post = Post(rules, authorities=settings.webhook_ca_file)
        self.patience = timedelta(hours=settings.webhook_hours)
        self.first_pause = FIRST_PAUSE
        self.lease_seconds = LEASE
        self.lease = uuid.uuid4().hex
        self.stopping = False
        self.behind = 0
        self._key = backend.settings.derived_key(signing.PURPOSE)
        self._pool = GreenPool(SENDERS)
        self._busy: dict[str, int] = {}
        self._wake = Event()
        self._counts: dict[str, int] = {}
        self._swept_at = time.monotonic()

    def start(self) -> None:
        """Begins both loops."""
        eventlet.spawn_n(self._loop, self.take_in)
        eventlet.spawn_n(self._loop, self.send)

    def stop(self) -> None:
        """Claims nothing more; what is being sent is sent."""
        self.stopping = True
        self._signal()

    def samples(self) -> Iterator[Sample]:
        """What waits and what is parked, over all replicas, and how far the feeds are ahead."""
        for state in ("waiting", "parked"):
            yield Sample("onething_webhook_deliveries", ("gateway", state), self._counts.get(state, 0))
        yield Sample("onething_webhook_lag_facts", ("gateway",), self.behind)

    # from the feeds into the queue

    def take_in(self) -> int:
        """Takes what is new in the feeds into the queue; returns how many stretches of a feed that were."""
        self._counts = self.queue.counts()
        self._sweep()
        active = self._active()
        if not active:
            self.behind = 0
            return 0
        places = self.queue.places(sorted(active))
        heads: dict[str, int] = self.backend.client.ask(
            FeedHeads(halls=tuple(sorted({place["hall"] for place in places}))), timeout=5
        )
        ahead = [place for place in places if heads.get(place["hall"], 0) > place["seq"]]
        self.behind = sum(heads[place["hall"]] - place["seq"] for place in ahead)
        moved = 0
        for place in ahead:
            if self.stopping or self.queue.waiting(place["webhook"]) >= MOST_WAITING:
                continue
            moved += self._take(active[place["webhook"]], place)
        if moved:
            self._signal()
        return moved

    def _take(self, webhook: Mapping[str, Any], place: Mapping[str, Any]) -> bool:
        name, hall, after, now = place["webhook"], place["hall"], place["seq"], _now()
        try:
            answer = self.backend.client.ask(ReadFeed(hall=hall, after=after, limit=PAGE), timeout=10)
        except OneThingError as error:
            if error.code != "feed-gone":
                raise
            upto = int(error.data["oldest"]) - 1
            log.warning("a webhook came too late for a feed", webhook=name, hall=hall, after=after, upto=upto)
            return self.queue.take_in(
                name, hall, after, upto, [gap_of(hall, after, upto, self.backend.now())], now=now, missed=True
            )
        page = msgspec.convert(answer, FeedPage)
        if not page.events:
            return False
        wanted = [delivery_of(event) for event in page.events if wants(webhook["topics"], event.topic)]
        return self.queue.take_in(name, hall, after, page.events[-1].seq, wanted, now=now)

    # out of the queue

    def send(self) -> int:
        """Claims what is due, as far as there are hands for it; returns how many deliveries that were."""
        claimed = 0
        for name, webhook in self._active().items():
            hands = min(OF_ONE - self._busy.get(name, 0), self._pool.free())
            if self.stopping or hands < 1:
                continue
            for row in self.queue.claim(name, _now(), self.lease, self.lease_seconds, hands):
                claimed += 1
                self._busy[name] = self._busy.get(name, 0) + 1
                self._pool.spawn_n(self._deliver, webhook, row)
        return claimed

    def _deliver(self, webhook: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        name = webhook["webhook"]
        try:
            result = self.post(webhook["url"], *self._message(webhook, row))
            if result.is_gone:
                said = ReportWebhookGone(webhook=name)
                self.backend.client.command(said, id=f"{row['hall']}:{row['seq']}:{uuid.uuid4()}", attempts=3)
            self._settle(row, result)
        except OneThingError as error:  # the lease ends, and it is sent again
            log.warning("what became of a delivery is not recorded", webhook=name, error=str(error))
        except Exception:  # one that fails takes no other with it
            log.exception("delivery failed", webhook=name)
        finally:
            self._busy[name] -= 1
            self._signal()

    def _message(self, webhook: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        body = row["body"].encode()
        id_ = quote(f"{row['hall']}:{row['seq']}", safe=":")
        secrets = signing.secrets_of(
            self._key, webhook["webhook"], webhook["generation"], webhook["old_until"], self.backend.now()
        )
        return {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "onething-webhook",
            **signing.headers(secrets, id_, int(time.time()), body),
        }, body

    def _settle(self, row: Mapping[str, Any], result: Result) -> None:
        now = _now()
        pause = 0.0 if result.is_gone else pause_after(row["attempts"], self.first_pause)
        state = self.queue.settle(row, self.lease, result, now=now, pause=pause, patience=self.patience)
        outcome = {"delivered": "delivered", "parked": "parked"}.get(state, "gone" if result.is_gone else "failed")
        metrics.webhook_attempted("gateway", outcome)
        if state == "delivered":
            metrics.webhook_delivered("gateway", (now - row["taken_at"]).total_seconds())

    # both

    def _active(self) -> dict[str, Mapping[str, Any]]:
        rows = self.backend.store.select(WEBHOOKS.table.select().where(WEBHOOKS.c.state == "active"))
        return {row["webhook"]: row for row in rows}

    def _sweep(self) -> None:
        if time.monotonic() - self._swept_at > SWEEP_EVERY:
            self._swept_at = time.monotonic()
            self.queue.sweep(_now() - KEPT)

    def _loop(self, turn: Any) -> None:
        while not self.stopping:
            done = 0
            try:
                done = turn()
            except OneThingError as error:
                log.warning("webhooks wait", what=turn.__name__, error=str(error))
            except Exception:  # the loop outlives what it meets
                log.exception("webhooks wait", what=turn.__name__)
            if done:
                eventlet.sleep(0)
            elif turn == self.send:
                self._rest()
            else:
                eventlet.sleep(LOOK)

    def _rest(self) -> None:
        with eventlet.Timeout(LOOK, False):
            self._wake.wait()
        if self._wake.ready():
            self._wake = Event()

    def _signal(self) -> None:
        if not self._wake.ready():
            self._wake.send()


def _now() -> datetime:
    return datetime.now(UTC)
