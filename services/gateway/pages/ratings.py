"""好差评: how a hall is rated, and what follows from bad ratings, step by step, until each is settled."""

from typing import Any, get_args

import falcon

from contracts.feed import ReadFeed
from contracts.language import Command
from contracts.outreach import (
    AppealGround,
    AppealRating,
    DecideAppeal,
    FeedBackRating,
    Finding,
    GetRatings,
    ListRatings,
    RecheckRating,
    RectifyRating,
    VerifyRating,
)
from contracts.scopes.table import may_ask
from eventing.scoping import NotYourRole
from gateway.api.messages import speaker
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.doors import Door
from gateway.pages.questions import asked, narrowing
from gateway.pages.rendering import page

ROLES = frozenset({"clerk", "manager", "auditor", "operator"})
DOORS = (Door("/ratings", "ratings", ROLES),)

STEPS = ("verify", "rectify", "feed_back", "recheck", "closed")
FILTERS = ("hall", "step", "grade", "overdue", "appealed")

ACTS: dict[str, tuple[type[Command], tuple[str, ...]]] = {
    "verify": (VerifyRating, ("finding", "account")),
    "rectify": (RectifyRating, ("measures",)),
    "feed-back": (FeedBackRating, ("reached",)),
    "recheck": (RecheckRating, ("passed",)),
    "appeal": (AppealRating, ("ground", "account")),
    "decide": (DecideAppeal, ("upheld", "account")),
}
"""The last word of an address → what is done there, and the fields that it takes."""


class All:
    """The ratings of a hall."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Newest first; read again as others are given or settled."""
        caller = speaker(req)
        if ROLES.isdisjoint(caller.roles):
            raise NotYourRole(verb=req.path)
        found = self.backend.for_(caller).ask(asked(ListRatings, req, *FILTERS, "after"))
        halls = req.context.names.halls()
        own = [each for each in halls if each in (caller.hall, *caller.halls)] or list(halls)
        page(
            req,
            resp,
            "ratings/_list.html" if req.get_header("X-Fragment") else "ratings/list.html",
            ratings=found["ratings"],
            after=found["after"],
            parameters=narrowing(req, *FILTERS),
            halls=[(each, req.context.names.hall(each)) for each in own],
            steps=STEPS,
            heard=f"hall:{caller.hall}" if caller.hall and may_ask(ReadFeed, caller) else "",
        )


class One:
    """The ratings of a case, each with what may be done about it now."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """What was said in words is read, and that it was read recorded, only where ``words`` is asked for."""
        caller = speaker(req)
        wanted = bool(req.get_param("words"))
        found = self.backend.for_(caller).ask(GetRatings(case_id=case_id, personal=wanted), attempts=3)
        kinds = {each["handling"]: each["kind"] for each in found["handlings"]}
        page(
            req,
            resp,
            "ratings/one.html",
            case=found,
            kinds=kinds,
            wanted=wanted,
            findings=get_args(Finding),
            grounds=get_args(AppealGround),
            lists=may_ask(ListRatings, caller),
            can=lambda act: may_ask(ACTS[act][0], caller),
        )


class Act:
    """Something is done about a bad rating."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, act: str) -> None:
        """One of ``ACTS``."""
        speaker(req)
        if act not in ACTS:
            raise falcon.HTTPNotFound
        command, needed = ACTS[act]
        form = forms.read(req)
        form.need("handling", *needed)
        said: dict[str, Any] = {}
        if act == "feed-back" and not form.get("satisfied"):
            said = {"satisfied": None}
        forms.act(form, form.into(command, case_id=case_id, **said))
        forms.see(form, resp, f"/ratings/{case_id}", "rating_done")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Ratings."""
    app.add_route("/ratings", All(backend))
    app.add_route("/ratings/{case_id}", One(backend))
    app.add_route("/ratings/{case_id}/{act}", Act(backend))
