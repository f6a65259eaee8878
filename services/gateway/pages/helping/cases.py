"""代办的办件: a case that was opened under a mandate, with what the mandates of the same applicant still carry."""

from functools import partial
from typing import Any

import falcon
import msgspec
from msgspec import Struct

from contracts.approval import BundleDetail, GetBundle
from contracts.certificate import GetOutput, OutputDetail
from contracts.delegation import ListMandates, MandateAct, MandateDetail
from contracts.intake import CaseDetail, GetCase, WithdrawCase, WithdrawItem
from eventing.errors import OneThingError
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.apply.mine import give, to_give
from gateway.pages.apply.standing import standing
from gateway.pages.helping.looking import Look
from gateway.pages.helping.mandates import Acting, MandateNotEnough
from gateway.pages.names import term
from gateway.pages.questions import every

DONE: tuple[MandateAct, ...] = ("fill", "submit", "withdraw")
"""What can be done in a case that is open."""


class Carried(Struct, frozen=True):
    """By which mandate something can be done, or why by none."""

    mandate: str
    refusal: str = ""


class Cases(Acting):
    """A resource of a case."""

    def case(self, req: falcon.Request, case_id: str) -> CaseDetail:
        """The case, for whoever acted in it."""
        return msgspec.convert(self.ask(req, GetCase(case_id=case_id)), CaseDetail)

    def carried(self, req: falcon.Request, case: CaseDetail) -> dict[MandateAct, Carried]:
        """Each act, by the mandate that carries it: the one the case was opened under, or a later one of the same
        applicant's."""
        opened = self.opened_under(req, case)
        if opened is None:
            return {act: Carried(case.mandate, "no-mandate") for act in DONE}
        mine = every(partial(self.ask, req), ListMandates(agent=self.helper(req).by))
        principal = opened.scope.principal
        names = dict.fromkeys((opened.mandate, *(each["mandate"] for each in mine if each["principal"] == principal)))
        found = self.refusals(req, principal, [(name, case.theme, act) for act in DONE for name in names])
        return {
            act: next(
                (Carried(name) for name in names if not found[name, case.theme, act]),
                Carried(opened.mandate, found[opened.mandate, case.theme, act]),
            )
            for act in DONE
        }

    def opened_under(self, req: falcon.Request, case: CaseDetail) -> MandateDetail | None:
        """The mandate under which the case was opened; None where the caller may not know it."""
        try:
            return self.mandate(req, case.mandate) if case.mandate else None
        except OneThingError:
            return None

    def by(self, req: falcon.Request, carried: dict[MandateAct, Carried], act: MandateAct) -> str:
        """The mandate for an act. Raises MandateNotEnough."""
        found = carried[act]
        if found.refusal:
            raise MandateNotEnough(mandate=found.mandate, reason=term(found.refusal, language_of(req)))
        return found.mandate


class Case(Cases):
    """One case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Where it stands, and what can be done for the applicant."""
        case = self.case(req, case_id)
        parts = Look(self.backend)
        seen = standing(
            case,
            parts.perhaps(req, GetBundle(case_id=case.case_id), BundleDetail),
            parts.perhaps(req, GetOutput(case_id=case.case_id), OutputDetail),
        )
        if req.get_header("X-Fragment"):
            self.show(req, resp, "_progress.html", case=case, found=seen, by_mandate=True)
            return
        self.show(req, resp, "case.html", case=case, found=seen, by_mandate=True, carried=self.carried(req, case))


class Give(Cases):
    """补充: fields without a value, and materials."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The form, with what the mandate carries of it."""
        case = self.case(req, case_id)
        carried = self.carried(req, case)
        self.show(
            req, resp, "give.html", **to_give(req, case), carried=carried, fills=not carried["fill"].refusal,
            brings=not carried["submit"].refusal,
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Takes in what was given."""
        case, form = self.case(req, case_id), self.read(req)
        carried = self.carried(req, case)
        fills = any(form.below("values").values())
        brings = any(form.below("medium").values())
        give(
            form,
            case,
            filling=self.by(req, carried, "fill") if fills else "",
            bringing=self.by(req, carried, "submit") if brings else "",
        )
        forms.see(form, resp, f"/help/cases/{case.case_id}", "given")


class Withdraw(Cases):
    """撤回 of an item, or of the whole case."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Unless it was decided before, or the mandate does not carry it."""
        case, form = self.case(req, case_id), self.read(req)
        mandate = self.by(req, self.carried(req, case), "withdraw")
        item, reason = form.get("item"), form.get("reason")
        if item:
            command = WithdrawItem(case_id=case.case_id, item=item, reason=reason, channel="web", mandate=mandate)
            forms.act(form, command)
        else:
            forms.act(form, WithdrawCase(case_id=case.case_id, reason=reason, channel="web", mandate=mandate))
        forms.see(form, resp, f"/help/cases/{case.case_id}", "withdrawn_asked", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Cases of principals."""
    app.add_route("/help/cases/{case_id}", Case(backend))
    app.add_route("/help/cases/{case_id}/give", Give(backend))
    app.add_route("/help/cases/{case_id}/withdraw", Withdraw(backend))
