"""The interface documents: made from the published language, valid by public rules, and complete."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.asyncapi import LOG, RPC, STATUS, WITNESS, asyncapi, event_name
from contracts.extras import EXTRAS
from contracts.language import Command, Fact, Query, Sealed
from contracts.openapi import name_of, openapi
from contracts.problems import MEDIA_TYPE, STATUSES
from contracts.published import published
from contracts.routes import route_of
from contracts.schemas import encoded
from contracts.scopes import ANYONE
from contracts.scopes.table import roles_of, scope_of
from contracts.words import titles
from eventing import calls, shipping
from eventing.errors import BRANCHES, Invalid
from eventing.status import WITNESS as HEADS
from testkit.linters import complaints

MESSAGES: list[Any] = [*published(Command), *published(Query)]
OPENAPI = openapi()
ASYNCAPI = asyncapi()
FACTS = [fact for fact in published(Fact) if fact.TOPIC]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def walked(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from walked(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from walked(each)


class TestOpenAPI:
    def test_it_is_valid(self) -> None:
        assert not list(OpenAPIV31SpecValidator(OPENAPI).iter_errors())

    def test_every_routed_message_is_told_and_nothing_that_is_internal(self) -> None:
        wanted = {
            (route.method, route.path, name_of(message))
            for message in MESSAGES
            if (route := route_of(message)) is not None
        } | {(extra.method, extra.path, extra.name) for extra in EXTRAS}

        assert {(method, path, each["operationId"]) for method, path, each in operations()} == wanted

    def test_every_operation_says_what_it_does(self) -> None:
        for _, _, operation in operations():
            assert operation["summary"]
            assert len(operation["summary"]) < 160, operation["summary"]
            assert operation["description"]
            assert operation["tags"][0] in {tag["name"] for tag in OPENAPI["tags"]}

    @pytest.mark.parametrize("message", [m for m in MESSAGES if route_of(m) is not None], ids=name_of)
    def test_who_may_ask_is_what_the_table_says(self, message: Any) -> None:
        route = route_of(message)
        assert route is not None
        operation = OPENAPI["paths"][route.path][route.method.lower()]
        is_public = issubclass(message, Query) and ANYONE in roles_of(message)

        assert operation["x-scope"] == {role: [*reaches] for role, reaches in scope_of(message).roles.items()}
        assert operation["security"] == ([{}, {"oidc": []}] if is_public else [{"oidc": []}])
        assert operation.get("x-public", False) == is_public

    def test_whoever_needs_no_token_is_said_to(self) -> None:
        for extra in EXTRAS:
            operation = OPENAPI["paths"][extra.path][extra.method.lower()]
            assert (operation["security"] == []) == operation.get("x-public", False) == (extra.like is None)

    def test_fields_have_their_chinese_names(self) -> None:
        unnamed: set[str] = set()
        for each in walked(OPENAPI["paths"]):
            for name, schema in each.get("properties", {}).items() if "type" in each else ():
                assert schema.get("title") == titles("fields").get(name)
                unnamed |= set() if "title" in schema else {name}
            if "in" in each and each["in"] in {"path", "query"}:
                assert each["schema"].get("title") == titles("fields").get(each["name"])

        assert len(unnamed) < 20, sorted(unnamed)

    def test_a_command_names_itself_and_tells_where_the_log_stands(self) -> None:
        for message in published(Command):
            route = route_of(message)
            if route is None:
                continue
            operation = OPENAPI["paths"][route.path]["post"]
            assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
            assert {"ETag", "Onething-Position"} <= operation["responses"]["200"]["headers"].keys()

    def test_whatever_can_go_wrong_is_a_problem(self) -> None:
        for _, _, operation in operations():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert response == {"$ref": f"#/components/responses/{STATUSES[int(status)][0]}"}
        for response in OPENAPI["components"]["responses"].values():
            assert [*response["content"]] == [MEDIA_TYPE]

    def test_every_kind_of_error_has_its_status(self) -> None:
        assert {branch.status for branch in (*BRANCHES, Invalid)} <= STATUSES.keys()

    def test_every_example_fits_its_schema(self) -> None:
        found = 0
        for _, _, operation in operations():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in media:
                    whole = {**media["schema"], "components": OPENAPI["components"]}
                    Draft202012Validator(whole, format_checker=FormatChecker()).validate(media["example"])
                    found += 1
        assert found > 50

    @pytest.mark.parametrize("message", [m for m in MESSAGES if route_of(m) is not None], ids=name_of)
    def test_a_request_by_its_example_is_read(self, message: Any) -> None:
        route = route_of(message)
        assert route is not None
        operation = OPENAPI["paths"][route.path][route.method.lower()]
        body = dict.fromkeys(route.named, "x-1")
        if "requestBody" in operation:
            body |= operation["requestBody"]["content"]["application/json"]["example"]
        for parameter in operation["parameters"]:
            if {"enum", "examples"} & parameter.get("schema", {}).keys() and parameter["in"] == "path":
                body[parameter["name"]] = _first(parameter["schema"])
            if parameter.get("in") == "query" and parameter["required"]:
                schema = parameter["schema"]
                body[parameter["name"]] = "2026-07-23" if schema.get("format") == "date" else _first(schema)

        msgspec.convert(body, message, strict=False)

    def test_no_key_and_nothing_sealed_is_in_it(self) -> None:
        assert not {"Sealed", "LentKey", "Holder"} & OPENAPI["components"]["schemas"].keys()


def _first(schema: dict[str, Any]) -> str:
    if "format" in schema:
        return "2026-07-23T12:00:00+08:00"
    return str(schema.get("examples", schema.get("enum", ["1"]))[0])


class TestAsyncAPI:
    def test_every_fact_has_its_event(self) -> None:
        told = ASYNCAPI["channels"]["status"]["messages"]

        assert set(told) == {event_name(fact.TOPIC) for fact in FACTS}

    @pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TOPIC)
    def test_an_event_has_nothing_sealed(self, fact: type[Fact]) -> None:
        message = ASYNCAPI["components"]["messages"][event_name(fact.TOPIC)]
        told = message["payload"]["properties"]["body"]["properties"]

        assert not [
            field.name
            for field in msgspec.structs.fields(fact)
            if field.name in told and "Sealed" in str(field.type).replace(Sealed.__module__, "")
        ]
        assert not {"by", "caller", "acting_as", "trace"} & told.keys()

    def test_every_schema_is_one(self) -> None:
        for message in ASYNCAPI["components"]["messages"].values():
            for part in ("payload", "headers"):
                if part in message:
                    Draft202012Validator.check_schema(message[part])
        for schema in ASYNCAPI["components"]["schemas"].values():
            Draft202012Validator.check_schema(schema)

    def test_every_reference_leads_somewhere(self) -> None:
        for document in (ASYNCAPI, OPENAPI):
            for each in walked(document):
                if isinstance(ref := each.get("$ref"), str):
                    place: Any = document
                    for step in ref.removeprefix("#/").split("/"):
                        place = place[step]

    def test_it_names_the_exchanges_of_the_house(self) -> None:
        assert HEADS == WITNESS
        assert shipping.EXCHANGE == LOG
        assert calls.EXCHANGE == RPC
        names = {
            each["bindings"]["amqp"]["exchange"]["name"] for each in ASYNCAPI["channels"].values() if "bindings" in each
        }
        assert names == {STATUS, WITNESS, LOG, RPC}

    def test_what_is_for_services_only_is_said_to_be(self) -> None:
        internal = {name for name, channel in ASYNCAPI["channels"].items() if channel.get("x-internal")}

        assert internal == {"log", "calls", "results"}


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_a_public_linter_finds_nothing(document: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(encoded(document))

    assert complaints(file) == []


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    operation = {"get": {"responses": {"200": {}}}}
    broken = {**OPENAPI, "paths": {**OPENAPI["paths"], "/api/v1/broken/{thing}": operation}}
    file = tmp_path / "document.json"
    file.write_text(encoded(broken))

    assert complaints(file)
