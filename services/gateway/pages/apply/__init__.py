"""网上办事与进度: what applicants do by themselves, on a phone first.

``themes`` is the guide for everybody, ``drafting`` the application before it is handed in (``handing_in``), ``mine``
what became of one's cases and what is still to be brought, ``choosing`` what is the applicant's to choose,
``appointments`` when to come, ``tickets`` the number of whoever comes now; ``progress`` is opened by the code of a
receipt and ``verifying`` by the code of a certificate, without signing in.
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.apply import appointments, choosing, drafting, mine, progress, themes, tickets, verifying
from gateway.pages.doors import Door

DOORS = (
    Door("/apply", "apply"),
    Door("/mine", "mine", frozenset({"applicant"})),
    Door("/appointments", "appointments", frozenset({"applicant"})),
    Door("/verify", "verify"),
)

PARTS = (themes, progress, verifying, appointments, tickets, drafting, mine, choosing)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Everything that applicants use."""
    for part in PARTS:
        part.add_routes(app, backend)
