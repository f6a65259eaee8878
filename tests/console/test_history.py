"""A replay shows what the services hold, as of any instant, and always the same."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from console import replays
from console.bench import Plan, Run
from console.history import Changed, difference, facts_of, replayed, state_hash
from contracts.approval import BundleConcluded
from contracts.casefile import Explain, VerifyCase
from contracts.halls import GetTree
from contracts.intake import CaseClosed, CaseOpened, ItemsAccepted
from eventing.errors import NotFound
from testkit.house import eventually


@pytest.fixture(scope="module")
def case(house):
    """A case that was closed, all of whose facts casefile has."""
    run = Run(house.client, Plan(cases=1, concurrency=1))
    run.drive(lambda: None)
    eventually(
        lambda: {CaseClosed, BundleConcluded} <= {type(each.fact) for each in facts_of(house.client, run.ids[0])}
    )
    return run.ids[0]


@pytest.fixture(scope="module")
def happened(house, case):
    return facts_of(house.client, case)


def test_a_replay_is_the_same_every_time(happened):
    assert state_hash(replayed(happened)) == state_hash(replayed(happened))


def test_a_replay_ends_where_the_services_are(house, case, happened):
    states = replayed(happened)

    for name in ("intake", "routing", "approval", "certificate", "vault"):
        host = next(each for each in house.runner.containers[name].dependencies if getattr(each, "is_host", False))
        kind = type(host.instance).aggregates[0]
        live = host.desk.get(kind, case).state()
        assert state_hash({name: states[name]}) == state_hash({name: live}), name


def test_as_of_an_earlier_instant_later_facts_have_not_happened(house, case, happened):
    opened = next(each.fact.at for each in happened if isinstance(each.fact, CaseOpened))

    then = facts_of(house.client, case, until=opened)

    assert all(each.fact.at <= opened for each in then)
    assert 0 < len(then) < len(happened)
    assert replayed(then).keys() <= {"intake"}
    assert replayed(then)["intake"]["outcome"] is None
    assert replayed(happened)["intake"]["outcome"] == "granted"


def test_before_it_was_opened_a_case_has_no_facts(house, case, happened):
    earlier = min(each.fact.at for each in happened) - timedelta(seconds=1)

    assert facts_of(house.client, case, until=earlier) == []


def test_a_changed_fact_changes_the_hash(happened):
    without_last = [each for each in happened if not isinstance(each.fact, CaseClosed)]

    assert state_hash(replayed(without_last)) != state_hash(replayed(happened))


def test_the_history_verifies(house, case, happened):
    verdict = house.client.ask(VerifyCase(case_id=case))

    assert verdict["verified"]
    assert verdict["length"] >= len(happened)


def test_a_case_that_never_was_has_no_history(house):
    with pytest.raises(NotFound):
        facts_of(house.client, str(uuid4()))


def test_two_instants_differ_in_what_happened_between(happened):
    closed = next(n for n, each in enumerate(happened) if isinstance(each.fact, CaseClosed))

    found = difference(replayed(happened[:closed]), replayed(happened[: closed + 1]))

    assert Changed("intake", "outcome", None, "granted") in found
    assert {each.service for each in found} == {"intake"}


def test_states_differ_in_nothing_if_and_only_if_their_hashes_are_equal(happened):
    states = [replayed(happened[:n]) for n in range(1, len(happened) + 1)]
    for n, before in enumerate(states[1:], start=1):
        assert not difference(before, before)
        assert bool(difference(states[n - 1], before)) == (state_hash(states[n - 1]) != state_hash(before))


def test_a_closed_case_is_explained_over_the_wire(house, case, happened):
    accepted = next(each.fact for each in happened if isinstance(each.fact, ItemsAccepted))
    item = accepted.items[0].item

    finished = house.client.ask(Explain(case_id=case))
    lawful = house.client.ask(Explain(case_id=case, why="lawful", subject=item), attempts=5)

    assert finished["answer"] == "finished"
    assert [fact["topic"] for fact in finished["reasons"][0]["facts"]] == [CaseClosed.TOPIC]
    assert lawful["answer"] == "lawful", lawful
    assert {fact["chain"] for each in lawful["reasons"] for fact in each["facts"]} == {case, accepted.items[0].grant}


def test_all_windows_are_told_as_they_stand_now(house, typed, monkeypatch):
    monkeypatch.setattr(replays, "client_of", lambda _: nullcontext(house.client))
    live = {hall["hall"]: hall["windows"] for root in house.client.ask(GetTree()) for hall in (root, *root["halls"])}
    at = datetime.now(UTC)

    def told(*words):
        return typed("windows", at.isoformat(), *words)

    def halls():
        return {each["hall"]: each for each in json.loads(told("--json").stdout)["halls"]}

    eventually(lambda: sum(len(each["windows"]) for each in halls().values()) >= sum(map(len, live.values())))
    assert {
        (window["window"], window["state"], window["staff"]) for hall in halls().values() for window in hall["windows"]
    } >= {(window["window"], window["state"], window["staff"]) for windows in live.values() for window in windows}
    some = next(hall for hall, windows in live.items() if windows)
    assert live[some][0]["window"] in told("--hall", some).stdout
    assert "sha256:" in told().stdout
