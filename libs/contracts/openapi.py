"""The HTTP interface as OpenAPI 3.1, made from the published language and from nothing else.

``python docs/generate.py`` writes it to ``docs/reference/openapi.json``; the gateway serves the same.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from contracts.extras import EXTRAS, Extra
from contracts.language import Command, Query, verb_of
from contracts.problems import AGAIN, MEDIA_TYPE, STATUSES, ProblemDetails
from contracts.published import published
from contracts.routes import Route, route_of
from contracts.schemas import DIALECT, Schema, components, example, referenced, sentence, words
from contracts.scopes.table import is_public, scope_of
from contracts.words import titles

Message = type[Command] | type[Query]

VERSION = "1.0.0"
"""Of the interface; a change that breaks somebody is another major version under another prefix."""

JSON = "application/json"

COMMAND_PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503)
BODY_PROBLEMS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
QUERY_PROBLEMS = (400, 401, 403, 404, 409, 422, 429, 503)

ABOUT = """Every command and every query of the house's services.

A command is a `POST` to the thing that it is done to. `Idempotency-Key` names it: the same key again gets the first
answer again, so a command whose answer was lost is sent once more. `Onething-Position` tells where the log stands
after it; a query that brings it as `Onething-Since` sees the write. `ETag` is the version of what was changed, and
`If-Match` refuses to change what somebody else has changed meanwhile.

A query changes nothing. Lists come in pages: `after` of the answer, given back, is the next page; empty is the end.
A query is a `POST` where what is asked must not stand in an address.

Who may ask for what stands beside each operation: `x-scope` names the roles, one of which is enough, and how far each
of them reaches. What is `x-public` is answered to everybody, signed in or not.

What is wrong is told as `application/problem+json`, Chinese unless `Accept-Language` asks for English."""

HEADERS: Mapping[str, Schema] = {
    "Position": {
        "description": "Where the log stands after the write: `service/segment/position`.",
        "schema": {"type": "string"},
        "example": "intake/3/1207",
    },
    "Version": {
        "description": "The version of what was answered or changed.",
        "schema": {"type": "string"},
        "example": '"7"',
    },
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait before asking again.", "schema": {"type": "integer", "minimum": 0}},
}

PARAMETERS: Mapping[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Names the command: the same again gets the first answer again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": '^"?[!#-~]{1,128}"?$'},
        "example": "6f1d7c1e-8a38-4d52-9d54-0d4f4a4d6a10",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The version that the caller has seen (`ETag`); another one is refused.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The version that the caller has already.",
        "schema": {"type": "string"},
    },
    "Since": {
        "name": "Onething-Since",
        "in": "header",
        "description": "Positions of earlier writes, separated by commas: the answer knows at least these.",
        "schema": {
            "type": "string",
            "pattern": r"^[a-z]{1,32}/[0-9]{1,2}/[0-9]{1,18}(,[a-z]{1,32}/[0-9]{1,2}/[0-9]{1,18}){0,31}$",
        },
    },
    "Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "zh or en, for the words of what is wrong.",
        "schema": {"type": "string"},
    },
}


def openapi(*, server: str = "/") -> dict[str, Any]:
    """The whole document."""
    messages: list[Message] = [*published(Command), *published(Query)]
    routed = [(message, route) for message in messages if (route := route_of(message)) is not None]
    answered = [message for message, _ in routed if message.ANSWER is not None]
    roots, definitions = components([*(m for m, _ in routed), *(m.ANSWER for m in answered), ProblemDetails])
    definitions = {name: _with_titles(schema) for name, schema in definitions.items()}
    schemas: dict[type, Schema] = {}
    for (message, _), root in zip(routed, roots, strict=False):
        schemas[message] = definitions[root["$ref"].rpartition("/")[2]]
    answers = dict(zip(answered, roots[len(routed) :], strict=False))

    paths: dict[str, dict[str, Any]] = {}
    for message, route in routed:
        operation = _operation(message, route, schemas[message], answers.get(message), definitions)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    for extra in EXTRAS:
        paths.setdefault(extra.path, {})[extra.method.lower()] = _extra(extra)

    named = {name: definitions[name] for name in sorted(referenced(paths, definitions) | {ProblemDetails.__name__})}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "onething 高效办成一件事",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "onething maintainers"},
        },
        "servers": [{"url": server}],
        "security": [{"oidc": []}],
        "tags": _tags(routed),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": named,
            "parameters": dict(PARAMETERS),
            "headers": dict(HEADERS),
            "responses": {name: _problem(status) for status, (name, _) in STATUSES.items()},
            "securitySchemes": {
                "oidc": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of an issuer that the house knows (OpenID Connect discovery).",
                }
            },
        },
    }


def _operation(
    message: Message, route: Route, schema: Schema, answer: Schema | None, definitions: Mapping[str, Schema]
) -> dict[str, Any]:
    is_command = issubclass(message, Command)
    operation: dict[str, Any] = {
        "operationId": name_of(message),
        "tags": [tag_of(message)],
        **_told(name_of(message), sentence(message), words(message)),
        "parameters": [*_fields_in_address(route, schema), *_headers(route, is_command=is_command)],
        **_security(message),
    }
    if route.method == "POST" and route.rest:
        operation["requestBody"] = _body(route, schema, definitions)
    problems = COMMAND_PROBLEMS if is_command else BODY_PROBLEMS if route.method == "POST" else QUERY_PROBLEMS
    operation["responses"] = {
        **_answers(route, answer, is_command=is_command),
        **{str(status): {"$ref": f"#/components/responses/{STATUSES[status][0]}"} for status in problems},
    }
    if route.safe and route.method == "POST":
        operation["x-safe"] = True
    return operation


def _told(name: str, sentence: str, words: str) -> dict[str, str]:
    """What an operation is called, in Chinese where there is a word, and what is said of it."""
    return {"summary": titles("operations").get(name, sentence), "description": words}


def _security(message: Message) -> dict[str, Any]:
    """Who may ask for it, as the table of scopes says: one of these roles is enough."""
    roles = {role: list(reaches) for role, reaches in sorted(scope_of(message).roles.items())}
    public: dict[str, Any] = {"security": [{}, {"oidc": []}], "x-public": True}
    return {"x-scope": roles, **(public if is_public(message) else {"security": [{"oidc": []}]})}


def _with_titles(schema: Schema) -> Schema:
    """The same, with the Chinese names of the fields of an object."""
    properties = schema.get("properties")
    return {**schema, "properties": {n: _titled(n, each) for n, each in properties.items()}} if properties else schema


def _titled(name: str, schema: Schema) -> Schema:
    title = titles("fields").get(name)
    return {**schema, "title": title} if title is not None else schema


def name_of(message: Message) -> str:
    """Its ``operationId``: service and verb."""
    return f"{tag_of(message)}_{verb_of(message)}"


def tag_of(message: Message) -> str:
    """The service that it is for; operators' verbs are for every one."""
    return {"gateway": "webhooks"}.get(message.SERVICE, message.SERVICE) or "operations"


