"""预约: booked, moved and cancelled from home; the code of it is scanned on arrival."""

import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any

import falcon

from contracts.halls import BookAppointment, CancelAppointment, ListAppointments, MoveAppointment, Slots
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.people import Applying
from gateway.pages.questions import every
from gateway.pages.rendering import page
from kernel.clock import local_date

APPOINTMENTS = uuid.UUID("6f6e6574-6869-6e67-8000-6170706c7903")
"""Names an appointment after the form that booked it: sent twice, it is the same."""

AHEAD = 14
"""Days that are offered; the hall says itself how far ahead it can be booked."""


class Appointments(Applying):
    """One's own."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """By slot."""
        page(req, resp, "apply/appointments.html", appointments=self.mine(req))

    def mine(self, req: falcon.Request) -> list[dict[str, Any]]:
        """The appointments of whoever is signed in."""
        return list(every(partial(self.ask, req), ListAppointments()))

    def one(self, req: falcon.Request, appointment: str) -> dict[str, Any]:
        """One of one's own. Raises NotFound for anybody else's."""
        for each in self.mine(req):
            if each["appointment"] == appointment:
                return each
        raise NotFound(what="appointment", id=appointment)

    def slots(self, req: falcon.Request, hall: str, day: date, theme: str) -> Any:
        """What is free on a day."""
        return [
            each
            for each in self.backend.for_(req.context.caller).ask(Slots(hall=hall, on=day, theme=theme))
            if each["left"]
        ]

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


class Book(Appointments):
    """A new one."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Theme, hall, day, slot; each choice shows the next."""
        theme, hall, day = req.get_param("theme") or "", req.get_param("hall") or "", self.day(req)
        halls = (
            self.halls_for(req, theme)
            if theme
            else [(each, req.context.names.hall(each)) for each in req.context.names.halls()]
        )
        slots = self.slots(req, hall, day, theme) if hall else ()
        page(
            req,
            resp,
            "apply/book.html",
            theme=theme,
            hall=hall,
            day_asked=day,
            halls=halls,
            days=self.days(),
            slots=slots,
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Books it."""
        me = self.applicant(req)
        form = forms.read(req)
        form.need("hall", "on", "slot")
        name = str(uuid.uuid5(APPOINTMENTS, f"{me.by}:{form.key}"))
        forms.act(form, form.into(BookAppointment, appointment=name, channel="web", identifier=""))
        forms.see(form, resp, f"/appointments/{name}", "appointment_booked")


class Appointment(Appointments):
    """One appointment."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, appointment: str) -> None:  # type: ignore[override]
        """With its code, and other slots to move it to."""
        found, day = self.one(req, appointment), self.day(req)
        slots = self.slots(req, found["hall"], day, found["theme"]) if found["state"] == "booked" else ()
        page(req, resp, "apply/appointment.html", appointment=found, slots=slots, day_asked=day, days=self.days())


class Move(Appointments):
    """Another slot."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, appointment: str) -> None:
        """Instead of the one before."""
        found = self.one(req, appointment)
        form = forms.read(req)
        form.need("on", "slot")
        forms.act(form, form.into(MoveAppointment, hall=found["hall"], appointment=appointment))
        forms.see(form, resp, f"/appointments/{appointment}", "appointment_moved")


class Cancel(Appointments):
    """Gives the slot back."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, appointment: str) -> None:
        """With or without a reason."""
        found = self.one(req, appointment)
        form = forms.read(req)
        forms.act(form, CancelAppointment(hall=found["hall"], appointment=appointment, reason=form.get("reason")))
        forms.see(form, resp, "/appointments", "appointment_cancelled", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Appointments."""
    app.add_route("/appointments", Appointments(backend))
    app.add_route("/appointments/new", Book(backend))
    app.add_route("/appointments/{appointment}", Appointment(backend))
    app.add_route("/appointments/{appointment}/move", Move(backend))
    app.add_route("/appointments/{appointment}/cancel", Cancel(backend))
