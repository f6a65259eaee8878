"""The live feed: what happens at a hall, as it happens, to any number of subscribers.

Reading order: ``ring`` (the newest events of one hall), ``hub`` (what fills the rings), ``sse`` (how it is written),
``resources`` (addresses, and who may subscribe to what).
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.feed.hub import Hub
from gateway.feed.resources import CaseFeed, HallsFeed


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The feeds of halls and of a case over SSE; to be read page by page they are a query like others."""
    hub = Hub(backend)
    backend.at_stop.append(hub.stop)
    backend.gauges.append(hub.samples)
    app.add_route("/api/v1/feed", HallsFeed(hub))
    app.add_route("/api/v1/cases/{case_id}/feed", CaseFeed(hub))
