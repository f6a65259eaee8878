"""Commands and queries of all services over HTTP, uploads and downloads, and the document that describes them."""

from typing import Any

import falcon

from gateway.api import archives, description, downloads, exports, messages, uploads
from gateway.backend import Backend


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """One route for every command and query that has one."""
    messages.add_routes(app, backend)
    description.add_routes(app)
    exports.add_routes(app, backend)
    archives.add_routes(app, backend)
    app.add_route(uploads.PATH, Contents(backend))


class Contents(uploads.Uploads, downloads.Downloads):
    """The bytes of materials: sent as a material, read as a copy."""
