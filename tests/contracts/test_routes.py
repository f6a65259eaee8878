"""Every command and query is reached over HTTP at one place, or it is said why it is not."""

from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from console.services import SERVICES, service
from contracts.language import Command, Query
from contracts.published import published
from contracts.routes import PREFIX, Route, route_of

COMMANDS = [*published(Command)]
QUERIES = [*published(Query)]
MESSAGES: list[Any] = [*COMMANDS, *QUERIES]


def routed() -> dict[Any, Route]:
    return {message: route for message in MESSAGES if (route := route_of(message)) is not None}


def named(message: type) -> str:
    return f"{message.__module__.removeprefix('contracts.')}.{message.__name__}"


@pytest.mark.parametrize("message", MESSAGES, ids=named)
def test_a_message_has_a_route_or_a_reason_to_have_none(message: Any) -> None:
    route = route_of(message)

    assert (route is None) == bool(message.INTERNAL)
    if route is not None:
        assert route.path.startswith(f"{PREFIX}/")
        assert route.method in {"GET", "POST"}
        assert route.safe or route.method == "POST"


ONE_WAY = {
    *("ReadFeed", "Timeline", "ListTreeHeads", "ImportedCaseAt"),
    *("ExportLog", "ExportTables", "SupposeRules", "CompareEdition", "GetImpact"),
}
"""Logs, which have an order of their own, and what is worked out page by page."""

WHOLE = {
    "ReadFeed": "whoever follows a hall may miss nothing of it",
    "Timeline": "a case's history is read, and proved, as a whole",
    "ListTreeHeads": "a head that is left out could hide a change",
    "ListCaseMessages": "what was written on one case, each line an answer to the one before",
    "CompareEdition": "whoever approves an edition reads every difference",
}
"""Lists that cannot be narrowed, and why."""

BY_PAGES = {message for message in QUERIES if {"after", "limit"} <= {*message.__struct_fields__}}
TURNING = {"after", "limit", "sort", "reversed", "newest"}
"""What says which page, and from which end."""


def test_every_list_by_pages_can_be_sorted() -> None:
    sorted_ = {message for message in BY_PAGES if {"sort", "reversed"} & {*message.__struct_fields__}}

    assert {message.__name__ for message in BY_PAGES - sorted_} == ONE_WAY


def narrowing(message: type[Query]) -> set[str]:
    """What a list may be narrowed by: whose list it is has to be said, and what it is read for narrows nothing."""
    fields = {field.name for field in msgspec.structs.fields(message) if not field.required}
    return fields - TURNING - {"purpose"}


def test_every_list_by_pages_can_be_narrowed_or_has_a_reason() -> None:
    assert {message.__name__ for message in BY_PAGES if not narrowing(message)} == WHOLE.keys()


def test_no_two_messages_share_a_route() -> None:
    places = [(route.method, route.path) for route in routed().values()]

    assert len(set(places)) == len(places)


def test_the_same_path_always_names_the_same_things() -> None:
    shapes: dict[str, set[str]] = {}
    for route in routed().values():
        parts = route.path.split("/")
        for end, part in enumerate(parts):
            if part.startswith("{"):
                shapes.setdefault("/".join("*" if p.startswith("{") else p for p in parts[:end]), set()).add(part)

    assert not {place: names for place, names in shapes.items() if len(names) > 1}


def handled() -> dict[Any, str]:
    """Every command that some service handles, and which of its fields is the key of the stream."""
    return {message: each.key for name in SERVICES for message, each in service(name).handlers.items()}


@pytest.mark.parametrize("message", COMMANDS, ids=named)
def test_a_command_is_posted_to_the_thing_whose_stream_it_belongs_to(message: type[Command]) -> None:
    route = route_of(message)
    if route is None:
        return
    key = handled().get(message, route.named[0])

    assert key == route.named[0] or (isinstance(getattr(message, key, None), property) and key not in route.rest)


def test_what_only_a_services_own_policies_send_is_internal() -> None:
    own = {message for name in SERVICES for message, each in service(name).handlers.items() if not each.public}

    assert own & {*COMMANDS}
    assert all(message.INTERNAL for message in own & {*COMMANDS})


def test_every_query_is_answered_by_the_service_that_it_names() -> None:
    for name in SERVICES:
        for answerer in service(name).queries.values():
            assert name == answerer.message.SERVICE


@pytest.mark.parametrize("message", [m for m, route in routed().items() if route.method == "GET"], ids=named)
def test_what_stands_in_an_address_is_plain_and_nothing_personal(message: type[Query]) -> None:
    route = route_of(message)
    assert route is not None
    for field in msgspec.structs.fields(message):
        assert field.name != "identifier"
        assert plain(field.type), field.name
    for name in route.named:
        assert name in {field.name for field in msgspec.structs.fields(message) if field.required}


def plain(kind: Any) -> bool:
    """Whether one parameter, or a repeated one, can carry it."""
    if kind in (str, int, bool, date, datetime, type(None)):
        return True
    if get_origin(kind) is Literal:
        return all(isinstance(each, str) for each in get_args(kind))
    if get_origin(kind) is tuple:
        return plain(get_args(kind)[0])
    return bool(get_args(kind)) and all(plain(each) for each in get_args(kind) if not isinstance(each, msgspec.Meta))


@pytest.mark.parametrize("query", QUERIES, ids=named)
def test_a_query_says_what_it_is_answered_with(query: type[Query]) -> None:
    assert query.ANSWER is not None


@pytest.mark.parametrize("query", [q for q in QUERIES if "limit" in q.__struct_fields__], ids=named)
def test_a_list_has_pages(query: type[Query]) -> None:
    assert "after" in query.__struct_fields__
