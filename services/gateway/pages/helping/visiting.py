"""预约和取号 for a caller: a slot at a hall, or a number in its queue."""

import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import falcon
import msgspec

from contracts.halls import (
    BookAppointment,
    CancelAppointment,
    CancelTicket,
    DrawTicket,
    GetAppointment,
    GetQueues,
    GetTicket,
    ListAppointments,
    MoveAppointment,
    Slot,
    Slots,
)
from contracts.language import Caller
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.identity.sessions import Box, Jar
from gateway.pages import forms
from gateway.pages.apply.appointments import AHEAD
from gateway.pages.apply.people import Applying
from gateway.pages.helping.frame import VISITS, Helping, channel_of
from gateway.pages.questions import every
from kernel.clock import local_date

APPOINTMENTS = uuid.UUID("6f6e6574-6869-6e67-8000-68656c700002")
"""Names an appointment after the form that booked it: sent twice, it is the same."""

COOKIE = "onething_ticket"
KEPT = 12 * 3600
"""Seconds for which a browser keeps what opens a ticket: no hall is open for longer."""


def way_of(caller: Caller) -> Literal["phone", "window"]:
    """How whoever comes was spoken to: over the telephone, or face to face."""
    return "phone" if channel_of(caller) == "hotline" else "window"


class Visits(Helping):
    """Theme, hall, day: each choice shows the next."""

    tab = VISITS

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The slots that are free, how long one waits now, and what a helper booked for others."""
        theme, hall, day = req.get_param("theme") or "", req.get_param("hall") or "", self.day(req)
        names = req.context.names
        hall = hall if names.is_hall(hall) else ""
        halls = Applying(self.backend).halls_for(req, theme) if theme else [(h, names.hall(h)) for h in names.halls()]
        if hall not in {each for each, _ in halls}:
            hall = ""
        self.show(
            req, resp, "visits.html", theme=theme, hall=hall, halls=halls, day_asked=day, days=self.days(),
            slots=self.slots(req, hall, day, theme) if hall else (),
            zones=(self.may_ask(req, GetQueues(hall=hall)) or {"zones": ()})["zones"] if hall else (),
            booked=self.booked(req),
        )  # fmt: skip

    def booked(self, req: falcon.Request) -> list[dict[str, Any]]:
        """What is still to come of what they booked; nothing where that cannot be had."""
        try:
            return list(every(partial(self.ask, req), ListAppointments(state="booked")))
        except OneThingError:
            return []

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Books a slot."""
        me, form = self.helper(req), self.read(req)
        form.need("hall", "on", "slot", "identifier")
        name = str(uuid.uuid5(APPOINTMENTS, f"{me.by}:{form.key}"))
        forms.act(form, form.into(BookAppointment, appointment=name, channel=way_of(me)))
        forms.see(form, resp, f"/help/visits/{form.get('hall')}/{name}", "help_booked")

    def slots(
        self, req: falcon.Request, hall: str, day: date, theme: str, zone: str | None = None
    ) -> list[tuple[str, int]]:
        """When one can still come on a day, and for how many there is room, in whatever zone or in one."""
        left: dict[str, int] = {}
        for each in msgspec.convert(self.ask(req, Slots(hall=hall, on=day, theme=theme)), list[Slot]):
            if each.begins_at > self.backend.now() and zone in {None, each.zone}:
                left[each.slot] = left.get(each.slot, 0) + each.left
        return sorted((slot, room) for slot, room in left.items() if room)

    def day(self, req: falcon.Request) -> date:
        """The day that is asked for; today where none is."""
        try:
            return date.fromisoformat(req.get_param("on") or "")
        except ValueError:
            return local_date(self.backend.now())

    def days(self) -> list[date]:
        """Those that can be chosen."""
        today = local_date(self.backend.now())
        return [today + timedelta(days=each) for each in range(AHEAD)]


