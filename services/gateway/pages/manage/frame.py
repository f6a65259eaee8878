"""What all sections of the manager's pages have: who may enter which, and what is offered there."""

from functools import cache
from typing import Any

import falcon
import msgspec

from contracts.delegation import ListGrants, ListMandates, RecordAttendance, WithdrawQualification
from contracts.editions import CheckEdition, GetImpact
from contracts.feed import ReadFeed
from contracts.halls import RegisterHall, StepTimes
from contracts.language import Caller, Command, Query
from contracts.operations import Parked
from contracts.routing import ListLosses
from contracts.scopes.table import TABLE, may_ask
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.pages.rendering import page

Message = type[Command] | type[Query]

ROLES = frozenset({"manager", "publisher", "approver", "trainer", "operator", "auditor"})
"""Whoever manages something, or looks after those who do."""


class Section(msgspec.Struct, frozen=True):
    """A section: where it is, the key of its words, and what one must be allowed to ask, any of it, to enter."""

    path: str
    word: str
    opened_by: tuple[Message, ...]

    def is_for(self, caller: Caller) -> bool:
        """Whether the caller may enter."""
        return not ROLES.isdisjoint(caller.roles) and any(may_ask(each, caller) for each in self.opened_by)


GRANTS = Section("/manage/grants", "manage_grants", (ListGrants,))
MANDATES = Section("/manage/mandates", "manage_mandates", (ListMandates,))
STAFF = Section("/manage/staff", "manage_staff", (RecordAttendance, WithdrawQualification))
HALLS = Section("/manage/halls", "manage_halls", (RegisterHall,))
EDITIONS = Section("/manage/editions", "manage_editions", (CheckEdition, GetImpact))
LOSSES = Section("/manage/losses", "manage_losses", (ListLosses,))
PARKED = Section("/manage/parked", "manage_parked", (Parked,))
TIMES = Section("/manage/times", "manage_times", (StepTimes,))

SECTIONS = (GRANTS, MANDATES, STAFF, HALLS, EDITIONS, LOSSES, PARKED, TIMES)
"""In the order in which they are shown."""


@cache
def _messages() -> dict[str, Message]:
    return {each.__name__: each for each in TABLE}


def enter(req: falcon.Request, section: Section) -> Caller:
    """Who enters. Raises NotSignedIn, NotYourRole."""
    caller = speaker(req)
    if not section.is_for(caller):
        raise NotYourRole(verb=req.path)
    return caller


def split(text: str) -> tuple[str, ...]:
    """Ids that were typed one after another."""
    return tuple(text.replace(",", " ").split())


def show(
    req: falcon.Request,
    resp: falcon.Response,
    template: str,
    section: Section | None,
    *,
    is_live: bool = False,
    **data: Any,
) -> None:
    """A page of a section, or of a page that is live its region alone (``_<template>``), where that is asked for.

    ``can("PublishGrant")`` says in it what may be offered to whoever reads, ``heard`` the feeds that they may follow.
    """
    caller: Caller = req.context.caller
    if is_live and req.get_header("X-Fragment"):
        template = f"_{template}"
    page(
        req,
        resp,
        f"manage/{template}",
        sections=[each for each in SECTIONS if each.is_for(caller)],
        section=section.path if section else "",
        can=lambda name: may_ask(_messages()[name], caller),
        heard=_heard(caller),
        **data,
    )


def _heard(caller: Caller) -> str:
    """The feeds of the halls that somebody manages; whoever manages none reads a live region again by the clock."""
    if not may_ask(ReadFeed, caller):
        return ""
    return " ".join(f"hall:{hall}" for hall in dict.fromkeys((caller.hall, *caller.halls)) if hall)


class Start:
    """What is there to manage."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The sections that are for the caller."""
        caller = speaker(req)
        if ROLES.isdisjoint(caller.roles):
            raise NotYourRole(verb=req.path)
        show(req, resp, "start.html", None)
