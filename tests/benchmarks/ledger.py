"""What the ledger carries: ``python tests/benchmarks/ledger.py [FACTS [postgresql+psycopg://…]]``: 100,000, SQLite.

Reports, at every tenth of the way, facts a second appended in batches of 400, CPU a fact in batches of 400 and of 1,
and how long the verification of a case of 44 facts takes. It reports and asserts nothing.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import structlog

from casefile import projections
from casefile.heads import Signing
from casefile.notary import Notary
from casefile.service import CaseFile
from contracts.casefile import VerifyCase
from contracts.intake import FormFilled
from contracts.language import Note, Sealed
from eventing import mapper
from eventing.store import segment_of
from testkit.facts import NOON
from testkit.replica import Replica

BATCH = 400
"""As many as a follower takes at a time."""

LENGTH = 44
"""Facts of a case of W1."""

STATE_BYTES = 420
"""Bytes of sealed noise, so that a fact is as long as those of W1 are on the average."""


def notes(first: int, count: int) -> list[tuple[str, int, Note]]:
    """Facts of cases of which a hundred go on at a time."""
    made = []
    for number in range(first, first + count):
        block, within = divmod(number, 100 * LENGTH)
        case, version = f"7b8a1c34-0000-4000-8000-{block * 100 + within % 100:012}", within // 100 + 1
        fact = FormFilled(
            case_id=case, at=NOON, by="clerk-7", form=Sealed("k", "form", bytes(STATE_BYTES * 3 // 4)), fields={}
        )
        made.append(("intake", segment_of(case), Note(number + 1, case, version, fact.TOPIC, mapper.encode(fact))))
    return made


def appended(casefile: Replica, first: int, count: int, batch: int) -> tuple[float, float]:
    """Facts a second and microseconds of CPU a fact, in transactions of so many."""
    made = notes(first, count)
    began, worked = time.perf_counter(), time.process_time()
    for start in range(0, count, batch):
        with casefile.store.writing() as connection:
            projections.append(connection, made[start : start + batch])
    return count / (time.perf_counter() - began), (time.process_time() - worked) / count * 1e6


def milliseconds(step: Callable[[], Any], times: int = 20) -> float:
    """CPU, on the average of some."""
    step()
    began = time.process_time()
    for _ in range(times):
        step()
    return (time.process_time() - began) / times * 1000


def main(total: int, url: str) -> None:
    """Prints a table."""
    structlog.configure(processors=[lambda *_: ""], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        where = url.format(service="casefile") if url else f"sqlite:///{folder}/casefile.db"
        casefile = Replica(CaseFile, where, signing=Signing(Notary("990102", bytes(32))))
        print(f"{'facts':>10} {'facts/s':>10} {'CPU µs':>8} {'CPU µs by 1':>12} {'verify CPU ms':>14}")
        at, case = 0, notes(0, 1)[0][2].stream
        for tenth in range(1, 11):
            upto = total * tenth // 10
            rate, cpu = appended(casefile, at, upto - at - 100, BATCH)
            _, by_one = appended(casefile, upto - 100, 100, 1)
            at = upto
            verify = milliseconds(lambda: casefile.ask(VerifyCase(case_id=case)))
            print(f"{at:>10,} {rate:>10,.0f} {cpu:>8.1f} {by_one:>12.0f} {verify:>14.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else "")
