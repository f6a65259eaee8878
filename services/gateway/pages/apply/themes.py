"""办事指南: which theme it is, and the one-time notice for one's own situation, before anybody says who they are."""

from typing import Any

import falcon

from contracts.intake import GetNotice
from eventing.errors import Invalid
from gateway.backend import Backend
from gateway.pages.apply.people import Applying
from gateway.pages.outlooks import Outlook, outlook, preset, shut
from gateway.pages.rendering import page
from kernel.clock import local_date


class Themes(Applying):
    """All themes."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Each with what is not accepted at this time of the year."""
        today = local_date(self.backend.now())
        themes = req.context.names.themes()
        page(req, resp, "apply/themes.html", themes=themes, shut={each.id: tuple(shut(each, today)) for each in themes})


class Guide(Applying):
    """The questions of a theme with what they lead to."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """The page; ``entry`` is the item that one comes with."""
        show_guide(self.backend, req, resp, theme, entry=req.get_param("entry") or "")


class Outlooks(Applying):
    """What answers lead to, as a fragment; sent as a form, as nobody is named in it."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """Questions, items, materials."""
        found = self.theme(req, theme)
        page(req, resp, "apply/_outlook.html", theme=found, outlook=outlook(found, answers_in(req)))


class Notice(Applying):
    """一次告知 before any case exists."""

    def on_post(self, req: falcon.Request, resp: falcon.Response, theme: str) -> None:
        """To be read, printed or taken along."""
        seen = outlook(self.theme(req, theme), answers_in(req))
        if seen.selection is None:
            raise Invalid(unanswered=list(seen.unanswered))
        answer = self.backend.for_(req.context.caller).ask(GetNotice(theme=theme, answers=seen.answers))
        page(req, resp, "apply/notice.html", notice=answer["notice"], digest=answer["digest"])


def show_guide(
    backend: Backend, req: falcon.Request, resp: falcon.Response, theme: str, *, entry: str = "", place: Any = None
) -> None:
    """The guide of a theme, perhaps as it is opened by the code of a place."""
    found = Applying(backend).theme(req, theme)
    given = preset(found, entry) if entry else {}
    seen: Outlook = outlook(found, given)
    today = local_date(backend.now())
    items = {item.id: item for item in found.items}
    page(
        req,
        resp,
        "apply/guide.html",
        theme=found,
        outlook=seen,
        shut=tuple(shut(found, today)),
        entry=items.get(entry),
        place=place,
    )


def answers_in(req: falcon.Request) -> dict[str, str]:
    """The answers of a form that changes nothing."""
    from gateway.pages import forms

    return forms.read(req).below("answers")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The guide."""
    app.add_route("/apply", Themes(backend))
    app.add_route("/apply/{theme}", Guide(backend))
    app.add_route("/apply/{theme}/outlook", Outlooks(backend))
    app.add_route("/apply/{theme}/notice", Notice(backend))
