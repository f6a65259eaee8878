"""流转与出件: packets to send and to receive, trips, and results to hand over."""

from typing import Any

import falcon

from contracts.certificate import GetOutput, HandOverPackages
from contracts.routing import (
    DispatchPackets,
    GetDistribution,
    HandBack,
    ListPackets,
    ListTrips,
    ReceivePackets,
    ReceiveTrip,
    TakeInAgain,
)
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import Desk, now
from gateway.pages.desk.leaving import CHECKS
from gateway.pages.rendering import page

NOWHERE = ("lost", "applicant")

CURSORS = ("after", "coming", "trips")
"""How far each of the lists was paged, in the address: what leaves, what comes, trips."""

TRIPS = 20
"""On a page of their list."""


class Packets(Desk):
    """What waits at this hall to be sent, and what is on its way here."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Both lists, and the trips."""
        me = self.clerk(req)
        after, coming, trips = (req.get_param(name) or "" for name in CURSORS)
        page(
            req,
            resp,
            "desk/_packets.html" if req.get_header("X-Fragment") else "desk/packets.html",
            leaving=self.ask(req, ListPackets(place=me.hall, state="planned", after=after)),
            coming=self.ask(req, ListPackets(place=me.hall, state="dispatched", after=coming)),
            trips=self.ask(req, ListTrips(place=me.hall, after=trips, limit=TRIPS)),
            beside=beside(req),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Gives packets of one case to a carrier, or signs for them."""
        form = self.read(req)
        if form.get("act") == "dispatch":
            form.need("carrier")
            forms.act(form, form.into(DispatchPackets))
        elif form.get("act") == "trip":
            forms.act(form, form.into(ReceiveTrip, missing=()))
        else:
            forms.act(form, form.into(ReceivePackets))
        forms.see(form, resp, "/desk/packets", "packets_moved")


class Ways(Desk):
    """Where the materials of one case are."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Its packets and originals."""
        case = self.case(req, case_id)
        ways = self.may_ask(req, GetDistribution(case_id=case.case_id))
        page(
            req,
            resp,
            "desk/ways.html",
            case=case,
            ways=ways,
            step=step_of(case),
            here=self.here(req, ways),
            there=somewhere(ways),
            taken_back=[] if case.status == "closed" else back(ways),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Gives originals that lie here back to the applicant, who is looked at and signs."""
        form = self.read(req)
        form.need("copies", "identity_check", "signature")
        forms.act(form, form.into(HandBack, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/ways", "originals_given_back", count=len(form.all("copies")))

    def here(self, req: falcon.Request, ways: Any) -> dict[str, Any]:
        """The originals that lie at this hall and in no packet on its way."""
        me = self.clerk(req)
        originals = (ways or {}).get("originals") or {}
        return {copy: each for copy, each in originals.items() if each["place"] == me.hall and not each["aboard"]}


def beside(req: falcon.Request) -> dict[str, dict[str, str]]:
    """For each list the places of the others in the address: paging one leaves the others where they are."""
    places = {name: place for name in CURSORS if (place := req.get_param(name))}
    return {name: {other: place for other, place in places.items() if other != name} for name in CURSORS}


def somewhere(ways: Any) -> list[str]:
    """The originals of a case that can go missing: those that are somewhere, and not with the applicant."""
    originals = (ways or {}).get("originals") or {}
    return [copy for copy, each in originals.items() if each["place"] not in NOWHERE]


def back(ways: Any) -> list[str]:
    """The originals of a case that the applicant had back."""
    originals = (ways or {}).get("originals") or {}
    return [copy for copy, each in originals.items() if each["place"] == "applicant"]


class Again(Desk):
    """Originals that the applicant had back come once more."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What waited for them can travel."""
        form = self.read(req)
        form.need("copies")
        forms.act(form, form.into(TakeInAgain, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/ways", "originals_are_here_again")


class Output(Desk):
    """一端口出件."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Certificates and packages."""
        case = self.case(req, case_id)
        output = self.may_ask(req, GetOutput(case_id=case.case_id))
        template = "desk/_output.html" if req.get_header("X-Fragment") else "desk/output.html"
        page(req, resp, template, case=case, output=output, step=step_of(case), began=now(), checks=CHECKS)

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Hands over after looking who takes it."""
        form = self.read(req)
        case = self.case(req, case_id)
        form.need("identity_check")
        forms.act(form, form.into(HandOverPackages, case_id=case.case_id))
        self.time(form, "hand-over", case.theme)
        forms.see(form, resp, f"/desk/cases/{case.case_id}/output", "packages_handed_over")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Packets and results."""
    app.add_route("/desk/packets", Packets(backend))
    app.add_route("/desk/cases/{case_id}/ways", Ways(backend))
    app.add_route("/desk/cases/{case_id}/originals", Again(backend))
    app.add_route("/desk/cases/{case_id}/output", Output(backend))
