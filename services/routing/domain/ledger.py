"""The ledger of custody sums to zero: what is checked, and the alarm when it does not."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from contracts.language import Act
from contracts.routing import LedgerBalanced, LedgerFault, LedgerImbalance
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused
from routing.domain.custody import OUTSIDE, Custody


class KeeperOnly(Refused):
    """Only routing's own keeper says how the ledger stands."""


class Entry(NamedTuple):
    """One side of a movement: an original left a place (−1) or came to it (+1)."""

    number: int
    copy: str
    place: str
    amount: int


def entries(custody: Custody) -> list[Entry]:
    """Both sides of every movement of a case's originals, in order."""
    return [
        entry
        for number, movement in enumerate(custody.movements, start=1)
        for entry in (
            Entry(number, movement.copy, movement.origin, -1),
            Entry(number, movement.copy, movement.place, 1),
        )
    ]


def faults(case_id: str, ledger: Iterable[Entry], originals: dict[str, str]) -> tuple[LedgerFault, ...]:
    """What is wrong with a case's ledger: ``originals`` says where each is (copy → place).

    Each original came from outside once, is in one place, and in no other: with that taken off, every sum is zero.
    """
    sums: Counter[tuple[str, str]] = Counter()
    for entry in ledger:
        sums[entry.copy, entry.place] += entry.amount
    for copy, place in originals.items():
        sums[copy, OUTSIDE] += 1
        sums[copy, place] -= 1
    return tuple(LedgerFault(case_id, copy, place, amount) for (copy, place), amount in sorted(sums.items()) if amount)


def broken_chains(custody: Custody) -> tuple[LedgerFault, ...]:
    """Originals whose movements do not follow one another: each starts where the one before ended."""
    at: dict[str, str] = {}
    broken: list[LedgerFault] = []
    for movement in custody.movements:
        if at.get(movement.copy, OUTSIDE) != movement.origin:
            broken.append(LedgerFault(custody.stream, movement.copy, movement.origin, -1))
        at[movement.copy] = movement.place
    return tuple(broken)


class Ledger(Aggregate):
    """How a segment of the ledger stands, by the last check that told something new."""

    case_bound = False
    segment: int
    faults: tuple[LedgerFault, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.segment = 0
        self.faults = ()

    def report(self, segment: int, found: Iterable[LedgerFault], act: Act) -> None:
        """What the keeper found; the same again is no news."""
        if act.by != "service:routing":
            raise KeeperOnly(by=act.by)
        faults = tuple(sorted(found))
        if faults == self.faults:
            return
        if faults:
            self.record(LedgerImbalance, act, segment=segment, faults=faults)
        else:
            self.record(LedgerBalanced, act, segment=segment)

    @applies(LedgerImbalance, LedgerBalanced)
    def _told(self, fact: LedgerImbalance | LedgerBalanced) -> None:
        self.segment = fact.segment
        self.faults = fact.faults if isinstance(fact, LedgerImbalance) else ()
