"""协同: who else works on a case, messages between windows, and asking another window to go on with it."""

from typing import Any

import falcon

from contracts.halls import (
    AcceptHandOver,
    DeclineHandOver,
    ListCaseMessages,
    ListHandOvers,
    Presence,
    RequestHandOver,
    SendCaseMessage,
    WithdrawHandOver,
)
from contracts.language import Command
from eventing.errors import Forbidden, Invalid
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.desk.case import step_of
from gateway.pages.desk.desks import Desk
from gateway.pages.desk.hall import rows
from gateway.pages.rendering import page

LISTED = 50
"""Messages on a page, the newest first of all."""

ACTS: dict[str, type[Command]] = {
    "request": RequestHandOver,
    "accept": AcceptHandOver,
    "decline": DeclineHandOver,
    "withdraw": WithdrawHandOver,
    "message": SendCaseMessage,
}


class Together(Desk):
    """The others."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """Messages, requests and who is here. A hall that is only asked to help sees this, and nothing of the case."""
        me = self.clerk(req)
        asked = [each for each in rows(self.may_ask(req, ListHandOvers(hall=me.hall))) if each["case_id"] == case_id]
        try:
            case = self.case(req, case_id)
        except Forbidden:
            if not asked:
                raise
            case = None
        newest = ListCaseMessages(case_id=case_id, reversed=True, after=req.get_param("after") or "", limit=LISTED)
        found = self.may_ask(req, newest) or {"messages": [], "after": ""}
        page(
            req,
            resp,
            "desk/_together.html" if req.get_header("X-Fragment") else "desk/together.html",
            case=case,
            case_id=case_id,
            step=step_of(case) if case else 0,
            messages=found["messages"][::-1],
            earlier=found["after"],
            present=rows(self.may_ask(req, Presence(case_id=case_id))),
            asked=asked,
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """``act`` says what is done."""
        form = self.read(req)
        kind = ACTS.get(form.get("act"))
        if kind is None:
            raise Invalid(act=form.get("act"))
        forms.act(form, form.into(kind, case_id=case_id))
        forms.see(form, resp, f"/desk/cases/{case_id}/together")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The others on a case."""
    app.add_route("/desk/cases/{case_id}/together", Together(backend))
