"""The table says of every message who may ask for it; whoever has no role in it may not."""

from typing import Any

import pytest

from console.services import SERVICES, service
from contracts.language import Caller, Command, Query
from contracts.published import published
from contracts.scopes import ANYONE, PERSONAL, REACHES, ROLES, Reach, is_within, may
from contracts.scopes.table import TABLE, may_ask, roles_of, scope_of
from eventing import scoping
from testkit.facts import refused

MESSAGES: list[Any] = [*published(Command), *published(Query)]


def test_every_message_stands_in_the_table_and_nothing_else_does() -> None:
    assert set(TABLE) == set(MESSAGES)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: f"{message.SERVICE}.{message.__name__}")
def test_who_has_no_role_in_it_may_not_ask(message: Any) -> None:
    told = roles_of(message)
    assert told <= ROLES.keys() | {ANYONE}
    for role in ROLES:
        caller = Caller(by="x", org="o", hall="h", roles=(role,), subject="s")
        assert may_ask(message, caller) == (role in told or ANYONE in told or role == "service")
    assert may_ask(message, Caller(by="x", org="o", hall="h", subject="s")) == (ANYONE in told)


ENTRYPOINTS = [
    (name, declared.message)
    for name in SERVICES
    for declared in (*service(name).commands.values(), *service(name).queries.values())
]


@pytest.mark.parametrize(("name", "message"), ENTRYPOINTS, ids=lambda each: getattr(each, "__name__", each))
def test_through_no_entrypoint_gets_who_has_no_role(name: str, message: Any) -> None:
    claims = Caller(by=f"service:{name}", org="o", hall="h", window="w", subject="s", halls=("h",))

    if ANYONE in roles_of(message):
        assert scoping.reaches(message, claims) in {("any",), ("bearer",)}
    else:
        with refused(scoping.NotYourRole):
            scoping.reaches(message, claims)


def test_what_the_table_does_not_know_is_the_services_alone() -> None:
    class Unknown(Command):
        """Nobody wrote it into the table."""

    assert not may_ask(Unknown, Caller(by="x", roles=("operator", "manager")))
    assert may_ask(Unknown, Caller(by="service:x", roles=("service",)))


def test_a_word_that_is_no_role_or_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="director"):
        may(director="hall")
    with pytest.raises(ValueError, match="everywhere"):
        may(clerk="everywhere")


def test_personal_data_is_nobodys_who_only_watches_or_runs_the_house() -> None:
    for scope in PERSONAL.values():
        assert not scope.roles.keys() & {"auditor", "operator", "manager", "hotline", "courier", "subscriber", ANYONE}
        assert all(set(words) <= REACHES - {"any"} for words in scope.roles.values())


def test_nothing_empty_is_anybodys() -> None:
    nobody, nothing = Caller(by="", roles=tuple(sorted(ROLES.keys() - {"service"}))), Reach(items={"A": ""})
    assert not is_within(REACHES - {"any"}, nobody, nothing, "A")
    assert scope_of(MESSAGES[0]).reaches(Caller(by="x")) == ()
