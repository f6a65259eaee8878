"""Where every command and query stands on HTTP.

A command is ``POST /api/v1/<collection>/{key}/<verb>``: its first field names the thing that it is done to, the class
name its verb. A query says its ``ROUTE`` itself. What only services say to each other is ``INTERNAL``, with the reason.
"""

import re
from functools import cache

import msgspec

from contracts.language import Command, Query, verb_of

PREFIX = "/api/v1"

COLLECTIONS = {
    "case_id": "cases",
    "consultation": "consultations",
    "draft": "drafts",
    "edition": "editions",
    "grant": "grants",
    "hall": "halls",
    "history": "imports",
    "imported": "imported-cases",
    "improvement": "improvements",
    "mandate": "mandates",
    "offer": "offers",
    "place": "places",
    "quarantine": "quarantines",
    "record": "credit-records",
    "report": "reports",
    "reservation": "reservations",
    "staff": "staff",
    "target": "targets",
    "training": "trainings",
    "trip": "trips",
    "visit": "visits",
    "webhook": "webhooks",
    "window": "windows",
}
"""A command's first field → the collection that it names a member of."""


class Route(msgspec.Struct, frozen=True):
    """Method and path of a message, and which of its fields travel where."""

    method: str
    path: str
    """With the prefix; ``{field}`` stands for a field."""
    named: tuple[str, ...]
    """Fields in the path."""
    rest: tuple[str, ...]
    """The other fields: of ``GET`` the query's parameters (a list repeats its own), of ``POST`` the JSON body."""
    safe: bool
    """Whether it changes nothing: a query, whatever its method is."""


@cache
def route_of(message: type[Command] | type[Query]) -> Route | None:
    """The route of a message; None where only services send it."""
    if message.INTERNAL:
        return None
    fields = [field.encode_name for field in msgspec.structs.fields(message)]
    method, _, path = (message.ROUTE or _by_rule(message, fields[0])).partition(" ")
    named = tuple(re.findall(r"{(\w+)}", path))
    rest = tuple(name for name in fields if name not in named)
    return Route(method, f"{PREFIX}{path}", named, rest, safe=issubclass(message, Query))


def _by_rule(message: type[Command] | type[Query], key: str) -> str:
    if issubclass(message, Query) or key not in COLLECTIONS:
        raise LookupError(f"{message.__name__} has no ROUTE, is not INTERNAL, and no rule of contracts.routes fits it")
    return f"POST /{COLLECTIONS[key]}/{{{key}}}/{verb_of(message).replace('_', '-')}"
