"""Tickets as they are drawn, called, served and left, and what can be asked about them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.halls import (
    ArrangeQueue,
    BindTicket,
    CallNext,
    CallTicket,
    CancelTicket,
    CheckIn,
    DrawTicket,
    FinishTicket,
    GetQueues,
    GetTicket,
    ListTickets,
    MissTicket,
    Queues,
    RecallTicket,
    ServeTicket,
    SkipTicket,
    TicketAnswer,
    TransferTicket,
)
from contracts.language import Act, Caller
from eventing.errors import NotFound, OneThingError
from eventing.keyring import KeyRing
from eventing.printed import Codes
from eventing.scoping import at_hall, check
from eventing.service import command, deadline, query, reaction
from halls.domain import AdmitTicket, Desk, Drawing, Queue, ReleaseWindow, Ticket
from halls.lines import Lines
from halls.lookups import hall_row, named, person
from halls.projections.queues import APPOINTMENTS, BY_WAIT, QUEUES, TICKETS, calling_of, ticket_of
from halls.projections.tree import HALLS, WINDOWS, desk_of, hours_of
from halls.reaching import TICKET, reach_of_ticket
from kernel.workdays import WorkingCalendar

PAGE = 500
"""Tickets on a page of the list at most."""


class Tickets:
    """Commands, reactions, deadlines and questions about tickets."""

    store: Any
    clock: Any
    keyring: KeyRing
    codes: Codes
    calendar: WorkingCalendar

    @command(ArrangeQueue, on=Queue, key="queue", creates=True, given="queue_halls")
    def arrange_queue(self, queue: Queue, cmd: ArrangeQueue, act: Act, given: None) -> None:
        """How the hall numbers and calls."""
        queue.arrange(cmd, act)

    def queue_halls(self, batch: Sequence[tuple[Queue, ArrangeQueue, Act]]) -> list[OneThingError | None]:
        """For each command whether its hall stands in the tree."""
        known = named(self.store, HALLS, "hall", (cmd.hall for _, cmd, _ in batch))
        return [None if cmd.hall in known else NotFound(what="hall", id=cmd.hall) for _, cmd, _ in batch]

    @command(DrawTicket, on=Queue, key="queue", creates=True, given="drawings")
    def draw_ticket(self, queue: Queue, cmd: DrawTicket, act: Act, given: Drawing) -> dict[str, Any]:
        """Somebody waits."""
        return self._handed_out(queue.draw(cmd, given, act))

    def _handed_out(self, ticket: Ticket) -> dict[str, Any]:
        """The number, with the secret that shows whose it is when nobody said who they are."""
        return {**_number(ticket), "secret": self.codes.code(TICKET, ticket.ticket)}

    def drawings(self, batch: Sequence[tuple[Queue, DrawTicket, Act]]) -> list[Drawing | OneThingError]:
        """For each command whether the hall still opens today, and whose ticket it is."""
        rows = named(self.store, HALLS, "hall", (cmd.hall for _, cmd, _ in batch))
        given: list[Drawing | OneThingError] = []
        for _, cmd, act in batch:
            row = rows.get(cmd.hall)
            if row is None:
                given.append(NotFound(what="hall", id=cmd.hall))
                continue
            hours = hours_of(row, self.calendar)
            unsaid = hours.at(act.at, row["replacement"]).open is None
            opens = not row["replacement"] and (unsaid or hours.opens_today(act.at))
            try:
                given.append(Drawing(opens, person(self.keyring, cmd.identifier, act)))
            except OneThingError as error:
                given.append(error)
        return given

    @command(CheckIn, on=Queue, key="queue", creates=True, given="kept_appointments")
    def check_in(self, queue: Queue, cmd: CheckIn, act: Act, given: Any) -> dict[str, Any]:
        """Somebody keeps an appointment."""
        return self._handed_out(queue.check_in(given, act))

    def kept_appointments(self, batch: Sequence[tuple[Queue, CheckIn, Act]]) -> list[Any]:
        """The appointments as they stand."""
        a = APPOINTMENTS.c
        names = {cmd.appointment for _, cmd, _ in batch}
        rows = self.store.select(sa.select(APPOINTMENTS.table).where(a.appointment.in_(names)))
        known = {(row["hall"], row["appointment"]): row for row in rows}
        return [
            known.get((cmd.hall, cmd.appointment)) or NotFound(what="appointment", id=cmd.appointment)
            for _, cmd, _ in batch
        ]

    @command(CallNext, on=Queue, key="queue", creates=True, given="desks")
    def call_next(self, queue: Queue, cmd: CallNext, act: Act, given: Desk) -> dict[str, Any]:
        """The window calls whoever is next."""
        return _number(queue.call_next(given, act))

    @command(CallTicket, on=Queue, key="queue", given="desks")
    def call_ticket(self, queue: Queue, cmd: CallTicket, act: Act, given: Desk) -> dict[str, Any]:
        """The window calls somebody out of turn."""
        return _number(queue.call(cmd.ticket, given, act))

    def desks(self, batch: Sequence[tuple[Queue, CallNext | CallTicket, Act]]) -> list[Desk | OneThingError]:
        """The windows that call, as they stand."""
        rows = named(self.store, WINDOWS, "window", (cmd.window for _, cmd, _ in batch))
        return [
            desk_of(rows[cmd.window])
            if cmd.window in rows and rows[cmd.window]["hall"] == cmd.hall
            else NotFound(what="window", id=cmd.window)
            for _, cmd, _ in batch
        ]

    @command(RecallTicket, on=Queue, key="queue")
    def recall_ticket(self, queue: Queue, cmd: RecallTicket, act: Act) -> dict[str, Any]:
        """Once more."""
        return _number(queue.recall(cmd.ticket, act))

    @command(ServeTicket, on=Queue, key="queue")
    def serve_ticket(self, queue: Queue, cmd: ServeTicket, act: Act) -> None:
        """Serving begins."""
        queue.serve(cmd.ticket, cmd.case, act)

    @command(BindTicket, on=Queue, key="queue")
    def bind_ticket(self, queue: Queue, cmd: BindTicket, act: Act) -> None:
        """It is about this case."""
        queue.bind(cmd.ticket, cmd.case, act)

    @command(FinishTicket, on=Queue, key="queue")
    def finish_ticket(self, queue: Queue, cmd: FinishTicket, act: Act) -> None:
        """Serving ends."""
        queue.finish(cmd.ticket, act)

    @command(SkipTicket, on=Queue, key="queue")
    def skip_ticket(self, queue: Queue, cmd: SkipTicket, act: Act) -> None:
        """Nobody came: behind the others."""
        queue.skip(cmd.ticket, act)

    @command(MissTicket, on=Queue, key="queue")
    def miss_ticket(self, queue: Queue, cmd: MissTicket, act: Act) -> None:
        """Nobody ever came."""
        queue.miss(cmd.ticket, act)

    @command(TransferTicket, on=Queue, key="queue", given="destinations")
    def transfer_ticket(self, queue: Queue, cmd: TransferTicket, act: Act, given: bool) -> None:
        """Somebody goes elsewhere."""
        queue.transfer(cmd, act, possible=given)

    def destinations(self, batch: Sequence[tuple[Queue, TransferTicket, Act]]) -> list[bool]:
        """For each command whether there is such a window, and such a hall, and it is not closed for good."""
        windows = named(self.store, WINDOWS, "window", (cmd.to_window for _, cmd, _ in batch))
        halls = named(self.store, HALLS, "hall", (cmd.to_hall or cmd.hall for _, cmd, _ in batch))
        given = []
        for _, cmd, _ in batch:
            hall = halls.get(cmd.to_hall or cmd.hall)
            window = windows.get(cmd.to_window)
            there = hall is not None and not hall["replacement"]
            stands = not cmd.to_window or (window is not None and window["hall"] == (cmd.to_hall or cmd.hall))
            given.append(there and stands)
        return given

    @command(CancelTicket, on=Queue, key="queue")
    def cancel_ticket(self, queue: Queue, cmd: CancelTicket, act: Act) -> None:
        """Somebody does not wait any more."""
        queue.cancel(cmd.ticket, cmd.reason, act)

    # reactions and deadlines

    @reaction(AdmitTicket, on=Queue, key="queue")
    def admit_ticket(self, queue: Queue, cmd: AdmitTicket, act: Act) -> None:
        """Somebody comes from another hall."""
        queue.admit(cmd.sent, act)

    @reaction(ReleaseWindow, on=Queue, key="queue")
    def release_window(self, queue: Queue, cmd: ReleaseWindow, act: Act) -> None:
        """A window closed."""
        queue.release(cmd.window, act)

    @deadline("day", on=Queue)
    def clear_queue(self, queue: Queue, act: Act) -> None:
        """The day is over."""
        queue.clear(act)

    # questions

    @query(GetTicket)
    def get_ticket(self, question: GetTicket, caller: Caller) -> TicketAnswer:
        """A ticket with its place and estimate."""
        t = TICKETS.c
        rows = self.store.select(sa.select(TICKETS.table).where(t.hall == question.hall, t.ticket == question.ticket))
        if not rows:
            raise NotFound(what="ticket", id=question.ticket)
        is_opened = self.codes.holds(TICKET, question.ticket, question.secret)
        check(question, caller, reach_of_ticket(question.hall, rows[0]["person"], is_opened=is_opened))
        return self._lines(question.hall).told(rows[0])

    @query(ListTickets)
    def list_tickets(self, question: ListTickets, caller: Caller) -> dict[str, Any]:
        """Tickets of a hall today."""
        at_hall(question, caller, question.hall)
        hall_row(self.store, question.hall)
        limit = max(1, min(question.limit, PAGE))
        wanted = sa.select(TICKETS.table).where(TICKETS.c.hall == question.hall)
        for name in ("state", "zone", "theme", "window"):
            if value := getattr(question, name):
                wanted = wanted.where(TICKETS.c[name] == value)
        rows = self.store.select(BY_WAIT.page(wanted, question.after, limit, reverse=question.reversed))
        lines = self._lines(question.hall)
        return {"tickets": [lines.told(row) for row in rows], "after": BY_WAIT.cursor(rows, limit)}

    @query(GetQueues)
    def get_queues(self, question: GetQueues, caller: Caller) -> Queues:
        """How many wait where, and how long."""
        hall_row(self.store, question.hall)
        lines = self._lines(question.hall)
        return Queues(hall=question.hall, at=lines.now, zones=tuple(lines.zones()))

    def _lines(self, hall: str) -> Lines:
        """Everybody who waits or is at a window of the hall now."""
        t = TICKETS.c
        with self.store.selecting() as select:
            tickets = select(
                sa.select(TICKETS.table).where(t.hall == hall, t.state.in_(("waiting", "called", "serving")))
            )
            windows = select(sa.select(WINDOWS.table).where(WINDOWS.c.hall == hall))
            queues = select(sa.select(QUEUES.table).where(QUEUES.c.hall == hall))
        return Lines(
            self.clock.now(),
            calling_of(queues[0] if queues else None),
            [ticket_of(row) for row in tickets],
            [desk_of(row) for row in windows],
        )


def _number(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.ticket,
        "number": ticket.number,
        "zone": ticket.zone,
        "window": ticket.window,
        "theme": ticket.theme,
        "case": ticket.case,
        "called": ticket.called,
    }
