"""档案: what is archived, what is due, who appraises it, who has it destroyed, and the register of what was."""

from collections.abc import Mapping
from typing import Any, get_args

import falcon

from contracts.archives import (
    ApproveDestruction,
    ArchiveState,
    DestroyArchive,
    ExtendRetention,
    GetArchive,
    ListArchives,
    MakeArchive,
)
from contracts.language import Command
from contracts.scopes.table import may_ask
from gateway.api.archives import Package
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.rendering import page

ROLES = frozenset({"manager", "approver", "auditor", "operator"})
DOORS = (Door("/archives", "archives", ROLES),)

STATES = get_args(ArchiveState)
ROWS = 50

ACTS: Mapping[str, type[Command]] = {
    "make": MakeArchive,
    "extend": ExtendRetention,
    "approve": ApproveDestruction,
    "destroy": DestroyArchive,
}
"""The last word of an address → what is done there."""


class All:
    """Those whose term is over first; ``due`` is the list for the appraisal, ``destroyed`` the register."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A page of them."""
        asked = {name: (req.get_param(name) or "").strip() for name in ("state", "hall", "department")}
        if asked["state"] not in STATES:
            asked["state"] = ""
        question = ListArchives(**asked, after=req.get_param("after") or "", limit=ROWS)  # type: ignore[arg-type]
        found = self.backend.for_(speaker(req)).ask(question)
        catalogue = req.context.names.catalogue()
        page(
            req,
            resp,
            "archives/all.html",
            rows=found["archives"],
            after=found["after"],
            asked=asked,
            states=STATES,
            halls=[(hall, node["name"]) for hall, node in req.context.names.halls().items()],
            departments=sorted((org.id, org.name) for org in catalogue.organisations.values()),
        )


class One:
    """One archived case: its terms, its packages, what was found of it, and what can be done with it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """As it stands; whoever approved its destruction is not offered to carry it out."""
        caller = speaker(req)
        found = self.backend.for_(caller).ask(GetArchive(case_id=case_id))
        page(
            req,
            resp,
            "archives/one.html",
            file=found,
            row=found["row"],
            may={act: may_ask(command, caller) for act, command in ACTS.items()},
            is_approver=caller.by == found["row"]["approved_by"],
        )


class Act:
    """What is done to an archive."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, act: str) -> None:
        """Makes, extends, approves, destroys."""
        speaker(req)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        form = forms.read(req)
        given: dict[str, Any] = {"case_id": case_id}
        if act == "extend" and not form.get("keep_until"):
            given["keep_until"] = None
        forms.act(form, form.into(ACTS[act], **given))
        forms.see(form, resp, f"/archives/{case_id}", f"archives_{act}_done")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The list, one of it with its package, and what is done to it."""
    app.add_route("/archives", All(backend))
    app.add_route("/archives/{case_id}", One(backend))
    app.add_route("/archives/{case_id}/package", Package(backend))
    app.add_route("/archives/{case_id}/{act}", Act(backend))
