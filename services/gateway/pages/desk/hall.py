"""What a clerk sees first: the window, who waits, what can be accepted now, today's cases."""

from typing import Any

import falcon
import msgspec

from contracts.halls import (
    Beat,
    CallNext,
    CallTicket,
    CancelTicket,
    CloseWindow,
    DrawTicket,
    FinishTicket,
    GetQueues,
    GetWindow,
    ListHandOvers,
    ListTickets,
    MissTicket,
    OpenWindow,
    PauseWindow,
    RecallTicket,
    ServeTicket,
    SkipTicket,
    TransferTicket,
    WhatCanAccept,
)
from contracts.intake import ListCases
from contracts.language import Command
from eventing.errors import Invalid
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page

TICKET: dict[str, type[Command]] = {
    "recall": RecallTicket,
    "serve": ServeTicket,
    "finish": FinishTicket,
    "skip": SkipTicket,
    "miss": MissTicket,
    "transfer": TransferTicket,
    "cancel": CancelTicket,
}
WINDOW: dict[str, type[Command]] = {"open": OpenWindow, "pause": PauseWindow, "close": CloseWindow}

LISTED = 20
"""Of those who wait so many are listed at the desk."""

WAITING = 100
"""And so many on a page of all of them."""


class Home(Desk):
    """The desk, and its regions as fragments."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """All of it."""
        page(req, resp, "desk/home.html", **self.strip(req), **self.acceptance(req), **self.today(req))

    def strip(self, req: falcon.Request) -> dict[str, Any]:
        """The window and its queue."""
        me = self.clerk(req)
        window = self.may_ask(req, GetWindow(window=me.window)) if me.window else None
        waiting = rows(self.may_ask(req, ListTickets(hall=me.hall, state="waiting", limit=LISTED)))
        queues = rows(self.may_ask(req, GetQueues(hall=me.hall)))
        return {
            "window": window,
            "waiting": waiting,
            "in_line": max(len(waiting), sum(each["waiting"] for each in queues)),
            "hand_overs": rows(self.may_ask(req, ListHandOvers(hall=me.hall, direction="in", state="requested"))),
        }

    def acceptance(self, req: falcon.Request) -> dict[str, Any]:
        """What the window can accept now."""
        me = self.clerk(req)
        return {"acceptance": self.may_ask(req, WhatCanAccept(window=me.window)) if me.window else None}

    def today(self, req: falcon.Request) -> dict[str, Any]:
        """The newest cases of the hall."""
        me = self.clerk(req)
        theme, status, after = (req.get_param(name) or "" for name in ("theme", "status", "after"))
        listed = self.ask(req, ListCases(hall=me.hall, theme=theme, status=status, after=after, limit=20))
        return {"cases": listed["cases"], "after": listed["after"], "theme": theme, "status": status}


class Strip(Home):
    """The window and its queue as a fragment."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Read again after every fact of the hall."""
        page(req, resp, "desk/_strip.html", **self.strip(req))


class Waiting(Home):
    """Everybody who waits: whom a clerk calls out of turn need not be among the first."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """In the order in which they began to wait."""
        me = self.clerk(req)
        after = req.get_param("after") or ""
        found = self.ask(req, ListTickets(hall=me.hall, state="waiting", after=after, limit=WAITING))
        page(
            req,
            resp,
            "desk/_everybody.html" if req.get_header("X-Fragment") else "desk/waiting.html",
            window=self.may_ask(req, GetWindow(window=me.window)) if me.window else None,
            waiting=found["tickets"],
            after=found["after"],
        )


class Acceptance(Home):
    """What the window can accept now, as a fragment."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Read again after every fact of the hall."""
        page(req, resp, "desk/_acceptance.html", **self.acceptance(req))


class Cases(Home):
    """The hall's cases with filters; as a fragment for the page that follows them."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The list."""
        fragment = bool(req.get_header("X-Fragment"))
        page(req, resp, "desk/_cases.html" if fragment else "desk/cases.html", **self.today(req))


class Tickets(Desk):
    """Calls, serves and ends."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """``act`` says what is done."""
        form, me = self.read(req), self.clerk(req)
        wish = form.get("act")
        if wish == "next":
            forms.act(form, CallNext(hall=me.hall, window=me.window))
        elif wish == "call":
            form.need("ticket")
            forms.act(form, CallTicket(hall=me.hall, window=me.window, ticket=form.get("ticket")))
        elif wish == "draw":
            zone = form.get("zone")
            drawn = forms.act(form, DrawTicket(hall=me.hall, zone=zone, theme=form.get("theme"), channel="window"))
            forms.see(form, resp, "/desk", "ticket_drawn", number=drawn.value["number"])
            return
        elif wish in TICKET:
            forms.act(form, form.into(TICKET[wish], hall=me.hall))
        else:
            raise Invalid(act=wish)
        forms.see(form, resp, "/desk")


class Window(Desk):
    """Opens, pauses and closes the window."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """``act`` says what is done."""
        form, me = self.read(req), self.clerk(req)
        wish = form.get("act")
        if wish not in WINDOW:
            raise Invalid(act=wish)
        forms.act(form, form.into(WINDOW[wish], window=me.window))
        forms.see(form, resp, "/desk")


class HereIAm(Desk):
    """Says that the desk is there, perhaps at work on a case."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Nothing is shown of it."""
        form, me = self.read(req), self.clerk(req)
        self.may_ask(req, Beat(window=me.window, case_id=form.get("case_id")))
        resp.content_type = falcon.MEDIA_JSON
        resp.data = msgspec.json.encode({})


def rows(answer: Any) -> list[Any]:
    """The rows of an answer: the list in it, or the answer itself."""
    if isinstance(answer, dict):
        return next((value for value in answer.values() if isinstance(value, list)), [])
    return list(answer or ())


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The first page of the desk and what it sends."""
    for path, resource in {
        "/desk": Home,
        "/desk/strip": Strip,
        "/desk/waiting": Waiting,
        "/desk/acceptance": Acceptance,
        "/desk/cases": Cases,
        "/desk/tickets": Tickets,
        "/desk/window": Window,
        "/desk/here": HereIAm,
    }.items():
        app.add_route(path, resource(backend))
