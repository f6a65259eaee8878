"""The ledger and its chains, appended to as facts arrive."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from casefile.chain import Envelope, envelope, key_of, next_link
from contracts.intake import CaseClosed, CaseOpened
from contracts.language import Note
from eventing.paging import Order
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

_metadata = sa.MetaData()
ENTRIES = LEDGER.table(_metadata)
HEADS = CHAINS.table(_metadata)

OPEN, CLOSED = "open", "closed"


class _Opened(msgspec.Struct):
    number: str
    theme: str
    region: str
    hall: str


class _Closed(msgspec.Struct):
    outcome: str


_opened = msgspec.json.Decoder(_Opened).decode
_closed = msgspec.json.Decoder(_Closed).decode


def append(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Puts facts at the end of their chains: one statement to read the heads, one for each table to write."""
    said = [envelope(note.state) for _, _, note in notes]
    keys = [key_of(note.stream, each) for (_, _, note), each in zip(notes, said, strict=True)]
    heads = _heads(connection, distinct(keys))
    entries = []
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
    LEDGER.insert(connection, entries)
    CHAINS.upsert(connection, [CHAINS.row(head) for head in heads.values()])


def _heads(connection: sa.Connection, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
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


NEWEST_FIRST = Order(HEADS.c.opened_at, HEADS.c.case_id, newest_first=True)


def listed(theme: str, state: str) -> sa.Select[Any]:
    """Cases with a history; empty filters let everything through."""
    statement = sa.select(HEADS).where(HEADS.c.opened_at.is_not(None))
    for column, wanted in ((HEADS.c.theme, theme), (HEADS.c.state, state)):
        if wanted:
            statement = statement.where(column == wanted)
    return statement
