"""The casefile service: it appends what all others publish, and tells and proves it."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, get_args

import msgspec
import sqlalchemy as sa

from casefile.chain import Entry, Verdict, envelope, verify
from casefile.projections import ENTRIES, HEADS, NEWEST_FIRST, append, listed
from contracts import (
    approval,
    certificate,
    credit,
    delegation,
    drafts,
    fees,
    halls,
    intake,
    notification,
    offers,
    operations,
    reservations,
    routing,
    vault,
)
from contracts.casefile import CaseFacts, ListCaseFiles, Timeline, VerifyCase
from contracts.language import Caller, Fact, Note, Sealed
from contracts.words import topics
from eventing.errors import NotFound
from eventing.mapper import fact_types
from eventing.service import Service, projector, query

PUBLISHERS = {
    "intake": intake,
    "delegation": delegation,
    "routing": routing,
    "approval": approval,
    "certificate": certificate,
    "halls": halls,
    "notification": notification,
    "vault": vault,
}
"""Whose facts are remembered, and in what words they speak; each also says what its operators did."""

MOST = 2000
"""Entries or cases in one answer."""

ENVELOPE = frozenset(Fact.__struct_fields__)


class CaseFile(Service):
    """电子卷宗."""

    name = "casefile"
    tables = (ENTRIES, HEADS)
    append_only = (ENTRIES.name,)

    @projector(upstreams=tuple(PUBLISHERS))
    def append(self, connection: sa.Connection, notes: Sequence[tuple[str, int, Note]]) -> None:
        """Every published fact, at the end of its case's chain."""
        append(connection, notes)

    @query(Timeline)
    def timeline(self, question: Timeline, caller: Caller) -> dict[str, Any]:
        """What happened in a case, with a title for people; personal data stays sealed and is left out."""
        head = self._head(question.case_id)
        limit = min(question.limit, MOST)
        entries = self._entries(head["case_id"], after=question.after, limit=limit)
        return {
            **{name: head[name] for name in ("case_id", "number", "theme", "hall", "state", "outcome")},
            "entries": [_told(entry) for entry in entries],
            "after": entries[-1].seq if len(entries) == limit else None,
        }

    @query(ListCaseFiles)
    def list_case_files(self, question: ListCaseFiles, caller: Caller) -> dict[str, Any]:
        """Cases with a history, newest first."""
        limit = min(question.limit, MOST)
        rows = self.store.select(NEWEST_FIRST.page(listed(question.theme, question.state), question.after, limit))
        return {
            "cases": [
                {
                    **{name: value for name, value in row.items() if name not in {"seq", "link"}},
                    "length": row["seq"],
                    "head": bytes(row["link"]).hex(),
                }
                for row in rows
            ],
            "after": NEWEST_FIRST.cursor(rows, limit),
        }

    @query(VerifyCase)
    def verify_case(self, question: VerifyCase, caller: Caller) -> Verdict:
        """The chain recomputed from the stored bytes."""
        key = self._head(question.case_id)["case_id"]
        # One statement: the head and the entries of one moment, whatever is being appended.
        rows = self.store.select(
            sa.select(ENTRIES, HEADS.c.seq.label("length"), HEADS.c.link.label("head"))
            .select_from(HEADS)
            .outerjoin(ENTRIES, ENTRIES.c.case_id == HEADS.c.case_id)
            .where(HEADS.c.case_id == key)
            .order_by(ENTRIES.c.seq)
        )
        entries = [_entry(row) for row in rows if row["seq"] is not None]
        return verify(key, rows[0]["length"], bytes(rows[0]["head"]), entries)

    @query(CaseFacts)
    def case_facts(self, question: CaseFacts, caller: Caller) -> dict[str, Any]:
        """The stored facts of a case in the ledger's order; ``state`` are the bytes that were chained."""
        head = self._head(question.case_id)
        names = ("service", "segment", "position", "stream", "version", "topic", "at", "state")
        return {
            "case_id": head["case_id"],
            "facts": [
                {name: getattr(entry, name) for name in names}
                for entry in self._entries(head["case_id"], until=question.until)
            ],
        }

    def _head(self, name: str) -> Any:
        """The chain of a case, by its id or its number."""
        rows = self.store.select(sa.select(HEADS).where((HEADS.c.case_id == name) | (HEADS.c.number == name)))
        if not rows:
            raise NotFound(what="case file", id=name)
        return rows[0]

    def _entries(
        self, case_id: str, *, after: int = 0, limit: int | None = None, until: datetime | None = None
    ) -> list[Entry]:
        wanted = (
            sa.select(ENTRIES)
            .where(ENTRIES.c.case_id == case_id, ENTRIES.c.seq > after)
            .order_by(ENTRIES.c.seq)
            .limit(limit)
        )
        if until is not None:
            wanted = wanted.where(ENTRIES.c.at <= until)
        return [_entry(row) for row in self.store.select(wanted)]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__struct_fields__})


def _told(entry: Entry) -> dict[str, Any]:
    said = envelope(entry.state)
    # A topic that this release does not know may hold personal data: its body is not shown.
    hidden = _sealed_fields().get(entry.topic)
    body = msgspec.json.decode(entry.state) if hidden is not None else {}
    return {
        "seq": entry.seq,
        "at": entry.at,
        "service": entry.service,
        "position": entry.position,
        "topic": entry.topic,
        "title": topics().get(entry.topic, {}),
        "by": said.by,
        "acting_as": said.acting_as,
        "in_name_of": said.in_name_of,
        "body": {name: value for name, value in body.items() if name not in ENVELOPE | (hidden or frozenset())},
        "link": entry.link.hex(),
    }


@cache
def _sealed_fields() -> dict[str, frozenset[str]]:
    """topic → the fields that hold personal data."""
    known = {*PUBLISHERS.values(), credit, drafts, fees, offers, operations, reservations}
    return {
        topic: frozenset(
            field.name for field in msgspec.structs.fields(fact) if Sealed in {field.type, *get_args(field.type)}
        )
        for fact in fact_types()
        if sys.modules[fact.__module__] in known
        for topic in (fact.TOPIC, *fact.OLD_TOPICS)
    }
