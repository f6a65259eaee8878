"""Looking back: ``python tests/benchmarks/replaying.py [FACTS [postgresql+psycopg://… [ledger]]]``: 100,000; SQLite.

The golden history of a retirement is told as often as it takes, each time of another case. Reports facts a second that
``onething replay --check`` folds, twice and with two jobs; then, in the ledger, facts a second appended, and how long
it takes to see a case as of its middle, to explain why it is not finished, to prove it, to verify it, and to prove that
the newest head continues one of fifty that were signed on the way. With ``ledger`` (and '' for SQLite) the check and
the logs for it are left out. It asserts nothing.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "libs"), str(ROOT / "services")]

from eventing import green

green.patch()

import msgspec
import structlog

import catalogue
from casefile import projections
from casefile.heads import Signing, sign
from casefile.notary import Notary
from casefile.service import CaseFile
from console.history import facts_of, replayed
from console.replaying import check
from console.services import SERVICES, service
from contracts.casefile import CaseFacts, Explain, ProveCase, ProveConsistency, VerifyCase
from contracts.intake import CaseOpened
from contracts.language import Note
from eventing.prepare import prepare
from eventing.store import NewEvent, Save, Store, segment_of
from testkit.replica import Replica

GOLDEN = ROOT / "tests" / "golden" / "streams" / "0.2.0" / "tx-granted.json"
BATCH = 400
TIMES = 50
NOTARY = Notary("990102", bytes(32))


class Golden(msgspec.Struct):
    """A fact of a golden stream."""

    service: str
    stream: str
    version: int
    topic: str
    state: bytes


class Shelf:
    """Today's catalogue, whatever version is asked for."""

    def at(self, version: str) -> catalogue.Catalogue:
        """It."""
        return catalogue.load("990102")


def histories(total: int) -> Iterator[list[tuple[str, NewEvent]]]:
    """So many facts or a few more, case by case: (service, event)."""
    facts = msgspec.convert(msgspec.json.decode(GOLDEN.read_bytes())["facts"], list[Golden])
    case = next(fact.stream for fact in facts if fact.topic == CaseOpened.TOPIC)
    for number in range(-(-total // len(facts))):
        name = f"{number:08x}{case[8:]}"
        yield [
            (
                fact.service,
                NewEvent(
                    fact.stream.replace(case[:8], name[:8]),
                    fact.version,
                    fact.topic,
                    fact.state.replace(case.encode(), name.encode()),
                ),
            )
            for fact in facts
        ]


def milliseconds(step: Callable[[Any], Any], some: Sequence[Any]) -> str:
    """The median over some cases or sizes, the slowest, and the median of this process's CPU."""
    spent, worked = [], []
    for each in some:
        began, before = time.perf_counter(), time.process_time()
        step(each)
        spent.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - before) * 1000)
    median, own = statistics.median(spent), statistics.median(worked)
    return f"median {median:8.1f} ms   slowest {max(spent):8.1f} ms   CPU {own:8.1f} ms"


def main(total: int, url: str, only: str) -> None:
    """Prints what was measured."""
    structlog.configure(processors=[lambda *_: ""], logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory() as folder:
        urls = {name: f"sqlite:///{folder}/{name}.db" for name in SERVICES}
        urls["casefile"] = url.format(service="casefile") if url else urls["casefile"]
        stores = {name: Store(name, each) for name, each in urls.items() if name != "casefile" and not only}
        for name, store in stores.items():
            prepare(service(name), store)
        casefile = Replica(CaseFile, urls["casefile"], signing=Signing(NOTARY), catalogues=Shelf())
        cases: list[str] = []
        sizes: list[int] = []
        written, spent = 0, 0.0
        places: dict[tuple[str, int], int] = defaultdict(int)
        waiting: list[tuple[str, NewEvent]] = []
        for history in histories(total):
            cases.append(next(event.stream for _, event in history))
            waiting += history
            if len(waiting) >= BATCH:
                spent += told(stores, casefile, waiting, places)
                written, waiting = written + len(waiting), []
                if written * TIMES >= total * (len(sizes) + 1):
                    sizes.append(signed(casefile))
        spent += told(stores, casefile, waiting, places)
        written += len(waiting)
        print(f"{written:,} facts of {len(cases):,} cases; the ledger took {written / spent:,.0f} a second", flush=True)
        if not only:
            checked(urls, Path(folder))
        for store in stores.values():
            store.close()
        some = [cases[number * len(cases) // TIMES] for number in range(TIMES)]
        known = facts_of(Asked(casefile), some[0])  # type: ignore[arg-type]
        middle = known[len(known) // 2].fact.at
        print(f"as of the middle  {milliseconds(lambda case: as_of(casefile, case, middle), some)}")
        print(f"explained         {milliseconds(lambda case: casefile.ask(Explain(case_id=case, until=middle)), some)}")
        print(f"proved            {milliseconds(lambda case: casefile.ask(ProveCase(case_id=case)), some)}")
        print(f"verified          {milliseconds(lambda case: casefile.ask(VerifyCase(case_id=case)), some)}")
        print(f"consistent        {milliseconds(lambda size: casefile.ask(ProveConsistency(old_size=size)), sizes)}")


def checked(urls: dict[str, str], folder: Path) -> None:
    """Replays everything, and reports it."""
    began, worked = time.perf_counter(), cpu()
    found = check(urls.__getitem__, kept=folder / "kept.json")
    facts, spent = sum(each.facts for each in found), time.perf_counter() - began
    differing, worked = sum(len(each.differences) for each in found), (cpu() - worked) / facts * 1e6
    print(f"replay --check: {facts:,} facts, {facts / spent:,.0f} a second, {worked:.0f} µs of CPU a fact, ", end="")
    print(f"{differing} differ", flush=True)


def signed(casefile: Replica) -> int:
    """Signs the tree as it is; returns how many facts are in it."""
    with casefile.store.writing() as connection:
        head = sign(connection, NOTARY, casefile.clock.now())
    return head.size if head else 0


def cpu() -> float:
    """Seconds of CPU of this process and of those that it has waited for."""
    of = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in of)


def told(
    stores: dict[str, Store], casefile: Replica, events: list[tuple[str, NewEvent]], places: dict[tuple[str, int], int]
) -> float:
    """Writes facts to their logs and to the ledger; returns the seconds that the ledger took."""
    notes = []
    for name, store in stores.items():
        store.save(Save(events=[event for service_, event in events if service_ == name]))
    for name, event in events:
        place = name, segment_of(event.stream)
        places[place] += 1
        notes.append((*place, Note(places[place], event.stream, event.version, event.topic, event.state)))
    began = time.perf_counter()
    with casefile.store.writing() as connection:
        projections.append(connection, notes)
    return time.perf_counter() - began


class Asked:
    """The ledger, as who asks over the wire has it."""

    def __init__(self, casefile: Replica) -> None:
        self.casefile = casefile

    def ask(self, question: CaseFacts, **_: Any) -> Any:
        """At once."""
        return self.casefile.ask(question)


def as_of(casefile: Replica, case: str, at: datetime | None) -> Any:
    """The states of a case as ``onething replay CASE --at`` makes them."""
    return replayed(facts_of(Asked(casefile), case, until=at))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *(*sys.argv[2:4], "", "")[:2])
