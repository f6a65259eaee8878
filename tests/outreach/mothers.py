"""A replica of outreach that was shown a case, and whoever speaks to it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import catalogue
from contracts.certificate import PackageHandedOver
from contracts.intake import Acceptance, CaseClosed, CaseOpened, CaseReopened, ItemsAccepted
from contracts.language import Caller, Sealed
from contracts.vault import LendKeys, ReserveKeys
from eventing.keyring import KeyRing
from eventing.printed import Codes
from outreach.service import Outreach
from testkit.facts import NOON
from testkit.readings import ReadingBook
from testkit.replica import Replica, replica

COUNTY = catalogue.load("990102")
CLERK = Caller(by="clerk-7", hall="county", window="w1", roles=("clerk",))
HEAD = Caller(by="head-1", hall="county", roles=("manager",))
HELPER = Caller(by="helper-1", roles=("helper",))
APPLICANT = Caller(by="applicant", subject="index-1", roles=("applicant",))
NUMBER = "YJS-990102-CSB-20260723-000001-0"


class Shelf:
    """One catalogue, in force and of every case."""

    def current(self) -> catalogue.Catalogue:
        return COUNTY

    def at(self, version: str) -> catalogue.Catalogue:
        assert version == COUNTY.version
        return COUNTY

    named = at


class Vault:
    """Keys without a vault."""

    def ask(self, query: Any) -> Any:
        if isinstance(query, ReserveKeys):
            return msgspec.to_builtins([(f"key-{n}", bytes([n]) * 32) for n in range(1, 33)])
        assert isinstance(query, LendKeys)
        return msgspec.to_builtins([(key, bytes(32)) for key in query.key_ids])


def opened(case_id: str = "c1", **more: Any) -> CaseOpened:
    body: dict[str, Any] = {
        "number": NUMBER, "theme": "CSB", "catalogue": COUNTY.version, "mode": "one_mouth", "region": "990102",
        "hall": "county", "window": "w1", "channel": "window", "key_id": "key-9", "applicant": Sealed("", "", b""),
        "applicant_index": "index-1", "applicant_kind": "natural", "answers": {}, "plan": (),
    }  # fmt: skip
    return CaseOpened(case_id=case_id, at=NOON, by="clerk-7", **{**body, **more})


def accepted(case_id: str = "c1", **more: Any) -> ItemsAccepted:
    body: dict[str, Any] = {
        "number": NUMBER, "theme": "CSB", "catalogue": COUNTY.version, "region": "990102", "hall": "county",
        "window": "w1", "items": (Acceptance("CSB01", "wsjk", "g1", 1, "wsjk", "n1"),), "plan": (), "materials": (),
    }  # fmt: skip
    return ItemsAccepted(case_id=case_id, at=NOON, by="clerk-7", **{**body, **more})


def handed_over(case_id: str = "c1") -> PackageHandedOver:
    return PackageHandedOver(
        case_id=case_id, at=NOON, by="clerk-8", package="p1", method="window", identity_check="document"
    )


def reopened(case_id: str = "c1") -> CaseReopened:
    return CaseReopened(case_id=case_id, at=NOON, by="system", items=("CY01",))


def closed(case_id: str = "c1", at: datetime = NOON) -> CaseClosed:
    return CaseClosed(case_id=case_id, at=at, by="system", outcome="granted")


def a_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """Outreach, which knows of one case that was opened and accepted at a window."""
    others = {
        "catalogues": Shelf(),
        "keyring": KeyRing(Vault().ask, b"i" * 32, purpose="outreach"),
        "codes": Codes(b"c" * 32),
        "peers": ReadingBook(),
    }
    with replica(Outreach, request, tmp_path, **others) as running:
        running.follow("intake", ("c1", 1, opened()), ("c1", 3, accepted()))
        yield running
