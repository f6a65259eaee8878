"""Delegation as it runs: it follows its own log, and what is due happens by itself."""

from eventing import green

green.patch()

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.delegation import AffectedBy, Authorise, GetGrant, PublishGrant
from contracts.language import Caller
from delegation.service import Delegation
from kernel.clock import SimulatedClock
from testkit.facts import NOON
from testkit.house import House, eventually

from .mothers import asked, renewal, terms


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def house(tmp_path: Path, clock: SimulatedClock) -> Iterator[House]:
    with House([Delegation], tmp_path, clock=clock, region="990102") as running:
        yield running


def test_a_grant_is_renewed_and_ends_and_another_goes_on(house: House, clock: SimulatedClock) -> None:
    director = house.client(Caller(by="director", org="market", roles=("approver", "publisher")))
    secretary = house.client(Caller(by="secretary", org="market", roles=("approver", "publisher")))
    for step, who in (
        (terms(), director),
        (PublishGrant(grant="g-1", publication="P-1"), secretary),
        (renewal(), director),
        (PublishGrant(grant="g-2", publication="P-2"), secretary),
    ):
        who.command(step, attempts=40)

    eventually(lambda: house.client().ask(GetGrant(grant="g-1"), attempts=40)["successor"] == "g-2")
    clock.set(datetime(2026, 12, 31, 16, tzinfo=UTC))

    [answer] = house.client().ask(Authorise(requests=(asked(),)), attempts=40)
    assert answer[0] == "g-2"
    eventually(lambda: house.client().ask(GetGrant(grant="g-1"), attempts=40)["status"] == "expired")
    assert {each["power"] for each in house.client().ask(AffectedBy(grant="g-2"))} == {"receive", "accept"}
