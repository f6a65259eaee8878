"""The release before and this one side by side under load, and back again: no request fails and no fact is lost.

The release before is the last git tag, or what ``ONETHING_PREVIOUS`` names: a wheel, or a revision. What releases
before that one recorded is taken over with the house at rest.
"""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from console.services import SERVICES, service
from contracts.casefile import VerifyCase, VerifyLedger
from contracts.language import Caller
from eventing.calls import Calls
from eventing.client import Client
from testkit.evidence import at_rest, gather
from testkit.facts import TESTER
from testkit.house import House, eventually
from testkit.servers import PostgreSQL, RabbitMQ

from .cluster import PATIENCE, READY, ROOTS, Cluster, cluster_signer
from .load import Load
from .reckoning import reckon

pytestmark = [pytest.mark.heavy, pytest.mark.cluster, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
CASES, MORE = 20, 4
"""Cases at the beginning, and so many more with each service that is replaced."""
OLDER = {"0.2.0": "2bcd372"}
"""Releases whose requests nobody signed, so that they cannot work beside this one, and their revisions."""
NEWCOMER = Caller(by="clerk-8", org="zwzx", hall="new-hall", window="new-hall-1", roles=("clerk",))
"""Somebody at a hall that the older release did not know."""
ANSWER = 60.0
"""Seconds in which every request is answered; one that is not has failed."""


def git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def previous(tmp_path: Path, tell: Callable[[str], None]) -> str:
    """The import roots of the release before."""
    named = os.environ.get("ONETHING_PREVIOUS", "")
    place = tmp_path / "previous"
    if named.endswith(".whl"):
        with zipfile.ZipFile(named) as wheel:
            wheel.extractall(place)  # noqa: S202 - a wheel of our own
        tell(f"the release before is {Path(named).name}")
        return str(place)
    revision = named or git("tag", "--list", "--sort=-creatordate").decode().partition("\n")[0]
    assert revision, "there is no tag: type ONETHING_PREVIOUS=REVISION or …=FILE.whl before the command"
    tell(f"the release before is {git('log', '-1', '--format=%h %cs', revision).decode().strip()}")
    return roots_of(revision, place)


def roots_of(revision: str, place: Path) -> str:
    """The import roots of a revision, laid out in this place."""
    with tarfile.open(fileobj=BytesIO(git("archive", revision, "libs", "services"))) as tree:
        tree.extractall(place, filter="data")
    return os.pathsep.join(str(place / folder) for folder in ("libs", "services"))


def run_with(cluster: Cluster, replica: str, roots: str) -> None:
    """From now on the replicas of this name are started from these import roots."""
    for name in SERVICES:
        cluster.environment["PYTHONPATH"] = roots
        cluster.processes[name, replica] = cluster._process(name, f"{name}-{replica}")
    cluster.environment["PYTHONPATH"] = ROOTS


def roll(cluster: Cluster, load: Load, old: str, new: str) -> None:
    """Replaces the replicas one service after the other, as a deployment does: first one more, then one less."""
    for name in SERVICES:
        load.release(MORE)
        assert load.open
        cluster.processes[name, new].start().wait_ready(line=READY, timeout=PATIENCE)
        cluster.processes[name, old].terminate(timeout=60)
        assert cluster.processes[name, old].returncode == 0, name
        assert cluster.processes[name, new].running, name


def test_an_upgrade_and_the_way_back_under_load(  # noqa: PLR0917 - fixtures
    build: Callable[..., Cluster], rabbitmq, tmp_path: Path, previous: str, seed: int, tell: Callable[[str], None]
) -> None:
    cluster = build(replicas=("old", "new"))
    calls = Calls(rabbitmq.uri, timeout=ANSWER)
    calls.start()
    client = Client(calls, TESTER, signer=cluster_signer(tmp_path))
    run_with(cluster, "old", previous)
    new = {name: cluster.processes.pop((name, "new")) for name in SERVICES}
    cluster.environment["PYTHONPATH"] = previous
    cluster.prepare()
    cluster.environment["PYTHONPATH"] = ROOTS
    try:
        cluster.start()
        cluster.processes |= {(name, "new"): process for name, process in new.items()}
        load = Load(client, seed)
        load.release(CASES)
        load.progress(5)

        cluster.prepare()  # the new release's, while the old one works
        roll(cluster, load, "old", "new")
        run_with(cluster, "old", previous)
        roll(cluster, load, "new", "old")  # and back, on the newer schema

        reckon(load, cluster.stores, tell)
        assert load.closed == load.released == CASES + 2 * len(SERVICES) * MORE
        assert load.repeated == 0, f"{load.repeated} requests had to be repeated"
    finally:
        calls.stop()
        for process in cluster.processes.values():
            if process.running:
                process.kill9()


@pytest.fixture(params=["embedded", "cluster"])
def stores(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Where the older release keeps its data, and ours then: SQLite, or PostgreSQL and RabbitMQ."""
    if request.param == "embedded":
        yield {}
        return
    with RabbitMQ() as broker, PostgreSQL() as database:
        urls = [database.create_database(f"older_{name}") for name in SERVICES]
        yield {"amqp_uri": broker.uri, "database_url": urls[0].replace("_vault", "_{service}")}


def taken_over(client: Client, theme: str, case_id: str = "") -> Journey:
    """A case of a theme of the fictional county as this release goes on with it; a new one if none is named."""
    county = catalogue.load("990102")
    case = Journey(client, county, county.theme(theme), happy_answers(county.theme(theme)))
    case.case_id = case_id or case.case_id
    return case


def verified(client: Client) -> int:
    """How many entries the ledger has; every one of them is a leaf of the tree, and whole."""
    found = client.ask(VerifyLedger())
    while found["verified"] and not found["done"]:
        found = client.ask(VerifyLedger(checked=found["checked"], peaks=found["peaks"]))
    assert found["verified"], found
    return int(found["checked"])


@pytest.mark.parametrize("release", OLDER)
def test_what_an_older_release_recorded_is_taken_over(
    tmp_path: Path, stores: dict[str, str], release: str, tell: Callable[[str], None]
) -> None:
    data, roots = tmp_path / "data", roots_of(OLDER[release], tmp_path / "older")
    made = subprocess.run(
        [sys.executable, "-W", "ignore", Path(__file__).parent / "older.py", data, *(
            stores.get(name, "") for name in ("amqp_uri", "database_url")
        )],
        env=os.environ | {"PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    cases: dict[str, tuple[str, str]] = json.loads(made.stdout.splitlines()[-1])

    with House([service(name) for name in SERVICES], data, rendering="eager", **stores) as house:
        client = house.client()
        furnish(client, catalogue.load("990102"), NEWCOMER)
        fresh = taken_over(client, "XSE")
        fresh.clerk = client.as_(NEWCOMER)
        fresh.register()
        old = {case_id: taken_over(client, theme, case_id) for case_id, (theme, _) in cases.items()}
        for case in (fresh, *(old[case_id] for case_id, (_, stage) in cases.items() if stage != "closed")):
            assert case.decide() == "granted"
            case.hand_over()
        for case in (fresh, *old.values()):
            case.closed()
            assert client.ask(VerifyCase(case_id=case.case_id))["verified"] is True
        assert {name: client.operate(name, "parked") for name in SERVICES} == {name: [] for name in SERVICES}
        held = {name: house.settings.database_url_for(name) for name in SERVICES}
        eventually(lambda: at_rest(held), within=60)
        # documents that are still being typeset are facts, too
        entries = eventually(lambda: verified(client) == len(gather(held).ledger) and verified(client), within=60)
    tell(f"{len(cases)} cases of {release} taken over and closed, {entries} entries of the ledger verified")
