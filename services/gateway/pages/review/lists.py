"""The work list by clock, and the opinions that others wait for."""

from typing import Any

import falcon

from contracts.approval import Consultations, Worklist
from contracts.language import Caller
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages.questions import asked, narrowing
from gateway.pages.rendering import page

STATES = ("ready", "open", "locked", "suspended", "undecided")
SORTS = ("due", "newest", "oldest")
HOLDERS = ("mine", "unclaimed")
LEVELS = ("amber", "red")

ROWS = 50
EVERY = 15
"""Seconds after which a list is read again: an organisation has no feed of its own, and clocks need none to pass."""


def desk_of(req: falcon.Request) -> Caller:
    """Who sits at the desk. Raises NotSignedIn, NotYourRole."""
    caller = speaker(req)
    if not caller.org or not {"reviewer", "approver"} & set(caller.roles):
        raise NotYourRole(verb="Worklist")
    return caller


def chosen(req: falcon.Request, name: str, among: tuple[str, ...], default: str = "") -> Any:
    """A parameter of the address that is one of some words; anything else is the default."""
    value = req.get_param(name) or ""
    return value if value in among else default


class Worklists:
    """What lies with the caller's organisation."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The whole page, or the list alone when it is read again."""
        caller = desk_of(req)
        question = Worklist(
            org=caller.org,
            state=chosen(req, "state", STATES, "undecided"),
            holder=chosen(req, "holder", HOLDERS),
            theme=req.get_param("theme") or "",
            item=req.get_param("item") or "",
            warned=chosen(req, "warned", LEVELS),
            sort=chosen(req, "sort", SORTS, "due"),
            limit=ROWS,
            after=req.get_param("after") or "",
        )
        found = self.backend.for_(caller).ask(question)
        themes = [theme for theme in req.context.names.themes() if any(i.department == caller.org for i in theme.items)]
        page(
            req,
            resp,
            "review/_list.html" if req.get_header("X-Fragment") else "review/list.html",
            rows=found["reviews"],
            after=found["after"],
            asked=question,
            filters={name: value for name, value in req.params.items() if name not in {"after", "lang"} and value},
            themes=[(theme.id, theme.name) for theme in themes],
            items=[(i.id, i.name) for theme in themes for i in theme.items if i.department == caller.org],
            states=STATES,
            sorts=SORTS,
            holders=HOLDERS,
            levels=LEVELS,
            every=EVERY,
        )


class Opinions:
    """What other departments asked the caller's organisation."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Most urgent first."""
        caller = desk_of(req)
        question = asked(
            Consultations, req, "theme", "item", "overdue", "reversed", "after", org=caller.org, limit=ROWS
        )
        found = self.backend.for_(caller).ask(question)
        page(
            req,
            resp,
            "review/_opinions.html" if req.get_header("X-Fragment") else "review/opinions.html",
            rows=found["opinions"],
            after=found["after"],
            narrowed=narrowing(req, "theme", "item", "overdue", "reversed"),
            themes=[(theme.id, theme.name) for theme in req.context.names.themes()],
            every=EVERY,
        )


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Both lists."""
    app.add_route("/review", Worklists(backend))
    app.add_route("/review/opinions", Opinions(backend))
