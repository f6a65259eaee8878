"""The interface against its own description: schemathesis makes up requests, and nothing that comes back surprises it.

Requests that fit the description and requests that break it are made up alike. Examples are few and always the same;
the heavy run takes many more.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from contracts.language import Command, Query
from contracts.openapi import openapi
from contracts.published import published
from contracts.routes import route_of
from contracts.scopes.table import roles_of

from .conftest import CLERK, PEOPLE, Web

FEW, MANY = 1, 100
"""Examples of each operation and kind."""

REFUSALS = ["2xx", "304", "403", "404", "409", "412", "422"]
"""What a request that fits may come to: the rules may say no, and ids that were made up are nobody's. Whoever asks is
signed in and has a role for it, and nothing here was erased: 401 and 410 would be surprises."""

ENDLESS = "/api/v1/feed"

PATHS: Any = openapi()["paths"]


def described(*, broken: bool) -> Any:
    """The description. Of a token that is broken no request is made: each is signed, by somebody who may ask."""
    document = openapi()
    if broken:
        del document["security"], document["components"]["securitySchemes"]
        for operation in (each for path in document["paths"].values() for each in path.values()):
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.checks.positive_data_acceptance.expected_statuses = REFUSALS
    return schema


SCHEMAS = {mode: described(broken=mode is GenerationMode.NEGATIVE) for mode in GenerationMode}
ASKERS = {
    (route.path, route.method.lower()): next((who for role, who in PEOPLE.items() if role in roles_of(message)), CLERK)
    for base in (Command, Query)
    for message in published(base)
    if (route := route_of(message)) is not None and roles_of(message)
}
"""Operation → somebody who may ask for it."""
OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods if path != ENDLESS]
JSON_BODY = {"content": {"application/json": {}}}
UNBREAKABLE = "/api/v1/cases/{case_id}/archive/package"
"""Of it nothing broken can be made up that is not whole again on its way."""
BREAKABLE = [
    (path, method)
    for path, method in OPERATIONS
    if path != UNBREAKABLE
    and not path.endswith(".json")
    and "application/json" in PATHS[path][method].get("requestBody", JSON_BODY)["content"]
]
"""Those that read something of a request; of a body that is a file, whatever comes is bytes."""


def hold(web: Web, path: str, method: str, mode: GenerationMode, examples: int) -> None:
    """Makes up requests of one operation, and holds each answer against the description."""
    operation = SCHEMAS[mode][path][method.upper()]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        answer = case.call_and_validate(
            base_url=web.address, headers=web.signed_in(ASKERS.get((path, method), CLERK)), timeout=30
        )
        assert (path, method) not in ASKERS or b'"code":"not-your-role"' not in answer.content

    asked()


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_fits_the_description_is_answered_as_described(web: Web, path: str, method: str) -> None:
    hold(web, path, method, GenerationMode.POSITIVE, FEW)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), BREAKABLE)
def test_what_breaks_the_description_is_refused_as_described(web: Web, path: str, method: str) -> None:
    hold(web, path, method, GenerationMode.NEGATIVE, FEW)


@pytest.mark.heavy
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), BREAKABLE)
def test_many_requests_are_answered_as_described(web: Web, path: str, method: str, mode: GenerationMode) -> None:
    hold(web, path, method, mode, MANY)
