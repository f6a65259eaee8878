"""Random histories: a case as of any instant is what folding its services' facts until then by hand comes to."""

import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from casefile.service import CaseFile
from console.history import facts_of, replayed, state_hash
from console.services import service
from contracts.casefile import CaseFacts, VerifyCase
from contracts.intake import CaseOpened
from contracts.language import Fact
from eventing.mapper import decode
from testkit.facts import NOON
from testkit.replica import Replica, replica

from .mothers import SIGNING

GOLDEN = Path(__file__).parents[1] / "golden" / "streams" / "0.2.0"
STORIES = ("tx-granted", "cy-denied", "cy-joined", "xse-granted")

Stream = tuple[str, str]
"""A service, and the name of a stream of its."""


class Golden(msgspec.Struct):
    """A fact of a golden history."""

    service: str
    stream: str
    topic: str
    state: bytes


@cache
def story(name: str) -> tuple[str, list[tuple[Stream, Fact]]]:
    """A case, and its facts in their order."""
    told = msgspec.convert(msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes())["facts"], list[Golden])
    case = next(each.stream for each in told if each.topic == CaseOpened.TOPIC)
    facts = [((each.service, each.stream), decode(each.topic, each.state)) for each in told]
    return case, [(stream, fact) for stream, fact in facts if case in {fact.case_id, stream[1]}]


class Ledger:
    """A ledger that hears of a history in some order, and answers as over the wire."""

    def __init__(self, casefile: Replica) -> None:
        self.casefile = casefile
        self.versions: dict[Stream, int] = {}

    def hear(self, some: list[tuple[Stream, Fact]]) -> None:
        """A batch of one service's facts."""
        told = []
        for stream, fact in some:
            self.versions[stream] = self.versions.get(stream, 0) + 1
            told.append((stream[1], self.versions[stream], fact))
        self.casefile.follow(some[0][0][0], *told)

    def ask(self, question: CaseFacts, **_: Any) -> Any:
        """As the console asks."""
        return self.casefile.ask(question)


def shuffled(facts: list[tuple[Stream, Fact]], chance: random.Random) -> list[list[tuple[Stream, Fact]]]:
    """Batches in which the facts come: each stream in its order, streams and services in any."""
    waiting: dict[Stream, list[tuple[Stream, Fact]]] = {}
    for each in facts:
        waiting.setdefault(each[0], []).append(each)
    batches = []
    while waiting:
        stream = chance.choice(sorted(waiting))
        size = chance.randint(1, len(waiting[stream]))
        batches.append(waiting[stream][:size])
        waiting[stream] = waiting[stream][size:]
        if not waiting[stream]:
            del waiting[stream]
    return batches


def by_hand(facts: list[tuple[Stream, Fact]], until: datetime) -> dict[Stream, Any]:
    """Every stream's state, one fact after the other, as far as they had happened."""
    found: dict[Stream, Any] = {}
    for stream, fact in facts:
        if fact.at <= until:
            if stream not in found:
                kind = next(each for each in service(stream[0]).aggregates if type(fact) in each.facts())
                found[stream] = kind(stream[1])
            found[stream].apply(fact)
    return {stream: msgspec.to_builtins(aggregate.state()) for stream, aggregate in found.items()}


@settings(max_examples=8, deadline=None, phases=(Phase.generate,))
@given(st.sampled_from(STORIES), st.randoms(use_true_random=False))
def test_as_of_any_instant_a_case_is_what_its_facts_until_then_come_to(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, name: str, chance: random.Random
) -> None:
    case, golden = story(name)
    at, facts = NOON, []
    for stream, fact in golden:
        at += timedelta(minutes=chance.choice((0, 0, 1, 90, 3000)))
        facts.append((stream, msgspec.structs.replace(fact, at=at)))
    request.param = "sqlite"
    with replica(CaseFile, request, tmp_path_factory.mktemp("ledger"), signing=SIGNING) as running:
        ledger = Ledger(running)
        for batch in shuffled(facts, chance):
            ledger.hear(batch)

        instants = [fact.at for _, fact in chance.sample(facts, 4)]
        for until in [*instants, instants[0] - timedelta(microseconds=1), at]:
            expected = by_hand(facts, until)
            happened = facts_of(ledger, case, until=until)  # type: ignore[arg-type]
            states = replayed(happened)
            assert len(happened) == sum(fact.at <= until for _, fact in facts)
            assert sorted(map(state_of, states.values())) == sorted(map(state_of, expected.values()))
            assert state_hash(states) == state_hash(replayed(facts_of(ledger, case, until=until)))  # type: ignore[arg-type]
        assert running.ask(VerifyCase(case_id=case))["verified"]


def state_of(state: Any) -> str:
    return state_hash({"": state})
