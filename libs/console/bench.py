"""``onething bench w1``: what the house carries, and what a case costs.

W1: ``Register`` a case of five parallel items of five departments, one shared material each; five
``GrantReview`` as five requests by five identities (there is no bulk route); ``HandOverPackages``. Commands
go as the gateway sends them: what arrived while the last batch was on its way goes together. Documents are
rendered when somebody asks, and nobody does here.

A client that asks for every case whether it may go on costs more than the work itself. What costs least is to
ask nobody: wait as long as it took lately, try, and where the answer is "not yet" try again under a new id.
Such a refusal changes nothing and costs a small part of a query; ``too_early`` says how often it happened. Of
the five departments the first waits in this way; the others see the case in the same instant and go at once.
"""

import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, perf_counter
from typing import Any, Protocol
from uuid import uuid4

import eventlet
from eventlet.greenpool import GreenPool
from msgspec import Struct
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from console.burden import Burden
from console.county import county, load
from console.history import facts_of
from console.output import notes, show, table
from console.overhttp import OverHttp
from console.premises import opened
from contracts.approval import GetBundle, GrantReview
from contracts.certificate import HandOverPackages
from contracts.intake import Applicant, BroughtMaterial, CaseClosed, CaseOpened, ListCases, Register
from contracts.language import Caller, Command, Position
from eventing.client import Answer, Client
from eventing.errors import OneThingError, Unavailable
from eventing.settings import Settings

THEME = "WA"
DEPARTMENTS = {"WA01": "gaj", "WA02": "scjg", "WA03": "ybj", "WA04": "rsj", "WA05": "wjw"}
MATERIALS = ("wa_identity", "wa_address", "wa_insurance", "wa_employment", "wa_marriage")

NOT_YET = frozenset({"not-found", "review-locked", "materials-outstanding", "not-yet-accepted", "nothing-to-hand-over"})
"""Refusals that only say: the facts that you wait for have not arrived here."""

SAMPLED = 25
"""Every so many cases a query that waits for its position measures the delay from commit to follower."""
LOOKED_AT = 200
"""Closed cases whose facts are read afterwards, for latencies by the services' own clocks."""
PATIENCE = 120.0
"""Seconds in which a case, once its last command is answered, is closed."""


class Plan(Struct, frozen=True):
    """What to measure."""

    cases: int
    concurrency: int
    start: bool = False
    """Cluster: start the services, too."""
    fresh: bool = True
    """Embedded: on a directory that is gone afterwards."""
    pids: tuple[int, ...] = ()
    http: bool = False
    """Once more over HTTP, through the gateway of the same house, to compare."""
    rate: float = 0.0
    """Cases begun a second; 0: as soon as there is room for another."""


class Speaks(Protocol):
    """Something that sends commands in somebody's name."""

    def as_(self, caller: Caller) -> "Speaks": ...
    def command(self, command: Command, *, id: str, attempts: int = 1) -> Answer: ...


class Wait:
    """How long to wait before a try: what it took where that was too early, shorter where it was not."""

    def __init__(self, seconds: float = 0.02) -> None:
        self.seconds = seconds
        self.tries = 0
        self.early = 0

    def until_it_works(self, attempt: Callable[[], Answer], *, done: Callable[[Answer], bool]) -> Answer:
        """Waits, tries, and tries again where the answer is "not yet"."""
        began = monotonic()
        pause = self.seconds
        is_first = True
        while True:
            eventlet.sleep(pause)
            asked = monotonic()
            self.tries += 1
            try:
                answer = attempt()
                if done(answer):
                    break
            except OneThingError as error:
                if error.code not in NOT_YET:
                    raise
            if asked - began > PATIENCE:
                raise Unavailable(what="next step", reason="what was waited for did not happen")
            is_first = False
            self.early += 1
            pause = max(self.seconds / 4, 0.005)
        if is_first:
            self.seconds *= 0.998
        else:
            self.seconds += (asked - began - self.seconds) * 0.05
        return answer


