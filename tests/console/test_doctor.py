"""The doctor on broken installations: what is wrong is told, with what to do, and by the exit code."""

import json
from contextlib import closing

from console import doctor
from console.doctor import examined
from console.services import SERVICES
from contracts.halls import InstallWindow
from eventing.segments import Holdings, Lease, holdings
from eventing.settings import Settings
from eventing.soundness import stand
from eventing.store import Store
from testkit.house import eventually
from testkit.meanwhile import meanwhile


def told(found):
    return {(each.check, each.subject): each for each in found}


def test_a_sound_house_is_found_sound(house):
    found = list(examined(house.settings))
    assert [each for each in found if each.state == "bad"] == []
    assert told(found)["schema", "intake"].state == "ok"
    assert told(found)["segments", "intake"].state == "ok"
    assert told(found)["keys", "vault"].state == "ok"


def test_a_house_that_works_meanwhile_is_sound(house, monkeypatch):
    """Between the look at halls and the look at casefile, which follows it, something happens at a hall."""

    def looked(store):
        found = stand(store)
        if store.service == "halls":
            house.client.command(InstallWindow(window="seen-meanwhile", hall="yl-hall", name="9"))
            eventually(lambda: followed("casefile") == heads(store))
        return found

    def heads(store):
        return {segment: head for segment, head in store.heads().items() if head}

    def followed(name):
        with closing(Store(name, house.settings.database_url_for(name))) as store:
            return stand(store).positions["halls"]

    monkeypatch.setattr(doctor, "stand", looked)
    assert [each for each in examined(house.settings) if each.check == "log"] == []


def test_what_was_recorded_since_is_nobodys_lag(house, monkeypatch):
    """After the look at casefile, and before the logs are looked at once more, something happens at a hall."""
    happened = []

    def looked(store):
        found = stand(store)
        if store.service == "casefile" and not happened:
            happened.append(house.client.command(InstallWindow(window="since", hall="yl-hall", name="10")))
        return found

    def lag():
        return told(examined(house.settings))["lag", "casefile"].state

    monkeypatch.setattr(doctor, "LAG", 0)
    eventually(lambda: lag() == "ok")
    monkeypatch.setattr(doctor, "stand", looked)

    assert lag() == "ok"
    assert happened


def test_segments_that_are_just_taken_up_are_nobodys_fault(house, monkeypatch):
    looks = []

    def looked(store):
        found = holdings(store)
        looks.append(store.service)
        free = tuple(Lease(lease.segment, "", 0.0) for lease in found.leases)
        return Holdings(free, found.replicas) if looks.count(store.service) == 1 else found

    monkeypatch.setattr(doctor, "holdings", looked)
    settings = changed(house.settings, lease_seconds=0.1)
    assert {each.state for each in examined(settings) if each.check == "segments"} == {"ok"}


def test_segments_that_nobody_takes_up_are_told(house, monkeypatch):
    free = Holdings((Lease(0, "", 0.0),), ("a",))
    monkeypatch.setattr(doctor, "holdings", lambda store: free)
    settings = changed(house.settings, lease_seconds=0.1)
    assert {each.state for each in examined(settings) if each.check == "segments"} == {"bad"}


def test_every_wrong_setting_is_told(typed, tmp_path):
    done = typed("doctor", "--json", ONETHING_PROFILE="cluster", ONETHING_DATA_DIR=str(tmp_path))
    assert done.exit_code == 4
    found = json.loads(done.stdout)
    assert {"AMQP_URI", "DATABASE_URL", "CONTENTS_URL"} <= {each["subject"] for each in found}
    assert {each["state"] for each in found} == {"bad"}


def test_nobody_is_there(typed, tmp_path):
    for name in ("secret", "kek"):
        (tmp_path / name).write_text("5a" * 32)
    (tmp_path / "secret").chmod(0o644)
    (tmp_path / "kek").write_text("short")
    done = typed(
        "doctor",
        "--json",
        ONETHING_PROFILE="cluster",
        ONETHING_DATA_DIR=str(tmp_path),
        AMQP_URI="amqp://guest:hidden@127.0.0.1:1//",
        DATABASE_URL="postgresql+psycopg://x:hidden@127.0.0.1:1/onething_{service}",
        CONTENTS_URL=tmp_path.as_uri(),
        ONETHING_SECRET_KEY_FILE=str(tmp_path / "secret"),
        VAULT_KEK=f"file:{tmp_path / 'kek'}",
    )
    assert done.exit_code == 3, done.output
    found = {(each["check"], each["subject"]): each for each in json.loads(done.stdout)}
    assert {subject for check, subject in found if check == "database"} == set(SERVICES)
    assert found["broker", ""]["state"] == "unavailable"
    assert found["keys", "secret key"]["state"] == "warning"
    assert found["keys", "vault kek"]["state"] == "bad"
    assert "hidden" not in done.output


def broken(house, statement):
    """The findings while a statement is in force in intake's store; it is taken back by the other one."""
    store = Store("intake", house.settings.database_url_for("intake"))
    try:
        with store.writing() as connection:
            connection.exec_driver_sql(statement)
        return told(examined(house.settings))
    finally:
        store.close()


def test_a_schema_of_another_release_is_told(house):
    try:
        old = broken(house, "UPDATE alembic_version SET version_num = '0000'")["schema", "intake"]
        new = broken(house, "UPDATE alembic_version SET version_num = '9999'")["schema", "intake"]
    finally:
        mended = broken(house, "UPDATE alembic_version SET version_num = '0001'")["schema", "intake"]
    assert (old.state, old.do) == ("bad", "onething prepare intake")
    assert new.state == "warning"
    assert mended.state == "ok"


def test_a_follower_ahead_of_its_source_is_told(house):
    found = broken(house, "INSERT INTO tracking (upstream, segment, position) VALUES ('gateway', 15, 7)")
    assert ("log", "intake") not in found  # the gateway was never prepared here: nothing can be said of its log
    found = broken(house, "INSERT INTO tracking (upstream, segment, position) VALUES ('vault', 15, 700000)")
    gone = broken(house, "DELETE FROM tracking WHERE upstream IN ('vault', 'gateway')")
    assert found["log", "intake"].state == "bad"
    assert "700000" in found["log", "intake"].en
    assert ("log", "intake") not in gone


def test_another_kek_opens_nothing(house, tmp_path):
    (tmp_path / "other").write_text("77" * 32)
    from contracts.vault import ReserveKeys
    from eventing.client import Client

    client: Client = house.client
    from contracts.language import Caller

    client.as_(Caller(by="service:intake", roles=("service",))).ask(ReserveKeys(count=1))
    other = told(examined(changed(house.settings, vault_kek=f"file:{tmp_path / 'other'}")))
    assert other["keys", "vault"].state == "bad"


def test_keys_that_are_reserved_meanwhile_are_not_taken_for_older_ones(house):
    from contracts.language import Caller
    from contracts.vault import ReserveKeys

    client = house.client.as_(Caller(by="service:intake", roles=("service",)))
    client.ask(ReserveKeys(count=1))
    with (
        closing(Store("vault", house.settings.database_url_for("vault"))) as store,
        meanwhile(store, lambda: client.ask(ReserveKeys(count=1)), after="case_keys") as came,
    ):
        found = doctor._opens(house.settings, store)

    assert came
    assert (found.state, found.en) == ("ok", "the case keys can be opened")


def changed(settings: Settings, **values):
    import msgspec

    return msgspec.structs.replace(settings, **values)
