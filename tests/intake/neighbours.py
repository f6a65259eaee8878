"""A replica of intake with its neighbours, for tests of what is asked and commanded."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalogue.model import Catalogue
from contracts.delegation import (
    Authorise,
    AuthorityAnswer,
    AuthorityRequest,
    CheckMandates,
    MandateAnswer,
    MandateRequest,
)
from contracts.intake import Applicant, OpenCase, Register
from contracts.language import Caller
from contracts.vault import LendKeys, ReserveKeys
from eventing.errors import Unavailable
from eventing.keyring import KeyRing
from eventing.mapper import decode
from eventing.printed import Codes
from intake.scanning import NoScanner
from intake.service import Intake
from kernel.identifiers import check_citizen_id
from testkit.facts import NOON
from testkit.replica import Replica, replica

from .mothers import ANSWERS, FULL_FORM, FULL_SET, PERSON, brought, catalogue

PUBLIC = "https://onething.example.org"
CLERK = Caller(by="clerk-7", org="zwzx", hall="county", window="w1", roles=("clerk",))
FOOD = Caller(by="reviewer-1", org="scjg", roles=("reviewer", "approver"))
STRANGER = Caller(by="reviewer-9", org="hg", hall="other", roles=("clerk",))


class Shelf:
    """Two catalogue versions: today's and an older one."""

    def __init__(self) -> None:
        self.today = catalogue()
        self.versions = {self.today.version: self.today}

    def current(self) -> Catalogue:
        return self.today

    def at(self, version: str) -> Catalogue:
        if version not in self.versions:
            raise Unavailable(what="catalogue", version=version)
        return self.versions[version]

    def publish(self, newer: Catalogue) -> None:
        self.today = self.versions[newer.version] = newer


class Delegation:
    """Says yes for halls that hold a grant, and remembers what it was asked."""

    def __init__(self) -> None:
        self.halls = {"county"}
        self.receiving = {"county"}
        """Halls that may receive."""
        self.mandates: dict[str, str] = {}
        """Mandate → why it does not reach, empty where it does."""
        self.asked: list[tuple[AuthorityRequest, ...]] = []
        self.mandated: list[tuple[MandateRequest, ...]] = []

    def ask(self, query: Any) -> Any:
        if isinstance(query, CheckMandates):
            self.mandated.append(query.requests)
            return msgspec.to_builtins(
                [
                    MandateAnswer(each.mandate, NOON, self.mandates.get(each.mandate, "no-mandate"))
                    for each in query.requests
                ]
            )
        assert isinstance(query, Authorise)
        self.asked.append(query.requests)
        return msgspec.to_builtins(
            [
                AuthorityAnswer("grant-1", 7, each.handler, NOON)
                if each.hall in (self.halls if each.power == "accept" else self.receiving)
                else AuthorityAnswer("", 0, "", NOON, "no-grant")
                for each in query.requests
            ]
        )


class Vault:
    """Keys without a vault; a destroyed one stays destroyed."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}

    def ask(self, query: Any) -> Any:
        if isinstance(query, ReserveKeys):
            fresh = {f"key-{len(self.keys) + n}": bytes(31) + bytes([n]) for n in range(1, 33)}
            self.keys |= fresh
            return msgspec.to_builtins(list(fresh.items()))
        assert isinstance(query, LendKeys)
        return msgspec.to_builtins([(key, self.keys[key]) for key in query.key_ids])


class Office:
    """A replica of intake and its neighbours."""

    def __init__(self, running: Replica, shelf: Shelf, delegation: Delegation) -> None:
        self.running, self.shelf, self.delegation = running, shelf, delegation
        self.clock, self.ask = running.clock, running.ask
        self.seen: set[tuple[str, int]] = set()

    def send(self, *commands: Any, by: Caller = CLERK) -> Any:
        answers = self.running.command(*commands, caller=by)
        return answers[0] if len(commands) == 1 else answers

    def settle(self) -> None:
        """Shows intake its own log, until nothing new comes of it."""
        while news := [fact for fact in self.running.log() if (fact.stream, fact.version) not in self.seen]:
            self.seen |= {(fact.stream, fact.version) for fact in news}
            self.running.follow(
                "intake", *((fact.stream, fact.version, decode(fact.topic, fact.state)) for fact in news)
            )

    def pass_deadlines(self, after: timedelta) -> int:
        """Lets time go by, and what comes due happen."""
        self.clock.advance(after)
        return self.running.engine.fire(self.running.store.due(self.clock.now(), range(16), 50))

    def topics(self) -> list[str]:
        return [fact.topic.split(".")[2] for fact in self.running.log()]


def an_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    shelf, delegation = Shelf(), Delegation()
    keyring = KeyRing(Vault().ask, b"i" * 32, purpose="intake")
    codes = Codes(b"p" * 32, PUBLIC)
    others = {
        "catalogues": shelf,
        "peers": delegation,
        "keyring": keyring,
        "codes": codes,
        "scanner": NoScanner(),
        "once_within": timedelta(minutes=5),
    }
    with replica(Intake, request, tmp_path, **others) as running:
        yield Office(running, shelf, delegation)


def citizen(n: int) -> str:
    """A citizen's number of the fictional region, with its check character."""
    body = f"9901021990010{n:04d}"
    for check in "0123456789X":
        try:
            return check_citizen_id(body + check)
        except ValueError:
            continue
    raise AssertionError(body)


def person(n: int = 1) -> Applicant:
    return Applicant(name=f"林某{n}", identifier=citizen(1000 + n))


def registering(case_id: str = "c1", **more: Any) -> Register:
    body: dict[str, Any] = {
        "theme": "SP",
        "applicant": PERSON,
        "answers": ANSWERS,
        "values": FULL_FORM,
        "materials": brought(*FULL_SET),
    }
    return Register(case_id=case_id, **{**body, **more})


def opening(case_id: str = "c1", **more: Any) -> OpenCase:
    body: dict[str, Any] = {"theme": "SP", "applicant": PERSON, "answers": ANSWERS}
    return OpenCase(case_id=case_id, **{**body, **more})
