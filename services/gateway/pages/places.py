"""数字政务门牌: what the code of a place opens, and the codes to print."""

import uuid
from datetime import timedelta
from typing import Any

import falcon

from contracts.language import Caller
from contracts.outreach import ClosePlace, CountVisit, CountVisits, GetPlace, ListPlaces, RegisterPlace
from gateway.backend import ANYBODY, Backend
from gateway.pages import forms
from gateway.pages.apply.themes import show_guide
from gateway.pages.codes import public
from gateway.pages.doors import Door
from gateway.pages.rendering import page
from gateway.problems import NotSignedIn
from kernel.clock import local_date

DOORS = (Door("/places", "places", frozenset({"manager", "operator"})),)

COUNTED = timedelta(days=30)
"""Visits are shown for so long."""

KINDS = ("hospital", "police", "street", "community", "shop", "bank", "post", "park", "hall", "other")


class Opened:
    """A place's code."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, code: str) -> None:
        """The guide of the place's theme, with its entry item preset. The page counts its visit itself."""
        place = self.backend.for_(req.context.caller).ask(GetPlace(code=code))
        show_guide(self.backend, req, resp, place["theme"], entry=place["entry_item"], place={**place, "code": code})


class Visit(Opened):
    """A visit is counted under the id that the visitor's device threw; nothing else of the visitor is kept."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, code: str) -> None:
        """Once for each id."""
        form = forms.read(req)
        thrown = form.get("visit")
        visit = str(uuid.UUID(thrown)) if _is_uuid(thrown) else str(uuid.uuid4())
        forms.act(form, CountVisit(visit=visit, code=code))
        resp.status = 204


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class Places:
    """The places of a hall, for its manager."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def manager(self, req: falcon.Request) -> Caller:
        """Who is signed in. Raises NotSignedIn."""
        caller: Caller = req.context.caller
        if caller == ANYBODY:
            raise NotSignedIn
        return caller

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A page of places with the visits of the last thirty days."""
        caller = self.manager(req)
        client = self.backend.for_(caller)
        listed = client.ask(
            ListPlaces(hall=caller.hall, after=req.get_param("after") or "", closed=bool(req.get_param("closed")))
        )
        today = local_date(self.backend.now())
        counts: dict[str, int] = {}
        for each in client.ask(CountVisits(begins=today - COUNTED, ends=today))["visits"]:
            counts[each["place"]] = counts.get(each["place"], 0) + each["visits"]
        page(req, resp, "places/list.html", places=listed["places"], after=listed["after"], counts=counts, kinds=KINDS)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A place gets its code."""
        caller = self.manager(req)
        form = forms.read(req)
        place = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{caller.by}:{form.key}"))
        region = req.context.names.catalogue().region
        forms.act(form, form.into(RegisterPlace, place=place, hall=form.get("hall") or caller.hall, region=region))
        forms.see(form, resp, f"/places/{place}", "place_registered")


class OnePlace(Places):
    """A place's plate, to be printed."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, place: str) -> None:  # type: ignore[override]
        """The QR of its address."""
        found = self.backend.for_(self.manager(req)).ask(GetPlace(place=place))
        page(req, resp, "places/plate.html", place=found, at=public(self.backend, req, f"/p/{found['code']}"))

    def on_post(self, req: falcon.Request, resp: falcon.Response, place: str) -> None:  # type: ignore[override]
        """Its code opens nothing any more."""
        self.manager(req)
        form = forms.read(req)
        form.need("reason")
        forms.act(form, form.into(ClosePlace, place=place))
        forms.see(form, resp, "/places", "place_closed", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Places and their codes."""
    app.add_route("/p/{code}", Opened(backend))
    app.add_route("/p/{code}/visit", Visit(backend))
    app.add_route("/places", Places(backend))
    app.add_route("/places/{place}", OnePlace(backend))
