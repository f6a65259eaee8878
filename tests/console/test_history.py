"""A replay shows what the services hold, as of any instant, and always the same."""

from datetime import timedelta
from uuid import uuid4

import pytest

from console.bench import Plan, Run
from console.history import facts_of, replayed, state_hash
from contracts.approval import BundleConcluded
from contracts.casefile import VerifyCase
from contracts.intake import CaseClosed, CaseOpened
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
