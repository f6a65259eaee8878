"""Snapshots of long streams: an aggregate's state as bytes, valid only for the class shape that wrote it."""

import hashlib
import typing

import msgspec

from eventing.aggregate import Aggregate

SNAPSHOT_EVERY = 100
"""A stream gets a snapshot each time its version passes a multiple of this."""

_OWN = ("stream", "version", "pending", "_appliers", "case_bound")


def shape_of(aggregate: type[Aggregate]) -> str:
    """A digest of the annotated attributes of an aggregate; empty when it has none, and no snapshots are taken."""
    hints = _attributes(aggregate)
    if not hints:
        return ""
    return hashlib.sha256(repr(sorted((n, _schema(h)) for n, h in hints.items())).encode()).hexdigest()[:16]


def take(aggregate: Aggregate) -> bytes:
    """The state of the aggregate."""
    return msgspec.json.encode({name: getattr(aggregate, name) for name in _attributes(type(aggregate))})


def restore(kind: type[Aggregate], stream: str, version: int, state: bytes) -> Aggregate:
    """The aggregate again, as it was at that version."""
    hints = _attributes(kind)
    aggregate = kind(stream)
    aggregate.version = version
    for name, value in msgspec.json.decode(state).items():
        setattr(aggregate, name, msgspec.convert(value, hints[name], strict=False))
    return aggregate


def _attributes(aggregate: type[Aggregate]) -> dict[str, typing.Any]:
    return {
        name: hint
        for name, hint in typing.get_type_hints(aggregate).items()
        if name not in _OWN and typing.get_origin(hint) is not typing.ClassVar
    }


def _schema(hint: typing.Any) -> str:
    try:
        return repr(msgspec.json.schema(hint))
    except TypeError:
        return repr(hint)
