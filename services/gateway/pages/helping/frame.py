"""What all pages of the helpers' desk share: who works there, what they ask, and the tabs that are for them."""

from typing import Any

import falcon
import msgspec

from catalogue import Theme
from contracts.delegation import ListMandates
from contracts.halls import BookAppointment
from contracts.intake import GetCase, GetNotice
from contracts.language import Caller, Command, Query
from contracts.notification import ListUndelivered
from contracts.outreach import ConsultationChannel, FeedBackRating, ListConsultations
from contracts.scopes.table import may_ask
from eventing.errors import OneThingError
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.apply.people import theme_named
from gateway.pages.forms import Form
from gateway.pages.rendering import page

ROLES = frozenset({"helper", "hotline"})
"""Helpers (帮办人员) and phone agents (热线坐席)."""


class Tab(msgspec.Struct, frozen=True):
    """A part of the desk: where it is, the key of its words, and what one must be allowed to ask to enter."""

    path: str
    word: str
    opened_by: type[Command] | type[Query]


GUIDE = Tab("/help", "help_guide", GetNotice)
CONSULTATIONS = Tab("/help/consultations", "help_consultations", ListConsultations)
PROGRESS = Tab("/help/progress", "help_progress", GetCase)
VISITS = Tab("/help/visits", "help_visits", BookAppointment)
MANDATES = Tab("/help/mandates", "help_mandates", ListMandates)

UNDELIVERED = Tab("/help/undelivered", "help_undelivered", ListUndelivered)
RATINGS = Tab("/help/ratings", "help_ratings", FeedBackRating)

TABS = (GUIDE, CONSULTATIONS, PROGRESS, UNDELIVERED, RATINGS, VISITS, MANDATES)
"""In the order in which they are shown."""


class Helping:
    """A resource of the desk."""

    tab = GUIDE

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def helper(self, req: falcon.Request) -> Caller:
        """Who works at the desk. Raises NotSignedIn, NotYourRole."""
        caller = speaker(req)
        if ROLES.isdisjoint(caller.roles) or not may_ask(self.tab.opened_by, caller):
            raise NotYourRole(verb=req.path)
        return caller

    def ask(self, req: falcon.Request, query: Query) -> Any:
        """Asks as whoever works at the desk."""
        return self.backend.for_(self.helper(req)).ask(query, attempts=3)

    def may_ask(self, req: falcon.Request, query: Query) -> Any:
        """The same for what a page can be shown without; None where it is refused or cannot be had."""
        try:
            return self.ask(req, query)
        except OneThingError:
            return None

    def read(self, req: falcon.Request) -> Form:
        """A form that somebody of the desk sent."""
        self.helper(req)
        return forms.read(req)

    def theme(self, req: falcon.Request, theme: str) -> Theme:
        """A theme of today. Raises NotFound."""
        return theme_named(req, theme)

    def show(self, req: falcon.Request, resp: falcon.Response, template: str, **data: Any) -> None:
        """A page of the desk, with the tabs that are for the caller."""
        caller = self.helper(req)
        tabs = [each for each in TABS if may_ask(each.opened_by, caller)]
        page(req, resp, f"helping/{template}", tabs=tabs, tab=self.tab.path, **data)


def channel_of(caller: Caller) -> ConsultationChannel:
    """By which way people come to somebody of the desk."""
    return "hotline" if "hotline" in caller.roles else "helper"
