"""`onething theme exercise`: themes are tried out on a release that runs, and the table says how it went."""

import json
from datetime import UTC, datetime

import pytest

from eventing.errors import Invalid
from halls.service import Halls
from kernel.clock import SimulatedClock
from testkit.house import House


@pytest.mark.slow
def test_a_theme_is_exercised_on_a_fresh_release(onething):
    done = onething("theme", "exercise", "sshc", "--only", "path", "--only", "denial", "--json")

    assert done.returncode == 0, done.stderr
    tried = json.loads(done.stdout)
    assert {each["rule"] for each in tried} == {"path", "denial"}
    assert all(each["is_well"] and each["happened"] == each["expected"] for each in tried)


@pytest.mark.slow
def test_without_json_it_is_a_table(onething):
    done = onething("theme", "exercise", "SSHC", "--only", "denial")

    assert done.returncode == 0, done.stderr
    assert "SSHC01 SSHC02, closed" in done.stdout
    assert "0 项不符" in done.stderr


def test_an_unknown_theme_is_a_wrong_usage(onething):
    done = onething("theme", "exercise", "DENTIST")

    assert done.returncode == 2
    assert "DENTIST" in done.stderr


def test_only_a_simulated_clock_is_anybodys_to_move(tmp_path):
    with House([Halls], tmp_path) as house, pytest.raises(Invalid):
        house.client().operate("halls", "advance", to="2030-01-01T00:00:00+00:00")


def test_a_simulated_clock_moves_forward_and_never_back(tmp_path):
    clock = SimulatedClock(datetime(2026, 3, 2, tzinfo=UTC))
    with House([Halls], tmp_path, clock=clock) as house:
        client = house.client()
        assert client.operate("halls", "advance", to="2026-03-09T00:00:00+00:00") == "2026-03-09T00:00:00+00:00"
        assert client.operate("halls", "advance", to="2026-03-05T00:00:00+00:00") == "2026-03-09T00:00:00+00:00"
        assert client.operate("halls", "advance", to="") == "2026-03-09T00:00:00+00:00"
