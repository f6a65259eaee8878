"""What halls looks after by itself: what has to be looked at again, and which desks fell silent or are heard again.

The tables are the truth and the loop only looks at them; what two replicas do at the same time is recorded once.
"""

import time
from typing import Any

from eventing.backlog import Backlog, Row
from halls.configuration import Configuration
from halls.domain import NoteHearing, NoteSilence, ReviewAcceptance
from halls.projections.authority import to_review
from halls.projections.desks import heard_again, turned_silent

TICK = 0.5
"""Seconds between looks."""


class Keeper:
    """The loop of one replica."""

    def __init__(self, service: Any, configured: Configuration) -> None:
        self._service = service
        self._configured = configured
        self._stopped = False
        self._backlogs = (
            Backlog("acceptance", self._to_review, self._review),
            Backlog("silence", self._turned_silent, self._fell_silent),
            Backlog("hearing", self._heard_again, self._was_heard),
        )

    def run(self) -> None:
        """Looks until it is stopped."""
        while not self._stopped:
            self.look()
            time.sleep(TICK)

    def look(self) -> int:
        """Does what is to be done now; returns how much it was."""
        return sum(backlog.work_off() for backlog in self._backlogs)

    def stop(self) -> None:
        """Nothing further is begun."""
        self._stopped = True
        for backlog in self._backlogs:
            backlog.stop()

    def _to_review(self, last: Row | None, limit: int) -> Any:
        now = self._service.clock.now()
        return self._service.store.select(to_review(now, last["hall"] if last else "", limit))

    def _review(self, row: Row) -> bool:
        cmd = ReviewAcceptance(hall=row["hall"], wanted=row["wanted"])
        return self._send(cmd.acceptance, cmd)

    def _turned_silent(self, last: Row | None, limit: int) -> Any:
        before = self._service.clock.now() - self._configured.silence
        return self._service.store.select(turned_silent(before, last["window"] if last else "", limit))

    def _fell_silent(self, row: Row) -> bool:
        return self._send(row["window"], NoteSilence(window=row["window"], heard_at=row["heard_at"]))

    def _heard_again(self, last: Row | None, limit: int) -> Any:
        return self._service.store.select(heard_again(last["window"] if last else "", limit))

    def _was_heard(self, row: Row) -> bool:
        return self._send(row["window"], NoteHearing(window=row["window"], heard_at=row["heard_at"]))

    def _send(self, stream: str, cmd: Any) -> bool:
        if not self._configured.is_mine(stream):
            return False
        self._service.peers.command(cmd)
        return True
