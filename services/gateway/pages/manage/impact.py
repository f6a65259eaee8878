"""影响分析: which live cases an edition would move and how; each keeps its version, or is moved over."""

from typing import Any

import falcon

from contracts.editions import GetEdition, GetImpact, ListEditions, MigrateCase
from gateway.backend import Backend
from gateway.pages import forms
from gateway.pages.manage.frame import EDITIONS, enter, show
from gateway.pages.questions import asked, narrowing


class Impact:
    """Counts over all live cases, and a page of those that would move."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, edition: str) -> None:
        """Before publication: what would be. While the edition is in force: each case may be moved over."""
        caller = enter(req, EDITIONS)
        client = self.backend.for_(caller)
        found = client.ask(GetEdition(edition=edition))
        show(
            req, resp, "impact.html", EDITIONS, edition=found,
            impact=client.ask(asked(GetImpact, req, "theme", "after", edition=edition, limit=25)),
            catalogue=req.context.names.catalogue(found["version"]),
            is_in_force=client.ask(ListEditions(limit=1))["in_force"] == found["version"],
            halls_reached={caller.hall, *caller.halls}, parameters=narrowing(req, "theme"),
            tab=f"/manage/editions/{edition}/impact",
        )  # fmt: skip


class Migration:
    """A case goes over."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_post(self, req: falcon.Request, resp: falcon.Response, edition: str, case: str) -> None:
        """With answers to questions that come up now; refused where something of it is accepted."""
        enter(req, EDITIONS)
        form = forms.read(req)
        forms.act(form, form.into(MigrateCase, case_id=case), fields="answers.{}")
        forms.see(form, resp, f"/manage/editions/{edition}/impact", "case_is_migrated")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Impact."""
    app.add_route("/manage/editions/{edition}/impact", Impact(backend))
    app.add_route("/manage/editions/{edition}/cases/{case}/migrate", Migration(backend))
