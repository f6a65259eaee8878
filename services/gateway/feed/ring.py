"""The newest events of one hall, kept while somebody of this process subscribes to it."""

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from gateway.feed.hub import Subscription

SIZE = 2000
"""Events that a ring keeps; who is further behind reads from halls."""

EARLY = 5000
"""Events that may wait for those before them."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """An event as it goes to subscribers: its number, what filters need, and its JSON, made once."""

    hall: str
    seq: int
    topic: str
    case_id: str
    at: float
    """Seconds since the epoch."""
    data: bytes


class Ring:
    """A run of a hall's sequence without a gap, up to ``head``."""

    def __init__(self, hall: str, head: int) -> None:
        self.hall = hall
        self.head = head
        self.known = head
        """How far the feed is known to reach."""
        self.refilling = False
        self.subscriptions: set[Subscription] = set()
        self._kept: deque[Told] = deque(maxlen=SIZE)
        self._early: dict[int, Told] = {}

    def offer(self, told: Told) -> bool:
        """Takes an event, however it came; returns whether one before it is missing."""
        self.known = max(self.known, told.seq)
        if told.seq > self.head + 1:
            if len(self._early) < EARLY:
                self._early[told.seq] = told
            return True
        if told.seq == self.head + 1:
            self._append(told)
            while (following := self._early.pop(self.head + 1, None)) is not None:
                self._append(following)
            for subscription in self.subscriptions:
                subscription.wake()
        return False

    def restart(self, head: int) -> None:
        """What was between is kept nowhere any more: the ring begins again."""
        self._kept.clear()
        self._early.clear()
        self.head = self.known = head
        for subscription in self.subscriptions:
            subscription.wake()

    def after(self, seq: int, limit: int) -> list[Told] | None:
        """Events after a point; None when the ring does not reach back so far."""
        if seq >= self.head:
            return []
        if not self._kept or seq + 1 < self._kept[0].seq:
            return None
        start = seq + 1 - self._kept[0].seq
        return [self._kept[i] for i in range(start, min(start + limit, len(self._kept)))]

    def _append(self, told: Told) -> None:
        self._kept.append(told)
        self.head = told.seq
        for early in _older(self._early, self.head) if len(self._early) > SIZE else ():
            del self._early[early]


def _older(early: Iterable[int], head: int) -> list[int]:
    return [seq for seq in early if seq <= head]
