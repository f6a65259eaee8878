"""The load of a campaign: W1 cases, brought forward by people who repeat what was not answered."""

import random
import uuid
from collections.abc import Callable
from time import monotonic
from typing import Any

import eventlet
from eventlet.event import Event

from contracts.approval import GrantReview, Worklist
from contracts.certificate import GetOutput, HandOverPackages
from contracts.intake import Applicant, BroughtMaterial, GetCase, Register
from contracts.language import Caller, Command, Position, Query
from contracts.routing import DispatchPackets, ListPackets, ReceivePackets
from eventing.client import Answer, Client
from eventing.errors import NotFound, Stale, Unavailable
from testkit.campaign import W1, Acknowledged

HALL = "yl-hall"
CLERK = Caller(by="clerk-zhao", org="zwzx", hall=HALL, window="yl-hall-a1", roles=("clerk",))
CARRIER = "courier-ma"
PAPER_EVERY = 5
"""One case in so many brings a paper original, which a carrier has to take to the department."""
GLANCE = 0.1
"""Seconds between two looks at a list of work."""
PATIENCE = 90.0
"""Seconds without any acknowledgement after which a campaign gives up."""

REVIEWERS = {
    shape.org: Caller(by=f"{shape.org}-reviewer", org=shape.org, roles=("reviewer", "approver"))
    for shape in W1.values()
}


def citizen_id(number: int) -> str:
    """An identity number of a region that does not exist."""
    stem = f"990102{19800101 + number % 28}{number % 1000:03}"
    remainder = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(stem)) % 11
    return stem + "10X98765432"[remainder]  # GB 11643


