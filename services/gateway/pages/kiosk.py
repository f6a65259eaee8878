"""自助终端: the kiosk of a hall. Large, for fingers, with a scanner and no keyboard; it forgets whoever leaves it.

The device itself is signed in, as the hall's own system or by a clerk: drawing numbers is for whoever stands in the
hall. People do not sign in at it. Who wants to go on with a draft shows the code that their own phone has made; it is
held in a sealed cookie for minutes, and dropped when they finish, leave, or do nothing.
"""

from typing import Any

import falcon
import msgspec

from contracts.drafts import DraftDetail, GetDraft
from contracts.halls import CheckIn, DrawTicket, GetQueues, GetTicket
from contracts.language import Caller
from eventing.errors import Forbidden, NotFound
from gateway.backend import ANYBODY, Backend
from gateway.identity import forgery
from gateway.identity.sessions import Jar
from gateway.pages import forms
from gateway.pages.apply.handing_in import hand_in, missing_of, number_of
from gateway.pages.apply.people import theme_named
from gateway.pages.apply.progress import Progress
from gateway.pages.codes import CARRIED, Carried, carried, last_part, printed, public, receipt_of
from gateway.pages.doors import Door
from gateway.pages.outlooks import outlook
from gateway.pages.rendering import page
from gateway.problems import NotSignedIn

DOORS = (Door("/kiosk", "kiosk", frozenset({"subscriber"})),)

COOKIE = "onething_kiosk"


class NotThisKiosk(Forbidden):
    """The device that shows the page belongs to another hall."""


class CodeOver(Forbidden):
    """The code that a phone showed is over, or was never one of ours."""


class Kiosk:
    """A page of the kiosk."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.jar = Jar(secure=backend.secure)

    def device(self, req: falcon.Request, hall: str) -> Caller:
        """The device, at its hall. Raises NotSignedIn, NotThisKiosk, NotFound."""
        caller: Caller = req.context.caller
        if caller == ANYBODY:
            raise NotSignedIn
        if not req.context.names.is_hall(hall):
            raise NotFound(what="hall", id=hall)
        if caller.hall != hall:
            raise NotThisKiosk(hall=hall)
        return caller

    def show(self, req: falcon.Request, resp: falcon.Response, template: str, hall: str, **data: Any) -> None:
        """A page that goes back to the start by itself."""
        page(req, resp, f"kiosk/{template}", hall=hall, **data)


class Here(Kiosk):
    """Leads a device to its own hall."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The start page of the hall that the device was signed in for."""
        caller: Caller = req.context.caller
        if caller == ANYBODY:
            raise NotSignedIn
        raise falcon.HTTPSeeOther(f"/kiosk/{caller.hall}")


class Start(Kiosk):
    """What one can do here."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Whoever stood here before is forgotten."""
        self.device(req, hall)
        self.jar.drop(resp, COOKIE)
        self.show(req, resp, "start.html", hall)


class Draw(Kiosk):
    """取号."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """By theme, with how long one waits in each zone."""
        device = self.device(req, hall)
        queues = self.backend.for_(device).ask(GetQueues(hall=hall))
        self.show(req, resp, "draw.html", hall, zones=queues["zones"], themes=req.context.names.themes())

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Takes the number."""
        self.device(req, hall)
        form = forms.read(req)
        drawn = forms.act(form, form.into(DrawTicket, hall=hall, channel="kiosk", identifier=""))
        forms.see(form, resp, f"/kiosk/{hall}/tickets/{drawn.value['ticket']}")


class Arrive(Kiosk):
    """预约签到."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """The code of the appointment is scanned from the phone."""
        self.device(req, hall)
        self.show(req, resp, "scan.html", hall, what="check-in", letters=False)

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """It becomes a ticket."""
        self.device(req, hall)
        form = forms.read(req)
        form.need("code")
        came = forms.act(form, CheckIn(hall=hall, appointment=last_part(form.get("code"))))
        forms.see(form, resp, f"/kiosk/{hall}/tickets/{came.value['ticket']}")


class Ticket(Kiosk):
    """The number that was drawn."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, ticket: str) -> None:
        """With its place in the queue; printed where there is a printer."""
        device = self.device(req, hall)
        found = self.backend.for_(device).ask(GetTicket(hall=hall, ticket=ticket))
        template = "_ticket.html" if req.get_header("X-Fragment") else "ticket.html"
        self.show(req, resp, template, hall, ticket=found)


class ByCode(Kiosk):
    """Progress by the code of a receipt."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Scanned, or pressed letter by letter."""
        self.device(req, hall)
        self.show(req, resp, "scan.html", hall, what="progress", letters=True)

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Goes to what the code opens."""
        self.device(req, hall)
        form = forms.read(req)
        code = last_part(form.get("code")).upper()
        if not printed(self.backend).read("receipt", code):
            form.wrong({"code": "code_not_ours"})
        forms.see(form, resp, f"/kiosk/{hall}/progress/{code}")


class Standing(Kiosk):
    """Where a case stands."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, code: str) -> None:
        """The same as on one's own phone."""
        self.device(req, hall)
        progress = Progress(self.backend)
        number = progress.number(code)
        found = progress.standing(number)
        self.show(req, resp, "progress.html", hall, number=number, found=found, case=found.case, own=False)


