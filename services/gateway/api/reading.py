"""What came over HTTP, as a message of the published language: every field by its type, every fault by its field."""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

import falcon
import msgspec

from contracts.language import Command, Query
from contracts.routes import Route, route_of
from eventing.errors import Invalid
from gateway.api.strictness import read_strictly
from gateway.problems import BadRequest, TooLarge, UnsupportedMediaType

JSON = "application/json"
LARGEST_JSON = 1024 * 1024
MOST_PARAMETERS = 200
LONGEST_NAME = 256
"""Characters of an id in the address."""
LARGEST_INTEGER = 2**53 - 1
"""What every reader of JSON reads as the same number (RFC 7493)."""
ASIDE = frozenset({"lang"})
"""Parameters that every address may have: the language of problems."""

_SUSPECT = re.compile(rb"\d{16}|\\u0000")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Faults = list[dict[str, str]]


class Reader:
    """Reads one kind of message from requests."""

    def __init__(self, message: type[Command] | type[Query], route: Route) -> None:
        self.message = message
        self.route = route
        fields = {field.name: field for field in msgspec.structs.fields(message)}
        self._fields = fields
        self._rest = {name: fields[name] for name in route.rest}
        self._whole = msgspec.json.Decoder(_struct_of(message.__name__, self._rest))
        self._each = {name: msgspec.json.Decoder(field.type) for name, field in self._rest.items()}
        self._is_list = {name for name, field in self._rest.items() if _is_list(field.type)}

    def read(self, req: falcon.Request, named: Mapping[str, str]) -> Any:
        """The message. Raises BadRequest, TooLarge, UnsupportedMediaType, or Invalid with all that is wrong."""
        faults: Faults = []
        values = {name: self._name(name, text, faults) for name, text in named.items()}
        values |= self._parameters(req, faults) if self.route.method == "GET" else self._body(req, faults)
        if faults:
            raise Invalid(errors=faults)
        return self.message(**values)

    def _name(self, name: str, text: str, faults: Faults) -> Any:
        if len(text) > LONGEST_NAME or _CONTROL.search(text):
            faults.append({"field": name, "reason": "too long, or not text"})
            return None
        return self._converted(name, text, faults)

    def _parameters(self, req: falcon.Request, faults: Faults) -> dict[str, Any]:
        given: dict[str, list[str]] = {}
        for name, text in parameters(req):
            given.setdefault(name, []).append(text)
        values: dict[str, Any] = {}
        for name, texts in given.items():
            if name in ASIDE and name not in self._rest:
                continue
            if name not in self._rest:
                faults.append({"field": name, "reason": "unknown field"})
            elif any("\0" in text for text in texts):
                faults.append({"field": name, "reason": "not text"})
            elif name in self._is_list:
                values[name] = self._converted(name, texts, faults)
            elif len(texts) > 1:
                faults.append({"field": name, "reason": "given more than once"})
            else:
                values[name] = self._converted(name, texts[0], faults)
        faults += [
            {"field": name, "reason": "missing"}
            for name, field in self._rest.items()
            if field.required and name not in given
        ]
        return values

    def _converted(self, name: str, value: Any, faults: Faults) -> Any:
        field = self._fields[name]
        try:
            converted = msgspec.convert(value, field.type, strict=False)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            faults.append(_fault(name, error))
            return None
        faults += _unfit(converted, name)
        return converted

    def _body(self, req: falcon.Request, faults: Faults) -> dict[str, Any]:
        body = json_body(req)
        value = read_strictly(body)
        try:
            read = self._whole.decode(body)
        except (msgspec.DecodeError, ValueError, OverflowError):
            faults += self._wrong(body)
            return {}
        if _SUSPECT.search(body):
            faults += _unfit(value, "")
        return {name: getattr(read, name) for name in self._rest}

    def _wrong(self, body: bytes) -> Iterator[dict[str, str]]:
        """Everything that is wrong with a body that is JSON, and not what was asked for."""
        try:
            parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        except msgspec.ValidationError as error:
            yield _fault("", error)
            return
        for name, part in parts.items():
            if name not in self._each:
                yield {"field": name, "reason": "unknown field"}
                continue
            try:
                self._each[name].decode(part)
            except (msgspec.DecodeError, ValueError, OverflowError) as error:
                yield _fault(name, error)
        for name, field in self._rest.items():
            if field.required and name not in parts:
                yield {"field": name, "reason": "missing"}


