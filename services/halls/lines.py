"""Who waits where at a moment, how many come before somebody, and how long they will wait."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from contracts.halls import TicketAnswer, ZoneQueue
from halls.domain import AT_WINDOW, Desk, Ticket, TicketState, in_order, service_time, wait
from halls.projections.queues import Calling, told


class Lines:
    """The queues of one hall at a moment."""

    def __init__(self, now: datetime, calling: Calling, tickets: Sequence[Ticket], desks: Sequence[Desk]) -> None:
        self.now = now
        self._calling = calling
        self._waiting = [each for each in tickets if each.state is TicketState.WAITING]
        self._busy = {each.window for each in tickets if each.state in AT_WINDOW}
        self._manned = [each for each in desks if each.state == "open"]
        self._desks = desks
        self._order = {
            each.ticket: place
            for zone in {each.zone for each in self._waiting}
            for place, each in enumerate(self._ordered(zone))
        }

    def _ordered(self, zone: str) -> list[Ticket]:
        return in_order(
            [each for each in self._waiting if each.zone == zone],
            self.now,
            run=self._calling.run.get(zone, 0),
            longest_run=self._calling.rules.priority_run,
        )

    def told(self, row: Mapping[str, Any]) -> TicketAnswer:
        """The ticket in a row; while it waits, with its place and its wait."""
        answer = told(row, self._calling.rules)
        if answer.state != "waiting" or answer.ticket not in self._order:
            return answer
        ticket = next(each for each in self._waiting if each.ticket == answer.ticket)
        ahead = self._order[ticket.ticket]
        return msgspec.structs.replace(answer, ahead=ahead, estimate=self._estimate(ticket, ahead))

    def _estimate(self, ticket: Ticket, ahead: int) -> int | None:
        serving = [each.window for each in self._manned if each.serves(ticket)]
        return wait(
            ahead,
            windows=len(serving),
            busy=len(self._busy.intersection(serving)),
            service=service_time(self._calling.services, theme=ticket.theme, zone=ticket.zone),
        )

    def zones(self) -> Iterator[ZoneQueue]:
        """One queue a zone: those that were arranged, those of windows, and those in which somebody waits."""
        arranged = [each.zone for each in self._calling.rules.zones]
        known = [*arranged, *(each.zone for each in self._desks), *(each.zone for each in self._waiting)]
        for zone in dict.fromkeys(known):
            yield self._zone(zone)

    def _zone(self, zone: str) -> ZoneQueue:
        waiting = [each for each in self._waiting if each.zone == zone]
        serving = [each.window for each in self._manned if not each.zone or not zone or each.zone == zone]
        service = service_time(self._calling.services, theme="", zone=zone)
        longest = min((each.since for each in waiting), default=None)
        return ZoneQueue(
            zone=zone,
            prefix=self._calling.rules.prefix(zone),
            waiting=len(waiting),
            priority=sum(each.goes_first(self.now) for each in waiting),
            longest=None if longest is None else round((self.now - longest).total_seconds()),
            windows=len(serving),
            service=service,
            estimate=wait(
                len(waiting), windows=len(serving), busy=len(self._busy.intersection(serving)), service=service
            ),
        )
