"""一表申请: the one form of a case, with what is known already and where it comes from."""

from typing import Any

import falcon
import msgspec

from contracts.intake import CaseDetail, FillForm, Prefilled, PrefillForm
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import OPEN, Desk, now, selection_of
from gateway.pages.rendering import page


class OneForm(Desk):
    """The form."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """With the values that it has."""
        self.show(
            req,
            resp,
            self.case(req, case_id, personal=True),
            Prefilled(applicant=None, values={}, provenance={}, unfilled=()),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Fills it: only what changed is sent, each with where it comes from."""
        form = self.read(req)
        case = self.case(req, case_id, personal=True)
        before = case.form or {}
        values = {key: value for key, value in form.below("values").items() if value != before.get(key, "")}
        known = form.below("known")
        provenance = {
            key: origin
            for key, origin in form.below("provenance").items()
            if origin and key in values and values[key] == known.get(key)
        }
        if values:
            command = FillForm(case_id=case.case_id, values=values, provenance=provenance)
            forms.act(form, command, fields="values.{}")
            self.time(form, "form", case.theme)
        forms.see(form, resp, f"/desk/cases/{case.case_id}/materials", "form_filled")

    def show(self, req: falcon.Request, resp: falcon.Response, case: CaseDetail, known: Prefilled) -> None:
        """The page, with values that are known from elsewhere where the form has none."""
        selection = selection_of(req, case)
        fixed = {
            field.key
            for field in selection.fields
            if case.status == "closed"
            or (case.fields.get(field.key) and not any(case.items.get(item) in OPEN for item in field.items))
        }
        page(
            req,
            resp,
            "desk/form.html",
            case=case,
            step=step_of(case),
            fields=selection.fields,
            fixed=fixed,
            known=known,
            began=now(),
        )


class Prefill(OneForm):
    """The form with what an earlier case of the same applicant knows."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Nothing is kept before the clerk sends the form."""
        self.read(req)
        case = self.case(req, case_id, personal=True)
        asked = PrefillForm(
            theme=case.theme,
            answers=case.answers,
            case_id=case.case_id,
            identifier=case.applicant.identifier if case.applicant else "",
        )
        found = msgspec.convert(self.ask(req, asked), Prefilled)
        self.show(req, resp, case, found)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The one form."""
    app.add_route("/desk/cases/{case_id}/form", OneForm(backend))
    app.add_route("/desk/cases/{case_id}/form/prefill", Prefill(backend))
