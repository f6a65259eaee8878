"""帮办·热线: the desk of helpers (at a hall or a street point) and of phone agents (12345).

``guiding`` answers out of the catalogue's guide, ``consulting`` records what was asked, ``looking`` says how far a case
is, ``telling`` which messages no carrier could bring, ``rating`` takes a caller's grade, ``visiting`` books an
appointment or draws a ticket for a caller. ``mandates`` is what applicants let helpers do for them: ``applying`` begins
an application under one, ``cases`` goes on with it. ``frame`` is what they share.
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.doors import Door
from gateway.pages.helping import applying, cases, consulting, guiding, looking, mandates, rating, telling, visiting
from gateway.pages.helping.frame import ROLES

__all__ = ["DOORS", "add_routes"]

DOORS = (Door("/help", "help", ROLES),)

PARTS = (guiding, consulting, looking, telling, rating, visiting, mandates, applying, cases)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Everything below ``/help``."""
    for part in PARTS:
        part.add_routes(app, backend)
