"""帮办代办委托: what applicants let somebody of the desk do for them, and whether it carries an act now.

Whether a mandate carries an act is delegation's word (``CheckMandates``), here as inside every act: a page asks
before it shows a form. Applicants are known by a blind index alone.
"""

import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any, get_args

import falcon
import msgspec

from contracts.delegation import (
    CheckMandates,
    EndMandate,
    GetMandate,
    GiveMandate,
    ListMandates,
    MandateAct,
    MandateAnswer,
    MandateDetail,
    MandateRequest,
)
from contracts.drafts import ListDrafts
from contracts.intake import ListCases
from eventing.errors import Forbidden
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.helping.frame import MANDATES, Helping
from gateway.pages.names import term
from gateway.pages.questions import every
from kernel.clock import local_date

GIVEN = uuid.UUID("6f6e6574-6869-6e67-8000-68656c700003")
"""Names a mandate after the form that it was recorded with: sent twice, it is the same."""

ACTS: tuple[MandateAct, ...] = get_args(MandateAct)
APPLYING: tuple[MandateAct, ...] = ("open", "fill")
"""What it takes to begin an application."""

Wanted = tuple[str, str, MandateAct]
"""A mandate, a theme, and an act."""

KINDS = ("assist", "act_for")
WHY_ENDED = ("agent", "completed")
EVERY_THEME = "*"
MANY = 50
"""Mandates, and cases, on a page."""

CURSORS = ("after", "cases")
"""How far each of these lists was paged, in the address."""


class MandateNotEnough(Forbidden):
    """The mandate does not carry what somebody is about to do for the applicant."""


class Acting(Helping):
    """A resource of those who act for others."""

    tab = MANDATES

    def mandate(self, req: falcon.Request, mandate: str) -> MandateDetail:
        """A mandate, as far as the caller reaches."""
        return msgspec.convert(self.ask(req, GetMandate(mandate=mandate)), MandateDetail)

    def refusals(self, req: falcon.Request, principal: str, wanted: Iterable[Wanted]) -> dict[Wanted, str]:
        """Why each mandate does not carry the act of the caller's now; empty where it does. One question for all."""
        me = self.helper(req)
        each_once = tuple(dict.fromkeys(wanted))
        asked = tuple(MandateRequest(mandate, me.by, principal, theme, act) for mandate, theme, act in each_once)
        found = self.backend.client.ask(CheckMandates(requests=asked)) if asked else []
        answers = msgspec.convert(found, list[MandateAnswer])
        return {each: said.refusal for each, said in zip(each_once, answers, strict=True)}

    def refusal(self, req: falcon.Request, mandate: MandateDetail, theme: str) -> str:
        """Why nothing can be applied for under the mandate; empty where it can."""
        return self.refusal_of(req, mandate, [theme])[theme]

    def refusal_of(self, req: falcon.Request, mandate: MandateDetail, themes: Iterable[str]) -> dict[str, str]:
        """The same for several themes."""
        wanted = [(mandate.mandate, theme, act) for theme in themes for act in APPLYING]
        found = self.refusals(req, mandate.scope.principal, wanted)
        return {
            theme: next((found[each] for each in wanted if each[1] == theme and found[each]), "") for theme in themes
        }

    def need(self, req: falcon.Request, mandate: MandateDetail, theme: str) -> None:
        """Raises MandateNotEnough unless an application can be made under the mandate now."""
        if refusal := self.refusal(req, mandate, theme):
            raise MandateNotEnough(mandate=mandate.mandate, reason=term(refusal, language_of(req)))

    def drafts(self, req: falcon.Request, mandate: str = "") -> list[Any]:
        """The open drafts that were begun under a mandate, or under any."""
        found = every(partial(self.ask, req), ListDrafts())
        return [each for each in found if mandate_of(each["draft"]) and mandate in ("", mandate_of(each["draft"]))]


def draft_under(mandate: str, name: str) -> str:
    """The id of a draft that is begun under a mandate."""
    return f"{mandate}.{name}"


def mandate_of(draft: str) -> str:
    """The mandate under which a draft was begun; empty for an applicant's own."""
    return draft.rpartition(".")[0]


class Mandates(Acting):
    """Whom one acts for."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """One's own mandates, the drafts under them, and the cases that were opened under them."""
        me = self.helper(req)
        after, cases = (req.get_param(name) or "" for name in CURSORS)
        self.show(
            req, resp, "mandates.html", mandates=self.ask(req, ListMandates(agent=me.by, after=after, limit=MANY)),
            drafts=self.drafts(req), cases=self.ask(req, ListCases(after=cases, limit=MANY)),
            beside_mandates={"cases": cases} if cases else {}, beside_cases={"after": after} if after else {},
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Records what an applicant let somebody of the desk do (受理单, 代办委托书)."""
        me, form = self.helper(req), self.read(req)
        form.need("principal", "kind", "valid_from")
        form.wrong({name: "field_missing" for name in ("themes", "acts") if not form.all(name)})
        mandate = f"m-{uuid.uuid5(GIVEN, f'{me.by}:{form.key}').hex}"
        forms.act(form, form.into(GiveMandate, mandate=mandate, agent=me.by, organisation=me.org))
        forms.see(form, resp, f"/help/mandates/{mandate}", "help_mandate_given")


class New(Acting):
    """The form of a mandate."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Who lets what be done, for how long, and by which paper."""
        self.show(
            req, resp, "mandate_new.html", kinds=KINDS, acts=ACTS, every=EVERY_THEME,
            today=local_date(self.backend.now()).isoformat(),
        )  # fmt: skip


class Mandate(Acting):
    """One mandate."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, mandate: str) -> None:
        """What it carries now, theme by theme, and what was begun under it."""
        found = self.mandate(req, mandate)
        every = EVERY_THEME in found.scope.themes
        themes = [each for each in req.context.names.themes() if every or each.id in found.scope.themes]
        refusals = self.refusal_of(req, found, [each.id for each in themes])
        self.show(
            req, resp, "mandate.html", mandate=found, scope=found.scope, themes=themes, refusals=refusals,
            drafts=self.drafts(req, mandate), why_ended=WHY_ENDED, is_mine=found.scope.agent == self.helper(req).by,
        )  # fmt: skip


class End(Acting):
    """办结（终止）."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, mandate: str) -> None:
        """The agent gives it up, or all is done."""
        form = self.read(req)
        forms.act(form, form.into(EndMandate, mandate=mandate))
        forms.see(form, resp, f"/help/mandates/{mandate}", "mandate_end_done", mood="warn")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Mandates."""
    app.add_route("/help/mandates", Mandates(backend))
    app.add_route("/help/mandates/new", New(backend))
    app.add_route("/help/mandates/{mandate}", Mandate(backend))
    app.add_route("/help/mandates/{mandate}/end", End(backend))