def json_body(req: falcon.Request) -> bytes:
    """The body of a request that brings JSON; an empty one is an object without fields."""
    length = req.content_length
    if length is not None and length > LARGEST_JSON:
        raise TooLarge(most=LARGEST_JSON)
    body = read_up_to(req, LARGEST_JSON)
    if not body:
        return b"{}"
    if (req.content_type or "").partition(";")[0].strip().lower() != JSON:
        raise UnsupportedMediaType(reason=JSON)
    return body


def read_up_to(req: falcon.Request, most: int) -> bytes:
    """The whole body. Raises TooLarge, or BadRequest for one that breaks off."""
    stream = req.env["wsgi.input"]
    parts, size = [], 0
    try:
        while part := stream.read(min(64 * 1024, most + 1 - size)):
            parts.append(part)
            size += len(part)
            if size > most:
                raise TooLarge(most=most)
    except (ValueError, OSError) as error:
        raise BadRequest(reason="broken-off") from error
    if size < (req.content_length or 0):
        raise BadRequest(reason="broken-off")
    return b"".join(parts)


def parameters(req: falcon.Request) -> list[tuple[str, str]]:
    """The parameters in the address, in their order. Raises BadRequest for what is no text."""
    try:
        return parse_qsl(req.query_string, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise BadRequest(reason="unreadable-parameters") from error


def reader_of(message: type[Command] | type[Query]) -> Reader | None:
    """A reader for a message; None where only services send it."""
    route = route_of(message)
    return None if route is None else Reader(message, route)


def _struct_of(name: str, fields: Mapping[str, Any]) -> type[msgspec.Struct]:
    made: list[Any] = []
    for field in fields.values():
        if field.required:
            made.append((field.name, field.type))
        elif field.default_factory is not msgspec.NODEFAULT:
            made.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
        else:
            made.append((field.name, field.type, field.default))
    return msgspec.defstruct(name, made, frozen=True, kw_only=True, forbid_unknown_fields=True)


def _is_list(type_: Any) -> bool:
    info = msgspec.inspect.type_info(type_)
    parts = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return any(
        isinstance(
            part,
            msgspec.inspect.ListType
            | msgspec.inspect.VarTupleType
            | msgspec.inspect.TupleType
            | msgspec.inspect.SetType
            | msgspec.inspect.FrozenSetType,
        )
        for part in parts
    )


def _fault(field: str, error: Exception) -> dict[str, str]:
    reason, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").removeprefix(".")
    return {"field": f"{field}{'.' if field and place and place[0] != '[' else ''}{place}", "reason": reason}


def _unfit(value: Any, place: str) -> Iterator[dict[str, str]]:
    """Numbers that not every reader reads alike, and characters that no store keeps."""
    match value:
        case bool():
            return
        case int():
            if abs(value) > LARGEST_INTEGER:
                yield {"field": place, "reason": "number too large"}
        case float():
            if not isfinite(value):
                yield {"field": place, "reason": "not a number"}
        case str():
            if "\0" in value:
                yield {"field": place, "reason": "not text"}
        case dict():
            for name, each in value.items():
                if isinstance(name, str) and "\0" in name:
                    yield {"field": place, "reason": "not text"}
                yield from _unfit(each, f"{place}.{name}" if place else str(name))
        case list() | tuple():
            for number, each in enumerate(value):
                yield from _unfit(each, f"{place}[{number}]")