class Load:
    """Cases that are released bit by bit, and what the services acknowledged of them."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client = client
        self.acknowledged: list[Acknowledged] = []
        self.repeated = 0
        """Commands and questions that had to be sent again."""
        self.released = 0
        self.closed = 0
        self._ids = random.Random(seed)
        self._pool = eventlet.GreenPool(2000)
        self._failures: list[BaseException] = []
        self._granted: dict[str, dict[str, Position]] = {}
        self._all_granted: dict[str, Event] = {}
        self._desks = [eventlet.spawn(self._guarded, self._desk, org) for org in REVIEWERS]
        self._desks.append(eventlet.spawn(self._guarded, self._carry))
        self._over = False

    @property
    def open(self) -> int:
        """Cases that are under way."""
        return self.released - self.closed

    def release(self, cases: int) -> None:
        """Lets so many more applicants come."""
        for _ in range(cases):
            self.released += 1
            self._pool.spawn_n(self._guarded, self._case, self.released, str(self._uuid()))

    def adopt(self, case_id: str) -> None:
        """Takes over a case that somebody else registered."""
        self.released += 1
        self._expect(case_id)
        self._pool.spawn_n(self._guarded, self._conclude, case_id)

    def until(self, reached: Callable[[], bool]) -> None:
        """Waits while the services make progress; an AssertionError when nothing moves any more."""
        seen, since = len(self.acknowledged) + self.closed, monotonic()
        while not reached():
            self._check()
            eventlet.sleep(0.01)
            now = len(self.acknowledged) + self.closed
            if now != seen:
                seen, since = now, monotonic()
            assert monotonic() - since < PATIENCE, f"{self.open} cases open, and nothing moved for {PATIENCE} s"
        self._check()

    def progress(self, more: int) -> None:
        """Waits for so many more acknowledgements, or until no case is open."""
        target = len(self.acknowledged) + more
        self.until(lambda: len(self.acknowledged) >= target or not self.open)

    def finish(self) -> None:
        """Waits until every case that was released is closed."""
        self.until(lambda: not self.open)
        self._over = True
        for desk in self._desks:
            desk.wait()
        self._check()

    def send(self, caller: Caller, command: Command) -> Answer:
        """A command, sent under one id until it is answered."""
        id_ = str(self._uuid())
        answer: Answer = self._until_answered(lambda: self.client.as_(caller).command(command, id=id_))
        self.acknowledged.append(Acknowledged(command.SERVICE, id_, command, answer.value, answer.position))
        return answer

    def ask(self, caller: Caller, query: Query, since: tuple[Position, ...] = ()) -> Any:
        """A question, asked until it is answered."""
        return self._until_answered(lambda: self.client.as_(caller).ask(query, since=since))

    # the people

    def _case(self, number: int, case_id: str) -> None:
        """One applicant at the window, from registration to the closed case."""
        self._expect(case_id)
        paper = number % PAPER_EVERY == 0
        self.send(
            CLERK,
            Register(
                case_id=case_id,
                theme="WA",
                applicant=Applicant(f"测{number}", citizen_id(number)),
                answers={},
                values={"person_name": f"测{number}", "person_phone": "13800000000"},
                materials=tuple(
                    BroughtMaterial(shape.material, "paper")
                    if paper and item == "WA01"
                    else BroughtMaterial(shape.material, "shared", "shared:registry")
                    for item, shape in W1.items()
                ),
                output_mode="integrated" if number % 2 else "itemised",
                allow_duplicate=True,
            ),
        )
        self._conclude(case_id)

    def _expect(self, case_id: str) -> None:
        self._granted[case_id], self._all_granted[case_id] = {}, Event()

    def _conclude(self, case_id: str) -> None:
        """From the last decision to the closed case."""
        self._all_granted[case_id].wait()
        granted = tuple(self._granted.pop(case_id).values())
        while self._standing(GetOutput(case_id=case_id), granted) != "concluded":
            eventlet.sleep(GLANCE)
        handed = self.send(CLERK, HandOverPackages(case_id=case_id))
        assert handed.position is not None
        while self._standing(GetCase(case_id=case_id), (handed.position,)) != "closed":
            eventlet.sleep(GLANCE)
        del self._all_granted[case_id]
        self.closed += 1

    def _standing(self, query: Query, since: tuple[Position, ...]) -> str:
        try:
            return str(self.ask(CLERK, query, since)["status"])
        except NotFound:
            return ""

    def _desk(self, org: str) -> None:
        """A reviewer who grants whatever lies on the department's desk."""
        reviewer, seen = REVIEWERS[org], set()
        while not self._over:
            for review in self.ask(reviewer, Worklist(org=org, limit=200))["reviews"]:
                work = (review["case_id"], review["item"])
                if work not in seen:
                    seen.add(work)
                    self._pool.spawn_n(self._guarded, self._grant, reviewer, *work)
            eventlet.sleep(GLANCE)

    def _grant(self, reviewer: Caller, case_id: str, item: str) -> None:
        if case_id not in self._granted:
            return  # another load's
        answer = self.send(reviewer, GrantReview(case_id=case_id, item=item))
        assert answer.position is not None
        granted = self._granted[case_id]
        granted[item] = answer.position
        if len(granted) == len(W1):
            self._all_granted[case_id].send()

    def _carry(self) -> None:
        """A clerk who gives packets to a carrier, and those who sign for them."""
        seen = set()
        while not self._over:
            for packet in self.ask(CLERK, ListPackets(place=HALL, state="planned", limit=500))["packets"]:
                work = (packet["case_id"], packet["packet"])
                if work not in seen:
                    seen.add(work)
                    self._pool.spawn_n(self._guarded, self._deliver, *work, packet["recipient"])
            eventlet.sleep(GLANCE)

    def _deliver(self, case_id: str, packet: str, recipient: str) -> None:
        self.send(CLERK, DispatchPackets(case_id=case_id, packets=(packet,), carrier=CARRIER))
        self.send(REVIEWERS[recipient], ReceivePackets(case_id=case_id, packets=(packet,)))

    # patience

    def _until_answered(self, attempt: Callable[[], Any]) -> Any:
        pause = 0.05
        while True:
            self._check()
            try:
                return attempt()
            except (Unavailable, Stale):
                self.repeated += 1
                eventlet.sleep(pause)
                pause = min(pause * 2, 1.0)

    def _guarded(self, work: Callable[..., None], *arguments: Any) -> None:
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001  the campaign ends with it
            self._failures.append(error)

    def _check(self) -> None:
        if self._failures:
            raise self._failures[0]

    def _uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self._ids.getrandbits(128), version=4)
