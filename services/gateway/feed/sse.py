"""A subscription as server-sent events: a snapshot, then every fact, each with the place at which to go on."""

from collections.abc import Callable, Iterator, Mapping
from math import inf
from time import monotonic, time

import eventlet
import msgspec

from eventing.errors import OneThingError
from gateway.feed.hub import Hub, Subscription
from gateway.feed.ring import Told
from telemetry import metrics

HEARTBEAT = 15.0
"""Seconds of silence after which a comment says that the connection lives."""

RETRY_MS = 2000
"""After how many milliseconds a browser connects again."""

BURST = 200
"""Events that are written before others get their turn."""


def place_of(places: Mapping[str, int]) -> str:
    """The id of an event: where one stands in each hall after it."""
    return ",".join(f"{hall}:{seq}" for hall, seq in places.items())


FARTHEST = 18
"""Digits of a place: all that a column can hold."""


def places_of(text: str) -> dict[str, int]:
    """Where somebody says they stand. Raises ValueError for what is no such thing."""
    found = {}
    for part in text.split(","):
        hall, _, seq = part.strip().rpartition(":")
        if not hall or not seq.isascii() or not seq.isdigit() or len(seq) > FARTHEST:
            raise ValueError(part)
        found[hall] = int(seq)
    return found


def written(name: str, data: bytes, id_: str = "") -> bytes:
    """One event on the wire. JSON has no line breaks."""
    line = f"id: {id_}\n".encode() if id_ else b""
    return b"event: " + name.encode() + b"\n" + line + b"data: " + data + b"\n\n"


def stream(
    hub: Hub,
    subscription: Subscription,
    snapshots: list[bytes],
    *,
    wanted: Callable[[Told], bool] = lambda told: True,
    heartbeat: float = HEARTBEAT,
    until: float | None = None,
) -> Iterator[bytes]:
    """Everything that a subscriber gets, as long as they stay and their token or session holds.

    ``until``: when that ends, in seconds since the epoch; who connects again then shows a newer one.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    for each in snapshots:
        yield written("snapshot", each, place_of(subscription.places))
    spoke = monotonic()
    while not hub.stopping and (left := (until or inf) - time()) > 0:
        lines, seen, gone = _burst(hub, subscription, wanted)
        if lines:
            yield b"".join(lines)
            spoke = monotonic()
        if gone is not None:
            yield written("gone", msgspec.json.encode(gone.as_data()))
            return
        if not seen and not subscription.wait(max(min(heartbeat - (monotonic() - spoke), left), 0.01)):
            if monotonic() - spoke < heartbeat:
                continue
            yield f": {place_of(subscription.places)}\n\n".encode()
            spoke = monotonic()
    yield written("bye", b"{}", place_of(subscription.places))


def _burst(
    hub: Hub, subscription: Subscription, wanted: Callable[[Told], bool]
) -> tuple[list[bytes], int, OneThingError | None]:
    """What is there now, how many events that were, and why there will be no more; nothing that was taken is lost."""
    lines: list[bytes] = []
    delays: list[float] = []
    now, seen = hub.now().timestamp(), 0
    try:
        for told in subscription.next(BURST):
            seen += 1
            if wanted(told):
                lines.append(written("fact", told.data, place_of(subscription.places)))
                delays.append(now - told.at)
    except OneThingError as error:
        if error.code == "feed-gone":
            return lines, seen, error
        eventlet.sleep(0 if seen else 0.5)  # halls does not answer: what the ring has goes on
    metrics.feed_delivered("gateway", delays)
    return lines, seen, None
