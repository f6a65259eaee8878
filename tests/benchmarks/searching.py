"""Finding cases: ``python tests/benchmarks/searching.py [CASES [postgresql+psycopg://…]]``: 1,000,000, SQLite.

The rows of that many cases of 13 themes, 200 halls and 60 departments are written, of which one in twenty is open, as
they stand after years; then questions of each kind are asked in random order, first pages and later ones. Reports the
median, the 99th percentile and the slowest of each kind, in milliseconds of the clock and of CPU, a database's own
included where it runs on this machine; on PostgreSQL also which kinds read a table from one end to the other. With 0
CASES the database at the address, sqlite:///… as well, is asked as an earlier run left it. It asserts nothing.
"""

import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import sqlalchemy as sa
import structlog

from casefile.heads import Signing
from casefile.listing import CLOCKS, FACETS, Standing
from casefile.notary import Notary
from casefile.projections import CHAINS, HEADS
from casefile.service import CaseFile
from contracts.casefile import FindCaseFiles, ListCaseFiles
from contracts.language import Caller
from eventing.keyring import KeyRing
from testkit.facts import NOON
from testkit.replica import Replica

THEMES = [f"T{n:02}" for n in range(13)]
HALLS = [f"hall-{n}" for n in range(200)]
ITEMS = {theme: [f"{theme}{n:02}" for n in range(8)] for theme in THEMES}
DEPARTMENTS = [f"org-{n}" for n in range(60)]
OPEN = 0.05
CHUNK = 5000
ROUNDS = 300
AUDITOR = Caller(by="auditor", roles=("auditor",))
KEYRING = KeyRing(lambda _: [], b"i" * 32, purpose="casefile")


def identifier(n: int) -> str:
    """Somebody; a person has four cases on the average."""
    return f"person-{n}"


