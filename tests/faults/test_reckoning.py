"""The reckoning is worth something only if it finds what a fault could have done."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from console.county import county
from console.county import load as load_county
from console.services import SERVICES, service
from testkit.campaign import CHECKS, problems
from testkit.evidence import Evidence, Recorded, at_rest, gather
from testkit.house import House, eventually

from .cluster import W1_LAYER
from .load import Load

CASES = 6


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Evidence, Load]]:
    """A few cases without any fault."""
    directory: Path = tmp_path_factory.mktemp("quiet")
    services = [service(name) for name in SERVICES]
    with House(services, directory, catalogue_dirs=(str(W1_LAYER),), rendering="on-demand") as house:
        load_county(county("990102"), house.client())
        load = Load(house.client(), seed=1)
        load.release(CASES)
        load.finish()
        stores = {name: house.settings.database_url_for(name) for name in SERVICES}
        eventually(lambda: at_rest(stores))
        yield gather(stores), load


def test_where_nothing_went_wrong_nothing_is_found(finished: tuple[Evidence, Load]) -> None:
    evidence, load = finished
    assert load.closed == CASES
    assert problems(evidence, load.acknowledged) == []


def last(evidence: Evidence, service: str, topic: str) -> Recorded:
    return [fact for fact in evidence.logs[service] if fact.topic == f"onething.{topic}.v1"][-1]


def append(evidence: Evidence, fact: Recorded) -> None:
    """One more fact, as if its service had recorded it: in its place, shipped and remembered."""
    log = evidence.logs[fact.service]
    position = evidence.heads[fact.service][fact.segment] = evidence.heads[fact.service][fact.segment] + 1
    version = 1 + sum(other.stream == fact.stream for other in log)
    log.append(replace(fact, position=position, version=version))
    log.sort(key=lambda other: (other.segment, other.position))
    for followed in evidence.followed.values():
        if (fact.service, fact.segment) in followed:
            followed[fact.service, fact.segment] = position
    evidence.ledger.append((fact.service, fact.segment, position))


def change(evidence: Evidence, fact: Recorded, **changes: Any) -> None:
    log = evidence.logs[fact.service]
    log[log.index(fact)] = replace(fact, **changes)


def a_decision_is_doubled(evidence: Evidence) -> None:
    append(evidence, last(evidence, "approval", "review.granted"))


def a_reaction_happens_twice_in_two_words(evidence: Evidence) -> None:
    fact = last(evidence, "certificate", "certificate.issued")
    append(evidence, replace(fact, body={**fact.body, "number": "another"}))


def a_number_is_given_twice(evidence: Evidence) -> None:
    issued = [f for f in evidence.logs["certificate"] if f.topic == "onething.certificate.issued.v1"]
    change(evidence, issued[0], body={**issued[0].body, "number": issued[-1].body["number"]})


def the_last_fact_of_a_case_is_lost(evidence: Evidence) -> None:
    fact = last(evidence, "intake", "case.closed")
    evidence.logs["intake"].remove(fact)
    evidence.heads["intake"][fact.segment] -= 1
    evidence.ledger.remove((fact.service, fact.segment, fact.position))
    for follower in ("vault", "routing", "approval", "casefile"):
        evidence.followed[follower]["intake", fact.segment] -= 1


def a_position_is_left_out(evidence: Evidence) -> None:
    evidence.logs["routing"].remove(evidence.logs["routing"][0])


def a_follower_stays_behind(evidence: Evidence) -> None:
    fact = last(evidence, "approval", "bundle.concluded")
    evidence.followed["certificate"]["approval", fact.segment] -= 1


def a_packet_never_arrives(evidence: Evidence) -> None:
    fact = last(evidence, "routing", "packet.received")
    change(evidence, fact, body={**fact.body, "packets": fact.body["packets"][1:]})


def a_copy_is_in_nobodys_hands(evidence: Evidence) -> None:
    fact = last(evidence, "routing", "distribution.planned")
    places = dict(fact.body["copies"])
    places.popitem()
    change(evidence, fact, body={**fact.body, "copies": places})


def a_fact_is_missing_in_the_ledger(evidence: Evidence) -> None:
    evidence.ledger.pop()


def a_fact_is_twice_in_the_ledger(evidence: Evidence) -> None:
    evidence.ledger.append(evidence.ledger[0])


def a_case_is_parked(evidence: Evidence) -> None:
    evidence.parked["approval"].append("somebody")


def a_deadline_outlives_its_case(evidence: Evidence) -> None:
    evidence.deadlines["intake"].append(last(evidence, "intake", "case.closed").stream)


def an_answer_is_forgotten(evidence: Evidence) -> None:
    evidence.answers["approval"].clear()


def an_answer_has_changed(evidence: Evidence) -> None:
    for id_, reply in evidence.answers["approval"].items():
        evidence.answers["approval"][id_] = reply.replace(b"granted", b"denied")


def a_case_comes_from_nowhere(evidence: Evidence) -> None:
    fact = last(evidence, "vault", "case-key.bound")
    append(evidence, replace(fact, stream="nobody", segment=4, body={**fact.body, "case_id": "nobody"}))


def a_fact_has_no_cause(evidence: Evidence) -> None:
    fact = last(evidence, "approval", "review.planned")
    change(evidence, fact, body={**fact.body, "cause": "intake/00/99999"})


def consequences_change_places(evidence: Evidence) -> None:
    issued = [f for f in evidence.logs["certificate"] if f.topic == "onething.certificate.issued.v1"]
    case = [fact for fact in issued if fact.stream == issued[0].stream]
    first, second = case[0], case[-1]
    change(evidence, first, body={**first.body, "cause": second.cause})
    change(evidence, second, body={**second.body, "cause": first.cause})


FAULTS: dict[Callable[[Evidence], None], set[str]] = {
    a_decision_is_doubled: {"cases_are_whole", "nothing_happened_twice", "answers_are_kept"},
    a_reaction_happens_twice_in_two_words: {"cases_are_whole", "nothing_happened_twice", "order_holds"},
    a_number_is_given_twice: {"nothing_happened_twice"},
    the_last_fact_of_a_case_is_lost: {"cases_are_whole"},
    a_position_is_left_out: {"logs_are_gapless", "cases_are_whole"},
    a_follower_stays_behind: {"everything_is_followed"},
    a_packet_never_arrives: {"custody_is_complete", "cases_are_whole"},
    a_copy_is_in_nobodys_hands: {"custody_is_complete"},
    a_fact_is_missing_in_the_ledger: {"ledger_is_complete"},
    a_fact_is_twice_in_the_ledger: {"ledger_is_complete"},
    a_case_is_parked: {"nothing_waits"},
    a_deadline_outlives_its_case: {"nothing_waits"},
    an_answer_is_forgotten: {"answers_are_kept"},
    an_answer_has_changed: {"answers_are_kept"},
    a_case_comes_from_nowhere: {"cases_are_whole"},
    a_fact_has_no_cause: {"causes_are_known"},
    consequences_change_places: {"order_holds"},
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_is_found_when(fault: Callable[[Evidence], None], finished: tuple[Evidence, Load]) -> None:
    evidence = copy.deepcopy(finished[0])
    fault(evidence)
    found = {problem.partition(":")[0] for problem in problems(evidence, finished[1].acknowledged)}
    assert FAULTS[fault] <= found


def test_every_check_finds_something() -> None:
    assert {check.__name__ for check in CHECKS} == set().union(*FAULTS.values())
