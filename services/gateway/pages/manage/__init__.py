"""管理: grants, mandates and staff, halls and windows, the catalogue, and what waits or takes long.

``frame`` says which section is for whom; each section has a module of its own.
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.doors import Door
from gateway.pages.manage import editions, grants, halls, impact, losses, mandates, parked, staff, times
from gateway.pages.manage.frame import ROLES, Start

__all__ = ["DOORS", "add_routes"]

DOORS = (Door("/manage", "manage", ROLES),)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The sections."""
    app.add_route("/manage", Start())
    for section in (grants, mandates, staff, halls, losses, parked, editions, impact, times):
        section.add_routes(app, backend)
