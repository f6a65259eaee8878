"""What cases are found by: applicant, items, departments, clocks. It follows from the ledger, and can be made anew.

Each row has the instant at which its case was opened, so that a page of a list is a walk along one index, however many
cases there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.approval import (
    ClocksRederived,
    ReviewDenied,
    ReviewEnded,
    ReviewExtended,
    ReviewGranted,
    ReviewResumed,
    ReviewsUnlocked,
    ReviewSuspended,
)
from contracts.intake import CaseOpened, ItemsAccepted
from eventing.tables import Bulk, Column

FACETS = Bulk(
    "facets_v1",
    (
        Column("facet", "text", key=True),
        Column("value", "text", key=True),
        Column("opened_at", "instant", key=True),
        Column("case_id", "text", key=True),
    ),
)
"""applicant (a blind index), item, department: which case has it."""

CLOCKS = Bulk(
    "case_clocks_v1",
    (
        Column("case_id", "text", key=True),
        Column("opened_at", "instant"),
        Column("items", "json", optional=False),
        Column("running", "bool", optional=False),
        Column("paused", "bool", optional=False),
        Column("next_due", "date"),
    ),
)
"""Cases with items that wait for their decision: item → its last day and the procedures that stop its clocks."""

LISTING = Bulk("listing_v1", (Column("name", "text", key=True), Column("whole", "bool", optional=False)))
"""One row, once all cases of a ledger that is older than these tables are in them."""

_metadata = sa.MetaData()
FACET = FACETS.table(_metadata)
CLOCK = CLOCKS.table(_metadata)
WHOLE = LISTING.table(_metadata)
sa.Index("case_clocks_v1_opened", CLOCK.c.opened_at, CLOCK.c.case_id)

APPLICANT, ITEM, DEPARTMENT = "applicant", "item", "department"


class _Opened(msgspec.Struct):
    applicant_index: str


class _Accepted(msgspec.Struct):
    item: str
    handler: str


class _AcceptedItems(msgspec.Struct):
    items: tuple[_Accepted, ...]


class _Clock(msgspec.Struct):
    item: str
    statutory_due: date | None = None
    promised_due: date | None = None

    @property
    def due(self) -> date | None:
        """The first of both last days."""
        return min((day for day in (self.promised_due, self.statutory_due) if day is not None), default=None)


class _Clocks(msgspec.Struct):
    """What any fact about clocks says of them."""

    item: str = ""
    procedure: str = ""
    reviews: tuple[_Clock, ...] = ()
    clocks: _Clock | tuple[_Clock, ...] = ()

    @property
    def all(self) -> tuple[_Clock, ...]:
        """As many as there are."""
        return self.reviews or (self.clocks if isinstance(self.clocks, tuple) else (self.clocks,))


_opened = msgspec.json.Decoder(_Opened).decode
_accepted = msgspec.json.Decoder(_AcceptedItems).decode
_clocks = msgspec.json.Decoder(_Clocks).decode

BEGIN = frozenset({ReviewsUnlocked.TOPIC, ReviewExtended.TOPIC, ClocksRederived.TOPIC})
END = frozenset({ReviewGranted.TOPIC, ReviewDenied.TOPIC, ReviewEnded.TOPIC})
OF_CLOCKS = BEGIN | END | {ReviewSuspended.TOPIC, ReviewResumed.TOPIC}
LISTED = OF_CLOCKS | {CaseOpened.TOPIC, ItemsAccepted.TOPIC}
"""Topics that say something by which cases are found."""

Said = tuple[str, str, bytes]
"""Case, topic, state."""


class Standing(msgspec.Struct):
    """An item that waits for its decision."""

    due: date | None = None
    stopped_by: list[str] = []


def learn(
    connection: sa.Connection, opened_at: Mapping[str, datetime | None], said: Sequence[Said], *, anew: bool = False
) -> None:
    """Takes in facts of cases whose chains are locked, in their order; ``opened_at`` is by now.

    With ``anew`` these are all facts of the cases, and what stood of them counts for nothing.
    """
    relevant = [each for each in said if each[1] in LISTED]
    if not relevant:
        return
    FACETS.upsert(connection, sorted(set(_facets(relevant, opened_at))))
    cases = {case for case, topic, _ in relevant if topic in OF_CLOCKS or topic == CaseOpened.TOPIC}
    if cases:
        _move(connection, sorted(cases), relevant, opened_at, anew=anew)


def _facets(said: Sequence[Said], opened_at: Mapping[str, datetime | None]) -> Iterator[tuple[str, str, datetime, str]]:
    for case, topic, state in said:
        opened = opened_at[case]
        if opened is None:
            continue
        if topic == CaseOpened.TOPIC:
            yield APPLICANT, _opened(state).applicant_index, opened, case
        elif topic == ItemsAccepted.TOPIC:
            for each in _accepted(state).items:
                yield ITEM, each.item, opened, case
                yield DEPARTMENT, each.handler, opened, case


def _move(
    connection: sa.Connection,
    cases: Sequence[str],
    said: Sequence[Said],
    opened_at: Mapping[str, datetime | None],
    *,
    anew: bool,
) -> None:
    rows = connection.execute(sa.select(CLOCK.c.case_id, CLOCK.c["items"]).where(CLOCK.c.case_id.in_(cases)))
    there = {row.case_id: msgspec.convert(row[1], dict[str, Standing]) for row in rows}
    now: dict[str, dict[str, Standing]] = {case: {} if anew else dict(there.get(case, {})) for case in cases}
    for case, topic, state in said:
        if topic in OF_CLOCKS:
            _apply(now[case], topic, _clocks(state))
    CLOCKS.upsert(connection, [_row(case, opened_at[case], items) for case, items in now.items() if items])
    CLOCKS.delete(connection, [(case,) for case in there if not now[case]])


def _apply(items: dict[str, Standing], topic: str, said: _Clocks) -> None:
    if topic in END:
        items.pop(said.item, None)
        return
    for clock in said.all:
        before = items.get(clock.item, Standing())
        stopped = [each for each in before.stopped_by if each != said.procedure]
        if topic == ReviewSuspended.TOPIC:
            stopped.append(said.procedure)
        if clock.item in items or topic not in {ClocksRederived.TOPIC, ReviewExtended.TOPIC}:
            items[clock.item] = Standing(clock.due, stopped)


def _row(case: str, opened: datetime | None, items: Mapping[str, Standing]) -> tuple[Any, ...]:
    running = [each for each in items.values() if not each.stopped_by]
    days = [each.due for each in running if each.due is not None]
    return case, opened, items, bool(running), len(running) < len(items), min(days, default=None)
