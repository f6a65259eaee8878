"""授权委托: grants are made by one person, published by another, renewed in time, and revoked knowing what falls."""

from typing import Any
from uuid import uuid4

import falcon

from contracts.delegation import AffectedBy, GetGrant, ListGrants, MakeGrant, PublishGrant, RenewGrant, RevokeGrant
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.manage.frame import GRANTS, enter, show, split
from gateway.pages.questions import asked, narrowing
from kernel.clock import local_date

POWERS = ("receive", "accept", "review", "decide", "certify")
FORMS = ("hall_practice", "entrusted", "authorised", "unified", "concentrated", "statutory")
KINDS = ("public_institution", "administrative_organ", "other")
STATES = ("made", "published", "revoked", "expired")
BASES = ("law", "regulation", "rule", "approval", "designation")

PAGE = 50

FILTERS = ("grantee", "grantor", "item", "power", "status", "ending_before")


class Grants:
    """The list, with what it is narrowed by."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Grants that hold everything that is asked."""
        caller = enter(req, GRANTS)
        query = asked(ListGrants, req, *FILTERS, "after", limit=PAGE)
        found = self.backend.for_(caller).ask(query)
        show(
            req, resp, "grants.html", GRANTS, is_live=True, grants=found["grants"], after=found["after"],
            parameters=narrowing(req, *FILTERS), powers=POWERS, states=STATES,
        )  # fmt: skip


class NewGrant:
    """A grant is signed."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The form."""
        caller = enter(req, GRANTS)
        show(
            req, resp, "grant_new.html", GRANTS, forms_of_law=FORMS, kinds=KINDS, powers=POWERS, bases=BASES,
            organisations=req.context.names.catalogue().organisations, halls=req.context.names.halls(),
            themes=req.context.names.themes(), own=caller.org,
        )  # fmt: skip

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Signs it; another person publishes it."""
        enter(req, GRANTS)
        form = forms.read(req)
        items = form.all("items") or split(form.get("item_ids"))
        windows = split(form.get("window_ids"))
        grant = form.get("grant") or f"g-{uuid4().hex[:12]}"
        form.wrong({} if items else {"item_ids": "field_missing"})
        given: dict[str, Any] = {"grant": grant, "items": items, "windows": windows}
        if not form.get("basis.document"):
            given["basis"] = None
        forms.act(form, form.into(MakeGrant, **given))
        forms.see(form, resp, f"/manage/grants/{grant}", "grant_is_made")


class Grant:
    """One grant with its history and what can be done with it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, grant: str) -> None:
        """As it stands; whoever signed it is not offered to publish it."""
        caller = enter(req, GRANTS)
        client = self.backend.for_(caller)
        found = client.ask(GetGrant(grant=grant))
        affected = client.ask(AffectedBy(grant=grant)) if found["status"] == "published" else []
        makers = {each["by"] for each in found["history"] if each["status"] == "made"}
        show(
            req, resp, "grant.html", GRANTS, is_live=True, grant=found, terms=found["terms"], affected=affected,
            is_maker=caller.by in makers, today=local_date(self.backend.now()).isoformat(),
            fresh=f"g-{uuid4().hex[:12]}",
        )  # fmt: skip


class Act:
    """Something is done with a grant."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, grant: str, act: str) -> None:
        """Publishes, renews or revokes it."""
        enter(req, GRANTS)
        form = forms.read(req)
        where = f"/manage/grants/{grant}"
        match act:
            case "publish":
                forms.act(form, form.into(PublishGrant, grant=grant))
            case "renew":
                successor = form.get("grant") or f"g-{uuid4().hex[:12]}"
                forms.act(form, form.into(RenewGrant, grant=successor, renews=grant))
                where = f"/manage/grants/{successor}"
            case "revoke":
                forms.act(form, form.into(RevokeGrant, grant=grant))
            case _:
                raise falcon.HTTPNotFound
        forms.see(form, resp, where, f"grant_{act}_done")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Grants."""
    app.add_route("/manage/grants", Grants(backend))
    app.add_route("/manage/grants/new", NewGrant(backend))
    app.add_route("/manage/grants/{grant}", Grant(backend))
    app.add_route("/manage/grants/{grant}/{act}", Act(backend))
