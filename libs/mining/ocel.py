"""OCEL 2.0, the object-centric event log, as JSON (https://www.ocel-standard.org)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any

import msgspec

from contracts.exports import LogEvent, LogObject, LogPage, LogValue

BESIDE = frozenset({"window", "grant"})
"""Objects that belong to no case: they are named by many, and told once, at the end."""

INITIAL = "1970-01-01T00:00:00Z"
"""Since when an object has a value that it has from the beginning."""

CHUNK = 64 * 1024

_encode = msgspec.json.Encoder().encode

Types = dict[str, dict[str, str]]
"""A type of events or objects → its attributes and their types."""


def json(pages: Iterable[LogPage]) -> Iterator[bytes]:
    """The log as one JSON document. Events wait in a file until all objects are written.

    Values are strings, as the schema of the standard wants them; their types are declared.
    """
    events, objects = Types(), Types()
    beside = Beside()
    with TemporaryFile() as waiting:
        yield b'{"objects":['
        comma = b""
        for page in pages:
            for each in beside.without(page.objects):
                yield comma + _object(each, objects)
                comma = b",\n"
            for event in page.events:
                waiting.write((b",\n" if waiting.tell() else b"") + _event(event, events))
        for each in beside.all():
            yield comma + _object(each, objects)
            comma = b",\n"
        yield b'],\n"events":['
        waiting.seek(0)
        while chunk := waiting.read(CHUNK):
            yield chunk
        yield b'],\n"objectTypes":' + _types(objects) + b',\n"eventTypes":' + _types(events) + b"}\n"


class Beside:
    """Windows and grants, as far as anything was said of them."""

    def __init__(self) -> None:
        self._known: dict[str, LogObject] = {}

    def without(self, objects: Iterable[LogObject]) -> Iterator[LogObject]:
        """The other objects; these are kept."""
        for each in objects:
            if each.kind not in BESIDE:
                yield each
            elif each.values or each.relations or each.object not in self._known:
                self._known[each.object] = each

    def all(self) -> Iterator[LogObject]:
        """All of them."""
        yield from self._known.values()


def instant(at: datetime) -> str:
    """An instant as both forms of the log write it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def timed(values: Iterable[LogValue]) -> Iterator[tuple[LogValue, str]]:
    """The values of an object, each with its beginning: the first of a name holds from the very beginning."""
    seen: set[str] = set()
    for each in values:
        yield each, instant(each.at) if each.at is not None and each.name in seen else INITIAL
        seen.add(each.name)


def text(value: LogValue) -> str:
    """A value as text."""
    if isinstance(value.value, bool):
        return "true" if value.value else "false"
    return str(value.value)


def _object(told: LogObject, types: Types) -> bytes:
    declared = types.setdefault(told.kind, {})
    made: dict[str, Any] = {"id": told.object, "type": told.kind}
    if told.values:
        made["attributes"] = [
            {"name": each.name, "value": text(each), "time": since} for each, since in timed(told.values)
        ]
        declared.update({each.name: each.kind for each in told.values})
    if told.relations:
        made["relationships"] = [{"objectId": each.object, "qualifier": each.qualifier} for each in told.relations]
    return _encode(made)


def _event(told: LogEvent, types: Types) -> bytes:
    declared = types.setdefault(told.activity, {})
    values = (*own(told), *told.values)
    declared.update({each.name: each.kind for each in values})
    return _encode(
        {
            "id": told.event,
            "type": told.activity,
            "time": instant(told.at),
            "attributes": [{"name": each.name, "value": text(each)} for each in values],
            "relationships": [{"objectId": each.object, "qualifier": each.qualifier} for each in told.relations],
        }
    )


def own(told: LogEvent) -> Iterator[LogValue]:
    """What every event says: the service, its number in its chain, who did it and in whose name."""
    yield LogValue("service", "string", told.service)
    yield LogValue("seq", "integer", told.seq)
    if told.resource:
        yield LogValue("resource", "string", told.resource)
    if told.organisation:
        yield LogValue("organisation", "string", told.organisation)


def _types(types: Types) -> bytes:
    return _encode(
        [
            {"name": name, "attributes": [{"name": each, "type": kind} for each, kind in attributes.items()]}
            for name, attributes in types.items()
        ]
    )
