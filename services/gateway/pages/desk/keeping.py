"""原件: where the originals of the hall are, how each stands, and whose turn it is."""

from typing import Any, get_args

import falcon

from contracts.routing import ListOriginals, OriginalState
from gateway.backend import Backend
from gateway.pages.desk.desks import Desk
from gateway.pages.rendering import page

STATES = get_args(OriginalState)

WHICH = ("home", "place")
"""Those that the hall took in, wherever they are; those that lie here, whoever took them in."""


class Originals(Desk):
    """The originals of the hall."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Each leads to its case, and to the trip that it is in."""
        me = self.clerk(req)
        which, state, after = (req.get_param(name) or "" for name in ("which", "state", "after"))
        which = which if which in WHICH else WHICH[0]
        state = state if state in STATES else ""
        asked: dict[str, Any] = {which: me.hall, "state": state}
        found = self.ask(req, ListOriginals(**asked, after=after))
        page(
            req,
            resp,
            "desk/_originals.html" if req.get_header("X-Fragment") else "desk/originals.html",
            originals=found["originals"],
            after=found["after"],
            chosen={"which": which, "state": state},
            states=STATES,
            which_ones=WHICH,
        )


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Originals of the hall."""
    app.add_route("/desk/originals", Originals(backend))
