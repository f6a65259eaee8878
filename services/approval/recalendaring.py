"""The calendar of this release differs from the one that open deadlines were derived by: they are derived again.

A replica looks once when it starts, and then now and then for what replicas of an earlier release have left behind: it
does not contend with them while an upgrade is under way.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from approval.projections import stale
from contracts.approval import RederiveClocks
from eventing.backlog import Backlog, Row
from eventing.dependency import HostDependency
from eventing.store import segment_of
from kernel.workdays import WorkingCalendar

LOOK_AGAIN = 3600.0
"""Seconds from one look to the next."""

STEP = 0.5
"""Seconds in which a look that is far away notices that the service stops."""


class Mine(HostDependency):
    """Gives a service the question whether a case is for this replica."""

    def make(self) -> Callable[[str], bool]:
        """Whether the case's segment is owned here now."""
        host = self.host
        return lambda case_id: segment_of(case_id) in host.segments.mine


class Recalendaring:
    """The worker on open deadlines of another calendar."""

    store: Any
    peers: Any
    calendar: WorkingCalendar
    is_mine = Mine()
    stopped = False
    _backlog: Backlog | None = None

    def started(self) -> None:
        """Looks until the service stops."""
        backlog = self._backlog = Backlog("calendar", self._stale, self._rederive)
        while not self.stopped:
            backlog.work_off()
            waited = 0.0
            while waited < LOOK_AGAIN and not self.stopped:
                time.sleep(STEP)
                waited += STEP

    def stopping(self) -> None:
        """Nothing further is begun."""
        self.stopped = True
        if self._backlog is not None:
            self._backlog.stop()

    def _stale(self, last: Row | None, limit: int) -> Sequence[Row]:
        rows: Sequence[Row] = self.store.select(stale(self.calendar.version, last["case_id"] if last else "", limit))
        return rows

    def _rederive(self, row: Row) -> bool:
        if not self.is_mine(row["case_id"]):
            return False
        self.peers.command(RederiveClocks(case_id=row["case_id"]))
        return True
