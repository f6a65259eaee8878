"""结果怎样领取: what is agreed with the applicant, and packages that leave by post or through a locker."""

from collections.abc import Mapping
from typing import Any

import falcon

from contracts.certificate import (
    AgreeOutput,
    ConfirmDelivery,
    DispatchPackage,
    GetAddress,
    GetOutput,
    HandOver,
    RecallPackage,
    RecordRefusal,
)
from contracts.language import Command
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page

MODES = ("itemised", "early", "integrated")

METHODS: tuple[HandOver, ...] = ("window", "post", "locker", "electronic")

CHECKS: Mapping[str, tuple[str, ...]] = {
    "window": ("document", "mandate"),
    "post": ("signed", "document", "mandate"),
    "locker": ("code",),
    "electronic": ("account",),
}
"""How who takes a package is known, by the way in which it leaves."""

ACTS: Mapping[str, tuple[type[Command], str, tuple[str, ...]]] = {
    "agree": (AgreeOutput, "output_agreed", ()),
    "dispatch": (DispatchPackage, "package_dispatched", ()),
    "confirm": (ConfirmDelivery, "package_arrived", ("identity_check",)),
    "recall": (RecallPackage, "package_recalled", ("reason",)),
    "refuse": (RecordRefusal, "refusal_recorded", ("identity_check", "witness")),
}
"""Act → its command, what is said afterwards, and what must not be empty."""

NEEDED = {"post": ("tracking",), "locker": ("cabinet", "cell")}
"""What has to be known of a package that travels."""


class Leaving(Desk):
    """An act at the exit, other than handing over at the counter."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, act: str) -> None:
        """Does it."""
        form = self.read(req)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        kind, said, needed = ACTS[act]
        form.need(*needed, *(NEEDED.get(form.get("method"), ()) if act == "dispatch" else ()))
        forms.act(form, form.into(kind, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/output", said)


class Label(Desk):
    """The label of what is posted."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Whom it goes to, and where; that it was read is recorded."""
        case = self.case(req, case_id, personal=True)
        address = self.ask(req, GetAddress(case_id=case.case_id))["address"]
        output = self.ask(req, GetOutput(case_id=case.case_id))
        page(req, resp, "desk/label.html", case=case, address=address, output=output)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Ways out."""
    app.add_route("/desk/cases/{case_id}/output/address", Label(backend))
    app.add_route("/desk/cases/{case_id}/output/{act}", Leaving(backend))
