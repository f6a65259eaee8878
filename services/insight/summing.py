"""Headlines are summed while the service runs, off the hot path: a question at a time, with long rests."""

from contextlib import suppress
from datetime import timedelta
from time import monotonic

import eventlet
from eventlet.event import Event

from eventing.errors import OneThingError, Unavailable
from insight.measuring.sums import forget
from insight.telling import Telling

REST = 5.0
"""Seconds between looks, at least."""

BUSY = timedelta(seconds=10)
"""Facts that came so lately: more will."""

SHARES = 19, 1
"""How often as long as a question took one rests after it, while facts come and while none do."""


class Summing(Telling):
    """What sums them."""

    _ended: Event | None = None

    def started(self) -> None:
        """Sums what is learned, until the service stops; what cannot be done now is done later."""
        self._ended = Event()
        with suppress(OneThingError), self.store.writing() as connection:
            forget(connection, but=self.sums.edition)
        while not self._ended.ready():
            rest = REST
            with suppress(OneThingError):
                rest = self.look()
            self._wait(rest)

    def look(self) -> float:
        """Sums the next stretch, where there is one; returns the seconds to rest. Raises Unavailable."""
        is_busy = self.clock.now() - self.known_until(None) < BUSY
        share = SHARES[0] if is_busy else SHARES[1]
        began = monotonic()

        def rest() -> None:
            nonlocal began
            if self._wait((monotonic() - began) * share):
                raise Unavailable(what="insight", error="stopping")
            began = monotonic()

        return 0.0 if self.sums.advance(self.store, rest) else REST

    def _wait(self, seconds: float) -> bool:
        """Rests; says whether the service stops."""
        ended = self._ended or Event()
        with eventlet.Timeout(seconds, False):
            ended.wait()
        return bool(ended.ready())

    def stopping(self) -> None:
        """No further stretch is begun, and the one in hand is left: it begins anew."""
        if self._ended is not None and not self._ended.ready():
            self._ended.send()
