"""交接批次: packets of several cases travel in one sealed envelope, with a manifest that is counted on arrival."""

import uuid
from typing import Any

import falcon
import msgspec

from contracts.language import Command
from contracts.routing import (
    CargoRef,
    DispatchTrip,
    GetManifest,
    GetTrip,
    ListPackets,
    RecallTrip,
    ReceiveTrip,
    RefuseTrip,
    ReturnTrip,
    StoreTrip,
    TripDetail,
)
from eventing.errors import Invalid
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page

TRIPS = uuid.UUID("6f6e6574-6869-6e67-8000-6465736b0003")
"""Names a trip after the key of the form that made it: sent twice, it is the same trip."""

LISTED = 200
"""Packets to choose from, on a page."""


class Pack(Desk):
    """Which packets leave together."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """What lies here and waits to leave, by where it goes."""
        me = self.clerk(req)
        after = req.get_param("after") or ""
        found = self.ask(req, ListPackets(place=me.hall, state="planned", after=after, limit=LISTED))
        page(req, resp, "desk/trip_new.html", waiting=found["packets"], after=found["after"])

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Seals them: giver and carrier sign the manifest, which is shown next, to be printed."""
        form, me = self.read(req), self.clerk(req)
        form.need("packets", "to", "carrier", "signature", "carrier_signature")
        trip = f"trip-{uuid.uuid5(TRIPS, f'{me.by}:{form.key}')}"
        forms.act(form, form.into(DispatchTrip, trip=trip, cargo=cargo(form.all("packets"))))
        forms.see(form, resp, f"/desk/trips/{trip}", "trip_left", count=len(form.all("packets")))


class Trip(Desk):
    """One trip with its manifest."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, trip: str) -> None:
        """To be printed, and to be signed for at its destination."""
        me = self.clerk(req)
        found = msgspec.convert(self.ask(req, GetTrip(trip=trip)), TripDetail)
        page(
            req,
            resp,
            "desk/trip.html",
            trip=found,
            manifest=self.ask(req, GetManifest(trip=trip)),
            mine=found.manifest.origin == me.hall,
            arrives=found.manifest.to == me.hall,
            carries=found.manifest.hop == "locker" and found.manifest.carrier in {me.by, me.hall, me.org},
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, trip: str) -> None:
        """Counted and signed for, refused, called back, or back again."""
        form = self.read(req)
        forms.act(form, self.command(form, trip))
        forms.see(form, resp, f"/desk/trips/{trip}", "packets_moved")

    def command(self, form: forms.Form, trip: str) -> Command:
        """What ``act`` says. Raises FormWrong, Invalid."""
        match form.get("act"):
            case "receive":
                form.need("signature")
                missing = cargo(form.all("missing"))
                if missing or form.get("seal_broken"):
                    form.need("circumstances")
                return form.into(ReceiveTrip, trip=trip, missing=missing, seal_intact=not form.get("seal_broken"))
            case "store":
                form.need("cabinet", "cell", "barcode", "code")
                return form.into(StoreTrip, trip=trip)
            case "refuse":
                form.need("witness")
                return form.into(RefuseTrip, trip=trip)
            case "recall":
                form.need("reason")
                return form.into(RecallTrip, trip=trip)
            case "back":
                form.need("signature")
                return form.into(ReturnTrip, trip=trip, seal_intact=not form.get("seal_broken"))
            case other:
                raise Invalid(act=other)


def cargo(chosen: tuple[str, ...]) -> tuple[CargoRef, ...]:
    """``case|packet`` as the packets of each case."""
    found: dict[str, list[str]] = {}
    for each in chosen:
        case, _, packet = each.partition("|")
        found.setdefault(case, []).append(packet)
    return tuple(CargoRef(case, tuple(packets)) for case, packets in found.items())


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Trips."""
    app.add_route("/desk/trips/new", Pack(backend))
    app.add_route("/desk/trips/{trip}", Trip(backend))
