"""Cases between windows as rows: requests, messages, and what intake's log says of each case."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.halls import HandOver
from contracts.intake import CaseClosed, CaseOpened, CaseReopened
from contracts.language import Note, Sealed
from eventing import mapper
from eventing.paging import Order
from eventing.tables import Bulk
from eventing.views import Column, View
from halls.domain import Known, Sharing

CASES = Bulk(
    "known_cases",
    (
        Column("case_id", "text", key=True),
        Column("key_id", "text"),
        Column("halls", "json"),
        Column("closed", "bool"),
    ),
)
metadata = sa.MetaData()
KNOWN_CASES = CASES.table(metadata)


def note_cases(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
    """Takes down which halls a case belongs to and with which key it is sealed."""
    opened: list[tuple[Any, ...]] = []
    closed: dict[str, bool] = {}
    for _, _, note in notes:
        if note.topic == CaseOpened.TOPIC or note.topic in CaseOpened.OLD_TOPICS:
            fact = mapper.decode(note.topic, note.state)
            assert isinstance(fact, CaseOpened)  # noqa: S101  its topic says so
            halls = [hall for hall in dict.fromkeys((fact.hall, fact.owner_hall)) if hall]
            opened.append((note.stream, fact.key_id, halls, False))
        elif note.topic == CaseClosed.TOPIC or note.topic in CaseClosed.OLD_TOPICS:
            closed[note.stream] = True
        elif note.topic == CaseReopened.TOPIC:
            closed[note.stream] = False
    CASES.upsert(connection, opened)
    for is_closed in (True, False):
        if cases := [case_id for case_id, last in closed.items() if last is is_closed]:
            connection.execute(sa.update(KNOWN_CASES).where(KNOWN_CASES.c.case_id.in_(cases)).values(closed=is_closed))


def known_of(row: Mapping[str, Any]) -> Known:
    """The case in a row."""
    return Known(row["key_id"], tuple(row["halls"]), bool(row["closed"]))


def request_rows(sharing: Sharing) -> list[dict[str, Any]]:
    """One row a request."""
    return [
        {**msgspec.structs.asdict(each), "case_id": sharing.stream, "request": number}
        for number, each in enumerate(sharing.requests, start=1)
    ]


def message_rows(sharing: Sharing) -> list[dict[str, Any]]:
    """One row a message; its text stays sealed."""
    return [
        {
            "case_id": sharing.stream,
            "number": number,
            "at": each.at,
            "by": each.by,
            "hall": each.hall,
            "window": each.window,
            "to_hall": each.to_hall,
            "text": msgspec.json.encode(each.text),
        }
        for number, each in enumerate(sharing.messages, start=1)
    ]


HAND_OVERS = View(
    "hand_overs_v1",
    of=Sharing,
    columns=(
        Column("case_id", "text", key=True),
        Column("request", "int", key=True),
        Column("state", "text"),
        Column("hall", "text", index=True),
        Column("window", "text"),
        Column("to_hall", "text", index=True),
        Column("to_window", "text"),
        Column("reason", "text"),
        Column("by", "text"),
        Column("requested_at", "instant"),
        Column("expires_at", "instant"),
        Column("answer", "text"),
        Column("answered_by", "text"),
        Column("answered_at", "instant"),
    ),
    rows=request_rows,
)
NEWEST_REQUESTS = Order(HAND_OVERS.c.requested_at, HAND_OVERS.c.case_id, HAND_OVERS.c.request, newest_first=True)

MESSAGES = View(
    "case_messages_v1",
    of=Sharing,
    columns=(
        Column("case_id", "text", key=True),
        Column("number", "int", key=True),
        Column("at", "instant"),
        Column("by", "text"),
        Column("hall", "text"),
        Column("window", "text"),
        Column("to_hall", "text"),
        Column("text", "bytes"),
    ),
    rows=message_rows,
)
BY_NUMBER = Order(MESSAGES.c.number)


def hand_over_of(row: Mapping[str, Any]) -> HandOver:
    """The request in a row."""
    return msgspec.convert({name: row[name] for name in HandOver.__struct_fields__}, HandOver)


def sealed_of(row: Mapping[str, Any]) -> Sealed:
    """The sealed text in a row."""
    return msgspec.json.decode(bytes(row["text"]), type=Sealed)
