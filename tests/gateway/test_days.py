"""The first and the last day of the calendar, and their instants: every question and command that takes a day has an
answer for them."""

import uuid
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urlencode

import pytest

from console.journey import HALL
from contracts.language import Command, Query
from contracts.openapi import openapi
from contracts.published import published
from contracts.routes import Route, route_of
from contracts.schemas import example
from contracts.scopes.table import roles_of

from .conftest import CLERK, PEOPLE, Web

ENDS = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": (
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
        *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"),
    ),
}
"""The ends of time, as they are written; some lie before or behind it in another zone."""
ZONELESS = "2026-07-23T12:00:00"

DOCUMENT: Any = openapi()
DEFINITIONS = DOCUMENT["components"]["schemas"]
KNOWN = {"hall": HALL, "indicator": "handling_time", "figure": "on_time", "theme": "XSE"}

Place = tuple[str, ...]


def whole(schema: Any) -> Any:
    """The schema behind a reference."""
    return DEFINITIONS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def times(schema: Any) -> Iterator[tuple[Place, str]]:
    """Where days and instants stand in a value of a schema, and which of them."""
    found = whole(schema)
    for each in found.get("anyOf", ()):
        yield from times(each)
    if found.get("format") in ENDS:
        yield (), found["format"]
    for name, each in found.get("properties", {}).items():
        yield from (((name, *place), form) for place, form in times(each))


def put(value: Any, place: Place, end: str) -> Any:
    """The value with an end of time there."""
    if not place:
        return end
    name, *rest = place
    return {**value, name: put(value.get(name, {}), tuple(rest), end)}


def cases() -> Iterator[Any]:
    for message in (*published(Query), *published(Command)):
        route = route_of(message)
        if route is None:
            continue
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        if route.method == "GET":
            spaces = [
                ((each["name"],), each["schema"]) for each in operation["parameters"] if each.get("in") == "query"
            ]
        else:
            spaces = [((), body_of(operation))]
        for place, form in ((at + rest, form) for at, schema in spaces for rest, form in times(schema)):
            yield pytest.param(message, place, form, id=f"{message.__name__}-{'.'.join(place)}")


def asked_of(operation: Any) -> list[Any]:
    """The parameters of a question that are its own."""
    return [each for each in operation["parameters"] if each.get("in") == "query"]


def body_of(operation: Any) -> Any:
    """The schema of what is sent; of nothing, where a command is all in its address."""
    return operation["requestBody"]["content"]["application/json"]["schema"] if "requestBody" in operation else {}


def filled(route: Route) -> str:
    return route.path.format_map({name: KNOWN.get(name, "nothing") for name in route.named})


@pytest.mark.parametrize(("message", "place", "form"), [*cases()])
def test_an_end_of_time_is_answered(web: Web, message: Any, place: Place, form: str) -> None:
    route = route_of(message)
    assert route is not None
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    who = next((who for role, who in PEOPLE.items() if role in roles_of(message)), CLERK)
    for end in (*ENDS[form], *((ZONELESS,) if form == "date-time" else ())):
        if route.method == "GET":
            given = {
                each["name"]: example(each["schema"], DEFINITIONS, each["name"])
                for each in asked_of(operation)
                if each.get("required")
            }
            address, body = f"{filled(route)}?{urlencode(put({**given, **picked(given)}, place, end))}", None
        else:
            address, body = filled(route), put(deepcopy(example(body_of(operation), DEFINITIONS)), place, end)
            body |= picked(body)

        answer = web(route.method, address, body, caller=who, Idempotency_Key=str(uuid.uuid4()))

        assert answer.status < 500, (end, answer.body)
        assert end != ZONELESS or answer.status == 422


def picked(given: dict[str, Any]) -> dict[str, str]:
    """What there is, for what is asked of it."""
    return {name: KNOWN[name] for name in given if name in KNOWN}
