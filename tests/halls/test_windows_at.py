"""All windows as they stood at an instant, folded from the ledger: what the live board told then."""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import given as data
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from casefile.heads import Signing
from casefile.notary import Notary
from casefile.projections import ENTRIES, PLACES, STANDING
from casefile.service import CaseFile
from casefile.windows import deciding, halls_and_windows
from contracts import halls as contracts
from contracts.casefile import WindowsAt
from contracts.feed import HallSnapshot
from contracts.halls import (
    BindTicket,
    CallNext,
    CancelTicket,
    CloseHall,
    CloseWindow,
    DrawTicket,
    FinishTicket,
    GetBoard,
    ListTickets,
    OpenWindow,
    PauseWindow,
    RecordSteps,
    ReopenHall,
    ServeTicket,
    SkipTicket,
    StepTime,
    TransferTicket,
)
from contracts.language import Caller, Command, Fact, Note
from contracts.published import declared
from eventing.errors import Invalid, NotFound, OneThingError
from eventing.parking import Followed
from eventing.scoping import OutOfScope
from halls.domain.window import NoteHearing, NoteSilence
from halls.projections.tree import HALLS, WINDOWS
from halls.service import Halls
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import hall_terms, neighbours, window_terms

SIGNING = Signing(Notary("990102", bytes(range(32))))
CLERKS = {
    name: Caller(by=by, hall=hall, roles=("clerk",))
    for name, by, hall in (("w1", "li", "county"), ("w2", "wang", "county"), ("s1", "zhou", "street"))
}
AUDITOR = Caller(by="shi", roles=("auditor",))
OWN = Caller(by="service:halls", roles=("service",))
PLACED = {"w1": "county", "w2": "county", "s1": "street"}


class County:
    """A county's halls at work, and casefile, which hears of it when it is told to."""

    def __init__(self, halls: Replica, casefile: Replica) -> None:
        self.halls, self.casefile = halls, casefile
        self._followed: dict[int, int] = {}
        self._told: dict[int, int] = {}
        halls.command(hall_terms())
        halls.command(hall_terms(hall="street", kind="street", parent="county", region="990102001"))
        for window, hall in PLACED.items():
            halls.command(window_terms(window=window, hall=hall, zone="", themes=("CY",) if window == "w2" else ()))

    def news(self, known: dict[int, int]) -> list[Followed]:
        found = []
        for segment in range(16):
            prev = known.get(segment, 0)
            facts = self.halls.store.read_log(segment, prev)
            if facts:
                known[segment] = facts[-1].position
                notes = [Note(each.position, each.stream, each.version, each.topic, each.state) for each in facts]
                found.append(Followed("halls", segment, prev, facts[-1].position, notes))
        return found

    def act(self, command: Command, caller: Caller) -> None:
        """Something that somebody tries, and all that halls does about it."""
        with suppress(OneThingError):
            self.halls.command(command, caller=caller)
        while news := self.news(self._followed):
            self.halls.engine.react(news)

    def tell(self) -> None:
        """The ledger comes to the end of the log."""
        self.casefile.engine.react(self.news(self._told))
        self.casefile.clock.set(max(self.casefile.clock.now(), self.halls.clock.now()))

    def ticket(self, window: str) -> str:
        """The one that is at the window, or one that is not."""
        today = self.halls.ask(ListTickets(hall=PLACED[window]))["tickets"]
        here = [each for each in today if each["window"] == window and each["state"] in {"called", "serving"}]
        return str([*here, *today, {"ticket": "none"}][0]["ticket"])

    def live(self) -> dict[str, Any]:
        """What halls tells now: each hall's board and snapshot, and what its rows know beside it."""
        now = self.halls.clock.now()
        rows = {row["window"]: row for row in self.halls.store.select(sa.select(WINDOWS.table))}
        halls = {row["hall"]: row for row in self.halls.store.select(sa.select(HALLS.table))}
        told = {}
        for board in self.halls.ask(GetBoard(hall="county", below=True))["halls"]:
            snapshot = {each["window"]: each for each in self.halls.ask(HallSnapshot(hall=board["hall"]))["windows"]}
            told[board["hall"]] = {
                **{name: halls[board["hall"]][name] for name in ("name", "kind", "region", "parent", "replacement")},
                "windows": [
                    {
                        **snapshot[each["window"]],
                        **{name: each[name] for name in ("staff", "reason", "since")},
                        "state": each["state"],
                        "silent_since": _json(rows[each["window"]]["silent_since"]),
                        "serving": each["serving"] and {name: each["serving"][name] for name in TICKET},
                    }
                    for each in board["windows"]
                ],
            }
        assert now == self.halls.clock.now()
        return told

    def then(self, at: datetime, **asked: Any) -> dict[str, Any]:
        """What the ledger tells of an instant."""
        found = self.casefile.ask(WindowsAt(at=at, **asked), AUDITOR)
        return {hall.pop("hall"): hall for hall in found["halls"]}


