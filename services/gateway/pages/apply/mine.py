"""我的办件: where each of one's cases is, what one does next, and what came of it."""

import base64
from typing import Any

import falcon
import msgspec

from contracts.approval import BundleDetail, GetBundle
from contracts.certificate import AgreeOutput, GetDocument, GetOutput, OutputDetail
from contracts.fees import GetBill
from contracts.intake import (
    BroughtMaterial,
    CaseDetail,
    FillForm,
    GetPaper,
    ListCases,
    ReceiveMaterials,
    WithdrawCase,
    WithdrawItem,
)
from contracts.notification import GetCorrespondence
from contracts.outreach import GetRatings, RateHandling
from contracts.readings import ListReadings
from eventing.errors import Invalid
from eventing.scoping import NotYourRole
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.drafting import own_drafts
from gateway.pages.apply.people import Applying, act_at, selection_of
from gateway.pages.apply.standing import Standing, standing
from gateway.pages.codes import public, receipt_of
from gateway.pages.rendering import page

SHARED = "shared:county-exchange"


class Mine(Applying):
    """All of one's cases, and the drafts that are not handed in yet."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Newest first. Raises NotYourRole for those who come on duty: the cases that they see are other people's."""
        if "applicant" not in self.applicant(req).roles:
            raise NotYourRole(verb=req.path)
        cases = self.ask(req, ListCases(after=req.get_param("after") or "", limit=20))
        page(req, resp, "apply/mine.html", cases=cases["cases"], after=cases["after"], drafts=own_drafts(self, req))


class One(Applying):
    """One of them."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The whole page, or what is live of it."""
        case = self.case(req, case_id)
        found = self.standing(req, case)
        if req.get_header("X-Fragment"):
            page(req, resp, "apply/_standing.html", case=case, found=found, own=True)
            return
        output = self.may_ask(req, GetOutput(case_id=case.case_id))
        page(
            req,
            resp,
            "apply/case.html",
            case=case,
            found=found,
            own=True,
            output=output,
            certificates=(output or {}).get("certificates", ()),
            papers=(self.may_ask(req, GetPaper(case_id=case.case_id)) or {}).get("papers", ()),
            bill=self.may_ask(req, GetBill(case_id=case.case_id)),
            messages=(self.may_ask(req, GetCorrespondence(case_id=case.case_id)) or {}).get("messages", {}),
            ratings=self.may_ask(req, GetRatings(case_id=case.case_id)),
            at=public(self.backend, req, f"/r/{receipt_of(self.backend, case.number)}"),
        )

    def standing(self, req: falcon.Request, case: CaseDetail) -> Standing:
        """Where it stands, as far as can be told."""
        bundle = self.may_ask(req, GetBundle(case_id=case.case_id))
        output = self.may_ask(req, GetOutput(case_id=case.case_id))
        return standing(
            case,
            msgspec.convert(bundle, BundleDetail) if bundle is not None else None,
            msgspec.convert(output, OutputDetail) if output is not None else None,
        )


