"""The papers of a case: the receipt with its code, and every numbered document, to be printed."""

import base64
from typing import Any

import falcon

from contracts.intake import GetPaper
from gateway.backend import Backend
from gateway.pages.codes import public, receipt_of
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page


class Receipt(Desk):
    """What the applicant takes home."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """With the code that leads to the progress of the case."""
        case = self.case(req, case_id)
        address = public(self.backend, req, f"/r/{receipt_of(self.backend, case.number)}")
        page(req, resp, "desk/receipt.html", case=case, address=address, step=step_of(case))


class Papers(Desk):
    """Which papers there are."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """By number."""
        case = self.case(req, case_id)
        listed = self.ask(req, GetPaper(case_id=case.case_id))["papers"]
        page(req, resp, "desk/papers.html", case=case, papers=listed, step=step_of(case))


class Paper(Desk):
    """One paper."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str, number: str) -> None:
        """As PDF."""
        answer = self.ask(req, GetPaper(case_id=case_id, number=number, format="pdf"))
        resp.content_type = answer["media_type"]
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("Content-Disposition", "inline")
        resp.data = base64.b64decode(answer["content"])


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Receipt and papers."""
    app.add_route("/desk/cases/{case_id}/receipt", Receipt(backend))
    app.add_route("/desk/cases/{case_id}/papers", Papers(backend))
    app.add_route("/desk/cases/{case_id}/papers/{number}", Paper(backend))
