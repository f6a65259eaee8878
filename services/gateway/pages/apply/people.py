"""What all pages of applicants share: who it is, what is asked for them, and to which hall an act is addressed."""

from typing import Any

import falcon
import msgspec
from msgspec.structs import replace

from catalogue import Selection, Theme
from contracts.halls import GetMouth, GetTree
from contracts.intake import CaseDetail, GetCase
from contracts.language import Caller, Command, Query
from eventing.client import Answer
from eventing.errors import NotFound, OneThingError
from gateway.backend import ANYBODY, Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.problems import NotSignedIn

OPEN = ("pending", "held")
"""States of items that are neither accepted nor gone."""


class Applying:
    """A resource of the applicant's pages."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def applicant(self, req: falcon.Request) -> Caller:
        """Who is signed in. Raises NotSignedIn."""
        caller: Caller = req.context.caller
        if caller == ANYBODY:
            raise NotSignedIn
        return caller

    def ask(self, req: falcon.Request, query: Query) -> Any:
        """Asks as whoever is signed in."""
        return self.backend.for_(self.applicant(req)).ask(query, attempts=3)

    def may_ask(self, req: falcon.Request, query: Query) -> Any:
        """The same for what a page can be shown without; None where it is refused or cannot be had."""
        try:
            return self.ask(req, query)
        except OneThingError:
            return None

    def case(self, req: falcon.Request, case_id: str) -> CaseDetail:
        """One of one's own cases, without what is personal in it."""
        return msgspec.convert(self.ask(req, GetCase(case_id=case_id)), CaseDetail)

    def theme(self, req: falcon.Request, theme: str) -> Theme:
        """A theme of today. Raises NotFound."""
        return theme_named(req, theme)

    def halls_for(self, req: falcon.Request, theme: str) -> list[tuple[str, str]]:
        """The halls that are the one mouth of a theme under each root, with their names; the roots where that is not
        said."""
        halls, ask = req.context.names.halls(), self.backend.client.ask
        roots = [hall for hall, node in halls.items() if node["parent"] not in halls]
        mouths = [hall for root in roots for hall in ask(GetMouth(hall=root, theme=theme))["halls"]]
        found = mouths or [node["hall"] for node in ask(GetTree())]
        return [(hall, req.context.names.hall(hall)) for hall in found]


def theme_named(req: falcon.Request, theme: str) -> Theme:
    """A theme of today. Raises NotFound."""
    found: Theme | None = req.context.names.catalogue().themes.get(theme)
    if found is None:
        raise NotFound(what="theme", id=theme)
    return found


def act_at(form: Form, hall: str, command: Command, *, step: str = "", fields: str = "{}") -> Answer:
    """Sends a command of an applicant's that is addressed to a hall: the one chosen, or the case's own.

    The services ask which hall an act belongs to. At a window it is the clerk's; here the house itself says it, to
    an applicant, or to a helper by a mandate. Whatever else somebody is reaches by hall, and is left at home.
    """
    context = form.req.context
    own: Caller = context.caller
    may = {"applicant", "helper"} if getattr(command, "mandate", "") else {"applicant"}
    roles = tuple(role for role in own.roles if role in may)
    context.caller = replace(own, hall=hall, window="", halls=(), roles=roles)
    try:
        return forms.act(form, command, step=step, fields=fields)
    finally:
        context.caller = own


def selection_of(req: falcon.Request, case: CaseDetail) -> Selection:
    """What a case has: its items, its materials and its form."""
    theme: Theme = req.context.names.catalogue(case.catalogue).theme(case.theme)
    return theme.select(
        case.answers,
        chosen=[each.item for each in case.plan if each.standing == "selected"],
        satisfied={each.item: each.evidence for each in case.plan if each.standing == "satisfied"},
        underway=[each.item for each in case.plan if each.standing == "underway"],
    )
