"""The department simulator: acts for departments and providers as people do at their desks.

It asks for a desk's work list and grants or denies what lies there, item by item, through the same public
commands and queries as everybody else. It belongs to the demo and the benchmark; no service knows it.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

import eventlet
from msgspec import Struct

from contracts.approval import DenyReview, GrantReview, Worklist
from contracts.language import Caller
from eventing.client import Client

REVIEWERS = 2
"""People who review at each organisation; they take turns."""

GLANCE = 0.15
"""Seconds between two looks at the work lists."""


class Decision(Struct, frozen=True):
    """What a department decided: the item, the person, the number of the decision."""

    item: str
    org: str
    by: str
    granted: bool
    answer: dict[str, Any]


class Departments:
    """The departments of a county, deciding what lies on their desks."""

    def __init__(
        self,
        client: Client,
        *,
        denials: Mapping[str, str] | None = None,
        thinking: Callable[[], float] = lambda: 0.0,
        seed: int = 0,
    ) -> None:
        """What they deny, item → reasons, and how many seconds each decision takes; all else is granted."""
        self.client = client
        self.denials = denials or {}
        self.thinking = thinking
        self._turns = random.Random(seed)

    def reviewer(self, org: str) -> Caller:
        """One of the people who review there."""
        return Caller(by=f"{org}-reviewer-{self._turns.randint(1, REVIEWERS)}", org=org, roles=("reviewer",))

    def desk(self, org: str) -> list[dict[str, Any]]:
        """What an organisation can decide now."""
        reviewer = self.client.as_(self.reviewer(org))
        reviews: list[dict[str, Any]] = reviewer.ask(Worklist(org=org), attempts=5)["reviews"]
        return reviews

    def decide(self, case_id: str, orgs: Iterable[str]) -> Iterator[Decision]:
        """One round: every organisation decides what it has of this case."""
        for org in dict.fromkeys(orgs):
            for review in self.desk(org):
                if review["case_id"] == case_id:
                    eventlet.sleep(self.thinking())
                    yield self._decide(case_id, review["item"], org)

    def conclude(
        self, case_id: str, orgs: Iterable[str], *, is_over: Callable[[], bool], patience: float
    ) -> Iterator[Decision]:
        """Rounds until the case is over; gives up when nothing came to any desk for ``patience`` seconds."""
        desks = tuple(dict.fromkeys(orgs))
        last = monotonic()
        while not is_over() and monotonic() - last < patience:
            decided = False
            for decision in self.decide(case_id, desks):
                decided = True
                yield decision
            if decided:
                last = monotonic()
            else:
                eventlet.sleep(GLANCE)

    def _decide(self, case_id: str, item: str, org: str) -> Decision:
        reviewer = self.reviewer(org)
        desk = self.client.as_(reviewer)
        reasons = self.denials.get(item)
        command = (
            DenyReview(case_id=case_id, item=item, reasons=reasons)
            if reasons
            else GrantReview(case_id=case_id, item=item)
        )
        answer = desk.command(command, attempts=5).value
        return Decision(item, org, reviewer.by, granted=not reasons, answer=answer)
