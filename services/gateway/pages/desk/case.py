"""One case at the desk: where it stands, item by item, and what comes next."""

from typing import Any

import falcon

from contracts.approval import GetBundle
from contracts.intake import CaseDetail, GetNotice, RequestCorrection
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.desks import OPEN, Desk, selection_of
from gateway.pages.rendering import page

STEPS = ("opened", "form", "materials", "accept", "receipt")


def step_of(case: CaseDetail) -> int:
    """Which step comes next, counted from 1."""
    if not any(state in OPEN for state in case.items.values()):
        return 5
    if case.unfilled:
        return 2
    return 3 if any(case.missing.values()) else 4


class Overview(Desk):
    """The case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The whole page, or what is live of it."""
        case = self.case(req, case_id)
        bundle = self.may_ask(req, GetBundle(case_id=case.case_id)) if "accepted" in case.items.values() else None
        template = "desk/_standing.html" if req.get_header("X-Fragment") else "desk/case.html"
        page(
            req,
            resp,
            template,
            case=case,
            step=step_of(case),
            selection=selection_of(req, case),
            reviews=_reviews(bundle),
        )


def _reviews(bundle: Any) -> dict[str, Any]:
    reviews = (bundle or {}).get("reviews") or ()
    if isinstance(reviews, dict):
        return reviews
    return {each["item"]: each for each in reviews}


class Notice(Desk):
    """一次告知 of a case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """To be printed."""
        answer = self.ask(req, GetNotice(case_id=case_id))
        page(req, resp, "desk/notice.html", notice=answer["notice"], digest=answer["digest"], number=answer["number"])


class Correct(Desk):
    """补正告知: everything that is missing, told once."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Asks for it; the notice is printed from the papers."""
        form = self.read(req)
        asked = forms.act(form, RequestCorrection(case_id=case_id))
        forms.see(
            form,
            resp,
            f"/desk/cases/{case_id}/papers",
            "correction_asked",
            mood="warn",
            number=asked.value["correction"]["notice"],
        )


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """One case."""
    app.add_route("/desk/cases/{case_id}", Overview(backend))
    app.add_route("/desk/cases/{case_id}/notice", Notice(backend))
    app.add_route("/desk/cases/{case_id}/correction", Correct(backend))
