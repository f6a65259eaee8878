"""收费 at the cash desk: what a case costs, what came in under which receipt, and what goes back."""

from typing import Any

import falcon

from contracts.fees import GetBill, RecordPayment, RefundPayment
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page

METHODS = ("cash", "card", "transfer")
"""How money moves at a desk; what is paid online is no clerk's to record."""


class Fees(Desk):
    """The bill of a case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Line by line and payee by payee."""
        case = self.case(req, case_id)
        bill = self.ask(req, GetBill(case_id=case.case_id))
        template = "desk/_fees.html" if req.get_header("X-Fragment") else "desk/fees.html"
        page(req, resp, template, case=case, step=step_of(case), bill=bill, methods=METHODS)

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Money came in, or, for an item that left before its decision, goes back."""
        form = self.read(req)
        back = form.get("act") == "refund"
        form.need("receipt", "method")
        if form.get("method") not in METHODS:
            form.wrong({"method": "field_choice"})
        forms.act(form, form.into(RefundPayment if back else RecordPayment, case_id=case_id))
        said = "fee_given_back" if back else "fee_paid"
        forms.see(form, resp, f"/desk/cases/{case_id}/fees", said, receipt=form.get("receipt"))


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The cash desk."""
    app.add_route("/desk/cases/{case_id}/fees", Fees(backend))
