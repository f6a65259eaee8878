"""What is summed beforehand is what is counted, whatever the period and the instant of knowledge."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from contracts.insight import ListIndicators
from eventing.errors import Unavailable
from insight.measuring import sums
from insight.measuring.reading import Kept, Reading, Wanted
from insight.measuring.sets import Asked, Set, Unit, facts, subjects, things
from insight.measuring.sums import Question, Sums, marks
from insight.projections import OBSERVED, STRETCH, SUMS
from insight.summing import Summing
from insight.telling import HEADLINES
from testkit.facts import NOON
from testkit.house import eventually
from testkit.replica import Replica

from .mothers import AUDITOR, CASE, YEAR, Teller

MORE = (
    Question("tally", subjects("signed", every=True)),
    Question("tally", Set(("visit",), Unit.DAY)),
    Question("tally", facts("gap")),
    Question("histogram", things("consulted").having_("linked")),
    Question("parts", subjects("packet"), "channel"),
)
QUESTIONS = (*HEADLINES, *MORE)
DAYS = [NOON.date() - timedelta(days=n) for n in range(8)]
APARTS: tuple[dict[str, Any], ...] = (
    {}, {"by": "theme"}, {"by": "hall"}, {"theme": "t1"}, {"hall": "h1"}, {"halls": ("h2",)},
    {"theme": "t2", "by": "theme"}, {"hall": "h1", "by": "hall", "halls": ("h1",)},
)  # fmt: skip


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "SHORT", 6)


def history(random: Random, learned: list[datetime]) -> Iterator[tuple[Any, ...]]:
    """Observations as no fact makes them: everything that a condition may hinge on, in any order."""
    kinds = sorted({kind for each in QUESTIONS for kind in each.of.every_kind} | {"hall", "opened", "linked"})
    labels = sorted({label for each in QUESTIONS for having in (each.of, *each.of.having) for label in having.labels})
    of_things = {kind for each in QUESTIONS if each.of.unit is Unit.THING for kind in each.of.kinds}
    loose = {"finished", "signed", "gap", "packet"}
    for n in range(len(learned)):
        kind, day = random.choice(kinds), random.choice(DAYS)
        case = "" if kind in of_things or (kind in loose and random.random() < 0.4) else f"c{random.randrange(4)}"
        at = datetime.combine(day, time(random.randrange(12)), NOON.tzinfo)
        due, law_due = (random.choice([None, *DAYS]) for _ in range(2))
        yield (
            "intake", 0, n + 1, 0, kind, day, at, learned[n], case, random.choice(["", "i1", "i2"]),
            random.choice(["", "", "t1", "t2"]), random.choice(["", "", "h1", "h2"]), "",
            random.choice(["", "web", "window"]), "", f"s{random.randrange(4)}", random.choice([*labels, "other"]),
            random.randrange(5), random.randrange(5), due, law_due,
        )  # fmt: skip


def rows(read: Reading, wanted: Wanted) -> list[tuple[Any, ...]]:
    return sorted(
        (row["of"], row["part"] or "", -1 if row["amount"] is None else row["amount"], row["units"])
        for row in read(wanted)
    )


@pytest.mark.parametrize("seed", range(2))
def test_they_are_what_is_counted(counter: Replica, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "SHORT", 20)
    random = Random(seed)
    learned = sorted(NOON + timedelta(seconds=random.randrange(30)) for _ in range(70))
    with counter.store.writing() as connection:
        OBSERVED.insert(connection, list(history(random, learned)))
    select = counter.store.select
    summed = Sums(select, QUESTIONS)
    while summed.advance(counter.store):
        pass
    assert len(select(sa.select(STRETCH))) > 3

    said = 0
    for narrowed in APARTS:
        instant = random.choice([*learned, NOON + timedelta(hours=1)])
        begins, ends = sorted(random.choices(DAYS, k=2))
        asked = Asked(begins=begins, ends=ends, as_of=instant, **narrowed)
        wanted = [Wanted(each.shape, each.of, asked, each.part) for each in QUESTIONS]
        of_sums, of_facts = Reading(select, sums=summed), Reading(select)
        told = of_sums._summed(wanted)
        of_sums.ahead(wanted)
        of_facts.ahead(wanted)

        assert told.keys() == {*wanted}
        for each in wanted:
            assert rows(of_sums, each) == rows(of_facts, each), (each, instant)
            said += bool(rows(of_facts, each))
    assert said > 15


def test_a_unit_that_counts_more_on_a_later_day_counts_the_rest_there() -> None:
    days = [("2026-01-03", 1), ("2026-01-05", 4), ("2026-01-07", 2)]

    once = list(marks(days, "2026-01-02", once=True))
    each = list(marks(days, "2026-01-02", once=False))

    assert once == [("", "2026-01-02", "2026-01-03", None, 1), ("", "2026-01-02", "2026-01-05", 1, 4)]
    assert [(mark.after, mark.upto) for mark in each if mark.was is None] == [
        ("", "2026-01-03"), ("2026-01-03", "2026-01-05"), ("2026-01-05", "2026-01-07"),
    ]  # fmt: skip


@pytest.fixture
def teller(counter: Replica) -> Teller:
    made = Teller(counter)
    for n in range(4):
        made.a_case(f"c{n}", "SSHC01", "SSHC02", **CASE)
    return made


def summed_up(teller: Teller) -> Sums:
    service = teller.counter.service
    found: Sums = service.sums
    while found.advance(service.store):
        pass
    return found


def headlines(teller: Teller) -> Any:
    return teller.counter.ask(ListIndicators(**YEAR), caller=AUDITOR)["indicators"]


def test_headlines_are_told_of_sums(teller: Teller) -> None:
    counted = headlines(teller)
    summed = summed_up(teller)
    service = teller.counter.service
    asked: list[Any] = []
    reading = service._ground().read
    reading.select = lambda statement: asked.append(str(statement)) or service.store.select(statement)
    as_of = service.known_until(None)
    wanted = [Wanted(each.shape, each.of, Asked(**YEAR, as_of=as_of), each.part) for each in HEADLINES]
    reading._kept = Kept()

    reading.ahead(wanted)

    assert asked == []
    service.__dict__["_kept"] = Kept()
    assert headlines(teller) == counted
    assert set(summed.questions) == set(HEADLINES)


def test_far_behind_they_are_not_asked(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    summed_up(teller)
    monkeypatch.setattr(sums, "LONG", 1)
    teller.a_case("later", "SSHC01", **CASE)

    wanted = Wanted("tally", HEADLINES[0].of, Asked(**YEAR, as_of=teller.as_of()))

    assert Reading(teller.counter.store.select, sums=teller.counter.service.sums)._summed([wanted]) == {}
    assert teller.value("levels") == 5


def test_of_two_that_sum_the_same_one_keeps_it(teller: Teller) -> None:
    found = summed_up(teller)
    select = teller.counter.store.select
    ends = [row["learned"] for row in select(sa.select(STRETCH.c.learned).order_by(STRETCH.c.learned))]
    before = select(sa.select(sa.func.count().label("rows")).select_from(SUMS))
    run = select(sa.select(STRETCH.c.run))[0]["run"]

    found._keep(teller.counter.store, sums.Last(ends[0], run), sums.Last(ends[-1], run), {})
    found._keep(
        teller.counter.store, sums.Last(ends[-1], "another"), sums.Last(NOON + timedelta(days=1), "another"), {}
    )

    assert len(ends) > 2
    assert [row["learned"] for row in select(sa.select(STRETCH.c.learned).order_by(STRETCH.c.learned))] == ends
    assert select(sa.select(sa.func.count().label("rows")).select_from(SUMS)) == before


def test_it_sums_while_it_runs_and_takes_other_editions_away(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insight.summing.SHARES", (0, 0))  # how long it rests is the affair of whoever else works
    service = teller.counter.service
    with teller.counter.store.writing() as connection:
        connection.execute(sa.insert(STRETCH).values(edition="old", learned=NOON, run="r"))
    running = eventlet.spawn(service.started)

    eventually(lambda: teller.counter.store.select(sa.select(SUMS.c.n)))

    service.stopping()
    running.wait()
    editions = {row["edition"] for row in teller.counter.store.select(sa.select(STRETCH.c.edition))}
    assert editions == {service.sums.edition}


def test_a_service_that_stops_does_not_rest_to_the_end_of_a_stretch(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insight.summing.SHARES", (1e9, 1e9))
    service = teller.counter.service
    running = eventlet.spawn(service.started)
    eventually(lambda: teller.counter.store.select(sa.select(STRETCH.c.run)))  # the first stretch is of nothing
    eventlet.sleep(0.05)

    service.stopping()

    with eventlet.Timeout(60):
        running.wait()
    assert not teller.counter.store.select(sa.select(SUMS.c.n))


def test_others_have_their_turn_between_the_statements_of_a_stretch(teller: Teller) -> None:
    found: Sums = teller.counter.service.sums
    rests: list[int] = []
    said: list[Any] = []
    select = found.select
    found.select = lambda wanted: said.append(wanted) or select(wanted)  # type: ignore[func-returns-value]

    while found.advance(teller.counter.store, lambda: rests.append(len(said))):
        pass

    between = [later - earlier for earlier, later in pairwise(rests)]
    assert len(rests) >= 2 * len(found.questions)
    assert max(between[: 2 * len(found.questions) - 1]) <= 3


def test_a_database_that_is_away_does_not_end_the_summing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def writing(self) -> Any:
            raise Unavailable(what="database")

    class Patient(Summing):
        store = Away()
        looked = 0

        def look(self) -> float:
            self.looked += 1
            if self.looked == 3:
                self.stopping()
            raise Unavailable(what="database")

    monkeypatch.setattr("insight.summing.REST", 0.0)
    patient = Patient()

    patient.started()

    assert patient.looked == 3