TICKET = ("ticket", "number", "state", "theme", "item", "case", "called_at", "served_at")


def _json(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")


@contextmanager
def a_county(folder: Path) -> Iterator[County]:
    halls = Replica(Halls, f"sqlite:///{folder}/halls.db", **neighbours())
    casefile = Replica(CaseFile, f"sqlite:///{folder}/casefile.db", signing=SIGNING)
    yield County(halls, casefile)
    halls.store.close()
    casefile.store.close()


@pytest.fixture(params=DATABASES)
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[County]:
    with (
        replica(Halls, request, tmp_path, **neighbours()) as halls,
        replica(CaseFile, request, tmp_path, signing=SIGNING) as casefile,
    ):
        yield County(halls, casefile)


Make = Callable[[County, str, str, int], Command]
"""The county, a window, its hall, a number → what somebody does."""

Step = tuple[timedelta, tuple[Make, ...], str, int, bool]
"""After how long, what, where, a number, and whether it is the window's clerk who does it."""

windows, numbers = st.sampled_from(sorted(PLACED)), st.integers(0, 5)
pauses = st.sampled_from([timedelta(0), timedelta(seconds=7), timedelta(minutes=5), timedelta(hours=9)])


def at_window(*makes: Make) -> Any:
    return st.tuples(pauses, st.just(makes), windows, numbers, st.just(True))


def of_halls(*makes: Make) -> Any:
    return st.tuples(pauses, st.just(makes), windows, numbers, st.just(False))


def opening(_: County, window: str, __: str, ___: int) -> Command:
    return OpenWindow(window=window)


def pausing(_: County, window: str, __: str, number: int) -> Command:
    return PauseWindow(window=window, reason=f"reason {number % 2}")


def drawing(_: County, __: str, hall: str, number: int) -> Command:
    return DrawTicket(hall=hall, theme="CY" if number % 2 else "")


def calling(_: County, window: str, hall: str, __: int) -> Command:
    return CallNext(hall=hall, window=window)


def serving(county: County, window: str, hall: str, _: int) -> Command:
    return ServeTicket(hall=hall, ticket=county.ticket(window), case="case-1")


acts = st.one_of(
    *[at_window(opening, drawing, calling, serving)] * 6,
    *[at_window(opening, pausing)] * 3,
    *(
        at_window(make)
        for make in (
            opening,
            pausing,
            lambda _, window, __, ___: CloseWindow(window=window),
            lambda _, window, __, ___: RecordSteps(window=window, steps=(StepTime("form", 5),)),
            drawing,
            calling,
            serving,
            lambda c, window, hall, _: BindTicket(hall=hall, ticket=c.ticket(window), case="case-2"),
            lambda c, window, hall, _: FinishTicket(hall=hall, ticket=c.ticket(window)),
            lambda c, window, hall, _: SkipTicket(hall=hall, ticket=c.ticket(window)),
            lambda c, window, hall, _: CancelTicket(hall=hall, ticket=c.ticket(window)),
            lambda c, window, hall, number: TransferTicket(
                hall=hall,
                ticket=c.ticket(window),
                reason="there",
                **({"to_window": "w2"} if hall == "county" and number % 2 else {"to_hall": "street"}),
            ),
        )
    ),
    of_halls(lambda c, window, _, __: NoteSilence(window=window, heard_at=c.halls.clock.now())),
    of_halls(lambda c, window, _, __: NoteHearing(window=window, heard_at=c.halls.clock.now() + timedelta(minutes=1))),
    of_halls(lambda _, __, ___, ____: CloseHall(hall="street", replacement="county", reason="flood")),
    of_halls(lambda _, __, ___, ____: ReopenHall(hall="street")),
)


@data(steps=st.lists(acts, min_size=50, max_size=60), told=st.sets(st.integers(0, 60), max_size=3))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_at_any_instant_it_is_what_the_live_board_told(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], told: set[int]
) -> None:
    with a_county(tmp_path_factory.mktemp("county")) as county:
        live = {}
        for window in PLACED:
            county.act(OpenWindow(window=window), CLERKS[window])
        for number, (pause, makes, window, chosen, is_clerks) in enumerate(steps):
            county.halls.clock.advance(pause)
            for make in makes:
                county.act(make(county, window, PLACED[window], chosen), CLERKS[window] if is_clerks else OWN)
            live[county.halls.clock.now()] = county.live()
            if number in told:
                county.tell()
        county.halls.clock.advance(timedelta(minutes=1))
        county.tell()

        for at, later in itertools.pairwise([*live, county.halls.clock.now()]):
            assert county.then(at + (later - at) * random.choice((0, 0.5, 0.999))) == live[at]


