"""遗失的原件: originals that are missing in the halls that somebody manages, each with how far the search is."""

from typing import Any

import falcon

from contracts.routing import ListLosses
from gateway.backend import Backend
from gateway.pages.manage.frame import LOSSES, enter, show
from gateway.pages.questions import asked, narrowing


class Losses:
    """Those of a hall."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Each is seen to at a window of the hall; here is what the hall must answer for."""
        caller = enter(req, LOSSES)
        halls = req.context.names.halls()
        reached = [each for each in halls if caller.hall == each or each in caller.halls] or list(halls)
        hall = asked_for if (asked_for := req.get_param("hall")) in reached else next(iter(reached), "")
        found = self.backend.for_(caller).ask(asked(ListLosses, req, "after", hall=hall))
        show(
            req, resp, "losses.html", LOSSES, is_live=True, losses=found["losses"], after=found["after"], hall=hall,
            halls=[(each, req.context.names.hall(each)) for each in reached], parameters=narrowing(req, "hall"),
        )  # fmt: skip


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Losses."""
    app.add_route("/manage/losses", Losses(backend))
