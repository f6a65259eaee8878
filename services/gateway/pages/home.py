"""The first page: what one can do here."""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.rendering import page


class Home:
    """The door."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Shows everybody what is there for them."""
        page(req, resp, "home.html")


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The root."""
    app.add_route("/", Home())
