"""大厅看板: all of a hall at one moment, and windows one by one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.halls import (
    Alert,
    Board,
    GetBoard,
    GetWindow,
    HallBoard,
    HandOver,
    ItemAcceptance,
    ListWindows,
    TicketAnswer,
    WindowAnswer,
)
from contracts.language import Caller
from contracts.scopes import Reach, is_within
from contracts.words import terms
from eventing.scoping import at_hall, reaches
from eventing.service import query
from halls.accepting import is_silent
from halls.configuration import Configuration
from halls.lines import Lines
from halls.lookups import Row, hall_row, window_row
from halls.projections.authority import ACCEPTANCE, accepted
from halls.projections.desks import HEARTBEAT
from halls.projections.queues import QUEUES, TICKETS, Calling, calling_of, ticket_of, told
from halls.projections.sharing import HAND_OVERS, hand_over_of
from halls.projections.tree import BY_WINDOW, HALLS, WINDOWS, below, desk_of, hours_of
from kernel.workdays import WorkingCalendar

Select = Callable[[sa.Select[Any]], Sequence[Row]]

PAGE = 500
"""Windows on a page of the list at most."""

LONG_WAIT = timedelta(minutes=30)
"""Who waits longer is told of on the board."""


class Boards:
    """Questions about windows and whole halls."""

    store: Any
    clock: Any
    calendar: WorkingCalendar
    configured: Configuration

    @query(GetWindow)
    def get_window(self, question: GetWindow, caller: Caller) -> WindowAnswer:
        """A window with what it serves now."""
        row = window_row(self.store, question.window)
        return self._windows([row])[0]

    @query(ListWindows)
    def list_windows(self, question: ListWindows, caller: Caller) -> dict[str, Any]:
        """Windows of a hall."""
        hall_row(self.store, question.hall)
        limit = max(1, min(question.limit, PAGE))
        wanted = sa.select(WINDOWS.table).where(WINDOWS.c.hall == question.hall)
        if question.state:
            wanted = wanted.where(WINDOWS.c.state == question.state)
        rows = self.store.select(BY_WINDOW.page(wanted, question.after, limit, reverse=question.reversed))
        return {"windows": self._windows(rows), "after": BY_WINDOW.cursor(rows, limit)}

    @query(GetBoard)
    def get_board(self, question: GetBoard, caller: Caller) -> Board:
        """The hall, and those below it if asked, as far as the caller reaches."""
        at_hall(question, caller, question.hall)
        now = self.clock.now()
        hall_row(self.store, question.hall)
        words = reaches(GetBoard, caller)
        with self.store.selecting() as select:
            halls = {row["hall"]: row for row in select(sa.select(HALLS.table))}
            tree = below(halls.values(), question.hall) if question.below else [question.hall]
            names = [each for each in tree if is_within(words, caller, Reach(halls=frozenset((each,))))]
            found = _Found(select, names)
        boards = []
        for name in names:
            row = halls[name]
            board = HallBoard(
                hall=name,
                name=row["name"],
                kind=row["kind"],
                parent=row["parent"],
                opening=hours_of(row, self.calendar).at(now, row["replacement"]),
                windows=tuple(self._windows(found.windows(name), found.tickets_at_windows(name))),
                queues=tuple(found.lines(name, now).zones()),
                alerts=(),
                hand_overs=tuple(found.requests(name)),
                refused=tuple(found.refused(name)),
            )
            boards.append(msgspec.structs.replace(board, alerts=tuple(alerts(board))))
        return Board(at=now, halls=tuple(boards))

    def _windows(self, rows: Sequence[Row], tickets: dict[str, TicketAnswer] | None = None) -> list[WindowAnswer]:
        now = self.clock.now()
        names = [row["window"] for row in rows]
        h = HEARTBEAT.c
        heard = {
            row["desk"]: row["heard_at"]
            for row in self.store.select(sa.select(h.desk, h.heard_at).where(h.desk.in_(names)))
        }
        if tickets is None:
            tickets = self._at_windows(names)
        return [self._window(row, heard.get(row["window"]), tickets.get(row["window"]), now) for row in rows]

    def _at_windows(self, names: Sequence[str]) -> dict[str, TicketAnswer]:
        """window → the ticket that is there."""
        t = TICKETS.c
        at_windows = sa.select(TICKETS.table).where(t.window.in_(names), t.state.in_(("called", "serving")))
        rows = self.store.select(at_windows)
        halls = {row["hall"] for row in rows}
        queues = self.store.select(sa.select(QUEUES.table).where(QUEUES.c.hall.in_(halls))) if halls else ()
        rules = {row["hall"]: calling_of(row).rules for row in queues}
        return {row["window"]: told(row, rules[row["hall"]]) for row in rows}

    def _window(self, row: Row, heard: datetime | None, ticket: TicketAnswer | None, now: datetime) -> WindowAnswer:
        since: datetime | None = row["since"]
        spoke = heard if heard is not None and (since is None or heard >= since or row["state"] == "paused") else None
        return WindowAnswer(
            window=row["window"],
            hall=row["hall"],
            name=row["name"],
            zone=row["zone"],
            themes=tuple(row["themes"]),
            state=row["state"],
            staff=row["staff"],
            reason=row["reason"],
            since=since,
            serving=ticket,
            heard_at=spoke,
            silent=is_silent(row, heard, now, self.configured),
        )


class _Found:
    """All rows of some halls at one moment, in one statement a table."""

    def __init__(self, select: Select, halls: Sequence[str]) -> None:
        t, h = TICKETS.c, HAND_OVERS.c
        states = ("waiting", "called", "serving")
        self._windows = _by_hall(
            select(sa.select(WINDOWS.table).where(WINDOWS.c.hall.in_(halls)).order_by(WINDOWS.c.window))
        )
        self._tickets = _by_hall(select(sa.select(TICKETS.table).where(t.hall.in_(halls), t.state.in_(states))))
        self._queues = _by_hall(select(sa.select(QUEUES.table).where(QUEUES.c.hall.in_(halls))))
        self._requests = select(
            sa.select(HAND_OVERS.table)
            .where(h.state == "requested", h.to_hall.in_(halls) | h.hall.in_(halls))
            .order_by(h.requested_at)
        )
        self._refused = _by_hall(
            select(
                sa.select(ACCEPTANCE.table)
                .where(ACCEPTANCE.c.hall.in_(halls), ACCEPTANCE.c.refusal != "")
                .order_by(ACCEPTANCE.c.item, ACCEPTANCE.c.handler)
            )
        )

    def windows(self, hall: str) -> list[Row]:
        """The windows of a hall."""
        return self._windows.get(hall, [])

    def tickets_at_windows(self, hall: str) -> dict[str, TicketAnswer]:
        """window → the ticket that is there."""
        rules = self._calling(hall).rules
        return {row["window"]: told(row, rules) for row in self._tickets.get(hall, ()) if row["state"] != "waiting"}

    def _calling(self, hall: str) -> Calling:
        queues = self._queues.get(hall)
        return calling_of(queues[0] if queues else None)

    def lines(self, hall: str, now: datetime) -> Lines:
        """Who waits there."""
        return Lines(
            now,
            self._calling(hall),
            [ticket_of(row) for row in self._tickets.get(hall, ())],
            [desk_of(row) for row in self.windows(hall)],
        )

    def requests(self, hall: str) -> Iterator[HandOver]:
        """Requests that wait for an answer, from there or there."""
        return (hand_over_of(row) for row in self._requests if hall in {row["hall"], row["to_hall"]})

    def refused(self, hall: str) -> Iterator[ItemAcceptance]:
        """Resident items that cannot be accepted."""
        return (accepted(row) for row in self._refused.get(hall, ()))


def _by_hall(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["hall"], []).append(row)
    return found


def alerts(board: HallBoard) -> Iterator[Alert]:
    """What somebody should look at, most urgent first."""
    for window in board.windows:
        if window.silent:
            yield _alert("window-silent", window.window)
    for queue in board.queues:
        if queue.waiting and not queue.windows:
            yield _alert("nobody-serves", queue.zone or board.hall)
        elif queue.longest is not None and queue.longest > LONG_WAIT.total_seconds():
            yield _alert("waiting-long", queue.zone or board.hall)
    if board.opening.open is False and any(queue.waiting for queue in board.queues):
        yield _alert("after-hours", board.hall)
    for request in board.hand_overs:
        if request.to_hall == board.hall:
            yield _alert("hand-over-waits", request.case_id)
    for item in dict.fromkeys(each.item for each in board.refused):
        yield _alert("not-acceptable", item)
    for window in board.windows:
        if window.state == "paused":
            yield _alert("window-paused", window.window)


def _alert(code: str, subject: str) -> Alert:
    words = terms().get(code, {})
    return Alert(code=code, subject=subject, zh=words.get("zh", code), en=words.get("en", code))
