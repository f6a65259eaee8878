"""Whatever one thing is done to the stored facts by SQL, it is found, and the fact named."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casefile.keeper import Keeper
from casefile.projections import LEDGER
from casefile.service import CaseFile
from contracts.casefile import VerifyCase, VerifyLedger
from eventing.errors import Invalid, NotFound
from testkit.facts import refused
from testkit.replica import Replica

from .mothers import SIGNING, disarm, filled, opened

SMALL_CASES, SMALL_FACTS = 3, 4
LARGE_CASES, LARGE_FACTS = 60, 40

COLUMNS = {
    "case_id": "case_id || 'x'",
    "seq": "seq + 1000",
    "service": "service || 'x'",
    "segment": "segment + 1",
    "position": "position + 1",
    "stream": "stream || 'x'",
    "version": "version + 1",
    "topic": "topic || 'x'",
    "at": "at + 1",
    "by": "\"by\" || 'x'",
    "state": "CAST(state || ' ' AS BLOB)",
    "link": "zeroblob(32)",
}
"""Column → another value, the nearer to the right one the better."""


def signed(casefile: Replica) -> None:
    casefile.clock.advance(timedelta(minutes=1))
    Keeper(casefile.store, SIGNING, casefile.clock.now).sign()


def built(path: Path, cases: int, facts: int) -> Path:
    """A store whose triggers are gone, as whoever owns it would have it."""
    casefile = Replica(CaseFile, f"sqlite:///{path}", signing=SIGNING)
    for version in range(1, facts + 1):
        some = [f"case-{number}" for number in range(cases)]
        casefile.follow("intake", *((case, version, opened(case) if version == 1 else filled(case)) for case in some))
        signed(casefile)
    disarm(casefile)
    with casefile.store.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    casefile.store.close()
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("small") / "casefile.db", SMALL_CASES, SMALL_FACTS)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("large") / "casefile.db", LARGE_CASES, LARGE_FACTS)


class Doctored:
    """A copy of a store to which something was done."""

    def __init__(self, original: Path, folder: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
        path = folder / "casefile.db"
        shutil.copy(original, path)
        with sqlite3.connect(path) as connection:
            for statement, values in statements:
                connection.execute(statement, values)
        connection.close()
        self.casefile = Replica(CaseFile, f"sqlite:///{path}", signing=SIGNING)

    def of_case(self, case: str) -> Any:
        return self.casefile.ask(VerifyCase(case_id=case))

    def of_all(self, stretch: int = 5) -> Any:
        """The first verdict that is not good, or the last one."""
        found = self.casefile.ask(VerifyLedger(stretch=stretch))
        while found["verified"] and not found["done"]:
            found = self.casefile.ask(VerifyLedger(checked=found["checked"], peaks=found["peaks"], stretch=stretch))
        self.casefile.store.close()
        return found


def places(cases: int, facts: int) -> Iterator[tuple[str, int]]:
    for number in range(cases):
        for seq in range(1, facts + 1):
            yield f"case-{number}", seq


SMALL_PLACES = [*places(SMALL_CASES, SMALL_FACTS)]


def change(case: str, seq: int, column: str) -> tuple[str, tuple[Any, ...]]:
    return f'UPDATE ledger SET "{column}" = {COLUMNS[column]} WHERE case_id = ? AND seq = ?', (case, seq)  # noqa: S608


def drop(case: str, seq: int) -> tuple[str, tuple[Any, ...]]:
    return "DELETE FROM ledger WHERE case_id = ? AND seq = ?", (case, seq)


def insert(case: str, seq: int, as_seq: int) -> tuple[str, tuple[Any, ...]]:
    """A copy of an entry, at another place of the chain."""
    names = ", ".join(f'"{column.name}"' for column in LEDGER.columns)
    values = names.replace('"seq"', str(as_seq))
    copied = f"INSERT INTO ledger ({names}) SELECT {values} FROM ledger WHERE case_id = ? AND seq = ?"  # noqa: S608
    return copied, (case, seq)


def swap(case: str, seq: int, other: int) -> list[tuple[str, tuple[Any, ...]]]:
    moves = ((seq, 999), (other, seq), (999, other))
    return [("UPDATE ledger SET seq = ? WHERE case_id = ? AND seq = ?", (to, case, old)) for old, to in moves]


def test_every_column_is_looked_at() -> None:
    assert COLUMNS.keys() == {column.name for column in LEDGER.columns}


def test_what_nobody_touched_is_whole(small: Path, large: Path, tmp_path: Path) -> None:
    for number, (original, facts, stretch) in enumerate(((small, 12, 7), (large, LARGE_CASES * LARGE_FACTS, 170))):
        (tmp_path / str(number)).mkdir()
        found = Doctored(original, tmp_path / str(number)).of_all(stretch)
        assert (found["verified"], found["done"], found["checked"]) == (True, True, facts)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(("case", "seq"), SMALL_PLACES)
def test_a_changed_column(small: Path, tmp_path: Path, case: str, seq: int, column: str) -> None:
    doctored = Doctored(small, tmp_path, change(case, seq, column))

    of_case, of_all = doctored.of_case(case), doctored.of_all()

    assert (of_case["verified"], of_case["broken_at"]) == (False, seq)
    assert (of_all["verified"], of_all["case_id"], of_all["broken_at"]) == (False, case, seq)


@pytest.mark.parametrize(("case", "seq"), SMALL_PLACES)
def test_a_dropped_fact(small: Path, tmp_path: Path, case: str, seq: int) -> None:
    doctored = Doctored(small, tmp_path, drop(case, seq))

    of_case, of_all = doctored.of_case(case), doctored.of_all()

    assert (of_case["verified"], of_case["broken_at"]) == (False, seq)
    assert (of_all["verified"], of_all["case_id"], of_all["broken_at"]) == (False, case, seq)


@pytest.mark.parametrize(("case", "seq"), [place for place in SMALL_PLACES if place[1] < SMALL_FACTS])
def test_two_facts_that_changed_places(small: Path, tmp_path: Path, case: str, seq: int) -> None:
    doctored = Doctored(small, tmp_path, *swap(case, seq, seq + 1))

    of_case, of_all = doctored.of_case(case), doctored.of_all()

    assert (of_case["verified"], of_case["broken_at"]) == (False, seq)
    assert (of_all["verified"], of_all["case_id"], of_all["broken_at"]) == (False, case, seq)


@pytest.mark.parametrize("as_seq", [0, SMALL_FACTS + 1, SMALL_FACTS + 7])
@pytest.mark.parametrize(("case", "seq"), SMALL_PLACES)
def test_an_inserted_fact(small: Path, tmp_path: Path, case: str, seq: int, as_seq: int) -> None:
    doctored = Doctored(small, tmp_path, insert(case, seq, as_seq))

    of_case, of_all = doctored.of_case(case), doctored.of_all()

    assert (of_case["verified"], of_case["broken_at"]) == (False, 1 if as_seq == 0 else SMALL_FACTS + 1)
    assert (of_all["verified"], of_all["case_id"], of_all["broken_at"]) == (False, case, as_seq)


@pytest.mark.parametrize("case", ["case-0", "case-2"])
def test_a_case_that_is_gone_with_its_chain(small: Path, tmp_path: Path, case: str) -> None:
    doctored = Doctored(
        small,
        tmp_path,
        ("DELETE FROM ledger WHERE case_id = ?", (case,)),
        ("DELETE FROM chains WHERE case_id = ?", (case,)),
    )

    with refused(NotFound, id=case):
        doctored.of_case(case)
    found = doctored.of_all()
    assert (found["verified"], found["case_id"], found["broken_at"]) == (False, case, 1)


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("DELETE FROM leaves WHERE place = 5", "leaf"),
        ("DELETE FROM leaves WHERE place = 11", "leaf"),
        ("UPDATE leaves SET hash = zeroblob(32) WHERE place = 5", "leaf"),
        ("UPDATE chains SET link = zeroblob(32) WHERE case_id = 'case-1'", "chain"),
        ("UPDATE chains SET seq = 5 WHERE case_id = 'case-1'", "chain"),
        ("DELETE FROM chains WHERE case_id = 'case-1'", "chain"),
        ("UPDATE tree SET peaks = zeroblob(length(peaks))", "tree"),
        ("UPDATE signed_heads SET root = zeroblob(32) WHERE size = 6", "head"),
        ("UPDATE signed_heads SET note = replace(note, '9', '8') WHERE size = 6", "head"),
    ],
)
def test_what_stands_beside_the_facts(small: Path, tmp_path: Path, statement: str, wrong: str) -> None:
    assert Doctored(small, tmp_path, (statement, ())).of_all()["wrong"] == wrong


def test_a_frontier_that_is_none_is_refused(small: Path, tmp_path: Path) -> None:
    casefile = Doctored(small, tmp_path).casefile

    for peaks in ("", "00", "xx"):
        with refused(Invalid, field="peaks"):
            casefile.ask(VerifyLedger(checked=3, peaks=peaks))


Deed = tuple[str, int, list[tuple[str, tuple[Any, ...]]]]


def deeds() -> st.SearchStrategy[Deed]:
    """A case, the first fact of it that is wrong afterwards, and what was done."""
    case = st.integers(0, LARGE_CASES - 1).map("case-{}".format)
    seq = st.integers(1, LARGE_FACTS)
    made: list[Callable[..., Deed]] = [
        lambda case, seq, column, _: (case, seq, [change(case, seq, column)]),
        lambda case, seq, *_: (case, seq, [drop(case, seq)]),
        lambda case, seq, _, other: (case, min(seq, other), swap(case, *sorted((seq, other)))),
        lambda case, seq, _, other: (case, LARGE_FACTS + other, [insert(case, seq, LARGE_FACTS + other)]),
    ]
    return st.builds(
        lambda do, *arguments: do(*arguments), st.sampled_from(made), case, seq, st.sampled_from([*COLUMNS]), seq
    ).filter(lambda deed: len(deed[2]) != 3 or deed[2][0][1][2] != deed[2][1][1][2])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deed=deeds(), stretch=st.integers(100, 2000))
def test_anything_in_a_larger_store(
    large: Path, tmp_path_factory: pytest.TempPathFactory, deed: Deed, stretch: int
) -> None:
    case, seq, statements = deed

    found = Doctored(large, tmp_path_factory.mktemp("doctored"), *statements).of_all(stretch)

    assert (found["verified"], found["case_id"], found["broken_at"]) == (False, case, seq)
