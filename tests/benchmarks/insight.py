"""What insight carries: ``python tests/benchmarks/insight.py [FACTS [postgresql+psycopg://…]]``: 1,000,000, SQLite.

Facts of cases of two items, eight a case, over a year, as followers bring them. Reports facts a second observed; those
made anew a second, compared by hash and put in place, and for how long writers waited; what summing them took; and how
long all headlines and one indicator take, of now and as of the middle, of the last month and of the year: headlines of
sums, and as they are counted without these. Nothing is remembered from one question to the next. It asserts nothing.
"""

import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import structlog

import catalogue
from catalogue.examples import happy_answers
from contracts.approval import ReviewGranted, ReviewsUnlocked, Unlocked
from contracts.insight import GetIndicator, ListIndicators, ListSuggestions
from contracts.intake import Acceptance, CaseClosed, CaseOpened, ItemsAccepted, MaterialsReceived, PlannedItem
from contracts.language import Caller, Fact, Note, Query, Sealed
from eventing import mapper
from eventing.store import segment_of
from insight.measuring.reading import Kept
from insight.projections import append
from insight.renewing import Renewing
from insight.service import Insight
from testkit.facts import NOON
from testkit.replica import Replica

COUNTY = catalogue.load("990102")
THEME = COUNTY.theme("SSHC")
ANSWERS = happy_answers(THEME)
PLAN = tuple(PlannedItem(item, "selected") for item in THEME.select(ANSWERS).selected)
ITEMS = ("SSHC01", "SSHC02")
LENGTH = 8
"""Facts of a case."""
BATCH = 400
TIMES = 3
AUDITOR = Caller(by="auditor", roles=("auditor",))
FIRST = NOON - timedelta(days=364)

Log = dict[tuple[str, int], list[Note]]


class Shelf:
    """One catalogue."""

    def current(self) -> catalogue.Catalogue:
        """It."""
        return COUNTY

    def at(self, version: str) -> catalogue.Catalogue:
        """It."""
        return COUNTY


def facts_of(case: str, at: datetime) -> Iterator[tuple[str, Fact]]:
    """The history of a case."""
    common: Any = {"case_id": case, "by": "clerk"}
    intake: Any = {
        **common, "number": case, "theme": THEME.id, "catalogue": COUNTY.version, "region": "990102", "hall": "county",
        "window": "w1",
    }  # fmt: skip
    yield "intake", CaseOpened(
        **intake, at=at, mode="one_mouth", channel="window", key_id="k", applicant=Sealed("k", "a", b"0" * 64),
        applicant_index="i" * 64, applicant_kind="legal", answers=ANSWERS, plan=PLAN,
    )  # fmt: skip
    yield "intake", MaterialsReceived(**common, at=at, materials=(), items=ITEMS)
    accepted = tuple(Acceptance(item, "dept", "g", 1, "dept", "n") for item in ITEMS)
    yield "intake", ItemsAccepted(**intake, at=at, items=accepted, plan=PLAN, materials=())
    for n, item in enumerate(ITEMS):
        began = at + timedelta(days=n)
        clock = Unlocked(
            item=item, started_on=began.date(), statutory_due=began.date() + timedelta(days=28),
            promised_due=began.date() + timedelta(days=3), statutory_days=20, promised_days=2,
        )  # fmt: skip
        decided = began + timedelta(days=1)
        yield "approval", ReviewsUnlocked(**common, at=began, reviews=(clock,))
        yield "approval", ReviewGranted(**common, at=decided, item=item, handler="dept", decision="d")
    yield "intake", CaseClosed(**common, at=at + timedelta(days=2), outcome="granted")


def history(total: int) -> tuple[Log, list[tuple[str, int, Note]]]:
    """The logs, and the notes in the order of time."""
    logs: Log = defaultdict(list)
    ordered: list[tuple[str, int, Note]] = []
    cases = total // LENGTH
    for n in range(cases):
        case = f"7b8a1c34-0000-4000-8000-{n:012}"
        versions: dict[str, int] = defaultdict(int)
        for service, fact in facts_of(case, FIRST + timedelta(days=360 * n / cases)):
            versions[service] += 1
            log = logs[service, segment_of(case)]
            note = Note(len(log) + 1, case, versions[service], fact.TOPIC, mapper.encode(fact))
            log.append(note)
            ordered.append((service, segment_of(case), note))
    return logs, ordered


def milliseconds(counter: Replica, question: Query) -> str:
    """The median of a few, the slowest, and the CPU of this process."""
    spent, began = [], time.process_time()
    for _ in range(TIMES):
        counter.service._kept = Kept()
        asked = time.perf_counter()
        counter.ask(question, AUDITOR)
        spent.append((time.perf_counter() - asked) * 1000)
    cpu = (time.process_time() - began) / TIMES * 1000
    return f"{statistics.median(spent):>10,.0f} ms   slowest {max(spent):>8,.0f} ms   CPU {cpu:>8,.0f} ms"


def summed(counter: Replica) -> None:
    """Sums what is learned, and reports it."""
    began, stretches, longest = time.process_time(), 0, 0.0
    while True:
        asked = time.perf_counter()
        if not counter.service.sums.advance(counter.store):
            break
        stretches, longest = stretches + 1, max(longest, time.perf_counter() - asked)
    print(
        f"summed in {stretches} stretches, {time.process_time() - began:.0f} s of CPU, longest {longest:.1f} s",
        flush=True,
    )


def main(total: int, url: str) -> None:
    """Prints what was measured."""
    structlog.configure(processors=[lambda *_: ""], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        where = url.format(service="insight") if url else f"sqlite:///{folder}/insight.db"
        counter = Replica(Insight, where, catalogues=Shelf())
        logs, ordered = history(total)
        middle, began = NOON, time.perf_counter()
        for start in range(0, len(ordered), BATCH):
            counter.clock.advance(timedelta(seconds=1))
            with counter.store.writing() as connection:
                append(connection, ordered[start : start + BATCH], counter.clock.now())
            if start * 2 < len(ordered):
                middle = counter.clock.now()
        spent = time.perf_counter() - began
        print(f"{len(ordered):,} facts observed by {BATCH}, {len(ordered) / spent:,.0f} a second", flush=True)
        ordered.clear()
        if not counter.store.sqlite:
            with counter.store.reading() as connection:
                connection.exec_driver_sql("ANALYZE")
        told = Renewing(counter.store, lambda segment, _: logs[segment], guarded=Insight.append_only).run()
        print(
            f"made anew and put in place: {told.facts:,} facts, {told.facts / told.seconds:,.0f} a second, "
            f"equal: {told.is_equal}, writers waited {told.waited:.1f} s", flush=True
        )  # fmt: skip
        summed(counter)
        month, year = NOON.date() - timedelta(days=30), NOON.date() - timedelta(days=364)
        sums = counter.service.sums
        for words, begins in (("last month", month), ("year", year)):
            period: Any = {"begins": begins, "ends": NOON.date()}
            for of, more in (("", {}), (", one hall", {"hall": "county"}), (", as of the middle", {"as_of": middle})):
                for how, there in (("of sums", sums), ("counted", None)):
                    counter.service.sums = there
                    took = milliseconds(counter, ListIndicators(**period, **more))
                    print(f"{words + of:28} headlines {how:8} {took}", flush=True)
            one = GetIndicator(indicator="handling_time", **period)
            print(f"{words:28} one in full        {milliseconds(counter, one)}", flush=True)
        some = ListSuggestions(begins=month, ends=NOON.date())
        print(f"{'last month':28} suggestions        {milliseconds(counter, some)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "")
