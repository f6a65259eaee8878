"""申请人的选择: to bring later or promise (容缺、告知承诺), and what becomes of the rest when an item failed."""

from typing import Any

import falcon

from catalogue import Item
from contracts.intake import CaseDetail, DeclareTerms, RecordChoice, Signed
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.people import OPEN, Applying, selection_of
from gateway.pages.commitments import commitment, promisable, tolerable
from gateway.pages.rendering import page


class Terms(Applying):
    """What the law lets one bring later, or promise; asked for here, agreed to by whoever accepts."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Materials and items that are open to it, and the text of the commitment."""
        case = self.case(req, case_id)
        pending = _pending(req, case)
        page(
            req,
            resp,
            "apply/terms.html",
            case=case,
            tolerable=tolerable(case, selection_of(req, case), pending),
            promises=promisable(pending),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Declares it, with the commitment; nothing ticked takes back what was declared."""
        case = self.case(req, case_id)
        form = forms.read(req)
        tolerate, promise = form.all("tolerate"), form.all("promise")
        if (tolerate or promise) and not form.get("signed"):
            form.wrong({"signed": "terms_sign_first"})
        signed = Signed(document=commitment(case.number, tolerate, promise)) if tolerate or promise else None
        forms.act(form, DeclareTerms(case_id=case.case_id, tolerate=tolerate, promise=promise, signed=signed))
        forms.see(form, resp, f"/mine/{case.case_id}", "terms_declared" if signed else "terms_taken_back")


class Choose(Applying):
    """继续或者撤回, after items failed."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Once for the items that failed."""
        self.applicant(req)
        form = forms.read(req)
        form.need("choice")
        forms.act(form, form.into(RecordChoice, case_id=case_id, channel="web", mandate=""))
        forms.see(form, resp, f"/mine/{case_id}", "choice_recorded")


def _pending(req: falcon.Request, case: CaseDetail) -> list[Item]:
    theme = req.context.names.catalogue(case.catalogue).theme(case.theme)
    return [theme.item(each) for each, state in case.items.items() if state in OPEN]


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Terms and choices."""
    app.add_route("/mine/{case_id}/terms", Terms(backend))
    app.add_route("/mine/{case_id}/choice", Choose(backend))