class Run:
    """One run of W1 against a house."""

    def __init__(self, client: Client, plan: Plan, speaks: Speaks | None = None) -> None:
        self.client = client
        self.plan = plan
        self.speaks: Speaks = speaks or client
        """What the work itself goes through; what is measured beside it goes by RPC."""
        self.clerk = county("990102").person("clerk-zhao").caller
        self.reviewers = {
            item: Caller(by=f"{org}-reviewer", org=org, roles=("reviewer",)) for item, org in DEPARTMENTS.items()
        }
        self.registered: list[float] = []
        self.decided: list[float] = []
        self.finished: list[float] = []
        self.delays: list[float] = []
        self.ready = Wait()
        self.others = Wait(0.0)
        self.output = Wait()
        self.ids: list[str] = []
        self.began = 0.0
        self.seconds = 0.0

    def drive(self, tick: Callable[[], None]) -> None:
        """All cases, so many at a time, until the last one is closed."""
        self.began = perf_counter()
        pool: GreenPool = GreenPool(self.plan.concurrency)
        failures: list[BaseException] = []

        def one(number: int) -> None:
            if failures:
                return
            try:
                self._case(number)
            except Exception as error:  # noqa: BLE001  told by the one who waits for all
                failures.append(error)
            tick()

        for number in range(self.plan.cases):
            if self.plan.rate:
                eventlet.sleep(max(self.began + number / self.plan.rate - perf_counter(), 0.0))
            pool.spawn_n(one, number)
        pool.waitall()
        if failures:
            raise failures[0]
        self._await_closed()
        self.seconds = perf_counter() - self.began

    def _case(self, number: int) -> None:
        case_id = str(uuid4())
        began = perf_counter()
        answer = self._send(self.clerk, _registration(case_id, number))
        self.registered.append(perf_counter() - began)
        if number % SAMPLED == 0 and answer.position is not None:
            eventlet.spawn_n(self._measure_delay, case_id, answer.position)
        first, *others = DEPARTMENTS
        decisions: GreenPool = GreenPool(len(DEPARTMENTS))
        if failure := self._grant(case_id, first):
            raise failure
        for failure in decisions.imap(lambda item: self._grant(case_id, item, waits=False), others):
            if failure is not None:
                raise failure
        self.decided.append(perf_counter() - began)
        self.output.until_it_works(
            lambda: self._send(self.clerk, HandOverPackages(case_id=case_id)),
            done=lambda answer: len(answer.value["packages"]) == len(DEPARTMENTS),
        )
        self.finished.append(perf_counter() - began)
        self.ids.append(case_id)

    def _grant(self, case_id: str, item: str, *, waits: bool = True) -> Exception | None:
        command = GrantReview(case_id=case_id, item=item)
        wait = self.ready if waits else self.others
        try:
            wait.until_it_works(lambda: self._send(self.reviewers[item], command), done=lambda _: True)
        except Exception as error:  # noqa: BLE001  raised by the case
            return error
        return None

    def _send(self, caller: Caller, command: Command) -> Answer:
        return self.speaks.as_(caller).command(command, id=str(uuid4()), attempts=5)

    def _measure_delay(self, case_id: str, position: Position) -> None:
        began = perf_counter()
        try:
            self.client.ask(GetBundle(case_id=case_id), since=(position,), attempts=3)
        except OneThingError:
            return
        self.delays.append(perf_counter() - began)

    def _await_closed(self) -> None:
        """Until intake has closed every case; it is asked for the theme's open ones, never for a case."""
        deadline = monotonic() + PATIENCE
        mine = set(self.ids)
        while open_ones := mine & self._open_ones():
            if monotonic() > deadline:
                raise Unavailable(what="closing", open=len(open_ones))
            eventlet.sleep(0.02)

    def _open_ones(self) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            page = self.client.ask(ListCases(theme=THEME, status="accepted", limit=200, after=after), attempts=5)
            found.update(each["case_id"] for each in page["cases"])
            after = page["after"]
            if not after:
                return found

    def closings(self) -> list[float]:
        """Seconds from opening to closing of some cases, by the services' own clocks."""
        step = max(len(self.ids) // LOOKED_AT, 1)
        return [self._closing(case_id) for case_id in self.ids[::step]]

    def _closing(self, case_id: str) -> float:
        at = {type(each.fact): each.fact.at for each in facts_of(self.client, case_id)}
        return (at[CaseClosed] - at[CaseOpened]).total_seconds()


def _registration(case_id: str, number: int) -> Register:
    """A registration; nobody has two open cases of the theme, and nobody is asked whether they do."""
    return Register(
        case_id=case_id,
        theme=THEME,
        applicant=Applicant(name="基准申请人", identifier="990102199001010015", mobile="13800000000"),
        answers={},
        values={"person_name": f"基准申请人{number}", "person_phone": "13800000000"},
        materials=tuple(
            BroughtMaterial(material=material, medium="shared", provenance="shared:benchmark") for material in MATERIALS
        ),
        allow_duplicate=True,
    )


def percentiles(seconds: Sequence[float]) -> dict[str, float] | None:
    """p50, p95, p99 and the greatest in milliseconds, by nearest rank; None of nothing."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    ranks = {f"p{each}": ordered[max(-(-len(ordered) * each // 100) - 1, 0)] for each in (50, 95, 99)}
    return {name: round(value * 1000, 1) for name, value in {**ranks, "max": ordered[-1]}.items()}


def bench(settings: Settings, plan: Plan, *, as_json: bool) -> dict[str, Any]:
    """Runs W1 and prints what it found; on JSON, as the last line."""
    load_before = round(os.getloadavg()[0], 2)
    about = {"benchmark": "w1", "profile": settings.profile, "cases": plan.cases, "concurrency": plan.concurrency}
    with opened(settings, start=plan.start, fresh=plan.fresh, say=_say, http=plan.http) as premises:
        client = premises.client
        load(county("990102"), client)
        burden = Burden(premises.settings, {**premises.pids, **{str(pid): pid for pid in plan.pids}})
        result = about | _measured(Run(client, plan), burden)
        if plan.http:
            web = OverHttp(premises.address, client.caller, issue=premises.issue)
            through = _measured(Run(client, plan, web), burden)
            web.wires.close()
            ratio = round(through["cases_per_second"] / result["cases_per_second"], 3)
            result = about | {"http": through, "without_http": result, "ratio": ratio}
    result |= {
        "rendering": "on-demand",
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load_average_before": load_before,
    }
    show(result, as_json=as_json, words=_words)
    return result


def _measured(run: Run, burden: Burden) -> dict[str, Any]:
    """Drives all cases and tells what it took."""
    plan = run.plan
    before = burden.measured(run.client)
    with _progress(plan.cases) as tick:
        run.drive(tick)
    used = burden.measured(run.client) - before
    closings = run.closings()
    return {
        "seconds": round(run.seconds, 3),
        "cases_per_second": round(plan.cases / run.seconds, 2),
        "latency_ms": {
            "register": percentiles(run.registered),
            "all_decided": percentiles(run.decided),
            "handed_over": percentiles(run.finished),
            "register_to_closed": percentiles(closings),
            "commit_to_follower": percentiles(run.delays),
        },
        "cpu_ms_per_case": used.cpu_ms(plan.cases),
        "bytes_per_case": used.bytes(plan.cases),
        "facts_per_case": used.facts_each(plan.cases),
        "bytes_before": before.stored_total,
        "facts_before": sum(before.facts.values()),
        "tries": {"decide": run.ready.tries + run.others.tries, "hand_over": run.output.tries},
        "too_early": {"decide": run.ready.early + run.others.early, "hand_over": run.output.early},
    }


def _words(result: dict[str, Any]) -> None:
    about = {name: result[name] for name in ("profile", "cases", "concurrency")}
    for name, title in (("without_http", "直接 by RPC"), ("http", "HTTP")):
        if name in result:
            notes.print(f"[bold]{title}[/]")
            _told(about | result[name])
    if "ratio" in result:
        notes.print(f"HTTP / RPC: {result['ratio']}")
    else:
        _told(result)


def _told(result: dict[str, Any]) -> None:
    table(
        ("", "p50 ms", "p95 ms", "p99 ms", "max ms"),
        (
            (name, *(values[each] for each in ("p50", "p95", "p99", "max")))
            for name, values in result["latency_ms"].items()
            if values
        ),
    )
    table(
        ("每案 a case", "CPU ms", "字节 bytes", "事实 facts"),
        (
            (
                name,
                result["cpu_ms_per_case"].get(name, ""),
                result["bytes_per_case"].get(name, ""),
                result["facts_per_case"].get(name, ""),
            )
            for name in dict.fromkeys(
                [*result["cpu_ms_per_case"], *result["bytes_per_case"], *result["facts_per_case"]]
            )
        ),
    )
    notes.print(
        f"W1 {result['profile']}: {result['cases']} 案 cases, {result['seconds']} s, "
        f"[bold]{result['cases_per_second']} 案/秒 cases/s[/], 并发 in flight {result['concurrency']}; "
        f"按需排版 documents are rendered on demand; 试早了 tried too early {result['too_early']}"
    )


def _say(text: str) -> None:
    notes.print(f"· {text}", markup=False)


@contextmanager
def _progress(cases: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, else a line every few seconds."""
    if sys.stderr.isatty():
        columns = (TextColumn("W1"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=notes, refresh_per_second=2) as progress:
            task = progress.add_task("W1", total=cases)
            yield lambda: progress.advance(task)
        return
    began = said = monotonic()
    done = 0

    def tick() -> None:
        nonlocal done, said
        done += 1
        if monotonic() - said > 2 or done == cases:
            said = monotonic()
            notes.print(f"W1 {done}/{cases}, {done / (said - began):.0f}/s", markup=False)

    yield tick
