"""Work that waits in a view, done page by page by the replica whose share it is, off the hot path.

The view is the truth and the worker only looks at it: nothing is lost with a process, and what two replicas do at the
same time is recorded once. What cannot be done now is passed over and tried again later.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from eventlet.greenpool import GreenPool

from eventing.errors import OneThingError

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between looks at the queue: short while there is work, longer while what is left cannot be done."""

BATCH = 50
"""Rows that are taken at a time."""

Row = Mapping[str, Any]


class Backlog:
    """One service's worker on one queue."""

    def __init__(
        self,
        name: str,
        page: Callable[[Row | None, int], Sequence[Row]],
        work: Callable[[Row], bool],
        *,
        abreast: int = 1,
    ) -> None:
        """``page`` reads the rows after a row (None: the first ones), ``work`` does one and says whether it did.

        ``abreast``: how many are done at the same time. What they record arrives together, and is one transaction.
        """
        self.name = name
        self._pool = GreenPool(abreast)
        self._page = page
        self._work = work
        self._fresh = False
        self._stopped = False

    def nudge(self) -> None:
        """Something may have come in: look soon."""
        self._fresh = True

    def stop(self) -> None:
        """Nothing further is begun."""
        self._stopped = True

    def run(self) -> None:
        """Works until it is stopped."""
        pause = FIRST_PAUSE
        while not self._stopped:
            self._fresh = False
            pause = FIRST_PAUSE if self.work_off() else min(pause * 2, LONGEST_PAUSE)
            self._rest(pause)
            if self._fresh:
                pause = FIRST_PAUSE

    def work_off(self) -> int:
        """Does what can be done of everything that waits now; returns how many."""
        done = 0
        last: Row | None = None
        while not self._stopped:
            try:
                rows = self._page(last, BATCH)
            except OneThingError as error:
                log.warning("backlog not read", backlog=self.name, error=str(error))
                break
            done += sum(self._pool.imap(self._did, rows))
            if len(rows) < BATCH:
                break
            last = rows[-1]
        return done

    def _did(self, row: Row) -> bool:
        if self._stopped:
            return False
        try:
            return self._work(row)
        except Exception as error:  # one row must not keep the others from being done
            # not the text of it, which may be personal
            log.warning("backlog row not done", backlog=self.name, row=dict(row), error=type(error).__name__)
            return False

    def _rest(self, seconds: float) -> None:
        for _ in range(int(seconds / FIRST_PAUSE)):
            if self._fresh or self._stopped:
                return
            time.sleep(FIRST_PAUSE)