class Give(Applying):
    """What is still to be filled in or brought."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Fields without a value, and materials of which there is no copy."""
        page(req, resp, "apply/give.html", **to_give(req, self.case(req, case_id)))

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Takes in what was given; several acts of one form."""
        case = self.case(req, case_id)
        form = forms.read(req)
        give(form, case)
        forms.see(form, resp, f"/mine/{case.case_id}", "given")


def to_give(req: falcon.Request, case: CaseDetail) -> dict[str, Any]:
    """What the form of it shows: fields without a value, materials, and the copies of them that are here."""
    selection = selection_of(req, case)
    return {
        "case": case,
        "selection": selection,
        "copies": {copy.material: copy for copy in case.materials},
        "fields": [field for field in selection.fields if field.key in case.unfilled],
    }


def give(form: forms.Form, case: CaseDetail, *, filling: str = "", bringing: str = "") -> None:
    """Fills in and brings what the form has; an agent by a mandate for each of the two. Raises Invalid for nothing."""
    values = {key: value for key, value in form.below("values").items() if value}
    brought = tuple(_brought(form, each) for each in form.below("medium") if form.get(f"medium.{each}"))
    if not values and not brought:
        raise Invalid(errors={"medium": ""})
    if values:
        command = FillForm(case_id=case.case_id, values=values, mandate=filling)
        act_at(form, case.hall, command, step="fill", fields="values.{}")
    if brought:
        bring = ReceiveMaterials(case_id=case.case_id, materials=brought, via="system", mandate=bringing)
        act_at(form, case.hall, bring, step="bring")


def _brought(form: forms.Form, material: str) -> BroughtMaterial:
    if form.get(f"medium.{material}") == "shared":
        return BroughtMaterial(material=material, medium="shared", provenance=SHARED)
    size = form.get(f"file.{material}.size")
    return BroughtMaterial(
        material=material,
        medium="digital",
        digest=form.get(f"file.{material}.digest"),
        size=int(size) if size.isdecimal() else 0,
        media_type=form.get(f"file.{material}.media_type"),
        receipt=form.get(f"file.{material}.receipt"),
    )


class Withdraw(Applying):
    """撤回 of an item, or of the whole case."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Unless it was decided before."""
        self.applicant(req)
        form = forms.read(req)
        item, reason = form.get("item"), form.get("reason")
        if item:
            forms.act(form, WithdrawItem(case_id=case_id, item=item, reason=reason, channel="web"))
        else:
            forms.act(form, WithdrawCase(case_id=case_id, reason=reason, channel="web"))
        forms.see(form, resp, f"/mine/{case_id}", "withdrawn_asked", mood="warn")


class Leaving(Applying):
    """结果怎样领取."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What has not left yet leaves as the applicant wants it; addressed to the exit of the case."""
        form = forms.read(req)
        output = self.ask(req, GetOutput(case_id=case_id))
        act_at(form, output["hall"], form.into(AgreeOutput, case_id=output["case_id"]))
        forms.see(form, resp, f"/mine/{case_id}", "output_agreed")


class Rate(Applying):
    """好差评."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """One handling, once."""
        self.applicant(req)
        form = forms.read(req)
        form.need("grade", "handling")
        forms.act(form, form.into(RateHandling, case_id=case_id, channel="mobile", receipt=""))
        forms.see(form, resp, f"/mine/{case_id}", "rated_thanks")


class Readings(Applying):
    """谁看过我的信息."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Newest first."""
        case = self.case(req, case_id)
        found = self.ask(req, ListReadings(case_id=case.case_id, after=req.get_param("after") or ""))
        page(req, resp, "apply/readings.html", case=case, readings=found["readings"], after=found["after"])


class Paper(Applying):
    """A numbered document of one's case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str, number: str) -> None:
        """As PDF."""
        _pdf(resp, self.ask(req, GetPaper(case_id=case_id, number=number, format="pdf"))["content"])


class Document(Applying):
    """A certificate of one's own."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str, certificate: str) -> None:
        """As PDF."""
        _pdf(resp, self.ask(req, GetDocument(case_id=case_id, certificate=certificate))["pdf"])


def _pdf(resp: falcon.Response, content: str) -> None:
    resp.content_type = "application/pdf"
    resp.set_header("Cache-Control", "no-store")
    resp.set_header("Content-Disposition", "inline")
    resp.data = base64.b64decode(content)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """One's own cases."""
    app.add_route("/mine", Mine(backend))
    app.add_route("/mine/{case_id}", One(backend))
    app.add_route("/mine/{case_id}/give", Give(backend))
    app.add_route("/mine/{case_id}/withdraw", Withdraw(backend))
    app.add_route("/mine/{case_id}/output", Leaving(backend))
    app.add_route("/mine/{case_id}/rate", Rate(backend))
    app.add_route("/mine/{case_id}/readings", Readings(backend))
    app.add_route("/mine/{case_id}/papers/{number}", Paper(backend))
    app.add_route("/mine/{case_id}/certificates/{certificate}", Document(backend))
