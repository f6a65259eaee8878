"""手机取号: a number in a hall's queue, drawn from home, with its place in the line."""

from typing import Any

import falcon

from contracts.halls import CancelTicket, DrawTicket, GetHall, GetQueues, GetTicket
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.people import Applying
from gateway.pages.rendering import page


class Draw(Applying):
    """取号."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Theme and hall; how long one waits there is shown before the number is taken."""
        self.applicant(req)
        theme, hall = req.get_param("theme") or "", req.get_param("hall") or ""
        every = [(each, req.context.names.hall(each)) for each in req.context.names.halls()]
        page(
            req,
            resp,
            "apply/draw.html",
            theme=theme,
            hall=hall,
            halls=self.halls_for(req, theme) if theme else every,
            zones=self.ask(req, GetQueues(hall=hall))["zones"] if hall else (),
            opening=self.ask(req, GetHall(hall=hall))["opening"] if hall else None,
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Takes the number."""
        self.applicant(req)
        form = forms.read(req)
        form.need("hall")
        drawn = forms.act(form, form.into(DrawTicket, channel="phone", identifier=""))
        forms.see(form, resp, f"/tickets/{form.get('hall')}/{drawn.value['ticket']}", "phone_drawn")


class Ticket(Applying):
    """The number that was drawn."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, ticket: str) -> None:
        """With how many are before it, about how long that takes, and the window that calls it."""
        found = self.ask(req, GetTicket(hall=hall, ticket=ticket))
        page(req, resp, "helping/_ticket.html" if req.get_header("X-Fragment") else "apply/ticket.html", ticket=found)

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str, ticket: str) -> None:
        """Gives it back."""
        self.applicant(req)
        form = forms.read(req)
        forms.act(form, CancelTicket(hall=hall, ticket=ticket, reason=form.get("reason")))
        forms.see(form, resp, f"/tickets/{hall}/{ticket}", "help_ticket_given_back", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Tickets."""
    app.add_route("/tickets", Draw(backend))
    app.add_route("/tickets/{hall}/{ticket}", Ticket(backend))
