"""The forms of the desk: each sends one command about one item."""

from typing import Any

import falcon

from contracts.approval import RecordVisit, VisitResult
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.pages.review.acts import BY_NAME
from gateway.pages.review.lists import desk_of


class Acting:
    """One act about one item."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, item: str, deed: str) -> None:
        """Does it, and goes back to where it was asked for."""
        desk_of(req)
        form = forms.read(req)
        known = BY_NAME.get(deed)
        if known is None:
            raise NotFound(what="act", id=deed)
        form.need(*(each.name for each in known.entries if each.required and each.kind not in {"packets", "copies"}))
        if known.command is RecordVisit:
            forms.act(form, visit_of(form, case_id))
        else:
            forms.act(form, form.into(known.command, case_id=case_id, item=item))
        back = "/review" if form.get("back") == "list" else f"/review/{case_id}/{item}"
        forms.see(form, resp, back, f"review_done_{deed.replace('-', '_')}")


def visit_of(form: Form, case_id: str) -> RecordVisit:
    """What a visit found: per organisation who came, per item whether it passed. Raises FormWrong."""
    passed = form.below("passed")
    form.wrong({f"passed.{item}": "field_missing" for item, said in passed.items() if said not in {"yes", "no"}})
    return RecordVisit(
        case_id=case_id,
        visit=form.get("visit"),
        inspectors={
            org: tuple(name for name in names.replace("，", ",").replace("、", ",").split(",") if name.strip())
            for org, names in form.below("inspectors").items()
        },
        results={
            item: VisitResult(passed=said == "yes", findings=form.get(f"findings.{item}"))
            for item, said in passed.items()
        },
    )


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Every act has an address of its own."""
    app.add_route("/review/{case_id}/{item}/{deed}", Acting(backend))
