"""Begins a case: the theme, its scenario questions with what they lead to, the applicant, what was done before."""

import uuid
from typing import Any

import falcon

from catalogue import Theme
from contracts.halls import BindTicket, GetWindow, WhatCanAccept
from contracts.intake import GetNotice, OpenCase
from eventing.errors import Invalid, NotFound, OneThingError
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.desk.desks import Desk, now
from gateway.pages.desk.origins import Before, before, origins_of
from gateway.pages.forms import Form
from gateway.pages.outlooks import Outlook, outlook
from gateway.pages.rendering import page, word

CASES = uuid.UUID("6f6e6574-6869-6e67-8000-6465736b0001")
"""Names a case after the key of the form that began it: sent twice, it is the same case."""

NUMBER_REFUSED = dict.fromkeys(("number-wrong", "number-not-reserved", "number-in-use"), "number")
"""Refusals of a reserved number that a case was to have."""


class Themes(Desk):
    """Which theme it is."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """All themes, with what the window can accept of each."""
        me = self.clerk(req)
        acceptance = self.may_ask(req, WhatCanAccept(window=me.window)) if me.window else None
        can: dict[str, list[bool]] = {}
        for each in (acceptance or {}).get("items", ()):
            can.setdefault(each["theme"], []).append(each["accepts"])
        page(req, resp, "desk/themes.html", themes=req.context.names.themes(), can=can)


class New(Desk):
    """The questions of a theme, and who applies."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """The form."""
        found = self.theme(req, theme)
        self.show(req, resp, found, {}, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """With a licence that was scanned: the same form, in which the item that it proves is done (接续受理)."""
        form = self.read(req)
        item = form.get("entry_item")
        found = self.theme(req, theme)
        self.show(req, resp, found, {item: form.get("licence")} if item else {}, form.get("licence"))

    def show(
        self, req: falcon.Request, resp: falcon.Response, theme: Theme, satisfied: dict[str, str], licence: str
    ) -> None:
        """The page."""
        self.clerk(req)
        page(
            req,
            resp,
            "desk/new.html",
            theme=theme,
            outlook=outlook(theme, {}, satisfied),
            satisfied=satisfied,
            licence=licence,
            earlier=[item for item in theme.items if item.adopted and item.id not in satisfied],
            began=now(),
        )

    def theme(self, req: falcon.Request, theme: str) -> Theme:
        """A theme of today. Raises NotFound."""
        found: Theme | None = req.context.names.catalogue().themes.get(theme)
        if found is None:
            raise NotFound(what="theme", id=theme)
        return found


class Outlooks(New):
    """What answers lead to, for a page that already knows what was done before; sent as a form."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """The questions, items and materials as a fragment."""
        form, found = self.read(req), self.theme(req, theme)
        page(
            req,
            resp,
            "desk/_outlook.html",
            theme=found,
            outlook=seen(found, form, before(form)),
            satisfied=form.below("satisfied"),
        )


class Open(New):
    """Opens the case."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """One command, under a name made of the form's key."""
        form, me = self.read(req), self.clerk(req)
        found = self.theme(req, theme)
        leads = seen(found, form, before(form))
        language = language_of(req)
        unanswered = {f"answers.{each}" for each in leads.unanswered}
        if unanswered:
            raise forms.FormWrong(errors=dict.fromkeys(sorted(unanswered), word("field_missing", language)))
        case_id = str(uuid.uuid5(CASES, f"{me.by}:{form.key}"))
        opened = forms.act(
            form,
            form.into(
                OpenCase,
                case_id=case_id,
                theme=theme,
                answers=leads.answers,
                satisfied={item: evidence for item, evidence in form.below("satisfied").items() if evidence},
                channel="window",
                chosen=None,
                origins=origins_of(form),
            ),
            about=NUMBER_REFUSED,
        )
        self.bind(form, case_id)
        self.time(form, "opened", theme)
        forms.see(form, resp, f"/desk/cases/{case_id}", "case_is_open", number=opened.value["number"])

    def bind(self, form: Form, case_id: str) -> None:
        """The ticket that is being served is this case's; without one there is nothing to bind."""
        me = self.clerk(form.req)
        window = self.may_ask(form.req, GetWindow(window=me.window)) if me.window else None
        serving = (window or {}).get("serving")
        if not serving or serving["case"]:
            return
        try:
            forms.act(form, BindTicket(hall=me.hall, ticket=serving["ticket"], case=case_id), step="bind")
        except OneThingError:
            return


class Notice(New):
    """一次告知 before any case exists."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """The notice for these answers, to be printed."""
        form = self.read(req)
        leads = seen(self.theme(req, theme), form, before(form))
        if leads.selection is None:
            raise Invalid(unanswered=list(leads.unanswered))
        answer = self.ask(req, GetNotice(theme=theme, answers=leads.answers))
        page(req, resp, "desk/notice.html", notice=answer["notice"], digest=answer["digest"], number="")


def seen(theme: Theme, form: Form, earlier: Before) -> Outlook:
    """What the answers of a form lead to, with what was done or begun before."""
    return outlook(theme, form.below("answers"), earlier.satisfied, earlier.underway, earlier.denied)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """From the choice of a theme to the open case."""
    app.add_route("/desk/new", Themes(backend))
    app.add_route("/desk/new/{theme}", New(backend))
    app.add_route("/desk/new/{theme}/outlook", Outlooks(backend))
    app.add_route("/desk/new/{theme}/open", Open(backend))
    app.add_route("/desk/new/{theme}/notice", Notice(backend))
