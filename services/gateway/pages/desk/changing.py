"""变更: a case that stands takes in more items, gives some back, has fields marked, is merged or handed on."""

from typing import Any

import falcon

from catalogue import Item, Theme
from contracts.intake import (
    CaseDetail,
    ForwardCase,
    JoinItems,
    MergeCase,
    ReturnItems,
    SendBack,
    WithdrawCase,
    WithdrawItem,
)
from eventing.errors import NotFound
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.codes import number_in
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import OPEN, Desk, selection_of, theme_of
from gateway.pages.desk.origins import RESULTS, origins_of
from gateway.pages.forms import Form
from gateway.pages.rendering import page

LEAVING = (*OPEN, "accepted")
"""States of items that the applicant can take back."""


class Change(Desk):
    """What can be done about the items of a case."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Joining, withdrawing and returning, each where there is something to."""
        case = self.case(req, case_id)
        theme = theme_of(req, case)
        page(
            req,
            resp,
            "desk/change.html",
            case=case,
            step=step_of(case),
            theme=theme,
            joinable=joinable(case, theme),
            leaving={item: state for item, state in case.items.items() if state in LEAVING},
            returnable=[item for item, state in case.items.items() if state in OPEN] if case.materials else [],
            single=alone(case),
            underway=[item for item, state in case.items.items() if state == "underway"],
            results=RESULTS,
        )


class Join(Desk):
    """接续: items that the case lacks, and answers to what comes up with them."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What was answered before and stays the same is not sent again."""
        form = self.read(req)
        case = self.case(req, case_id)
        answers = {name: value for name, value in form.below("answers").items() if value != case.answers.get(name, "")}
        items, origins = form.all("items"), origins_of(form)
        if not items and not answers and not origins:
            form.wrong({"items": "join_nothing"})
        command = JoinItems(
            case_id=case.case_id, items=items, answers=answers, origins=origins, offer=form.get("offer")
        )
        forms.act(form, command, fields="answers.{}")
        forms.see(form, resp, f"/desk/cases/{case.case_id}", "items_joined")


class Withdraw(Desk):
    """撤回: the applicant wants an item back, or all of them."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """One item, or with ``whole`` the case. Of what was accepted, its department says whether it had decided."""
        form = self.read(req)
        if form.get("whole"):
            form.need("shown")
            forms.act(form, WithdrawCase(case_id=case_id, reason=form.get("reason")))
        else:
            form.need("item")
            forms.act(form, WithdrawItem(case_id=case_id, item=form.get("item"), reason=form.get("reason")))
        forms.see(form, resp, f"/desk/cases/{case_id}", "withdrawal_noted", mood="warn")


class Return(Desk):
    """退件: what was received and cannot be accepted goes back, with a notice."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The notice is among the papers."""
        form = self.read(req)
        form.need("items", "reason")
        forms.act(form, form.into(ReturnItems, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/papers", "items_returned", mood="warn")


class Marks(Desk):
    """退回修改: fields of the form that are wrong, each with what is wrong with it."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """The fields that are filled and that nothing accepted rests on."""
        case = self.case(req, case_id, personal=True)
        fields = [
            field
            for field in selection_of(req, case).fields
            if case.fields.get(field.key) and any(case.items.get(item) in OPEN for item in field.items)
        ]
        page(req, resp, "desk/marks.html", case=case, step=step_of(case), fields=fields)

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Marks those that have a reason."""
        form = self.read(req)
        marked = {key: reason for key, reason in form.below("fields").items() if reason}
        if not marked:
            form.wrong({_first(form): "marks_nothing"})
        forms.act(form, SendBack(case_id=case_id, fields=marked), fields="fields.{}")
        forms.see(form, resp, f"/desk/cases/{case_id}/form", "fields_sent_back", mood="warn", count=len(marked))


class Merge(Desk):
    """合并: the case goes on as another one of the same person and theme."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Whoever is at the desk knows the other one by its number."""
        form = self.read(req)
        form.need("into")
        try:
            other = self.case(req, number_in(form.get("into")) or form.get("into"))
        except NotFound:
            form.wrong({"into": "merge_unknown"})
            raise
        forms.act(form, MergeCase(case_id=case_id, into=other.case_id))
        forms.see(form, resp, f"/desk/cases/{other.case_id}", "cases_merged", number=other.number)


class Forward(Desk):
    """异地代收: the set goes to the hall that owns the case, which accepts it."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """With what was checked in form and of whose identity."""
        form = self.read(req)
        forms.act(form, form.into(ForwardCase, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}", "case_forwarded")


def _first(form: Form) -> str:
    return next((f"fields.{key}" for key in form.below("fields")), "fields")


def joinable(case: CaseDetail, theme: Theme) -> list[Item]:
    """The items of the theme that the case does not handle and that were not done before."""
    has = {each.item for each in case.plan if each.standing != "not_needed"}
    return [item for item in theme.items if item.adopted and item.id not in has]


def alone(case: CaseDetail) -> str:
    """The only item that the case handles; empty where there are several. Its theme can be offered."""
    handled = [each.item for each in case.plan if each.standing == "selected"]
    return handled[0] if len(handled) == 1 else ""


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """What changes a case that stands."""
    app.add_route("/desk/cases/{case_id}/change", Change(backend))
    app.add_route("/desk/cases/{case_id}/join", Join(backend))
    app.add_route("/desk/cases/{case_id}/withdraw", Withdraw(backend))
    app.add_route("/desk/cases/{case_id}/return", Return(backend))
    app.add_route("/desk/cases/{case_id}/form/marks", Marks(backend))
    app.add_route("/desk/cases/{case_id}/merge", Merge(backend))
    app.add_route("/desk/cases/{case_id}/forward", Forward(backend))
