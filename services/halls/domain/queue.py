"""取号叫号: the tickets of one hall today, in one stream, so that no number, person or window is given twice.

A ticket is at one window at a time and a window has one ticket at a time, because both are decided here. At the end
of the day, or with the first ticket of the next, the day is cleared and the numbers begin again.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from contracts.halls import (
    ArrangeQueue,
    DrawTicket,
    QueueArranged,
    QueueCleared,
    TicketBound,
    TicketCalled,
    TicketCancelled,
    TicketDrawn,
    TicketFinished,
    TicketMissed,
    TicketReturned,
    TicketServed,
    TicketSkipped,
    TicketTransferred,
    TransferTicket,
)
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import NotFound, Stale
from halls.domain.agenda import said
from halls.domain.estimate import Service
from halls.domain.opening import instant
from halls.domain.queueing import (
    AlreadyWaiting,
    AppointmentNotOpen,
    CheckInTooEarly,
    Drawing,
    NobodyWaits,
    NoShowTooEarly,
    NotForThisWindow,
    NoTicketsNow,
    NotOnDuty,
    NowhereToGo,
    QueueInvalid,
    Rules,
    TransferUnexplained,
    UnknownPriority,
    UnknownZone,
    WindowBusy,
)
from halls.domain.ticket import AT_WINDOW, Desk, Ticket, TicketState, next_for
from halls.domain.window import WindowNotOpen
from kernel.clock import local_date

KEPT_SERVICES = 200


class Queue(Aggregate):
    """Everybody who waits or is served in one hall."""

    case_bound = False
    rules: Rules
    day: date | None
    counts: dict[str, int]
    tickets: dict[str, Ticket]
    run: dict[str, int]
    services: tuple[Service, ...]
    revision: int
    """How often its rules were set."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.rules = Rules()
        self.day = None
        self.counts = {}
        self.tickets = {}
        self.run = {}
        self.services = ()
        self.revision = 0

    @property
    def hall(self) -> str:
        """Whose queue it is."""
        return self.stream.removesuffix(".queue")

    def reach(self) -> Reach:
        """Its hall."""
        return Reach(halls=frozenset((self.hall,)))

    def at_window(self, window: str) -> Ticket | None:
        """The ticket that is at the window now."""
        here = (each for each in self.tickets.values() if each.window == window and each.state in AT_WINDOW)
        return next(here, None)

    def waiting(self) -> list[Ticket]:
        """Everybody who waits."""
        return [each for each in self.tickets.values() if each.state is TicketState.WAITING]

    def arrange(self, cmd: ArrangeQueue, act: Act) -> None:
        """Sets how the hall numbers and calls; tickets that were drawn keep their numbers."""
        rules = Rules(zones=cmd.zones, priorities=cmd.priorities, priority_run=cmd.priority_run, calls=cmd.calls)
        if rules == self.rules:
            return
        if cmd.revision not in {None, self.revision}:
            raise Stale(stream=self.stream, revision=self.revision)
        prefixes = [each.prefix for each in cmd.zones]
        names = {each.zone for each in cmd.zones}
        sound = len(set(prefixes)) == len(prefixes) == len(names) and all(each.isalnum() for each in prefixes)
        if not sound or cmd.calls < 1 or cmd.priority_run < 1:
            raise QueueInvalid
        self.record(
            QueueArranged,
            act,
            hall=self.hall,
            zones=cmd.zones,
            priorities=cmd.priorities,
            priority_run=cmd.priority_run,
            calls=cmd.calls,
        )

    @applies(QueueArranged)
    def _arranged(self, fact: QueueArranged) -> None:
        self.revision += 1
        self.rules = Rules(
            zones=fact.zones, priorities=fact.priorities, priority_run=fact.priority_run, calls=fact.calls
        )

    # drawing

    def draw(self, cmd: DrawTicket, given: Drawing, act: Act) -> Ticket:
        """Takes a number, on a day on which the hall still opens."""
        zone = self.rules.zone_of(cmd.zone, cmd.theme)
        if cmd.priority and cmd.priority not in self.rules.priorities:
            raise UnknownPriority(priority=cmd.priority, priorities=self.rules.priorities)
        if not given.opens:
            raise NoTicketsNow(hall=self.hall)
        for each in self.waiting():
            if given.person and each.person == given.person and each.zone == zone and self.day == local_date(act.at):
                raise AlreadyWaiting(number=each.number)
        return self._draw(
            act,
            zone=zone,
            theme=cmd.theme,
            item=cmd.item,
            priority=cmd.priority,
            channel=cmd.channel,
            since=act.at,
            person=given.person,
        )

    def check_in(self, appointment: Mapping[str, Any], act: Act) -> Ticket:
        """A ticket for somebody who keeps their appointment; from their slot on they go first."""
        name = str(appointment["appointment"])
        for each in self.tickets.values():
            if each.appointment == name:
                return each
        if appointment["state"] != "booked":
            raise AppointmentNotOpen(appointment=name, state=said(appointment["state"]))
        if appointment["day"] != local_date(act.at):
            raise CheckInTooEarly(appointment=name, on=appointment["day"])
        return self._draw(
            act,
            zone=appointment["zone"],
            theme=appointment["theme"],
            item="",
            priority="",
            channel="appointment",
            since=act.at,
            person=appointment["person"],
            appointment=name,
            first_from=appointment["begins_at"],
        )

    def admit(self, sent: TicketTransferred, act: Act) -> None:
        """Takes in who was sent from another hall: a number of this hall, and the wait so far."""
        if any(each.from_ticket == sent.ticket for each in self.tickets.values()):
            return
        try:
            zone = self.rules.zone_of(sent.to_zone, sent.theme)
        except UnknownZone:
            zone = self.rules.zone_of("", sent.theme)
        self._draw(
            act,
            zone=zone,
            theme=sent.theme,
            item=sent.item,
            priority=sent.priority if sent.priority in self.rules.priorities else "",
            channel="window",
            since=sent.since,
            person=sent.person,
            window=sent.to_window,
            case=sent.case,
            from_hall=sent.hall,
            from_ticket=sent.ticket,
        )

    def _draw(self, act: Act, *, zone: str, first_from: datetime | None = None, **body: Any) -> Ticket:
        today = local_date(act.at)
        if self.day is not None and self.day != today:
            self.clear(act)
        prefix = self.rules.prefix(zone)
        number = f"{prefix}{self.counts.get(prefix, 0) + 1:03}"
        ticket = f"{self.hall}.{today:%Y%m%d}.{number}"
        self.record(
            TicketDrawn,
            act,
            hall=self.hall,
            ticket=ticket,
            number=number,
            zone=zone,
            first_from=first_from if first_from is not None else act.at if body["priority"] else None,
            **body,
        )
        return self.tickets[ticket]

    @applies(TicketDrawn)
    def _drawn(self, fact: TicketDrawn) -> None:
        self.day = local_date(fact.at)
        prefix = fact.number.rstrip("0123456789")
        self.counts = {**self.counts, prefix: int(fact.number.removeprefix(prefix))}
        self._put(
            Ticket(
                ticket=fact.ticket,
                number=fact.number,
                zone=fact.zone,
                theme=fact.theme,
                item=fact.item,
                priority=fact.priority,
                channel=fact.channel,
                since=fact.since,
                place=fact.since,
                first_from=fact.first_from,
                person=fact.person,
                appointment=fact.appointment,
                to_window=fact.window,
                case=fact.case,
                from_ticket=fact.from_ticket,
            )
        )

    # calling

    def call_next(self, desk: Desk, act: Act) -> Ticket:
        """Calls whoever is next for the window."""
        self._check_desk(desk, act)
        chosen = next_for(
            desk, self.waiting(), act.at, run=self.run.get(desk.zone, 0), longest_run=self.rules.priority_run
        )
        if chosen is None:
            raise NobodyWaits(window=desk.window)
        return self._call(chosen, desk, act)

    def call(self, name: str, desk: Desk, act: Act) -> Ticket:
        """Calls one ticket, out of turn."""
        ticket = self._ticket(name)
        if ticket.state in AT_WINDOW and ticket.window == desk.window and ticket.staff == act.by:
            return ticket
        ticket.check("call")
        self._check_desk(desk, act)
        if not desk.serves(ticket):
            raise NotForThisWindow(number=ticket.number, window=desk.window)
        return self._call(ticket, desk, act)

    def _check_desk(self, desk: Desk, act: Act) -> None:
        if desk.state != "open":
            raise WindowNotOpen(window=desk.window, state=desk.state, staff=desk.staff)
        if desk.staff != act.by:
            raise NotOnDuty(window=desk.window, staff=desk.staff)
        here = self.at_window(desk.window)
        if here is not None:
            raise WindowBusy(window=desk.window, number=here.number)

    def _call(self, ticket: Ticket, desk: Desk, act: Act, *, times: int = 1) -> Ticket:
        self.record(
            TicketCalled,
            act,
            hall=self.hall,
            ticket=ticket.ticket,
            number=ticket.number,
            window=desk.window,
            staff=act.by,
            times=times,
            zone=desk.zone,
        )
        return self.tickets[ticket.ticket]

    def recall(self, name: str, act: Act) -> Ticket:
        """Calls again who was called and did not come."""
        ticket = self._mine(name, "recall", act)
        desk = Desk(ticket.window, self.hall, ticket.zone, (), "open", act.by)
        return self._call(ticket, desk, act, times=ticket.called + 1)

    @applies(TicketCalled)
    def _called(self, fact: TicketCalled) -> None:
        ticket = self.tickets[fact.ticket]
        if fact.times == 1:
            run = self.run.get(fact.zone, 0) + 1 if ticket.goes_first(fact.at) else 0
            self.run = {**self.run, fact.zone: run}
        self._change(
            fact.ticket,
            state=TicketState.CALLED,
            window=fact.window,
            staff=fact.staff,
            called=ticket.called + 1,
            called_at=fact.at,
        )

    def skip(self, name: str, act: Act) -> None:
        """Sends who did not come behind those who wait."""
        ticket = self._mine(name, "skip", act)
        self.record(TicketSkipped, act, hall=self.hall, ticket=name, window=ticket.window)

    @applies(TicketSkipped)
    def _skipped(self, fact: TicketSkipped) -> None:
        self._change(
            fact.ticket, state=TicketState.WAITING, window="", staff="", place=fact.at, first_from=None, to_window=""
        )

    def miss(self, name: str, act: Act) -> None:
        """Gives up who never came, after enough calls."""
        if self._ticket(name).state is TicketState.MISSED:
            return
        ticket = self._mine(name, "miss", act)
        if not self.rules.gives_up(ticket):
            raise NoShowTooEarly(number=ticket.number, called=ticket.called, calls=self.rules.calls)
        self.record(TicketMissed, act, hall=self.hall, ticket=name, window=ticket.window, times=ticket.called)

    @applies(TicketMissed)
    def _missed(self, fact: TicketMissed) -> None:
        self._change(fact.ticket, state=TicketState.MISSED, ended_at=fact.at)

    # serving

    def serve(self, name: str, case: str, act: Act) -> None:
        """Begins to serve who was called."""
        ticket = self._ticket(name)
        if ticket.state is TicketState.SERVING and ticket.staff == act.by and case in {"", ticket.case}:
            return
        ticket = self._mine(name, "serve", act)
        self.record(TicketServed, act, hall=self.hall, ticket=name, window=ticket.window, case=case or ticket.case)

    @applies(TicketServed)
    def _served(self, fact: TicketServed) -> None:
        self._change(fact.ticket, state=TicketState.SERVING, served_at=fact.at, case=fact.case)

    def bind(self, name: str, case: str, act: Act) -> None:
        """Says which case is being served."""
        ticket = self._mine(name, "bind", act)
        if ticket.case != case:
            self.record(TicketBound, act, hall=self.hall, ticket=name, window=ticket.window, case=case)

    @applies(TicketBound)
    def _bound(self, fact: TicketBound) -> None:
        self._change(fact.ticket, case=fact.case)

    def finish(self, name: str, act: Act) -> None:
        """Ends serving."""
        if self._ticket(name).state is TicketState.FINISHED:
            return
        ticket = self._mine(name, "finish", act)
        begun = ticket.served_at or act.at
        self.record(
            TicketFinished,
            act,
            hall=self.hall,
            ticket=name,
            window=ticket.window,
            theme=ticket.theme,
            seconds=round((act.at - begun).total_seconds()),
            waited=max(round((begun - ticket.since).total_seconds()), 0),
        )

    @applies(TicketFinished)
    def _finished(self, fact: TicketFinished) -> None:
        ticket = self.tickets[fact.ticket]
        self.services = (*self.services, Service(fact.theme, ticket.zone, fact.seconds))[-KEPT_SERVICES:]
        self._change(fact.ticket, state=TicketState.FINISHED, ended_at=fact.at)

    # leaving

    def transfer(self, cmd: TransferTicket, act: Act, *, possible: bool) -> None:
        """Sends somebody elsewhere. ``possible``: the window or hall is there and not closed."""
        ticket = self._ticket(cmd.ticket)
        ticket.check("transfer")
        if ticket.state in AT_WINDOW:
            self._mine(cmd.ticket, "transfer", act)
        to_hall = cmd.to_hall or self.hall
        goes = to_hall != self.hall or cmd.to_window or cmd.to_zone
        if not goes or not possible or (cmd.to_window and cmd.to_window == ticket.window):
            raise NowhereToGo(hall=cmd.to_hall, window=cmd.to_window)
        if not cmd.reason.strip():
            raise TransferUnexplained
        to_zone = cmd.to_zone
        if to_hall == self.hall:
            to_zone = self.rules.zone_of(cmd.to_zone, "") if cmd.to_zone else ticket.zone
        self.record(
            TicketTransferred,
            act,
            hall=self.hall,
            ticket=cmd.ticket,
            window=ticket.window,
            reason=cmd.reason,
            to_hall=to_hall,
            to_zone=to_zone,
            to_window=cmd.to_window,
            theme=ticket.theme,
            item=ticket.item,
            priority=ticket.priority,
            since=ticket.since,
            person=ticket.person,
            case=ticket.case,
        )

    @applies(TicketTransferred)
    def _transferred(self, fact: TicketTransferred) -> None:
        if fact.to_hall != self.hall:
            self._change(fact.ticket, state=TicketState.TRANSFERRED, ended_at=fact.at, to_hall=fact.to_hall)
            return
        self._change(
            fact.ticket,
            state=TicketState.WAITING,
            zone=fact.to_zone,
            to_window=fact.to_window,
            window="",
            staff="",
            called=0,
            place=fact.since,
        )

    def release(self, window: str, act: Act) -> None:
        """Sends back to the queue who is at a window that closed."""
        ticket = self.at_window(window)
        if ticket is not None:
            self.record(TicketReturned, act, hall=self.hall, ticket=ticket.ticket, window=window)

    @applies(TicketReturned)
    def _returned(self, fact: TicketReturned) -> None:
        self._change(fact.ticket, state=TicketState.WAITING, window="", staff="", to_window="", called=0)

    def cancel(self, name: str, reason: str, act: Act) -> None:
        """Gives the ticket back."""
        ticket = self._ticket(name)
        if ticket.state is TicketState.CANCELLED:
            return
        ticket.check("cancel")
        self.record(TicketCancelled, act, hall=self.hall, ticket=name, reason=reason)

    @applies(TicketCancelled)
    def _cancelled(self, fact: TicketCancelled) -> None:
        self._change(fact.ticket, state=TicketState.CANCELLED, ended_at=fact.at)

    # the end of a day

    def clear(self, act: Act) -> None:
        """Ends the day; whoever still waited is named."""
        if self.day is None:
            return
        left = tuple(each.ticket for each in self.tickets.values() if each.ended_at is None)
        self.record(QueueCleared, act, hall=self.hall, day=self.day, left=left)

    @applies(QueueCleared)
    def _cleared(self, _: QueueCleared) -> None:
        self.day, self.counts, self.tickets, self.run = None, {}, {}, {}

    def timers(self) -> dict[str, datetime]:
        """The end of the day."""
        return {} if self.day is None else {"day": instant(self.day + timedelta(days=1), "00:00")}

    def _ticket(self, name: str) -> Ticket:
        found = self.tickets.get(name)
        if found is None:
            raise NotFound(what="ticket", id=name)
        return found

    def _mine(self, name: str, verb: str, act: Act) -> Ticket:
        """The ticket, if it may happen to it, and if whoever acts is the one who called it."""
        ticket = self._ticket(name)
        ticket.check(verb)
        if ticket.staff != act.by:
            raise NotOnDuty(window=ticket.window, staff=ticket.staff)
        return ticket

    def _put(self, ticket: Ticket) -> None:
        self.tickets = {**self.tickets, ticket.ticket: ticket}

    def _change(self, name: str, **changes: Any) -> None:
        self._put(msgspec.structs.replace(self.tickets[name], **changes))
