"""``onething rehearse``: whether a release that runs can do its work, found out by letting it do some.

In a fictional region cases are driven from the window to the hand-over, while pods may be killed at random, and what
became of them is reckoned up: each closed, each document there, each history as it was written, no fact lost or
doubled. A real region has no cases to spare; of it only what can be asked without a trace is found out.
"""

import uuid
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import eventlet
from eventlet.greenpool import GreenPool
from msgspec import Struct

from catalogue import Catalogue
from catalogue.examples import happy_answers
from console.history import facts_of
from console.house import House
from console.journey import CLERK, Journey, Stuck, furnish
from console.pods import Pods
from console.standing import standing
from contracts.casefile import VerifyCase, VerifyLedger
from contracts.certificate import GetDocument
from contracts.language import Query
from eventing.client import Client
from eventing.errors import OneThingError, Unavailable

PATIENCE = 120.0
"""Seconds in which one more service answers or has caught up; patience bounds the wait, it decides nothing."""
LOOK = 0.5
"""Seconds between two looks."""
PAUSE = 5.0
"""Seconds between two kills."""
VAIN = 24
"""Kills in a row that came to nothing before it is given up."""
ATTEMPTS = 40


class Plan(Struct, frozen=True):
    """What to find out, and how hard to make it."""

    theme: str
    cases: int = 1
    concurrency: int = 4
    kills: int = 0
    gateway: str = ""
    """Its address, if that is to be asked over HTTP, too."""
    ledger: bool = False
    """Whether the whole ledger is verified, and not the rehearsal's own cases alone."""


class Amiss(Exception):
    """What was looked for is not so."""


class Check(Struct, frozen=True):
    """One thing that was found out."""

    check: str
    passed: bool
    detail: str = ""


class Verdict(Struct, frozen=True):
    """What came of a rehearsal, for machines to read."""

    passed: bool
    region: str
    fictional: bool
    cases: int
    facts: int
    requests: int
    """Commands and questions that were sent."""
    repeated: int
    """Those of them that were not answered, and sent again. One that never was answered fails its check."""
    killed: tuple[str, ...]
    checks: tuple[Check, ...]
    seconds: float


class _Driven(Struct):
    """One case, and what became of it."""

    case_id: str
    verdict: str = ""
    documents: int = 0
    problem: str = ""


