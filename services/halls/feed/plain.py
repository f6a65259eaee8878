"""What a feed tells of a fact: nothing that is personal, nothing that people wrote.

Decided field by field, by type. Numbers, dates and words of a closed list are told; text only where its field is named
here, because it holds a code or the id of a thing. Whatever a fact gets in future is kept back until it is named.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from contracts.language import Fact, Sealed

CODES = frozenset(
    {
        "area",
        "because",
        "before",
        "blocked",
        "case",
        "catalogue",
        "crossings",
        "denied",
        "dependants",
        "entry_item",
        "expected",
        "from_hall",
        "from_ticket",
        "gone",
        "granted",
        "grant",
        "grantee",
        "grantor",
        "hall",
        "handler",
        "handlers",
        "into",
        "item",
        "items",
        "lead",
        "level",
        "limit",
        "opinion",
        "organisation",
        "orgs",
        "origin",
        "owner_hall",
        "package",
        "packet",
        "packets",
        "parent",
        "place",
        "powers",
        "prefix",
        "procedure",
        "producers",
        "receiver",
        "region",
        "released",
        "replacement",
        "revoked",
        "sender",
        "slot",
        "step",
        "successor",
        "theme",
        "themes",
        "ticket",
        "to",
        "to_hall",
        "to_window",
        "to_zone",
        "trip",
        "version",
        "visit",
        "wait",
        "window",
        "windows",
        "zone",
        "zones",
    }
)
"""Fields whose text is a code of the catalogue, or the id of a hall, window, organisation, case, ticket, packet or
trip. Names of people, identifiers, addresses, reasons and documents are never among them."""

NUMBERED = frozenset(
    {
        "onething.case.opened.v1",
        "onething.case.items-accepted.v1",
        "onething.bundle.opened.v1",
        "onething.output.planned.v1",
        "onething.ticket.drawn.v1",
        "onething.ticket.called.v1",
    }
)
"""Facts whose ``number`` is a case's or a ticket's, not a document's."""

ENVELOPE = frozenset(Fact.__struct_fields__)

Telling = Callable[[Any], Any]
"""A value → what is told of it; ``HIDDEN``: nothing."""

HIDDEN: Any = msgspec.UNSET
_PLAIN = (bool, int, float, date, datetime)


def told(fact: Fact) -> dict[str, Any]:
    """What a feed tells of a fact."""
    return {
        name: value
        for name, tell in _tellings(type(fact))
        if (value := tell(getattr(fact, name))) is not HIDDEN and value not in ("", (), None, {})
    }


@cache
def _tellings(fact: type[Fact]) -> tuple[tuple[str, Telling], ...]:
    codes = CODES | {"number"} if fact.TOPIC in NUMBERED else CODES
    hints = get_type_hints(fact)
    found = ((name, _telling(hints[name], name, codes)) for name in fact.__struct_fields__ if name not in ENVELOPE)
    return tuple((name, tell) for name, tell in found if tell is not None)


def _telling(kind: Any, name: str, codes: frozenset[str]) -> Telling | None:
    """How a field of this type and name is told; None: not at all."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Sealed:
        return None
    if kind is NoneType or kind in _PLAIN or origin is Literal:
        return _same
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _same
    if kind is str:
        return _same if name in codes else None
    if origin in (Union, UnionType):
        return _union([_telling(each, name, codes) for each in arguments if each is not NoneType])
    if origin in (tuple, list, frozenset, set):
        inner = _telling(arguments[0], name, codes)
        return None if inner is None else lambda values: tuple(inner(value) for value in values)
    if origin in (dict, Mapping):
        return _mapping(_telling(arguments[0], name, codes), _telling(arguments[1], name, codes))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, codes)
    return None


def _union(tellings: list[Telling | None]) -> Telling | None:
    """An optional field; what may be of several kinds is told only if every kind is told as it is."""
    if len(tellings) == 1 and tellings[0] is not None:
        tell = tellings[0]
        return lambda value: HIDDEN if value is None else tell(value)
    return _same if all(tell is _same for tell in tellings) else None


def _mapping(key: Telling | None, inner: Telling | None) -> Telling | None:
    if key is None or inner is None:
        return None
    return lambda values: {each: inner(value) for each, value in values.items()}


def _struct(kind: type[msgspec.Struct], codes: frozenset[str]) -> Telling | None:
    hints = get_type_hints(kind)
    fields = [
        (name, tell) for name in kind.__struct_fields__ if (tell := _telling(hints[name], name, codes)) is not None
    ]
    if not fields:
        return None
    return lambda value: {name: said for name, tell in fields if (said := tell(getattr(value, name))) is not HIDDEN}


def _same(value: Any) -> Any:
    return value
