"""What all pages of the desk share: who stands at it, and how long its steps take."""

import time
from typing import Any

import falcon
import msgspec

from catalogue import Selection, Theme
from contracts.halls import RecordSteps, StepTime
from contracts.intake import CaseDetail, GetCase
from contracts.language import Caller, Query
from eventing.errors import Forbidden, OneThingError
from gateway.backend import ANYBODY, Backend
from gateway.pages import forms
from gateway.pages.forms import Form
from gateway.problems import NotSignedIn

LONGEST = 4 * 3600 * 1000
"""Milliseconds beyond which a step was an interruption, and is not measured."""


class NotAtDesk(Forbidden):
    """Whoever looks is no clerk at a hall."""


class Desk:
    """A resource of the desk."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def clerk(self, req: falcon.Request) -> Caller:
        """Who stands at the desk. Raises NotSignedIn, NotAtDesk."""
        caller: Caller = req.context.caller
        if caller == ANYBODY:
            raise NotSignedIn
        if not caller.hall or "clerk" not in caller.roles:
            raise NotAtDesk(by=caller.by)
        return caller

    def ask(self, req: falcon.Request, query: Query) -> Any:
        """Asks as whoever stands at the desk."""
        return self.backend.for_(self.clerk(req)).ask(query, attempts=3)

    def may_ask(self, req: falcon.Request, query: Query) -> Any:
        """The same for what a page can be shown without; None where it is refused or cannot be had."""
        try:
            return self.ask(req, query)
        except OneThingError:
            return None

    def case(self, req: falcon.Request, case_id: str, *, personal: bool = False) -> CaseDetail:
        """A case, perhaps with what is personal in it."""
        return msgspec.convert(self.ask(req, GetCase(case_id=case_id, personal=personal)), CaseDetail)

    def read(self, req: falcon.Request) -> Form:
        """A form that the clerk sent."""
        self.clerk(req)
        return forms.read(req)

    def time(self, form: Form, step: str, theme: str = "") -> None:
        """Notes how long a step took, without whose case it was; what cannot be noted is let go."""
        caller: Caller = form.req.context.caller
        began = form.get("_began")
        taken = int(time.time() * 1000) - int(began) if began.isdecimal() else -1
        if not caller.window or not 0 <= taken <= LONGEST:
            return
        command = RecordSteps(window=caller.window, steps=(StepTime(step=step, milliseconds=taken, theme=theme),))
        try:
            forms.act(form, command, step=f"timed-{step}")
        except OneThingError:
            return


def now() -> str:
    """When a step begins, for a form that is measured."""
    return str(int(time.time() * 1000))


def theme_of(req: falcon.Request, case: CaseDetail) -> Theme:
    """The theme of a case, in the version that the case keeps."""
    found: Theme = req.context.names.catalogue(case.catalogue).theme(case.theme)
    return found


def selection_of(req: falcon.Request, case: CaseDetail) -> Selection:
    """What the case has: its items, its materials and its form."""
    here = [each.item for each in case.plan if each.standing == "selected"]
    return theme_of(req, case).select(
        case.answers,
        chosen=here,
        satisfied={each.item: each.evidence for each in case.plan if each.standing == "satisfied"},
        underway=[each.item for each in case.plan if each.standing == "underway"],
    )


OPEN = ("pending", "held")
"""States of items that are neither accepted nor gone."""
