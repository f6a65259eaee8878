"""Messages on AMQP are what the AsyncAPI document says: each one that a test sees is held against its schema."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, FormatChecker

from contracts.asyncapi import MSGPACK, asyncapi, event_name


class NotAsDescribed(AssertionError):
    """A message that the document does not describe."""


def conforms(kind: str, body: bytes, headers: Mapping[str, Any] | None = None) -> Any:
    """The content of a message, once it is what the document says of its kind.

    ``kind`` is the topic of an event, or ``shipment``, ``call``, ``result``. Raises NotAsDescribed.
    """
    message = _document()["components"]["messages"].get(event_name(kind))
    if message is None:
        raise NotAsDescribed(f"no message is called {kind}")
    packed = message["contentType"] == MSGPACK
    content = msgspec.msgpack.decode(body) if packed else msgspec.json.decode(body)
    _check(kind, message["payload"], _plain(content))
    if headers is not None and "headers" in message:
        _check(f"{kind}: headers", message["headers"], _plain(dict(headers)))
    return content


def _check(what: str, schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": _document()["components"]}
    for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value):
        raise NotAsDescribed(f"{what}: {error.json_path}: {error.message}")


def _plain(value: Any) -> Any:
    """As JSON would have it: bytes in base64."""
    match value:
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode()
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return value


@cache
def _document() -> dict[str, Any]:
    return asyncapi()
