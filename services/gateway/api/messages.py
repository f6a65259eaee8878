"""A resource for every command and query of the published language; no list of them is written anywhere."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import falcon
import msgspec

from contracts.language import Caller, Command, Position, Query, verb_of
from contracts.openapi import PARAMETERS
from contracts.published import published
from contracts.routes import PREFIX
from contracts.scopes.table import is_public
from eventing.errors import NotFound, Stale
from eventing.scoping import reaches
from gateway.api.reading import JSON, Reader, reader_of
from gateway.backend import ANYBODY, Backend
from gateway.problems import BadRequest, NotSignedIn, PreconditionRequired
from telemetry import tracing

POSITION = "Onething-Position"
SINCE = "Onething-Since"
KEY = "Idempotency-Key"
PDF = "application/pdf"

_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,128})"?')
_POSITIONS = re.compile(PARAMETERS["Since"]["schema"]["pattern"])
_VERSION = re.compile(r'"(\d{1,15})"')

OPERATIONS = f"{PREFIX}/operations/"
"""What operators ask of a service: it travels by the RPC method ``operate``."""


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Every message at its place."""
    for path, resource in resources(backend).items():
        app.add_route(path, resource)


def resources(backend: Backend) -> dict[str, Any]:
    """path → what answers there."""
    found: dict[str, SimpleNamespace] = {}
    kinds: tuple[tuple[type[Any], Callable[[Reader, Backend], Any]], ...] = ((Command, Send), (Query, Ask))
    for base, kind in kinds:
        for message in published(base):
            reader = reader_of(message)
            if reader is None:
                continue
            answers = (Operate if reader.route.path.startswith(OPERATIONS) else kind)(reader, backend)
            resource = found.setdefault(reader.route.path, SimpleNamespace())
            method = reader.route.method
            resource.__dict__.setdefault("kind", {})[method] = "query" if reader.route.safe else "command"
            setattr(resource, f"on_{method.lower()}", answers)
            if method == "GET":
                resource.on_head = answers
    return dict(found)


@cache
def services() -> frozenset[str]:
    """Everybody who decides something or can be asked."""
    commands = {each.SERVICE for each in published(Command)}
    return frozenset(commands | {each.SERVICE for each in published(Query)}) - {""}


class Send:
    """Sends a command for whoever asks."""

    def __init__(self, reader: Reader, backend: Backend) -> None:
        self.reader = reader
        self.backend = backend

    def __call__(self, req: falcon.Request, resp: falcon.Response, **named: str) -> None:
        caller = speaker(req)
        reaches(self.reader.message, caller)
        key = idempotency_key(req, caller)
        command = self.reader.read(req, named)
        expected = expected_version(req)  # after what is wrong with the request itself (RFC 9110, 13.2.1)
        answer = self.backend.for_(caller).command(
            command, id=key, expected=expected, trace=tracing.onward(req.context.trace)
        )
        if answer.position is not None:
            resp.set_header(POSITION, written(answer.position))
        if answer.version is not None:
            resp.set_header("ETag", f'"{answer.version}"')
        if answer.created:
            resp.status = 201
            resp.set_header("Location", quote(req.path.rpartition("/")[0]))
        resp.set_header("Cache-Control", "no-store")
        resp.content_type = JSON
        resp.data = msgspec.json.encode(answer.value)


class Ask:
    """Asks a question for whoever asks."""

    def __init__(self, reader: Reader, backend: Backend) -> None:
        self.reader = reader
        self.backend = backend

    def __call__(self, req: falcon.Request, resp: falcon.Response, **named: str) -> None:
        caller = speaker(req, anybody=is_public(self.reader.message))
        reaches(self.reader.message, caller)
        query = self.reader.read(req, named)
        value = self.backend.for_(caller).ask(query, since=since(req))
        if document := document_in(value, req.get_header("Accept") or ""):
            resp.set_header("Cache-Control", "no-store")
            resp.set_header("Content-Disposition", "inline")
            resp.content_type, resp.data = document
            return
        read(req, resp, msgspec.json.encode(value), conditional=self.reader.route.method == "GET")


class Operate:
    """What operators ask of a service."""

    def __init__(self, reader: Reader, backend: Backend) -> None:
        self.reader = reader
        self.backend = backend
        self._verb = verb_of(reader.message)
        self._services = services()

    def __call__(self, req: falcon.Request, resp: falcon.Response, **named: str) -> None:
        caller = speaker(req)
        reaches(self.reader.message, caller)
        key = "" if self.reader.route.safe else idempotency_key(req, caller)
        asked = msgspec.structs.asdict(self.reader.read(req, named))
        service = asked.pop("service")
        if service not in self._services:
            raise NotFound(id=service)
        value = self.backend.for_(caller).operate(service, self._verb, id=key, **asked)
        read(req, resp, msgspec.json.encode(value), conditional=False)


def document_in(value: Any, accept: str) -> tuple[str, bytes] | None:
    """The media type and bytes of a document in an answer, for a reader who asks for documents of its type."""
    if not isinstance(value, dict) or (media_type := value.get("media_type")) != PDF or PDF not in accept:
        return None
    enclosed = value.get("pdf") or value.get("content")
    return (media_type, b64decode(enclosed)) if enclosed else None


def speaker(req: falcon.Request, *, anybody: bool = False) -> Caller:
    """Who asks. Raises NotSignedIn where ``anybody`` may not."""
    caller: Caller = req.context.caller
    if caller == ANYBODY and not anybody:
        raise NotSignedIn
    return caller


def idempotency_key(req: falcon.Request, caller: Caller) -> str:
    """The command's id: the key that was brought, in a space of names that is the caller's own."""
    brought = req.get_header(KEY)
    if brought is None:
        raise PreconditionRequired(header=KEY)
    found = _KEY.fullmatch(brought.strip())
    if found is None:
        raise BadRequest(reason=KEY)
    whose = blake2b(f"{caller.by}\x1f{caller.subject}".encode(), digest_size=12).hexdigest()
    return f"http:{whose}:{found[1]}"


def expected_version(req: falcon.Request) -> int | None:
    """The version that the caller has seen (``If-Match``). Raises Stale for a tag that was never one of a version."""
    brought = req.get_header("If-Match")
    if brought is None or brought.strip() == "*":
        return None
    found = _VERSION.fullmatch(brought.strip())
    if found is None:
        raise Stale(reason="If-Match")
    return int(found[1])


def since(req: falcon.Request) -> tuple[Position, ...]:
    """What the answer must know: positions of earlier writes (``Onething-Since``)."""
    brought = req.get_header(SINCE)
    if brought is None:
        return ()
    if not _POSITIONS.fullmatch(brought):
        raise BadRequest(reason=SINCE)
    return tuple(_position(text) for text in brought.split(","))


def _position(text: str) -> Position:
    service, segment, position = text.split("/")
    return Position(service, int(segment), int(position))


def written(position: Position) -> str:
    """A position as a header says it."""
    return f"{position.service}/{position.segment}/{position.position}"


def read(req: falcon.Request, resp: falcon.Response, body: bytes, *, conditional: bool) -> None:
    """Answers with JSON, unless the reader has it already."""
    resp.set_header("Cache-Control", "no-store")
    resp.content_type = JSON
    if conditional:
        tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
        resp.set_header("ETag", tag)
        if _has(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
    resp.data = body


def _has(brought: str | None, tag: str) -> bool:
    """Whether a reader has it already; tags are compared weakly (RFC 9110, 8.8.3.2)."""
    known: Iterable[str] = (brought or "").split(",")
    return any(each.strip().removeprefix("W/") in {"*", tag.removeprefix("W/")} for each in known)
