"""Other rules over HTTP: for those who may, and refused in words."""

import pytest

from testkit.house import eventually

from .conftest import Web
from .test_downloads import AUDITOR, a_case

ON = "2099-12-31"


def suppose(web: Web, caller: str | None = AUDITOR, **asked: object):
    return web("POST", "/api/v1/suppositions", {"on": ON, **asked}, caller=caller)


def test_an_auditor_supposes_other_rules(web: Web) -> None:
    a_case(web)

    eventually(lambda: suppose(web).json["cases"] >= 1)

    page = suppose(web).json
    assert page["was"] == page["would_be"]
    assert page["differences"] == page["unlike"] == page["unfit"] == []


@pytest.mark.parametrize(
    ("caller", "asked", "status"),
    [
        (None, {}, 401),
        ("clerk-zhao", {}, 403),
        (AUDITOR, {"on": "soon"}, 422),
        (AUDITOR, {"size": -1}, 422),
        (AUDITOR, {"size": 2**60}, 422),
        (AUDITOR, {"off": [ON], "working": [ON]}, 422),
    ],
)
def test_what_cannot_be_supposed_is_refused_with_a_problem(
    web: Web, caller: str | None, asked: dict[str, object], status: int
) -> None:
    answer = suppose(web, caller, **asked)

    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