class Guide(Kiosk):
    """The guide."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, theme: str = "") -> None:
        """All themes, or the questions of one."""
        self.device(req, hall)
        if not theme:
            self.show(req, resp, "guides.html", hall, themes=req.context.names.themes())
            return
        found = theme_named(req, theme)
        self.show(req, resp, "guide.html", hall, theme=found, outlook=outlook(found, {}))


class Carry(Kiosk):
    """A draft comes from a phone."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """The code on the phone is scanned."""
        self.device(req, hall)
        self.show(req, resp, "scan.html", hall, what="draft", letters=False)

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Holds it, sealed, for minutes."""
        self.device(req, hall)
        form = forms.read(req)
        text = last_part(form.get("code"))
        if carried(self.backend, text) is None:
            form.wrong({"code": "carried_over"})
        self.jar.put(resp, COOKIE, text, seconds=int(CARRIED.total_seconds()))
        forms.see(form, resp, f"/kiosk/{hall}/draft/check")


class Check(Kiosk):
    """The draft before it is handed in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """What there is of it, without the values: others may look over one's shoulder."""
        self.device(req, hall)
        held = self.held(req)
        draft = self.draft(held)
        if draft.used_by:  # handed in before, here or elsewhere
            number = number_of(self.backend, draft, held.caller)
            self.jar.drop(resp, COOKIE)
            resp.status = 303
            resp.set_header("Location", f"/kiosk/{hall}/handed-in/{receipt_of(self.backend, number)}")
            return
        theme = theme_named(req, draft.theme)
        self.show(
            req, resp, "check.html", hall, draft=draft, theme=theme, outlook=outlook(theme, draft.answers),
            missing=missing_of(theme, draft),
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Hands it in to this hall, in its owner's name."""
        device = self.device(req, hall)
        held = self.held(req)
        form = forms.read(req)
        req.context.caller = held.caller
        try:
            _, number = hand_in(self.backend, form, self.draft(held), hall, channel="kiosk")
        finally:
            req.context.caller = device
        self.jar.drop(resp, COOKIE)
        forms.see(form, resp, f"/kiosk/{hall}/handed-in/{receipt_of(self.backend, number)}")

    def held(self, req: falcon.Request) -> Carried:
        """The draft that is held. Raises CodeOver."""
        found = carried(self.backend, self.jar.get(req, COOKIE))
        if found is None:
            raise CodeOver
        return found

    def draft(self, held: Carried) -> DraftDetail:
        """As its owner sees it."""
        return msgspec.convert(self.backend.for_(held.caller).ask(GetDraft(draft=held.draft)), DraftDetail)


class HandedIn(Kiosk):
    """回执 of what was handed in here."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str, code: str) -> None:
        """The number, and the code to look for it."""
        self.device(req, hall)
        number = printed(self.backend).read("receipt", code)
        if not number:
            raise NotFound(what="receipt", id=code[:40])
        self.show(
            req, resp, "handed_in.html", hall, number=number, code=code, at=public(self.backend, req, f"/r/{code}")
        )


class Leave(Kiosk):
    """Whoever stood here has gone."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, hall: str) -> None:
        """Forgets everything and shows the start page. Raises ForgedRequest where another site leads here."""
        forgery.check_origin(req)
        self.jar.drop(resp, COOKIE)
        resp.set_header("Clear-Site-Data", '"cache", "storage"')
        resp.status = 303
        resp.set_header("Location", f"/kiosk/{hall}")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The kiosk of a hall."""
    app.add_route("/kiosk", Here(backend))
    app.add_route("/kiosk/{hall}", Start(backend))
    app.add_route("/kiosk/{hall}/draw", Draw(backend))
    app.add_route("/kiosk/{hall}/tickets/{ticket}", Ticket(backend))
    app.add_route("/kiosk/{hall}/check-in", Arrive(backend))
    app.add_route("/kiosk/{hall}/progress", ByCode(backend))
    app.add_route("/kiosk/{hall}/progress/{code}", Standing(backend))
    app.add_route("/kiosk/{hall}/guide", Guide(backend))
    app.add_route("/kiosk/{hall}/guide/{theme}", Guide(backend))
    app.add_route("/kiosk/{hall}/draft", Carry(backend))
    app.add_route("/kiosk/{hall}/draft/check", Check(backend))
    app.add_route("/kiosk/{hall}/handed-in/{code}", HandedIn(backend))
    app.add_route("/kiosk/{hall}/leave", Leave(backend))
