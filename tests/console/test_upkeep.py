"""Commands that look after a service's own database: rebuild, segments, rewrap."""

import json

import pytest

from console.doctor import examined
from console.house import INSIDE
from console.preparation import prepare_all
from console.services import service
from console.upkeep import opened
from eventing.rebuilding import projections, rebuild
from eventing.settings import Settings
from testkit.facts import NOON
from vault.keys import CASE_KEYS
from vault.wrapping import Wrapping


def test_every_view_of_a_house_is_what_its_log_says(house):
    looked_at = 0
    for name in INSIDE:
        with opened(house.settings, name) as store:
            for projection in projections(service(name)):
                found = rebuild(service(name), store, projection, mend=False)
                assert found.equal, found
                looked_at += found.rows
    assert looked_at > 20  # the county's halls, windows and grants at least


def test_projections_are_named(typed):
    told = typed("rebuild", "--json")
    assert {"intake/deadlines", "approval/deadlines"} < set(json.loads(told.output))


@pytest.mark.parametrize("arguments", [("rebuild", "nothing"), ("segments", "list", "nobody")])
def test_what_there_is_not_is_told(typed, arguments):
    assert typed(*arguments).exit_code == 2


def test_a_house_that_never_ran_has_no_segments(typed, tmp_path):
    told = typed("segments", "list", "intake", "--data-dir", tmp_path)
    assert told.exit_code != 0


def test_segments_of_a_running_house_are_told_and_rebuilt_from_outside(onething, house):
    listed = onething("segments", "list", "intake", "--json", "--data-dir", house.settings.data_dir)
    assert listed.returncode == 0, listed.stderr
    found = json.loads(listed.stdout)
    assert [each["segment"] for each in found] == list(range(16))
    assert all(each["owner"] and each["lease_seconds"] > 0 for each in found)

    made = onething("rebuild", "delegation", "--check", "--json", "--data-dir", house.settings.data_dir)
    assert made.returncode == 0, made.stderr
    assert {f"{each['service']}/{each['projection']}" for each in json.loads(made.stdout)} == {
        f"delegation/{name}" for name in projections(service("delegation"))
    }


def test_case_keys_are_wrapped_anew_while_vault_goes_on(typed, tmp_path):
    old, new = "ab" * 32, "cd" * 32
    kek = tmp_path / "keks"
    variables = {"ONETHING_DATA_DIR": str(tmp_path), "VAULT_KEK": f"file:{kek}"}
    kek.write_text(old)
    settings = Settings.load(variables)
    list(prepare_all(settings, ["vault"], patience=30))
    with opened(settings, "vault") as store, store.writing() as connection:
        wrapping = Wrapping(*settings.keks())
        CASE_KEYS.insert(
            connection, [(name, wrapping.kek, wrapping.wrap(name, b"d" * 32), NOON, None) for name in ("k-1", "k-2")]
        )
    kek.write_text(f"{new}\n{old}\n")

    def vault():
        return next(
            each for each in examined(settings, offline=True) if (each.check, each.subject) == ("keys", "vault")
        )

    assert (vault().state, vault().do) == ("warning", "onething rewrap")
    done = typed("rewrap", "--json", "--data-dir", tmp_path, **variables)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "rewrapped": 2,
        "kek": Wrapping(bytes.fromhex(new)).kek,
        "wrapped_by": {Wrapping(bytes.fromhex(new)).kek: 2},
    }
    kek.write_text(new)
    assert vault().state == "ok"
    kek.write_text(old)
    assert vault().state == "bad"
