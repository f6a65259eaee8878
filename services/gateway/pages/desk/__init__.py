"""综窗工作台: the clerk's desk. From the ticket to the receipt, and from the packet to the hand-over.

``hall`` is what one sees first (window, tickets, what can be accepted), ``finding`` looks for a case, ``opening``
begins one, ``case`` shows one; ``form``, ``materials`` and ``accepting`` bring it to acceptance, ``papers`` prints,
``moving`` sends packets and hands results over, ``carrying`` sends several in one trip, ``together`` is for the others
who work on the same case. ``changing`` joins items, takes them back and marks fields, ``origins`` is for what was
done alone before, ``paying`` is the cash desk, ``offering`` offers the theme of a single item,
``leaving`` agrees how results are received, ``pickups`` is the ledger of them, ``losing`` is for lockers and for what
is missing, ``keeping`` tells where originals are, ``numbers`` reserves case numbers for windows without a connection.
"""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.desk import (
    accepting,
    carrying,
    case,
    changing,
    finding,
    form,
    hall,
    keeping,
    leaving,
    losing,
    materials,
    moving,
    numbers,
    offering,
    opening,
    origins,
    papers,
    paying,
    pickups,
    together,
)
from gateway.pages.doors import Door

DOORS = (Door("/desk", "desk", frozenset({"clerk"})),)

PARTS = (
    hall,
    finding,
    opening,
    numbers,
    origins,
    case,
    form,
    materials,
    accepting,
    papers,
    moving,
    leaving,
    pickups,
    losing,
    keeping,
    carrying,
    changing,
    paying,
    offering,
    together,
)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Everything below ``/desk``."""
    for part in PARTS:
        part.add_routes(app, backend)
