"""The pages that people use.

One module (or package) a group of pages, with its templates in ``templates/<group>/`` and its texts in
``words/<group>.yaml``; what all share:

- ``rendering.page(req, resp, "group/page.html", **data)`` answers with a page; ``rendering.around`` lists what every
  template has: ``t`` (texts), ``term`` (states and reasons), ``names`` (halls, windows, items …), ``when``, ``day``,
  ``qr``, ``me`` (who reads it).
- ``forms.read(req)`` reads a form and checks that it is ours, ``form.into(Command, …)`` makes a command of it,
  ``forms.act(form, command)`` sends it under the form's key, ``forms.see(form, resp, where, "said")`` goes on (PRG).
  Whatever is refused is raised, and stands beside the fields.
- ``templates/parts/``: ``forms.html`` (fields, forms), ``tables.html``, ``marks.html`` (badges, clocks, notices,
  windows, tickets), ``moves.html`` (tabs, steps, dialogs, timelines).
- ``static/onething.js``: live regions (``data-live``, ``data-src``), forms that lose nothing (``data-keep``), scanners
  (``data-scan``). ``docs/how-to/write-a-page.md`` walks through one page.
"""

from types import ModuleType
from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages import (
    apply,
    archives,
    audit,
    board,
    credit,
    desk,
    helping,
    home,
    insight,
    kiosk,
    ledger,
    manage,
    places,
    ratings,
    review,
    static,
    webhooks,
)
from gateway.pages.rendering import Rendering

__all__ = ["GROUPS", "Rendering", "add_routes"]

GROUPS: tuple[ModuleType, ...] = (
    static, home, apply, desk, helping, board, ratings, places, kiosk, review, credit, audit, ledger, archives, insight,
    webhooks, manage,
)  # fmt: skip
"""In the order in which their doors are shown."""


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Every group of pages."""
    for group in GROUPS:
        group.add_routes(app, backend)