class Visit(Visits):
    """One appointment."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, appointment: str) -> None:  # type: ignore[override]
        """With other slots to move it to."""
        found, day = self.ask(req, GetAppointment(hall=hall, appointment=appointment)), self.day(req)
        self.show(
            req, resp, "visit.html", appointment=found, day_asked=day, days=self.days(),
            slots=self.slots(req, hall, day, found["theme"], found["zone"]) if found["state"] == "booked" else (),
        )  # fmt: skip


class Move(Visits):
    """Another slot."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str, appointment: str) -> None:  # type: ignore[override]
        """Instead of the one before."""
        form = self.read(req)
        form.need("on", "slot")
        forms.act(form, form.into(MoveAppointment, hall=hall, appointment=appointment))
        forms.see(form, resp, f"/help/visits/{hall}/{appointment}", "help_moved")


class Cancel(Visits):
    """The slot is given back."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str, appointment: str) -> None:  # type: ignore[override]
        """With or without a reason."""
        form = self.read(req)
        forms.act(form, CancelAppointment(hall=hall, appointment=appointment, reason=form.get("reason")))
        forms.see(form, resp, f"/help/visits/{hall}/{appointment}", "help_cancelled", mood="warn")


class Draw(Visits):
    """取号."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A number in the hall's queue, now."""
        me, form = self.helper(req), self.read(req)
        form.need("hall")
        hall = form.get("hall")
        drawn = forms.act(form, form.into(DrawTicket, channel=way_of(me)))
        ticket = drawn.value["ticket"]
        Secrets(self.backend).keep(resp, me, hall, ticket, drawn.value["secret"])
        forms.see(form, resp, at(hall, ticket), "help_drawn")


class Ticket(Visits):
    """The number that was drawn, for whoever drew it in this browser."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, ticket: str) -> None:  # type: ignore[override]
        """With its place in the queue."""
        secret = Secrets(self.backend).of(req, self.helper(req), hall, ticket)
        found = self.ask(req, GetTicket(hall=hall, ticket=ticket, secret=secret))
        template = "_ticket.html" if req.get_header("X-Fragment") else "ticket.html"
        self.show(req, resp, template, ticket=found)

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str, ticket: str) -> None:  # type: ignore[override]
        """Gives it back."""
        form = self.read(req)
        secret = Secrets(self.backend).of(req, self.helper(req), hall, ticket)
        forms.act(form, CancelTicket(hall=hall, ticket=ticket, reason=form.get("reason"), secret=secret))
        forms.see(form, resp, at(hall, ticket), "help_ticket_given_back", mood="warn")


class Drawn(msgspec.Struct, frozen=True):
    """A ticket's secret, and who drew it for somebody."""

    by: str
    secret: str


class Secrets:
    """The secrets of drawn tickets: in the browser alone, sealed, each for its own page; no address has them."""

    def __init__(self, backend: Backend) -> None:
        self._jar = Jar(secure=backend.secure)
        self._box = Box(backend.signing_keys(COOKIE), COOKIE)

    def keep(self, resp: falcon.Response, me: Caller, hall: str, ticket: str, secret: str) -> None:
        """Has the browser keep one for as long as a hall is open."""
        sealed = self._box.seal(Drawn(me.by, secret))
        self._jar.put(resp, COOKIE, sealed, seconds=KEPT, path=at(hall, ticket))

    def of(self, req: falcon.Request, me: Caller, hall: str, ticket: str) -> str:
        """The secret of a ticket that this person drew in this browser; empty where they did not."""
        kept = self._box.open(self._jar.get(req, COOKIE, path=at(hall, ticket)), Drawn)
        return kept.secret if kept is not None and kept.by == me.by else ""


def at(hall: str, ticket: str) -> str:
    """Where a drawn ticket is seen."""
    return f"/help/tickets/{quote(hall, safe='')}/{quote(ticket, safe='')}"


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Appointments and tickets."""
    app.add_route("/help/visits", Visits(backend))
    app.add_route("/help/visits/{hall}/{appointment}", Visit(backend))
    app.add_route("/help/visits/{hall}/{appointment}/move", Move(backend))
    app.add_route("/help/visits/{hall}/{appointment}/cancel", Cancel(backend))
    app.add_route("/help/tickets", Draw(backend))
    app.add_route("/help/tickets/{hall}/{ticket}", Ticket(backend))
