"""What events and objects say of themselves: by type, never by what somebody typed."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from contracts.exports import LogValue, ValueKind
from contracts.language import Fact

NAMES = frozenset(
    {
        "theme", "catalogue", "region", "hall", "handler", "area", "from_hall", "to_hall", "owner_hall", "procedure",
        "wait", "calendar", "lead", "issuer", "to", "of",
    }
)  # fmt: skip
"""Fields of text that name a thing of the house or the catalogue."""

KINDS: dict[type[Any], ValueKind] = {bool: "boolean", int: "integer", float: "float", datetime: "time", date: "string"}

ENVELOPE = frozenset(Fact.__struct_fields__)


def values(fact: Fact) -> Iterator[LogValue]:
    """What an event says beside who, when and of what."""
    for name in _told(type(fact)):
        found = value(name, getattr(fact, name))
        if found is not None:
            yield found


def value(name: str, said: Any, at: datetime | None = None) -> LogValue | None:
    """One value; None where there is none."""
    match said:
        case None | "":
            return None
        case bool() | int() | float():
            return LogValue(name, KINDS[type(said)], said, at)
        case datetime():
            return LogValue(name, "time", said.isoformat().replace("+00:00", "Z"), at)
        case date():
            return LogValue(name, "string", said.isoformat(), at)
        case tuple():
            return LogValue(name, "string", " ".join(map(str, said)), at) if said else None
        case _:
            return LogValue(name, "string", str(said), at)


@cache
def _told(fact: type[Fact]) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in msgspec.structs.fields(fact)
        if field.name not in ENVELOPE and (_is_safe(field.type) or (field.name in NAMES and field.type is str))
    )


def _is_safe(type_: Any) -> bool:
    """Whether nobody can have typed it: a number, a date, a word of a fixed list."""
    if get_origin(type_) is Literal:
        return True
    if get_origin(type_) in {Union, UnionType}:
        return all(each is NoneType or _is_safe(each) for each in get_args(type_))
    return type_ in KINDS
