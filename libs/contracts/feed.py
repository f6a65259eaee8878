"""The live feed: what concerns a hall, in the order of the hall's own sequence, without personal data."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from contracts.language import Query


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as a hall hears of it. A hall's sequence has no gap: 1, 2, 3, …"""

    hall: str
    seq: int
    committed_at: datetime
    """When it got its place in the hall's feed."""
    at: datetime
    """When it happened."""
    service: str
    """Whose fact it is; with ``segment`` and ``position`` its place in that service's log."""
    segment: int
    position: int
    topic: str
    stream: str
    version: int
    """Of the stream: two tellings of one fact are known by it."""
    case_id: str = ""
    number: str = ""
    """The case's number, as far as it is known."""
    theme: str = ""
    item: str = ""
    body: dict[str, Any] = {}
    """What the fact says, without anything personal and without what people wrote."""


def cloud_attributes(event: FeedEvent) -> dict[str, str]:
    """An event's attributes as CloudEvents 1.0 names them; ``sequence`` is the extension of that name."""
    return {
        "specversion": "1.0",
        "id": f"{event.hall}:{event.seq}",
        "source": f"/onething/halls/{event.hall}",
        "type": event.topic,
        "subject": event.case_id or event.stream,
        "time": event.at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": str(event.seq),
        "sequencetype": "Integer",
    }


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a hall's feed."""

    hall: str
    events: tuple[FeedEvent, ...]
    after: int
    """Where to go on."""
    head: int
    """How far the feed reaches."""
    oldest: int
    """The first event that is kept."""


class ReadFeed(Query, frozen=True, kw_only=True):
    """What concerned a hall after a point of its sequence, in order. ``feed-gone`` when that is kept no more."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/feed"
    ANSWER: ClassVar[Any] = FeedPage
    hall: str
    after: int = 0
    limit: int = 500


class FeedHeads(Query, frozen=True, kw_only=True):
    """How far the feeds of these halls reach: hall → sequence. A hall that nothing concerned yet stands at 0."""

    SERVICE: ClassVar[str] = "halls"
    INTERNAL: ClassVar[str] = "the gateway looks every second whether something was lost on the way to it"
    ANSWER: ClassVar[Any] = dict[str, int]
    halls: tuple[str, ...]


class WindowState(msgspec.Struct, frozen=True, kw_only=True):
    """A window as a subscriber sees it first."""

    window: str
    name: str
    zone: str
    themes: tuple[str, ...]
    state: str


class FeedSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A hall's windows, and the sequence after which to go on.

    It knows everything up to ``sequence``; what happened since then may be in it already and is told again.
    """

    hall: str
    sequence: int
    oldest: int
    at: datetime
    newest_at: datetime | None
    """When the newest event of the feed happened."""
    windows: tuple[WindowState, ...]


class HallSnapshot(Query, frozen=True, kw_only=True):
    """Where a hall stands now, to begin a subscription with."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/snapshot"
    ANSWER: ClassVar[Any] = FeedSnapshot
    hall: str
