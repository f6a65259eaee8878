"""A whole house archives a case, counts its term, lets two people end it, and proves its history ever after."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalogue import Catalogue
from catalogue.examples import happy_answers
from console import archives
from console.app import app
from console.journey import HALL, Journey
from console.output import Exit
from contents import open_contents
from contracts.archives import ApproveDestruction, DestroyArchive, GetArchive, ListArchives
from contracts.casefile import ListTreeHeads, Timeline, VerifyCase
from contracts.certificate import GetDocument, GetOutput
from contracts.intake import CaseClosed
from contracts.language import Caller
from eventing.keyring import Erased
from kernel.clock import SimulatedClock
from testkit.facts import refused
from testkit.house import House, eventually

from .conftest import OpenHouse

pytestmark = pytest.mark.slow

AUDITOR = Caller(by="auditor-shi", roles=("auditor",))
MANAGER = Caller(by="manager-li", hall=HALL, roles=("manager",))


@pytest.fixture(scope="module")
def clock() -> SimulatedClock:
    """Years pass in it, so it is nobody else's."""
    return SimulatedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def house(open_house: OpenHouse, clock: SimulatedClock) -> Iterator[House]:
    with open_house("embedded", clock=clock) as opened:
        yield opened


@pytest.fixture
def typed(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Types a command at this house."""

    @contextmanager
    def client(_: Any) -> Iterator[Any]:
        yield house.client()

    monkeypatch.setattr(archives, "client_of", client)
    monkeypatch.setattr(archives, "configured", lambda **_: house.settings)
    return lambda *words: CliRunner().invoke(app, [*map(str, words)])


def test_from_the_closing_to_the_register_of_destructions(
    house: House, clock: SimulatedClock, county: Catalogue, typed: Any, tmp_path: Path
) -> None:
    client = house.client()
    journey = Journey(client, county, county.theme("SBK"), happy_answers(county.theme("SBK")))
    journey.register()
    case = journey.case_id
    journey.decide()
    journey.hand_over()
    journey.closed()
    history = Timeline(case_id=case)
    eventually(lambda: CaseClosed.TOPIC in [each["topic"] for each in client.ask(history)["entries"]])
    certificate = client.ask(GetOutput(case_id=case))["certificates"][0]["issued"]["certificate"]
    client.ask(GetDocument(case_id=case, certificate=certificate))
    department = client.ask(GetOutput(case_id=case))["certificates"][0]["issued"]["issuer"]
    head = client.as_(Caller(by="head", org=department, roles=("approver",)))
    early = typed("archive", "make", case)
    assert early.exit_code == Exit.REFUSED or "objections-open" in repr(early.exception)

    clock.advance(timedelta(days=100))
    house.host("casefile").instance.packages.nudge()
    kept = eventually(lambda: client.as_(AUDITOR).ask(ListArchives(state="kept"))["archives"])[0]
    assert (kept["case_id"], kept["keep_until"]) == (case, "2056-03-02")
    contents = open_contents(house.settings.contents_url)
    assert contents.has(kept["digest"])
    made = typed("archive", "make", case, "--to", tmp_path / "case.zip", "--json")
    assert made.exit_code == Exit.DONE, made.output
    second = json.loads(made.stdout)["packages"][-1]
    assert (second["edition"], second["files"]) == (2, 1)
    key = client.ask(ListTreeHeads(newest=True))["public_key"]
    told = typed("archive", "verify", tmp_path / "case.zip", "--key", key)
    assert told.exit_code == Exit.DONE, told.output
    assert "完整" in told.stdout

    clock.advance(timedelta(days=366 * 30))
    eventually(lambda: client.as_(AUDITOR).ask(ListArchives(state="due", department=department))["archives"])
    assert "待鉴定" in typed("archive", "list", "--due").stdout
    head.command(ApproveDestruction(case_id=case, opinion="保管期满，无继续保存价值"))
    client.as_(MANAGER).command(DestroyArchive(case_id=case))

    (row,) = eventually(
        lambda: [
            each
            for each in client.as_(AUDITOR).ask(ListArchives(state="destroyed"))["archives"]
            if each["erased_at"] and each["removed_at"]
        ]
    )
    assert (row["approved_by"], row["destroyed_by"]) == ("head", "manager-li")
    assert not contents.has(kept["digest"])
    with refused(Erased):
        client.ask(GetDocument(case_id=case, certificate=certificate))
    assert Erased.status == 410
    assert client.ask(VerifyCase(case_id=case))["verified"]
    assert typed("archive", "verify", tmp_path / "case.zip", "--key", key).exit_code == Exit.DONE
    assert client.as_(AUDITOR).ask(GetArchive(case_id=case))["row"]["state"] == "destroyed"