@pytest.fixture
def busy(county: County) -> County:
    """Somebody is served at w1, and w2 pauses; after an hour both are closed."""
    li, wang = CLERKS["w1"], CLERKS["w2"]
    for command, caller in (
        (OpenWindow(window="w1"), li),
        (OpenWindow(window="w2"), wang),
        (PauseWindow(window="w2", reason="lunch"), wang),
        (DrawTicket(hall="county", theme="CY"), li),
        (CallNext(hall="county", window="w1"), li),
    ):
        county.act(command, caller)
    county.act(ServeTicket(hall="county", ticket=county.ticket("w1"), case="case-1"), li)
    county.halls.clock.advance(timedelta(hours=1))
    county.act(CloseWindow(window="w1"), li)
    county.act(CloseWindow(window="w2"), wang)
    county.tell()
    return county


def test_it_is_told_who_was_on_duty_and_whom_they_served(busy: County) -> None:
    first, second = busy.then(NOON)["county"]["windows"]

    assert (first["state"], first["staff"], first["serving"]["theme"]) == ("open", "li", "CY")
    assert (first["serving"]["state"], first["serving"]["case"]) == ("serving", "case-1")
    assert (second["state"], second["reason"], second["serving"]) == ("paused", "lunch", None)
    assert {each["state"] for each in busy.then(NOON + timedelta(hours=1))["county"]["windows"]} == {"closed"}
    assert busy.then(NOON - timedelta(seconds=1)) == {}


def test_the_same_instant_has_the_same_hash_whatever_comes_after(busy: County) -> None:
    def hashed(minutes: int) -> str:
        return str(busy.casefile.ask(WindowsAt(at=NOON + timedelta(minutes=minutes)), AUDITOR)["state_hash"])

    before = hashed(0)
    busy.act(OpenWindow(window="w1"), CLERKS["w1"])
    busy.tell()

    assert hashed(0) == before == hashed(59)
    assert hashed(60) != before


def test_a_fact_that_was_pulled_late_counts_at_its_place(busy: County) -> None:
    """The ledger's own order is not the stream's, where a gap was healed."""
    expected = busy.then(NOON)
    with busy.casefile.store.writing() as connection:
        if busy.casefile.store.sqlite:
            connection.exec_driver_sql("DROP TRIGGER ledger_no_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER ledger_append_only ON ledger")
        connection.execute(sa.update(ENTRIES).where(ENTRIES.c.case_id == "w2").values(seq=1000 - ENTRIES.c.seq))

    assert busy.then(NOON) == expected


def test_halls_are_chosen_by_name_with_those_below_or_by_region(busy: County) -> None:
    assert [*busy.then(NOON)] == ["county", "street"]
    assert [*busy.then(NOON, halls=("county",))] == ["county"]
    assert [*busy.then(NOON, halls=("county",), below=True)] == ["county", "street"]
    assert [*busy.then(NOON, region="990102001")] == ["street"]
    assert [*busy.then(NOON, region="110101")] == []
    with refused(NotFound, id="nowhere"):
        busy.then(NOON, halls=("nowhere",))


def test_a_manager_sees_their_own_halls(busy: County) -> None:
    manager = Caller(by="zhou", hall="street", roles=("manager",))

    assert [each["hall"] for each in busy.casefile.ask(WindowsAt(at=NOON), manager)["halls"]] == ["street"]
    with refused(OutOfScope):
        busy.casefile.ask(WindowsAt(at=NOON, halls=("county",)), manager)


def test_nothing_is_told_of_an_instant_that_has_not_come(busy: County) -> None:
    with refused(Invalid, field="at"):
        busy.then(NOON + timedelta(days=1))


def test_every_fact_of_a_window_or_ticket_is_looked_at_or_says_nothing_of_how_they_stand() -> None:
    about = ("onething.window.", "onething.ticket.", "onething.queue.")
    there = {fact for fact in declared(contracts, Fact) if fact.TOPIC.startswith(about)}

    assert there - {*STANDING, *PLACES} == {contracts.StepsTimed, contracts.QueueArranged}


def test_only_what_decides_it_is_read_along_indexes(tmp_path: Path) -> None:
    with a_county(tmp_path) as county, county.casefile.store.reading() as connection:
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {_literal(statement)}").all())
            for statement in (halls_and_windows(NOON), deciding(["w1", "county.queue"], NOON))
        ]

    assert "USING INDEX ledger_places" in plans[0]
    assert plans[1].count("INDEX ledger_standing") == 2
    assert not any("SCAN ledger" in plan for plan in plans)


def _literal(statement: Any) -> str:
    return str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