class Rehearsal:
    """One rehearsal on a house that runs."""

    def __init__(self, house: House, catalogue: Catalogue, plan: Plan, say: Callable[[str], None]) -> None:
        self.house = house
        self.client: Client = house.client
        self.catalogue = catalogue
        self.plan = plan
        self.say = say
        self.killed: list[str] = []
        self._driven: list[_Driven] = []
        self._facts = 0

    def verdict(self, pods: Pods | None = None) -> Verdict:
        """Does everything that the plan says and tells what was found; ``pods`` are those of which some are killed."""
        began = monotonic()
        checks = []
        for check in self._checks(pods):
            self.say(f"{'✓' if check.passed else '✗'} {check.check}{check.detail and ': '}{check.detail}")
            checks.append(check)
        return Verdict(
            passed=all(each.passed for each in checks),
            region=self.catalogue.region,
            fictional=self.catalogue.fictional,
            cases=len(self._driven),
            facts=self._facts,
            requests=self.client.tally.sent,
            repeated=self.client.tally.unavailable,
            killed=tuple(self.killed),
            checks=tuple(checks),
            seconds=round(monotonic() - began, 1),
        )

    def _checks(self, pods: Pods | None) -> Iterator[Check]:
        before: dict[str, int] = {}
        yield self._found("every service answers", lambda: self._answering(before))
        if self.plan.gateway:
            yield self._found("the gateway answers", self._gateway)
        if self.catalogue.fictional and self.plan.cases:
            yield self._found("every case is closed", lambda: self._drive(pods))
            if pods is not None:
                yield self._found("pods were killed", self._were_killed)
        yield self._found("nobody is behind, nothing is parked", lambda: self._caught_up(before))
        if self._driven:  # the case files are read once they have followed everybody
            yield self._found("every history is as it was written", self._histories)
            yield self._found("no fact is lost or doubled", self._reckoned)
        if self.plan.ledger:
            yield self._found("the ledger is whole", self._ledger)

    def _found(self, what: str, look: Callable[[], str]) -> Check:
        """What a look found, or what speaks against it."""
        try:
            return Check(what, passed=True, detail=look())
        except (Amiss, OneThingError, Stuck) as problem:
            return Check(what, passed=False, detail=f"{type(problem).__name__}: {problem}"[:500])

    def _answering(self, parked: dict[str, int]) -> str:
        found = self._until(answers)
        parked |= {each["service"]: each["parked"] for each in found}
        return f"{len(found)} services"

    def _caught_up(self, before: dict[str, int]) -> str:
        heads = {each["service"]: each["heads"] for each in self._until(answers)}

        def is_there(each: dict[str, Any]) -> bool:
            """Whether it has reached what there was at the first look, however much came since."""
            places = [(place.partition("/"), position) for place, position in each.get("positions", {}).items()]
            return answers(each) and all(
                position >= heads.get(upstream, {}).get(str(int(segment)), 0)
                for (upstream, _, segment), position in places
            )

        found = self._until(is_there)
        parked = {each["service"]: each["parked"] for each in found if each["parked"] > before.get(each["service"], 0)}
        if parked:
            raise Amiss(f"parked {parked}")
        return f"{sum(sum(each.values()) for each in heads.values())} facts in all logs"

    def _until(self, is_so: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Where each service stood when it was so of it. Raises Amiss where there was nothing but waiting."""
        until, there = monotonic() + PATIENCE, dict[str, dict[str, Any]]()
        while missing := [name for name in self.house.names if name not in there]:
            found = standing(self.client, missing)
            came = {each["service"]: each for each in found if is_so(each)}
            if came:
                there |= came
                until = monotonic() + PATIENCE
            elif monotonic() > until:
                raise Amiss(f"after {PATIENCE:.0f} s: {self._holdups(missing)}")
            else:
                eventlet.sleep(LOOK)
        return list(there.values())

    def _holdups(self, missing: Collection[str]) -> dict[str, str]:
        """Services for which it is not so, with how far behind they are or why they do not say so."""
        return {
            each["service"]: each.get("error") or f"{each['lag']} behind"
            for each in standing(self.client, self.house.names)
            if each["service"] in missing
        }

    def _gateway(self) -> str:
        until = monotonic() + PATIENCE
        address = f"{self.plan.gateway.rstrip('/')}/api/openapi.json"
        while True:
            try:
                with urlopen(address, timeout=10) as answer:  # noqa: S310 - what the operator typed
                    return f"{len(answer.read())} bytes of its interface"
            except (URLError, OSError) as error:
                if monotonic() > until:
                    raise Unavailable(what="gateway", address=address, error=str(error)) from error
                eventlet.sleep(LOOK)

    # cases

    def _drive(self, pods: Pods | None) -> str:
        self._patiently(lambda: furnish(self.client, self.catalogue))
        pool: GreenPool = GreenPool(self.plan.concurrency)
        killer = None if pods is None else eventlet.spawn(self._kill, pods)
        self._driven = list(pool.imap(self._one, range(self.plan.cases)))
        while killer is not None and not killer.dead:  # as many cases as the kills take
            self._driven += list(pool.imap(self._one, range(self.plan.concurrency)))
        if killer is not None:
            killer.wait()
        wrong = [f"{each.case_id} {each.problem}" for each in self._driven if each.problem]
        if wrong:
            raise Amiss(f"{len(wrong)} of {len(self._driven)}, the first: {wrong[0]}")
        return f"{len(self._driven)} cases, {sum(each.documents for each in self._driven)} documents"

    def _one(self, _: int) -> _Driven:
        """One case, from the window to the hand-over; it tells what went wrong."""
        theme = self.catalogue.theme(self.plan.theme)
        journey = Journey(self.client, self.catalogue, theme, happy_answers(theme))
        driven = _Driven(journey.case_id)
        try:
            self._patiently(lambda: journey.register(id=f"register-{journey.case_id}"))
            driven.verdict = self._patiently(journey.decide)
            self._patiently(journey.hand_over)
            self._patiently(journey.closed)
            driven.documents = self._patiently(lambda: self._documents(journey))
            if driven.verdict != "granted":
                driven.problem = f"the verdict is {driven.verdict}"
        except (Amiss, OneThingError, Stuck) as problem:
            driven.problem = f"{type(problem).__name__}: {problem}"
        return driven

    def _documents(self, journey: Journey) -> int:
        """How many documents its certificates have. Raises Amiss where one is not a PDF."""
        clerk, found = self.client.as_(CLERK), 0
        for certificate in journey.certificates():
            if certificate["issued"]["kind"] != "object":
                asked = GetDocument(case_id=journey.case_id, certificate=certificate["issued"]["certificate"])
                if not b64decode(clerk.ask(asked, attempts=ATTEMPTS, timeout=PATIENCE)["pdf"]).startswith(b"%PDF-"):
                    raise Amiss(f"no document of {asked.certificate}")
                found += 1
        return found

    def _patiently(self, step: Callable[[], Any]) -> Any:
        """A step, once more where a service was away for longer than the step itself waits."""
        until = monotonic() + PATIENCE
        while True:
            try:
                return step()
            except Unavailable:
                if monotonic() > until:
                    raise
                eventlet.sleep(LOOK)

    def _ask(self, query: Query) -> Any:
        return self._patiently(lambda: self.client.ask(query, attempts=ATTEMPTS))

    def _kill(self, pods: Pods) -> None:
        vain = 0
        while len(self.killed) < self.plan.kills and vain < VAIN:
            try:
                name = pods.kill()
            except Unavailable as error:
                self.say(f"· {error}")
                name = ""
            if name:
                self.say(f"· killed {name}")
                self.killed.append(name)
            vain = 0 if name else vain + 1
            eventlet.sleep(PAUSE)

    def _were_killed(self) -> str:
        if len(self.killed) < self.plan.kills:
            raise Amiss(f"{len(self.killed)} of {self.plan.kills}")
        return ", ".join(self.killed)

    # the reckoning

    def _histories(self) -> str:
        for each in self._driven:
            found = self._ask(VerifyCase(case_id=each.case_id))
            if not found["verified"]:
                raise Amiss(f"{each.case_id}: {found['wrong']}")
            self._facts += found["length"]
        return f"{self._facts} facts"

    def _reckoned(self) -> str:
        """Cases of one theme and the same answers have the same facts, each once.

        What somebody records because of the last fact of a case may be on its way: it is looked at again.
        """
        until, before = monotonic() + PATIENCE, dict[str, Counter[str]]()
        while True:
            kinds = self._kinds()
            first, *others = kinds.items()
            unlike = [(case_id, found) for case_id, found in others if found != first[1]]
            if not unlike:
                return f"{sum(first[1].values())} of the services that decide in each case"
            if kinds != before:
                until, before = monotonic() + PATIENCE, kinds
            if monotonic() > until:
                case_id, found = unlike[0]
                more, fewer = dict(found - first[1]), dict(first[1] - found)
                raise Amiss(f"{case_id} beside {first[0]}: more {more}, fewer {fewer}")
            eventlet.sleep(LOOK)

    def _kinds(self) -> dict[str, Counter[str]]:
        """Of each case how often it has which facts. Raises Amiss where it has one twice."""
        kinds: dict[str, Counter[str]] = {}
        for each in self._driven:
            facts = self._patiently(partial(facts_of, self.client, each.case_id))
            twice = [place for place, n in Counter((f.service, f.stream, f.version) for f in facts).items() if n > 1]
            if twice:
                raise Amiss(f"{each.case_id}: {twice[0]} twice")
            kinds[each.case_id] = Counter(fact.topic for fact in facts if fact.service in DECIDING)
        return kinds

    def _ledger(self) -> str:
        found = self._ask(VerifyLedger())
        while found["verified"] and not found["done"]:
            found = self._ask(VerifyLedger(checked=found["checked"], peaks=found["peaks"]))
        if not found["verified"]:
            raise Amiss(f"{found['wrong']} at leaf {found['leaf_index']}")
        return f"{found['checked']} facts"


def answers(standing: Mapping[str, Any]) -> bool:
    """Whether a service said where it stands."""
    return "error" not in standing


DECIDING = frozenset({"intake", "vault", "routing", "approval", "certificate"})
"""Services whose facts of a case follow from what was done, whoever was killed meanwhile: messages to applicants are
tried again where a carrier's answer was lost."""


def new_seed() -> int:
    """A seed to tell, so that what was killed in which order can be chosen again."""
    return uuid.uuid4().int % 1_000_000
