"""文件柜与遗失: what lies in lockers on its way, and originals that are missing, from the report to what came of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import falcon

from contracts.language import Command
from contracts.routing import (
    DeclareLost,
    FoundAgain,
    ListLosses,
    ListTrips,
    ReplaceLost,
    ReportLoss,
    RequestReplacement,
)
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.questions import every
from gateway.pages.rendering import page

ACTS: Mapping[str, tuple[type[Command], tuple[str, ...]]] = {
    "report": (ReportLoss, ("copies", "circumstances")),
    "found": (FoundAgain, ("copies",)),
    "declare": (DeclareLost, ("copies",)),
    "request": (RequestReplacement, ("copies", "apology")),
    "replace": (ReplaceLost, ("copy",)),
}
"""Act → its command, and what must not be empty."""


class Lockers(Desk):
    """What goes from this hall, or comes to it, through a locker."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """What waits to be put in, and what lies in a cell."""
        me = self.clerk(req)
        moving = every(partial(self.ask, req), ListTrips(place=me.hall, state="under_way"))
        page(
            req,
            resp,
            "desk/_lockers.html" if req.get_header("X-Fragment") else "desk/lockers.html",
            entering=[each for each in moving if each["hop"] == "locker"],
            stored=self.ask(req, ListTrips(place=me.hall, state="stored", after=req.get_param("after") or "")),
        )


class Losses(Desk):
    """Originals that this hall took in and that are missing."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Each with how far the search is; what is to be done stands with its case."""
        me = self.clerk(req)
        found = self.ask(req, ListLosses(hall=me.hall, after=req.get_param("after") or ""))
        template = "desk/_losses.html" if req.get_header("X-Fragment") else "desk/losses.html"
        page(req, resp, template, losses=found["losses"], after=found["after"])


class Loss(Desk):
    """A step of the search for originals of a case."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, act: str) -> None:
        """Reports, finds, declares lost, asks the applicant again, or lets the scan take its place."""
        form = self.read(req)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        kind, needed = ACTS[act]
        form.need(*needed)
        forms.act(form, form.into(kind, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/ways", f"loss_{act}_done")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Lockers and losses."""
    app.add_route("/desk/lockers", Lockers(backend))
    app.add_route("/desk/losses", Losses(backend))
    app.add_route("/desk/cases/{case_id}/losses/{act}", Loss(backend))
