"""The ledger and its chains, appended to as facts arrive."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from casefile import listing
from casefile.chain import Envelope, envelope, key_of, leaf, next_link
from casefile.tree import Leaf, grow
from contracts.halls import (
    HallClosed,
    HallRegistered,
    HallReopened,
    QueueCleared,
    TicketBound,
    TicketCalled,
    TicketCancelled,
    TicketDrawn,
    TicketFinished,
    TicketMissed,
    TicketReturned,
    TicketServed,
    TicketSkipped,
    TicketTransferred,
    WindowClosed,
    WindowHeard,
    WindowInstalled,
    WindowOpened,
    WindowPaused,
    WindowWentSilent,
)
from contracts.insight import HistoryImported
from contracts.intake import CaseClosed, CaseOpened, CaseReopened, HallAdmitted
from contracts.language import Fact, Note
from eventing.tables import Bulk, Column, distinct
from kernel.digests import EMPTY

LEDGER = Bulk(
    "ledger",
    (
        Column("case_id", "text", key=True),
        Column("seq", "int", key=True),
        Column("service", "text", optional=False),
        Column("segment", "int", optional=False),
        Column("position", "int", optional=False),
        Column("stream", "text", optional=False),
        Column("version", "int", optional=False),
        Column("topic", "text", optional=False),
        Column("at", "instant", optional=False),
        Column("by", "text", optional=False),
        Column("state", "bytes", optional=False),
        Column("link", "bytes", optional=False),
    ),
)
"""Every published fact of every service, in the order in which casefile learned of it. Append-only."""

CHAINS = Bulk(
    "chains",
    (
        Column("case_id", "text", key=True),
        Column("seq", "int", optional=False),
        Column("link", "bytes", optional=False),
        Column("updated_at", "instant", optional=False),
        Column("number", "text", index=True),
        Column("theme", "text"),
        Column("region", "text"),
        Column("hall", "text"),
        Column("state", "text"),
        Column("outcome", "text"),
        Column("opened_at", "instant", index=True),
    ),
)
"""The head of every chain, and what lists show of a case. A stream that belongs to no case has one too."""

ADMISSIONS = Bulk("admissions", (Column("case_id", "text", key=True), Column("hall", "text", key=True)))
"""The halls that took a case over: they see its file."""

CLOSINGS = Bulk(
    "closings_v1",
    (
        Column("case_id", "text", key=True),
        Column("closed_at", "instant", optional=False),
        Column("ready_at", "instant"),
        Column("waits", "bool", optional=False),
    ),
)
"""Closed cases: when the time for objections is over, once that was looked up; whether it waits to be archived."""

_metadata = sa.MetaData()
ENTRIES = LEDGER.table(_metadata)
HEADS = CHAINS.table(_metadata)
ADMITTED = ADMISSIONS.table(_metadata)
CLOSING = CLOSINGS.table(_metadata)
sa.Index("closings_v1_waits", CLOSING.c.waits, CLOSING.c.ready_at)
for _names in (("theme",), ("hall",), ("theme", "hall"), ("state",), ("theme", "state"), ("hall", "state")):
    sa.Index(
        f"chains_{'_'.join(_names)}_opened", *(HEADS.c[name] for name in _names), HEADS.c.opened_at, HEADS.c.case_id
    )
sa.Index("chains_opened", HEADS.c.opened_at, HEADS.c.case_id)
sa.Index("chains_updated", HEADS.c.updated_at, HEADS.c.case_id)

PLACES = (HallRegistered, HallClosed, HallReopened, WindowInstalled)
"""What there is of halls and windows."""

SETTLING = (WindowOpened, WindowClosed, QueueCleared)
"""Facts before which nothing matters for how their window or queue stands."""

STANDING = (
    *SETTLING,
    WindowPaused,
    WindowWentSilent,
    WindowHeard,
    TicketDrawn,
    TicketCalled,
    TicketServed,
    TicketBound,
    TicketFinished,
    TicketSkipped,
    TicketMissed,
    TicketTransferred,
    TicketReturned,
    TicketCancelled,
)
"""How windows stand, and who is at them."""


def is_one_of(topic: sa.ColumnElement[str], facts: Sequence[type[Fact]]) -> sa.ColumnElement[bool]:
    """The condition that a topic is that of one of these facts, word for word as an index has it."""
    names = sorted(topic for fact in facts for topic in (fact.TOPIC, *fact.OLD_TOPICS))
    return topic.in_([sa.literal_column(f"'{name}'") for name in names])


for _name, _columns, _facts in (
    ("ledger_places", (ENTRIES.c.topic, ENTRIES.c.case_id), PLACES),
    ("ledger_standing", (ENTRIES.c.case_id, ENTRIES.c.at), STANDING),
):
    _some = is_one_of(ENTRIES.c.topic, _facts)
    sa.Index(_name, *_columns, sqlite_where=_some, postgresql_where=_some)

OPEN, CLOSED = "open", "closed"


class _Opened(msgspec.Struct):
    number: str
    theme: str
    region: str
    hall: str


class _Imported(msgspec.Struct):
    theme: str
    hall: str


class _Closed(msgspec.Struct):
    outcome: str


class _Admitted(msgspec.Struct):
    hall: str


_opened = msgspec.json.Decoder(_Opened).decode
_imported = msgspec.json.Decoder(_Imported).decode
_admitted = msgspec.json.Decoder(_Admitted).decode
_closed = msgspec.json.Decoder(_Closed).decode


def append(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Puts facts at the end of their chains and of the tree: one statement to read the heads, one to lock the tree, one

    for each table to write.
    """
    said = [envelope(note.state) for _, _, note in notes]
    keys = [key_of(note.stream, each) for (_, _, note), each in zip(notes, said, strict=True)]
    heads = locked_heads(connection, distinct(keys))
    entries = []
    leaves: list[Leaf] = []
    for (service, segment, note), each, key in zip(notes, said, keys, strict=True):
        head = heads[key]
        head["seq"] += 1
        head["link"] = next_link(head["link"], service, note)
        head["updated_at"] = each.at
        _learn(head, note, each)
        entries.append(
            (
                key,
                head["seq"],
                service,
                segment,
                note.position,
                note.stream,
                note.version,
                note.topic,
                each.at,
                each.by,
                note.state,
                head["link"],
            )
        )
        leaves.append((key, head["seq"], leaf(key, head["seq"], segment, note.position, head["link"])))
    LEDGER.insert(connection, entries)
    CHAINS.upsert(connection, [CHAINS.row(head) for head in heads.values()])
    admitted = [
        (key, _admitted(note.state).hall)
        for (_, _, note), key in zip(notes, keys, strict=True)
        if note.topic == HallAdmitted.TOPIC
    ]
    if admitted:
        ADMISSIONS.upsert(connection, admitted)
    _close(
        connection,
        [(key, note.topic, each.at) for (_, _, note), each, key in zip(notes, said, keys, strict=True)],
    )
    opened_at = {key: head.get("opened_at") for key, head in heads.items()}
    listing.learn(
        connection, opened_at, [(key, note.topic, note.state) for (_, _, note), key in zip(notes, keys, strict=True)]
    )
    grow(connection, leaves)  # last, as all replicas wait for its lock


