"""预留编号: case numbers for windows that will be without a connection, reserved, printed, and used afterwards."""

import uuid
from typing import Any

import falcon

from contracts.reservations import GetReservation, ListReservations, ReserveNumbers
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page
from kernel.clock import local_date

RESERVATIONS = uuid.UUID("6f6e6574-6869-6e67-8000-6465736b0004")
"""Names a reservation after the key of the form that made it: sent twice, it is the same reservation."""

REFUSED = {"unknown-theme": "theme", "day-out-of-reach": "day", "too-many-numbers": "count"}
"""Refusals of a reservation, and the field that each is about."""

LISTED = 20
"""Reservations on a page of the list."""


class Numbers(Desk):
    """The reservations of the hall."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form for another one, and how much of each is left."""
        me = self.clerk(req)
        theme, after = (req.get_param(name) or "" for name in ("theme", "after"))
        listed = self.ask(req, ListReservations(hall=me.hall, theme=theme, after=after, limit=LISTED))
        page(
            req,
            resp,
            "desk/numbers.html",
            reservations=listed["reservations"],
            after=listed["after"],
            theme=theme,
            today=local_date(self.backend.now()).isoformat(),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Reserves; the list is shown next, to be printed."""
        form, me = self.read(req), self.clerk(req)
        form.need("theme", "day", "count")
        reservation = f"numbers-{uuid.uuid5(RESERVATIONS, f'{me.by}:{form.key}')}"
        command = form.into(ReserveNumbers, reservation=reservation, hall=me.hall)
        made = forms.act(form, command, about=REFUSED)
        where = f"/desk/numbers/{reservation}"
        forms.see(form, resp, where, "numbers_are_reserved", count=len(made.value["numbers"]))


class Reserved(Desk):
    """One reservation."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, reservation: str) -> None:
        """Its numbers, each with the case that has it, to be printed and given out by hand."""
        found: dict[str, Any] = self.ask(req, GetReservation(reservation=reservation))
        used = sum(bool(each["case_id"]) for each in found["numbers"])
        page(req, resp, "desk/reserved.html", reservation=found, used=used)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Reserved numbers."""
    app.add_route("/desk/numbers", Numbers(backend))
    app.add_route("/desk/numbers/{reservation}", Reserved(backend))
