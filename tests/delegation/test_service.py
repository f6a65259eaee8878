"""Grants are signed, published and revoked; authority is answered from the register as it is now."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.delegation import Authorise, AuthorityRequest, GetGrant, ListGrants, PublishGrant, RevokeGrant
from contracts.language import Caller
from delegation.domain import PublisherMustDiffer, SubDelegationForbidden
from delegation.service import Delegation
from eventing.errors import NotFound
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import asked, terms

DIRECTOR, SECRETARY = Caller(by="director"), Caller(by="secretary")


@pytest.fixture(params=DATABASES)
def delegation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Delegation, request, tmp_path) as running:
        yield running


def grant(delegation: Replica, **changes: Any) -> None:
    """A grant is signed and published."""
    signed = terms(**changes)
    delegation.command(signed, caller=DIRECTOR)
    delegation.command(PublishGrant(grant=signed.grant, publication=f"P-{signed.grant}"), caller=SECRETARY)


def authorise(delegation: Replica, *requests: AuthorityRequest) -> list[Any]:
    answers: list[Any] = delegation.ask(Authorise(requests=requests or (asked(),)))
    return answers


def test_authority_follows_every_step_of_a_grant(delegation: Replica) -> None:
    answers = []
    for step in (
        terms(),
        PublishGrant(grant="g-1", publication="P-1"),
        RevokeGrant(grant="g-1", reason="faults"),
    ):
        answers.append(authorise(delegation)[0])
        delegation.command(step, caller=SECRETARY if isinstance(step, PublishGrant) else DIRECTOR)
    answers.append(authorise(delegation)[0])

    at = NOON.isoformat().replace("+00:00", "Z")
    assert answers == [
        ["", 0, "", at, "no-grant"],
        ["", 0, "", at, "not-published"],
        ["g-1", 2, "market", at, ""],
        ["", 0, "", at, "revoked"],
    ]


def test_one_answer_for_each_request_in_order(delegation: Replica) -> None:
    grant(delegation)

    answers = authorise(delegation, asked(item="baths"), asked(), asked(power="decide"), asked())

    assert [(answer[0], answer[4]) for answer in answers] == [
        ("", "no-grant"),
        ("g-1", ""),
        ("", "power-not-granted"),
        ("g-1", ""),
    ]


def test_a_batch_takes_one_small_statement_while_nothing_changes(delegation: Replica) -> None:
    grant(delegation)
    authorise(delegation)
    statements: list[Any] = []
    select = delegation.service.store.select

    def counted(statement: Any) -> Any:
        statements.append(statement)
        return select(statement)

    delegation.service.store.select = counted

    authorise(delegation, *[asked(item=str(n)) for n in range(500)])

    assert len(statements) == 1
    assert "sum" in str(statements[0])


def test_the_day_is_the_day_in_china(delegation: Replica) -> None:
    grant(delegation, valid_from=date(2026, 8, 1))

    delegation.clock.set(datetime(2026, 7, 31, 15, 59, tzinfo=UTC))
    before = authorise(delegation)[0][4]
    delegation.clock.set(datetime(2026, 7, 31, 16, 0, tzinfo=UTC))
    after = authorise(delegation)[0][4]

    assert (before, after) == ("not-yet-valid", "")


def test_what_was_entrusted_is_not_entrusted_further(delegation: Replica) -> None:
    grant(delegation, grant="g-0", grantor="health", grantee="market", grantee_kind="administrative_organ")

    with refused(SubDelegationForbidden, grant="g-0"):
        delegation.command(terms())


def test_an_entrusting_that_ended_hinders_nobody(delegation: Replica) -> None:
    grant(delegation, grant="g-0", grantor="health", grantee="market", valid_until=date(2026, 7, 22))
    grant(delegation, grant="g-2", grantor="health", grantee="market")
    delegation.command(RevokeGrant(grant="g-2", reason="faults"))

    delegation.command(terms())

    assert delegation.ask(GetGrant(grant="g-1"))["status"] == "made"


def test_the_signer_cannot_publish(delegation: Replica) -> None:
    delegation.command(terms(), caller=DIRECTOR)

    with refused(PublisherMustDiffer):
        delegation.command(PublishGrant(grant="g-1", publication="P-1"), caller=DIRECTOR)


def test_a_grant_is_shown_with_its_history(delegation: Replica) -> None:
    grant(delegation)

    shown = delegation.ask(GetGrant(grant="g-1"))

    assert shown["terms"]["items"] == ["food"]
    assert [(step["status"], step["by"], step["reference"]) for step in shown["history"]] == [
        ("made", "director", "W-2026-1"),
        ("published", "secretary", "P-g-1"),
    ]
    with refused(NotFound):
        delegation.ask(GetGrant(grant="g-9"))


def test_grants_are_listed_by_grantee_and_item(delegation: Replica) -> None:
    grant(delegation, grant="a", items=("food",))
    grant(delegation, grant="b", items=("*",))
    grant(delegation, grant="c", grantee="street-hall", items=("baths",))

    def listed(**question: Any) -> list[str]:
        return [row["grant"] for row in delegation.ask(ListGrants(**question))]

    assert listed() == ["a", "b", "c"]
    assert listed(grantee="county-hall") == ["a", "b"]
    assert listed(item="baths") == ["b", "c"]
    assert listed(limit=1) == ["a"]