ENDS = (CaseClosed.TOPIC, CaseReopened.TOPIC)
"""Topics after which a case is closed, or is not any more."""


def _close(connection: sa.Connection, said: Iterable[tuple[str, str, datetime]]) -> None:
    """Notes that cases (case, topic, instant) were closed, and wait to be archived; closed again, they wait again.

    One that is open again waits for nothing until it is closed once more.
    """
    last = {case: (topic, at) for case, topic, at in said if topic in ENDS}
    closed = [(case, at, None, True) for case, (topic, at) in sorted(last.items()) if topic == CaseClosed.TOPIC]
    opened = sorted(case for case, (topic, _) in last.items() if topic == CaseReopened.TOPIC)
    if closed:
        CLOSINGS.upsert(connection, closed)
    if opened:
        connection.execute(sa.update(CLOSING).where(CLOSING.c.case_id.in_(opened)).values(waits=False))


def locked_heads(connection: sa.Connection, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The heads of these chains, locked; new ones begin with nothing."""
    found = connection.execute(
        sa.select(HEADS).where(HEADS.c.case_id.in_(keys)).order_by(HEADS.c.case_id).with_for_update()
    ).mappings()
    heads: dict[str, dict[str, Any]] = {key: {"case_id": key, "seq": 0, "link": EMPTY} for key in keys}
    heads.update((row["case_id"], {**row, "link": bytes(row["link"])}) for row in found)
    return heads


def _learn(head: dict[str, Any], note: Note, said: Envelope) -> None:
    """What lists show of a case."""
    if note.topic == CaseOpened.TOPIC:
        head.update(msgspec.structs.asdict(_opened(note.state)), state=OPEN, opened_at=said.at)
    elif note.topic == CaseClosed.TOPIC:
        head.update(state=CLOSED, outcome=_closed(note.state).outcome)
    elif note.topic == CaseReopened.TOPIC:
        head.update(state=OPEN, outcome=None)
    elif note.topic == HistoryImported.TOPIC and not head.get("number"):  # what has no number is in no list of cases
        head.update(msgspec.structs.asdict(_imported(note.state)))


def taken_over_by(halls: Sequence[str]) -> sa.ColumnElement[bool]:
    """The condition that one of these halls took the case over."""
    return HEADS.c.case_id.in_(sa.select(ADMITTED.c.case_id).where(ADMITTED.c.hall.in_(halls)))


RELISTED = 500
"""Cases that are listed anew in one transaction."""


def is_listed(select: Any) -> bool:
    """Whether all cases can be found by what ``listing`` knows of them."""
    return bool(select(sa.select(listing.WHOLE)))


def relist(connection: sa.Connection, after: str) -> str:
    """Lists the next cases anew, from their facts in the ledger; returns the last of them, empty at the end."""
    c = HEADS.c
    following = sa.select(c.case_id).where(c.opened_at.is_not(None), c.case_id > after).order_by(c.case_id)
    keys = list(connection.execute(following.limit(RELISTED)).scalars())
    if not keys:
        listing.LISTING.upsert(connection, [("cases", True)])
        return ""
    heads = locked_heads(connection, keys)
    e = ENTRIES.c
    said = connection.execute(
        sa.select(e.case_id, e.topic, e.state)
        .where(e.case_id.in_(keys), e.topic.in_(sorted(listing.LISTED | {*ENDS})))
        .order_by(e.case_id, e.seq)
    ).all()
    known = {*connection.execute(sa.select(CLOSING.c.case_id).where(CLOSING.c.case_id.in_(keys))).scalars()}
    _close(
        connection,
        [(row[0], row[1], envelope(bytes(row[2])).at) for row in said if row[1] in ENDS and row[0] not in known],
    )
    opened_at = {key: head.get("opened_at") for key, head in heads.items()}
    listing.learn(connection, opened_at, [(row[0], row[1], bytes(row[2])) for row in said], anew=True)
    return str(keys[-1])
