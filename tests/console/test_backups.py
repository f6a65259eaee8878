"""A backup taken while cases run, restored into fresh databases; the cases go on, and what does not fit is named."""

import uuid
from contextlib import contextmanager

import eventlet
import msgspec
import pytest
import sqlalchemy as sa

from console import backups
from console.backups import MANIFEST, dump_all, restore_all
from console.bench import DEPARTMENTS, Plan, Run, _registration
from console.county import county, load
from console.doctor import examined
from console.services import SERVICES, service
from contracts.casefile import VerifyCase
from contracts.certificate import HandOverPackages
from contracts.intake import GetCase
from eventing.errors import Invalid, NotFound
from eventing.settings import Settings
from eventing.soundness import stand
from eventing.store import Store
from testkit.house import House, eventually

from .conftest import W1

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


NEEDED = ("vault", "delegation", "halls", "intake", "routing", "approval", "certificate", "casefile")
"""Services that a case of W1 goes through, and who remembers it."""


@pytest.fixture(scope="module", params=[NEEDED, pytest.param(tuple(SERVICES), marks=pytest.mark.heavy)], ids=len)
def names(request):
    """The services of the house: those that the rules need to be seen, and by request all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backups, "SERVICES", request.param)
        yield request.param


@pytest.fixture(scope="module")
def pattern(postgresql, names):
    """Makes empty databases for these services; returns their address as a setting."""

    def made():
        mark = uuid.uuid4().hex[:8]
        urls = [postgresql.create_database(f"{mark}_{name}") for name in names]
        return urls[0].rpartition("_")[0] + "_{service}"

    return made


@pytest.fixture(scope="module")
def directory(tmp_path_factory, names):
    return tmp_path_factory.mktemp("backups")


@contextmanager
def housed(rabbitmq, directory, url, names):
    running = House(
        [service(name) for name in names],
        directory,
        amqp_uri=rabbitmq.uri,
        database_url=url,
        catalogue_dirs=(str(W1),),
        rendering="on-demand",
        public_url="https://onething.example",
        oidc_issuers=(),
    )
    with running:
        yield running


@pytest.fixture(scope="module")
def made(rabbitmq, pattern, directory, names):
    """Two backups of one house: the second when more had happened; a case is in flight in both."""
    url, case_id = pattern(), str(uuid.uuid4())
    with housed(rabbitmq, directory, url, names) as house:
        client = house.client()
        load(county("990102"), client)
        run = Run(client, Plan(cases=1, concurrency=1))
        run._send(run.clerk, _registration(case_id, 999))
        run._grant(case_id, next(iter(DEPARTMENTS)))
        brought: list[str] = []
        over: list[bool] = []

        def bring():
            while not over:
                brought.append(str(uuid.uuid4()))
                run._send(run.clerk, _registration(brought[-1], len(brought)))

        bringing = eventlet.spawn(bring)
        eventually(lambda: len(brought) > 3, within=60)
        before = len(brought)
        early = dump_all(house.settings, directory / "early")
        assert len(brought) > before, "nobody came while the backup was made"
        over.append(True)
        bringing.wait()
        eventually(lambda: is_verified(client, brought[-1]), within=60)  # casefile knows what the early one does not
        late = dump_all(house.settings, directory / "late")
        after = str(uuid.uuid4())
        run._send(run.clerk, _registration(after, 1000))
        settings = house.settings
    return settings, early, late, case_id, after


def is_verified(client, case_id: str) -> bool:
    """Whether casefile, which follows, knows the case, and its history is whole."""
    try:
        return client.ask(VerifyCase(case_id=case_id))["verified"]
    except NotFound:
        return False


def elsewhere(settings: Settings, url: str) -> Settings:
    return msgspec.structs.replace(settings, database_url=url)


def states(settings):
    return [(each.check, each.subject, each.state) for each in examined(settings, offline=True)]


def test_the_cut_is_one_instant_however_much_is_going_on(made):
    _, early, late, *_ = made
    for manifest in (early, late):
        stands = {name: dumped.stand for name, dumped in manifest.services.items()}
        followed = 0
        for found in stands.values():
            for upstream, segments in found.positions.items():
                for segment, position in segments.items():
                    assert position <= stands[upstream].heads[segment]
                    followed += position
        assert followed > 50
    assert sum(d.stand.facts for d in late.services.values()) > sum(d.stand.facts for d in early.services.values())


def test_a_case_in_flight_goes_on_after_the_restore(made, rabbitmq, pattern, directory, names):
    settings, _, _, case_id, after = made
    url = pattern()
    done = restore_all(elsewhere(settings, url), directory / "late")
    assert done.inconsistencies == ()
    assert done.seconds > 0
    assert not [each for each in states(elsewhere(settings, url)) if each[2] == "bad"]

    with housed(rabbitmq, directory, url, names) as house:
        client = house.client()
        run = Run(client, Plan(cases=2, concurrency=2))
        with pytest.raises(NotFound):  # it came after the cut
            client.as_(run.clerk).ask(GetCase(case_id=after))
        for item in list(DEPARTMENTS)[1:]:
            assert run._grant(case_id, item) is None
        run.output.until_it_works(
            lambda: run._send(run.clerk, HandOverPackages(case_id=case_id)),
            done=lambda answer: len(answer.value["packages"]) == len(DEPARTMENTS),
        )
        run.drive(lambda: None)
        eventually(lambda: client.as_(run.clerk).ask(GetCase(case_id=case_id))["status"] == "closed", within=60)
        eventually(lambda: is_verified(client, case_id), within=60)


def test_one_service_set_back_alone_is_noticed_and_all_together_is_the_way_back(made, pattern, directory):
    settings, early, late, _, _ = made
    alone = elsewhere(settings, pattern())
    first = restore_all(alone, directory / "early", ["intake"])
    assert any("restore all" in said for said in first.inconsistencies)
    rest = restore_all(alone, directory / "late", ["approval", "casefile"])

    named = [said for said in rest.inconsistencies if "has forgotten" in said]
    lost = late.services["intake"].stand.facts - early.services["intake"].stand.facts
    assert lost > 0
    assert any(said.startswith("casefile") for said in named)
    bad = {subject for check, subject, state in states(alone) if check == "log" and state == "bad"}
    assert {"casefile", "approval"} <= bad

    back = elsewhere(settings, pattern())
    assert restore_all(back, directory / "early").inconsistencies == ()
    assert not [each for each in states(back) if each[2] == "bad"]


def test_what_is_not_empty_is_not_overwritten(made, directory):
    settings, *_ = made
    store = Store("vault", settings.database_url_for("vault"))
    before = stand(store)
    with pytest.raises(Invalid, match="not empty"):
        restore_all(settings, directory / "late")
    assert stand(store) == before
    store.close()


def test_a_dump_that_was_changed_is_refused_before_anything_is_written(made, pattern, directory, tmp_path):
    settings, *_ = made
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    for file in (directory / "late").iterdir():
        (spoilt / file.name).write_bytes(file.read_bytes())
    with (spoilt / "vault.dump").open("ab") as dump:
        dump.write(b"\0")
    fresh = elsewhere(settings, pattern())
    with pytest.raises(Invalid, match="not what was written"):
        restore_all(fresh, spoilt)
    store = Store("intake", fresh.database_url_for("intake"))
    with store.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
    store.close()

    (spoilt / MANIFEST).unlink()
    with pytest.raises(Invalid, match="no whole backup"):
        restore_all(fresh, spoilt)
