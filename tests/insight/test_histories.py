"""Whatever happened, and in whatever order insight learned of it: for every instant of knowledge the numbers are those
that are counted by hand, and in SQL, over the facts that had been learned by then."""

import random
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from insight.indicators import INDICATORS
from insight.measuring import sums
from insight.measuring.sets import Asked
from insight.service import Insight
from kernel.clock import local_date
from testkit.facts import NOON
from testkit.replica import Replica

from . import ledger_sql
from .histories import DAYS, HAPPENINGS, OPENINGS, Told, facts
from .mothers import COUNTY, Shelf, Teller
from .recount import APART, RULES, Entry, Ledger

pytestmark = pytest.mark.slow

FIRST = NOON.date()
QUESTIONS = st.lists(
    st.tuples(st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)).map(sorted), st.floats(0, 1)),
    min_size=1,
    max_size=3,
)
"""First and last day, and as of which part of the way."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared database."""
    path = tmp_path_factory.mktemp("insight") / "insight.db"
    Replica(Insight, f"sqlite:///{path}", catalogues=Shelf()).store.close()
    return path


def learned(teller: Teller, history: list[Told], chance: random.Random) -> Iterator[tuple[datetime, Told]]:
    """Shows insight the facts in batches, services in any order; tells when each was learned."""
    queues: dict[str, list[Told]] = {}
    for each in history:
        queues.setdefault(each[0], []).append(each)
    while queues:
        name = chance.choice(sorted(queues))
        some, queues[name] = queues[name][: chance.randint(1, 8)], queues[name]
        queues[name] = queues[name][len(some) :]
        if not queues[name]:
            del queues[name]
        streams: dict[str, list[Any]] = {}
        for _, stream, fact in some:
            streams.setdefault(stream, []).append(fact)
        for stream, told in streams.items():
            teller.tell(name, stream, *told)
            at = teller.as_of()
            yield from ((at, (name, stream, fact)) for fact in told)
        teller.counter.clock.advance(timedelta(days=chance.randint(0, 20), seconds=1))


def entry(told: Told) -> Entry:
    _, stream, fact = told
    body = msgspec.to_builtins(fact)
    return Entry(fact.TOPIC, fact.case_id or stream, stream, fact.at, body | {"at": fact.at.isoformat()})


def asked(counter: Replica, begins: date, ends: date, as_of: datetime) -> dict[tuple[str, str], dict[str, Any]]:
    """(indicator, figure) → group → number."""
    question = Asked(begins=begins, ends=ends, as_of=counter.service.known_until(as_of))
    told = counter.service.told([(each, each.figures) for each in INDICATORS.values()], question)
    return {
        (each.indicator, figure.figure): {number.of: msgspec.to_builtins(number) for number in figure.numbers}
        for each in told
        for figure in each.figures
    }


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.builds(facts, OPENINGS, HAPPENINGS).map(list), QUESTIONS, st.integers(0, 10_000))
def test_as_of_any_instant_it_is_what_the_facts_learned_by_then_come_to(  # noqa: PLR0917 - fixtures
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    history: list[Told],
    questions: Any,
    seed: int,
) -> None:
    monkeypatch.setattr(sums, "SHORT", 30)
    path = Path(tmp_path_factory.mktemp("history")) / "insight.db"
    shutil.copy(template, path)
    counter = Replica(Insight, f"sqlite:///{path}", catalogues=Shelf())
    try:
        known = list(learned(Teller(counter), history, random.Random(seed)))
        while seed % 2 and counter.service.sums.advance(counter.store):  # half of them are of sums that are kept
            pass
        for (first, last), share in questions:
            as_of = known[int(share * (len(known) - 1))][0]
            begins, ends = FIRST + timedelta(days=first), FIRST + timedelta(days=last)
            entries = sorted((entry(told) for at, told in known if at <= as_of), key=lambda each: each.at)
            by_hand = Ledger(entries, begins, ends, COUNTY)
            in_sql = ledger_sql.counted(
                [ledger_sql.row(e.topic, e.case, local_date(e.at), e.at.isoformat(), e.body) for e in entries],
                begins,
                ends,
            )
            numbers = asked(counter, begins, ends, as_of)
            for key, rule in RULES.items():
                wanted = rule(by_hand)
                assert {name: numbers[key][""][name] for name in wanted} == wanted, key
            for key, wanted in in_sql.items():
                assert {name: numbers[key][""][name] for name in wanted} == wanted, key
            for key, rule in APART.items():
                several = rule(by_hand)
                told = {of: numbers[key][of] for of in numbers[key] if of}
                assert told.keys() == several.keys(), key
                for of, wanted in several.items():
                    assert {name: told[of][name] for name in wanted} == wanted, (key, of)
    finally:
        counter.store.close()