def _fields_in_address(route: Route, schema: Schema) -> list[Schema]:
    properties = schema.get("properties", {})
    parameters = [_parameter(name, "path", properties[name], required=True) for name in route.named]
    if route.method == "GET":
        required = schema.get("required", ())
        parameters += [_parameter(name, "query", properties[name], required=name in required) for name in route.rest]
    return parameters


def _parameter(name: str, place: str, schema: Schema, *, required: bool) -> Schema:
    found: Schema = {"name": name, "in": place, "required": required, "schema": dict(schema)}
    if said := found["schema"].pop("description", ""):
        found["description"] = said
    if place == "query" and schema.get("type") == "array":
        found |= {"style": "form", "explode": True}
    return found


def _headers(route: Route, *, is_command: bool) -> list[Schema]:
    names = ["IdempotencyKey", "IfMatch"] if is_command else ["Since"]
    if route.method == "GET":
        names.append("IfNoneMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in (*names, "Language")]


def _body(route: Route, schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, Any]:
    required = [name for name in schema.get("required", ()) if name in route.rest]
    body = {
        "type": "object",
        "properties": {name: schema["properties"][name] for name in route.rest},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }
    return {"required": bool(required), "content": {JSON: {"schema": body, "example": example(body, definitions)}}}


def _answers(route: Route, answer: Schema | None, *, is_command: bool) -> dict[str, Any]:
    headers = {"ETag": {"$ref": "#/components/headers/Version"}} if is_command or route.method == "GET" else {}
    if is_command:
        headers["Onething-Position"] = {"$ref": "#/components/headers/Position"}
    content = {JSON: {"schema": answer or {"type": "null"}}}
    found: dict[str, Any] = {"200": {"description": "Done." if is_command else "The answer.", "content": content}}
    if headers:
        found["200"]["headers"] = headers
    if is_command:
        created = {**headers, "Location": {"$ref": "#/components/headers/Location"}}
        found["201"] = {"description": "Done, and something new is there.", "headers": created, "content": content}
    if route.method == "GET":
        found["304"] = {"description": "What the caller has is what there is.", "headers": headers}
    return found


def _problem(status: int) -> dict[str, Any]:
    name, about = STATUSES[status]
    code = name[0].lower() + "".join(f"-{c.lower()}" if c.isupper() else c for c in name[1:])
    shown = {"type": f"urn:onething:problem:{code}", "title": about, "status": status, "code": code, "detail": about}
    response: dict[str, Any] = {
        "description": about,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}, "example": shown}},
    }
    if status in AGAIN:
        response["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return response


def _extra(extra: Extra) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": extra.name,
        "tags": [extra.tag],
        **_told(extra.name, extra.summary, " ".join(extra.about.split())),
        "parameters": [
            _parameter(p.name, p.place, _titled(p.name, {**p.schema, "description": p.about}), required=p.required)
            for p in extra.parameters
        ],
        **(_security(extra.like) if extra.like is not None else {"security": [], "x-public": True}),
        "responses": {
            **{
                str(status): {"description": "The answer."} | _content(media, _with_titles(schema))
                for status, (media, schema) in extra.answers.items()
            },
            **{str(status): {"$ref": f"#/components/responses/{STATUSES[status][0]}"} for status in extra.problems},
        },
    }
    if extra.body:
        content = {media: {"schema": schema} for media, schema in extra.body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _content(media: str | tuple[str, ...], schema: Schema) -> dict[str, Any]:
    several = (media,) if isinstance(media, str) else media
    return {"content": {each: {"schema": schema} for each in several}} if media else {}


def _tags(routed: Iterable[tuple[Message, Route]]) -> list[dict[str, str]]:
    names = {tag_of(message) for message, _ in routed}
    tags = {name: words(import_module(f"contracts.{name}")).partition("\n\n")[0] for name in names}
    tags |= {
        "contents": "材料文件: the bytes of materials on their way in and out.",
        "exports": "导出: histories as files for process mining, and as the national upload tables.",
        "documents": "These interfaces, described.",
        "feed": "实时动态: what happens, as it happens.",
    }
    extra = {each.tag for each in EXTRAS}
    return [
        {"name": name, "description": " ".join(about.split())}
        for name, about in sorted(tags.items())
        if name in names | extra
    ]
