"""未送达消息: what no carrier could bring, until the applicant was told by another way."""

from typing import Any, get_args

import falcon

from contracts.intake import GetCase
from contracts.notification import (
    ConfirmMessage,
    Failing,
    GetCorrespondence,
    ListUndelivered,
    MessageChannel,
    MessageKind,
    ResendMessage,
)
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.helping.frame import UNDELIVERED, Helping
from gateway.pages.questions import asked, narrowing

NARROWING = ("kind", "channel", "reason", "since", "reversed")
PAGE = 50


class Undelivered(Helping):
    """The list."""

    tab = UNDELIVERED

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Oldest first, unless asked otherwise."""
        found = self.ask(req, asked(ListUndelivered, req, *NARROWING, "after", limit=PAGE))
        self.show(
            req, resp, "undelivered.html", messages=found["messages"], after=found["after"],
            narrowed=narrowing(req, *NARROWING), kinds=get_args(MessageKind), channels=get_args(MessageChannel),
            reasons=get_args(Failing),
        )  # fmt: skip


class Messages(Helping):
    """Those of one case, or of a draft."""

    tab = UNDELIVERED

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """In order; which case it is where there is one, without who applied."""
        told = self.ask(req, GetCorrespondence(case_id=case_id))
        case = self.may_ask(req, GetCase(case_id=case_id))
        self.show(req, resp, "messages.html", case_id=case_id, case=case, messages=told["messages"])


class Act(Helping):
    """Something is done with a message."""

    tab = UNDELIVERED

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, message: str, act: str) -> None:
        """The applicant was told, or it leaves again."""
        form = self.read(req)
        commands: dict[str, tuple[Any, str]] = {
            "told": (
                ConfirmMessage(case_id=case_id, message=message, outcome="delivered", channel="in_person"),
                "help_told_in_person",
            ),
            "resend": (ResendMessage(case_id=case_id, message=message), "help_resent"),
        }
        if act not in commands:
            raise falcon.HTTPNotFound
        command, said = commands[act]
        forms.act(form, command)
        forms.see(form, resp, f"/help/undelivered/{case_id}", said)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Messages."""
    app.add_route("/help/undelivered", Undelivered(backend))
    app.add_route("/help/undelivered/{case_id}", Messages(backend))
    app.add_route("/help/undelivered/{case_id}/{message}/{act}", Act(backend))
