"""Where each service stands in the log, and how far behind its upstreams it is."""

from collections.abc import Sequence
from typing import Any

import eventlet
from eventlet.greenpool import GreenPool

from console.services import SERVICES
from eventing.client import Client
from eventing.errors import OneThingError, Unavailable

PATIENCE = 5.0
"""Seconds in which a service says where it stands."""

NOT_STARTED = "not-started"
"""Stands for the error of a service that is not asked, because nobody has started it."""


def standing(client: Client, names: Sequence[str] = tuple(SERVICES)) -> list[dict[str, Any]]:
    """One entry a service; ``lag`` is upstream → facts not followed yet. An absent service has ``error``.

    A lag is a snapshot of two services at slightly different instants: it is exact when nothing moves.
    """
    pool: GreenPool = GreenPool(len(names))
    found = dict(pool.imap(lambda name: (name, _status(client, name)), names))
    for each in found.values():
        each["lag"] = lag(each, found)
    return list(found.values())


def not_started(names: Sequence[str]) -> list[dict[str, Any]]:
    """One entry for every service but these, which are all that run."""
    return [{"service": name, "error": NOT_STARTED} for name in SERVICES if name not in names]


def _status(client: Client, name: str) -> dict[str, Any]:
    try:
        # the queue of a service that is down outlives it: then nobody says that nobody is there
        with eventlet.Timeout(PATIENCE, Unavailable(service=name)):
            status: dict[str, Any] = client.operate(name, "status")
    except OneThingError as error:
        return {"service": name, "error": error.code}
    return status


def lag(mine: dict[str, Any], of: dict[str, dict[str, Any]]) -> dict[str, int]:
    """upstream → facts in its log after the positions that this service has reached.

    Of an upstream that does not say where it stands, nothing is known.
    """
    behind: dict[str, int] = {}
    for place, position in mine.get("positions", {}).items():
        upstream, _, segment = place.partition("/")
        if (heads := of.get(upstream, {}).get("heads")) is not None:
            behind[upstream] = behind.get(upstream, 0) + max(heads.get(str(int(segment)), 0) - position, 0)
    return behind
