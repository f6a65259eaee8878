"""咨询记录: what was asked and told, who has to be called back, and what came of it."""

import uuid
from typing import Any

import falcon
import msgspec

from contracts.language import Command
from contracts.outreach import (
    Asked,
    CloseConsultation,
    FollowUpConsultation,
    GetConsultation,
    LinkConsultation,
    ListConsultations,
    RecordConsultation,
)
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.pages.helping.frame import CONSULTATIONS, Helping, channel_of
from gateway.pages.outlooks import outlook
from kernel.clock import local_date

RECORDS = uuid.UUID("6f6e6574-6869-6e67-8000-68656c700001")
"""Names a consultation after the form that recorded it: sent twice, it is the same."""

STATES = ("open", "linked", "closed")
INTENTIONS = ("unknown", "intends", "none")
OUTCOMES = ("reached", "not_reached", "not_wanted")
PAGE = 50

ACTS: dict[str, type[Command]] = {
    "follow-up": FollowUpConsultation,
    "link": LinkConsultation,
    "close": CloseConsultation,
}


class Consultations(Helping):
    """The list; what is recorded is sent to it."""

    tab = CONSULTATIONS

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Those within the caller's reach; at first their own that are open."""
        asked = {name: req.get_param(name) or "" for name in ("state", "theme")}
        if "state" not in req.params:
            asked |= {"state": "open"}
        mine = "state" not in req.params or bool(req.get_param("mine"))
        due = bool(req.get_param("due"))
        today = local_date(self.backend.now())
        query = ListConsultations(
            theme=asked["theme"],
            state=asked["state"] if asked["state"] in STATES else "",  # type: ignore[arg-type]
            mine=mine,
            due_by=today if due else None,
            after=req.get_param("after") or "",
            limit=PAGE,
        )
        found = self.ask(req, query)
        self.show(
            req, resp, "consultations.html", consultations=found["consultations"], after=found["after"],
            state=query.state, theme=query.theme, mine=mine, due=due, states=STATES, today=today.isoformat(),
            parameters={
                "state": query.state, "theme": query.theme,
                **{name: "1" for name, is_so in (("mine", mine), ("due", due)) if is_so},
            },
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Records one; what is settled is closed at once, and what was personal in it erased."""
        me, form = self.helper(req), self.read(req)
        form.need("asked.words")
        settled = form.get("settled") == "yes"
        if not settled and not form.get("follow_up_on"):
            form.wrong({"follow_up_on": "help_day_needed"})
        name = str(uuid.uuid5(RECORDS, f"{me.by}:{form.key}"))
        theme = form.get("theme")
        command = form.into(
            RecordConsultation,
            consultation=name,
            channel=channel_of(me),
            catalogue=req.context.names.catalogue().version if theme else "",
            answers=self.answers(req, form),
            items=(),
            place="",
            **({"follow_up_on": None} if settled else {}),
        )
        forms.act(form, command, step="record")
        if settled:
            forms.act(form, CloseConsultation(consultation=name), step="close")
        forms.see(form, resp, f"/help/consultations/{name}", "help_settled" if settled else "help_recorded")

    def answers(self, req: falcon.Request, form: Form) -> dict[str, str]:
        """The scenario answers, as far as the theme asks for them."""
        theme = form.get("theme")
        return outlook(self.theme(req, theme), form.below("answers")).answers if theme else {}


class New(Consultations):
    """The form of a record: empty, or with what the guide just told."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Somebody asked about something else than a theme, or which one is still open."""
        self.form(req, resp, req.get_param("theme") or "", {}, "")

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """From the guide: theme, answers, and the digest of the notice that was given. Nothing is recorded yet."""
        form = self.read(req)
        self.form(req, resp, form.get("theme"), self.answers(req, form), form.get("notice"))

    def form(
        self, req: falcon.Request, resp: falcon.Response, theme: str, answers: dict[str, str], notice: str
    ) -> None:
        """The page."""
        one = self.theme(req, theme) if theme else None
        self.show(
            req, resp, "record.html", theme=one, answers=answers, notice=notice, intentions=INTENTIONS,
            channel=channel_of(self.helper(req)), today=local_date(self.backend.now()).isoformat(),
            asked=outlook(one, answers).asked if one is not None else (),
        )  # fmt: skip


class Consultation(Helping):
    """One of them."""

    tab = CONSULTATIONS

    def on_get(self, req: falcon.Request, resp: falcon.Response, consultation: str) -> None:
        """As it stands; the words and how to reach who asked for those who have to call back."""
        found = self.ask(req, GetConsultation(consultation=consultation))
        whole = self.may_ask(req, GetConsultation(consultation=consultation, personal=True))
        theme = req.context.names.catalogue(found["catalogue"]).themes.get(found["theme"])
        asked = msgspec.convert((whole or {}).get("asked") or {}, Asked)
        self.show(
            req, resp, "consultation.html", one=found, asked=asked, withheld=whole is None, intentions=INTENTIONS,
            outcomes=OUTCOMES,
            today=local_date(self.backend.now()).isoformat(),
            questions=outlook(theme, found["answers"]).asked if theme is not None else (),
        )  # fmt: skip


class Act(Helping):
    """Something is done with one."""

    tab = CONSULTATIONS

    def on_post(self, req: falcon.Request, resp: falcon.Response, consultation: str, act: str) -> None:
        """Called back, led to a case, closed."""
        form = self.read(req)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        forms.act(form, form.into(ACTS[act], consultation=consultation))
        said = {"follow-up": "help_followed_up", "link": "help_linked", "close": "help_closed"}[act]
        forms.see(form, resp, f"/help/consultations/{consultation}", said)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Consultations."""
    app.add_route("/help/consultations", Consultations(backend))
    app.add_route("/help/consultations/new", New(backend))
    app.add_route("/help/consultations/{consultation}", Consultation(backend))
    app.add_route("/help/consultations/{consultation}/{act}", Act(backend))
