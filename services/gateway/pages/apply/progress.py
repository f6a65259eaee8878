"""回执码: where a case stands, for whoever holds the receipt, and how one was served. Nobody says who they are."""

from typing import Any

import falcon
import msgspec

from contracts.approval import BundleDetail, GetBundle
from contracts.certificate import GetOutput, OutputDetail
from contracts.intake import CaseDetail, GetCase
from contracts.language import Query
from contracts.outreach import GetRatings, RateHandling
from eventing.errors import NotFound, OneThingError
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.standing import Standing, standing
from gateway.pages.codes import printed
from gateway.pages.rendering import page


class Progress:
    """What the code of a receipt opens."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, code: str) -> None:
        """The whole page, or what is live of it. Nothing in it is personal."""
        number = self.number(code)
        found = self.standing(number)
        fragment = bool(req.get_header("X-Fragment"))
        page(
            req,
            resp,
            "apply/_standing.html" if fragment else "apply/progress.html",
            code=code,
            number=number,
            found=found,
            case=found.case,
            own=False,
            ratings=None if fragment else self.ratings(number, code),
        )

    def number(self, code: str) -> str:
        """The case's number. Raises NotFound for a code that this house did not print."""
        number = printed(self.backend).read("receipt", code)
        if not number:
            raise NotFound(what="receipt", id=code[:40])
        return number

    def standing(self, number: str) -> Standing:
        """Where the case stands: the house itself looks, as the code is the permission to."""
        ask = self.backend.client.ask
        case = msgspec.convert(ask(GetCase(case_id=number)), CaseDetail)
        return standing(
            case,
            _perhaps(self.backend, GetBundle(case_id=case.case_id), BundleDetail),
            _perhaps(self.backend, GetOutput(case_id=case.case_id), OutputDetail),
        )

    def ratings(self, number: str, code: str) -> Any:
        """What can be rated, and what was; None while that is not known."""
        try:
            return self.backend.client.ask(GetRatings(case_id=number, receipt=code))
        except OneThingError:
            return None


class Rate(Progress):
    """好差评 with the code."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, code: str) -> None:
        """One handling, once."""
        number = self.number(code)
        form = forms.read(req)
        form.need("grade", "handling")
        case = self.backend.client.ask(GetCase(case_id=number))
        command = form.into(RateHandling, case_id=case["case_id"], channel="code", receipt=code)
        forms.act(form, command)
        forms.see(form, resp, f"/r/{code}", "rated_thanks")


class Enter(Progress):
    """Where the code is typed or scanned."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:  # type: ignore[override]
        """The field."""
        page(req, resp, "apply/enter.html")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Leads to the page of the code."""
        from gateway.pages.codes import last_part

        form = forms.read(req)
        form.need("code")
        code = last_part(form.get("code")).upper()
        if not printed(self.backend).read("receipt", code):
            form.wrong({"code": "code_not_ours"})
        forms.see(form, resp, f"/r/{code}")


def _perhaps(backend: Backend, query: Query, kind: Any) -> Any:
    try:
        return msgspec.convert(backend.client.ask(query), kind)
    except OneThingError:
        return None


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Progress by code."""
    app.add_route("/r", Enter(backend))
    app.add_route("/r/{code}", Progress(backend))
    app.add_route("/r/{code}/rate", Rate(backend))
