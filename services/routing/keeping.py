"""Routing's keeper: it sums the ledger of custody without end, and brings over what lies at halls that closed.

Both are worked off from rows, so that nothing is lost with a process, and what two replicas do at the same time is
done once. Each replica looks after the segments that it owns.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
import structlog

from contracts.language import Command
from contracts.routing import LedgerFault, ReplanPackets, ReportImbalance
from eventing.dependency import HostDependency
from eventing.errors import NotFound, OneThingError, Refused, Unavailable
from eventing.store import segment_of
from kernel.digests import canonical, digest
from routing.domain import Distribution
from routing.domain.ledger import Entry, broken_chains, faults
from routing.projections import CUSTODY, LEDGERS, ORIGINALS, displaced, imbalances, moved_since

log = structlog.get_logger()

PAUSE = 3.0
"""Seconds between two rounds."""

ROUNDS = 12
"""Within so many rounds every segment is summed: with the pauses, well within a minute."""

MOST = 100
"""Cases, or faults of a segment, that one round takes up."""

OVERLAP = timedelta(seconds=30)
"""How far back a round looks for movements that were not yet there when the one before looked."""

LOOKS = 3
"""How often a case is looked at that changes meanwhile."""

CLOSED = "the hall closed"


class Segments:
    """The segments that this replica looks after."""

    def __init__(self, host: Any) -> None:
        self._host = host

    @property
    def mine(self) -> list[int]:
        """Those that it owns now."""
        return sorted(self._host.segments.mine)


class KeptSegments(HostDependency):
    """Gives the service the segments that it keeps."""

    def make(self) -> Segments:
        return Segments(self.host)


class Desk(Protocol):
    """The store, as far as the keeper needs it."""

    def select(self, statement: sa.Select[Any]) -> list[Any]: ...

    def get(self, aggregate_type: type[Distribution], stream: str) -> Distribution: ...


Send = Callable[[Command, str], Any]
"""Sends a command under an id."""


class Keeper:
    """Sums, compares and brings over, one round after the other."""

    def __init__(self, desk: Desk, send: Send, now: Callable[[], datetime]) -> None:
        self.desk = desk
        self.send = send
        self.now = now
        self._next = 0
        self._looked: datetime | None = None

    def run(self, segments: Callable[[], Sequence[int]], stopped: Callable[[], bool]) -> None:
        """Goes round until stopped."""
        while not stopped():
            try:
                self.round(segments())
            except OneThingError as error:
                log.warning("the keeper waits", error=str(error))
            end = time.monotonic() + PAUSE
            while not stopped() and time.monotonic() < end:
                time.sleep(0.25)

    def round(self, segments: Sequence[int]) -> None:
        """One round: what closed halls left, what moved since the last round, and a share of all segments in turn."""
        if not segments:
            return
        self.bring_over(segments)
        moved = self._moved(segments)
        share = -(-len(segments) // ROUNDS)
        due = {segments[(self._next + n) % len(segments)] for n in range(share)}
        self._next = (self._next + share) % len(segments)
        self.sum_up(due, moved)

    # the ledger

    def _moved(self, segments: Sequence[int]) -> list[str]:
        """Cases whose originals moved since the last round."""
        now = self.now()
        since, self._looked = (self._looked or now) - OVERLAP, now
        return [row["case_id"] for row in self.desk.select(moved_since(since, segments, MOST))]

    def sum_up(self, segments: set[int], moved: Sequence[str] = ()) -> tuple[LedgerFault, ...]:
        """Sums these segments, replays the cases that moved, and reports what is new. Returns all that is wrong."""
        standing = {row["segment"]: _read(row["faults"]) for row in self.desk.select(sa.select(LEDGERS.table))}
        found = {segment: set(self._sum(segment, standing.get(segment, ()))) for segment in segments}
        for case in moved:
            if wrong := audit(self.desk, case):
                segment = segment_of(case)
                found.setdefault(segment, set(standing.get(segment, ()))).update(wrong)
        for segment, all_wrong in found.items():
            told = tuple(sorted(all_wrong))
            if told != standing.get(segment, ()):
                self._report(segment, told)
        return tuple(sorted(fault for all_wrong in found.values() for fault in all_wrong))

    def _sum(self, segment: int, standing: Sequence[LedgerFault]) -> Iterator[LedgerFault]:
        """What does not sum to zero; cases that were wrong before are replayed again."""
        for row in self.desk.select(imbalances(segment, MOST)):
            yield LedgerFault(row["case_id"], row["copy"], row["place"], int(row["amount"]))
        for case in {fault.case_id for fault in standing}:
            yield from audit(self.desk, case)

    def _report(self, segment: int, wrong: tuple[LedgerFault, ...]) -> None:
        if wrong:
            log.error("the ledger of custody does not sum to zero", segment=segment, faults=len(wrong))
        report = ReportImbalance(ledger=f"ledger-{segment:02}", segment=segment, faults=wrong)
        said = digest(canonical((report, self.now().isoformat())))
        self.send(report, f"ledger/{segment:02}/{said}")

    # closed halls

    def bring_over(self, segments: Sequence[int]) -> int:
        """Sends what lies at closed halls, or is bound for them, to those that take over; returns in how many cases.

        The id of each command names the closure and what is concerned, so that a repetition changes nothing.
        """
        rows = self.desk.select(displaced(segments, MOST))
        done = 0
        for (case, hall, to), some in groupby(rows, key=lambda row: (row["case_id"], row["hall"], row["replacement"])):
            concerned = list(some)
            what = digest(canonical([row["what"] for row in concerned]))
            since = concerned[0]["since"].isoformat()
            command = ReplanPackets(case_id=case, place=hall, to=to, reason=CLOSED)
            try:
                self.send(command, f"closed/{hall}/{since}/{to}/{case}/{what}")
            except Unavailable:
                raise
            except (Refused, NotFound) as refusal:
                log.warning("not brought over", case=case, hall=hall, refusal=str(refusal))
            else:
                done += 1
        return done


def audit(desk: Desk, case: str) -> tuple[LedgerFault, ...]:
    """What is wrong in the ledger of one case: its facts are replayed, and every row is held against them.

    A case that does not stand still while it is looked at is looked at again with its next movement.
    """
    for _ in range(LOOKS):
        try:
            replayed = desk.get(Distribution, case)
        except NotFound:
            return ()
        ledger = desk.select(sa.select(CUSTODY.table).where(CUSTODY.c.case_id == case))
        rows = desk.select(sa.select(ORIGINALS.table).where(ORIGINALS.c.case_id == case))
        if desk.get(Distribution, case).version != replayed.version:
            continue
        written = [Entry(row["number"], row["copy"], row["place"], int(row["amount"])) for row in ledger]
        said = {row["copy"]: row["place"] for row in rows}
        true = {copy: replayed.custody[copy] for copy in replayed.homes}
        return tuple(sorted({*faults(case, written, true), *faults(case, written, said), *broken_chains(replayed)}))
    return ()


def _read(stored: Any) -> tuple[LedgerFault, ...]:
    return msgspec.convert(stored, tuple[LedgerFault, ...])