def furnish(casefile: Replica, cases: int) -> None:
    """Writes the rows of so many cases, the oldest first."""
    chance = random.Random(1)
    first = NOON - timedelta(days=1500)
    for start in range(0, cases, CHUNK):
        chains: list[Any] = []
        facets: list[Any] = []
        clocks: list[Any] = []
        for n in range(start, min(start + CHUNK, cases)):
            case = f"case-{n:08}"
            theme, hall = chance.choice(THEMES), HALLS[min(int(chance.expovariate(1 / 40)), 199)]
            opened = first + timedelta(days=1500 * n / cases)
            is_open = chance.random() < (OPEN if n < cases * 0.95 else 0.5)
            number = f"YJS-990102-{theme}-{opened:%Y%m%d}-{n % 1_000_000:06}-Z"
            chains.append((
                case, 44, b"\0" * 32, opened + timedelta(days=chance.randint(0, 30)), number, theme, "990102", hall,
                "open" if is_open else "closed", None if is_open else "granted", opened,
            ))  # fmt: skip
            items = chance.sample(ITEMS[theme], chance.randint(1, 4))
            facets.append(("applicant", KEYRING.blind(identifier(chance.randrange(cases // 4 or 1))), opened, case))
            facets += [("item", item, opened, case) for item in items]
            facets += [("department", org, opened, case) for org in {DEPARTMENTS[hash_of(item)] for item in items}]
            if is_open:
                due = NOON.date() + timedelta(days=chance.randint(-20, 20))
                paused = chance.random() < 0.1
                standing = {items[0]: Standing(due, ["expert"] if paused else [])}
                clocks.append((case, opened, standing, not paused, paused, None if paused else due))
        with casefile.store.writing() as connection:
            CHAINS.insert(connection, chains)
            FACETS.insert(connection, facets)
            CLOCKS.insert(connection, clocks)


def hash_of(item: str) -> int:
    """The department of an item."""
    return int("".join(filter(str.isdigit, item))) % len(DEPARTMENTS)


def questions(chance: random.Random, cases: int) -> Iterator[tuple[str, Any]]:
    """One of each kind."""
    theme, hall = chance.choice(THEMES), chance.choice(HALLS[:80])
    other, item = chance.choice(THEMES), chance.choice(ITEMS[theme])
    day = (NOON - timedelta(days=chance.randint(0, 1499))).strftime("%Y%m%d")
    org = DEPARTMENTS[hash_of(item)]
    oldest: Any = chance.choice(("newest", "oldest"))
    asked: dict[str, Any] = {
        "all": ListCaseFiles(sort=oldest),
        "what changed last": ListCaseFiles(sort="updated", theme=chance.choice(("", theme))),
        "theme": ListCaseFiles(theme=theme, sort=oldest),
        "hall": ListCaseFiles(hall=hall, sort=oldest),
        "theme, hall": ListCaseFiles(theme=theme, hall=hall, sort=oldest),
        "theme, hall, open": ListCaseFiles(theme=theme, hall=hall, state="open", sort=oldest),
        "open": ListCaseFiles(state="open", sort=oldest),
        "item": ListCaseFiles(item=item, sort=oldest),
        "item, hall": ListCaseFiles(item=item, hall=hall, sort=oldest),
        "item of another theme": ListCaseFiles(item=item, theme=other) if other != theme else ListCaseFiles(item=item),
        "department": ListCaseFiles(department=org, sort=oldest),
        "department, theme, hall": ListCaseFiles(department=org, theme=theme, hall=hall, sort=oldest),
        "overdue": ListCaseFiles(clock="overdue", sort=oldest),
        "overdue, department": ListCaseFiles(clock="overdue", department=org, sort=oldest),
        "paused, hall": ListCaseFiles(clock="paused", hall=hall, sort=oldest),
        "running, item": ListCaseFiles(clock="running", item=item, sort=oldest),
        "number of a day": ListCaseFiles(number=f"YJS-990102-{theme}-{day}"),
        "number of a year": ListCaseFiles(number=f"YJS-990102-{theme}-{day[:4]}"),
        "number of a theme": ListCaseFiles(number=f"YJS-990102-{theme}"),
        "applicant": FindCaseFiles(identifier=identifier(chance.randrange(cases // 4 or 1))),
        "applicant, open": FindCaseFiles(identifier=identifier(chance.randrange(cases // 4 or 1)), state="open"),
    }
    some = list(asked.items())
    chance.shuffle(some)
    yield from some


def main(cases: int, url: str) -> None:
    """Prints a table."""
    structlog.configure(processors=[lambda *_: ""], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        where = url.format(service="casefile") if url else f"sqlite:///{folder}/casefile.db"
        casefile = Replica(CaseFile, where, signing=Signing(Notary("990102", bytes(32))), keyring=KEYRING)
        began = time.perf_counter()
        furnish(casefile, cases)
        cases = cases or casefile.store.select(sa.select(sa.func.count().label("n")).select_from(HEADS))[0]["n"]
        print(f"{cases:,} cases written in {time.perf_counter() - began:.0f} s", flush=True)
        if not casefile.store.sqlite:
            with casefile.store.reading() as connection:
                connection.exec_driver_sql("ANALYZE")
        chance = random.Random(2)
        spent: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for _ in range(ROUNDS):
            for kind, question in questions(chance, cases):
                page, took = answered(casefile, question)
                spent[kind].append(took)
                if page["after"] and chance.random() < 0.2:
                    following = type(question)(**{**as_dict(question), "after": page["after"]})
                    spent[f"{kind}, next page"].append(answered(casefile, following)[1])
        spent["every question"] = [each for times in spent.values() for each in times]
        print(f"{'':36} {'median':>8} {'p99':>8} {'most':>8} {'CPU':>8} {'p99':>8} {'most':>8} ms")
        for kind, times in sorted(spent.items()):
            print(f"{kind:36}", *(figures(some) for some in zip(*times, strict=True)))
        if not casefile.store.sqlite:
            for kind, question in questions(chance, cases):
                if tables := scanned(casefile, question):
                    print(f"{kind:36} reads all of {', '.join(sorted(tables))}")


def answered(casefile: Replica, question: Any) -> tuple[Any, tuple[float, float]]:
    """The answer, and how long it took by the clock and in CPU."""
    began, worked = time.perf_counter(), cpu(casefile)
    page = casefile.ask(question, caller=AUDITOR)
    return page, ((time.perf_counter() - began) * 1000, (cpu(casefile) - worked) * 1000)


def cpu(casefile: Replica) -> float:
    """Seconds of CPU of this process, and of the one of PostgreSQL that answers it."""
    if casefile.store.sqlite:
        return time.process_time()
    backend = casefile.store.select(sa.select(sa.func.pg_backend_pid().label("pid")))[0]["pid"]
    worked = Path(f"/proc/{backend}/schedstat")
    return time.process_time() + (int(worked.read_text().split()[0]) / 1e9 if worked.exists() else 0)


def figures(times: Sequence[float]) -> str:
    """The median, the 99th percentile and the most."""
    return f"{statistics.median(times):>8.1f} {percentile(times, 99):>8.1f} {max(times):>8.1f}"


def scanned(casefile: Replica, question: Any) -> set[str]:
    """The tables that PostgreSQL means to read from one end to the other for a question."""
    asked: list[tuple[str, Any]] = []
    engine = casefile.store._engine

    def note(*executed: Any) -> None:
        asked.append((executed[2], executed[3]))

    sa.event.listen(engine, "before_cursor_execute", note)
    casefile.ask(question, caller=AUDITOR)
    sa.event.remove(engine, "before_cursor_execute", note)
    with casefile.store.reading() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()[0]["Plan"]
            for statement, values in asked
            if statement.startswith("SELECT")
        ]
    return {node["Relation Name"] for plan in plans for node in nodes(plan) if node["Node Type"].endswith("Seq Scan")}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A step of a plan, and those below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def as_dict(question: Any) -> dict[str, Any]:
    """A question's fields."""
    return {name: getattr(question, name) for name in question.__struct_fields__}


def percentile(times: Sequence[float], percent: int) -> float:
    """By nearest rank."""
    ordered = sorted(times)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "")
