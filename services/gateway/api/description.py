"""The interface, described: two documents for programs, and one page for those who write programs."""

from functools import cache
from hashlib import blake2b
from typing import Any

import falcon
import msgspec

from contracts.asyncapi import asyncapi
from contracts.openapi import openapi
from contracts.routes import PREFIX
from contracts.words import titles
from gateway.api.reading import JSON
from gateway.pages.rendering import page


@cache
def documents() -> dict[str, tuple[bytes, str]]:
    """Name → the document and its tag. Made once: the published language does not change while a process lives."""
    made = {"openapi": openapi(), "asyncapi": asyncapi()}
    encoded = {name: msgspec.json.encode(document) for name, document in made.items()}
    return {name: (body, f'"{blake2b(body, digest_size=12).hexdigest()}"') for name, body in encoded.items()}


class Document:
    """One of the documents."""

    kind = "other"

    def __init__(self, name: str) -> None:
        self.name = name

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The document, unless the reader has it already."""
        resp.content_type = JSON
        resp.data, tag = documents()[self.name]
        resp.set_header("ETag", tag)
        resp.set_header("Cache-Control", "public, max-age=300")
        resp.set_header("Access-Control-Allow-Origin", "*")
        if tag in (req.get_header("If-None-Match") or ""):
            resp.status, resp.data = 304, b""


class Description:
    """The page: every operation, by service, as the document has it."""

    kind = "page"

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """All of it; the browser's own search finds its way."""
        page(req, resp, "api.html", about=about(), parts=parts())


@cache
def about() -> list[tuple[str, str]]:
    """What is said of the whole, paragraph by paragraph, in Chinese and in English."""
    texts = (titles("interface")["whole"].strip(), openapi()["info"]["description"])
    return list(zip(*(text.split("\n\n") for text in texts), strict=True))


@cache
def parts() -> list[dict[str, Any]]:
    """The operations of each tag, with their parameters, bodies and answers written out."""
    document = openapi()
    known = document["components"]
    found: dict[str, dict[str, Any]] = {
        tag["name"]: {
            "name": tag["name"],
            "called": _called(f"part.{tag['name']}"),
            "about": tag["description"],
            "operations": [],
        }
        for tag in document["tags"]
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            found[operation["tags"][0]]["operations"].append(
                {
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "called": operation["summary"],
                    "sentence": operation["description"].partition("\n\n")[0].partition(". ")[0],
                    "roles": sorted(operation.get("x-scope", ())),
                    "public": "x-public" in operation,
                    "about": operation["description"],
                    "parameters": [_parameter(each, known) for each in operation.get("parameters", ())],
                    "bodies": {media: _text(each.get("schema", {})) for media, each in body.items()},
                    "answers": [_answer(status, each, known) for status, each in operation["responses"].items()],
                }
            )
    return [part for part in found.values() if part["operations"]]


def _parameter(parameter: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if place := parameter.get("$ref"):
        parameter = known["parameters"][place.rpartition("/")[2]]
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "where": _called(f"place.{parameter['in']}"),
        "required": parameter.get("required", False),
        "called": parameter.get("schema", {}).get("title") or _called(f"parameter.{parameter['name']}"),
        "about": parameter.get("description", ""),
        "schema": _text(parameter.get("schema", {})),
    }


def _answer(status: str, response: dict[str, Any], known: dict[str, Any]) -> dict[str, str]:
    if place := response.get("$ref"):
        response = known["responses"][place.rpartition("/")[2]]
    schemas = [each.get("schema", {}) for each in response.get("content", {}).values()]
    return {
        "status": status,
        "called": _called(f"status.{status}"),
        "about": response["description"],
        "schema": _text(schemas[0]) if schemas and status.startswith("2") else "",
    }


def _called(what: str) -> str:
    """The Chinese for something of the interface; empty where it has none."""
    return titles("interface").get(what, "")


def _text(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() if schema else ""


def add_routes(app: falcon.App[Any, Any]) -> None:
    """Both documents where the interface says they are, and beside the page."""
    for name in ("openapi", "asyncapi"):
        for path in (f"{PREFIX}/{name}.json", f"/api/{name}.json"):
            app.add_route(path, Document(name))
    app.add_route("/api", Description())
