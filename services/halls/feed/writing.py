"""Writing the feed: in the transaction that follows the logs, each fact once into the feed of each hall it concerns.

A hall's sequence is taken under the lock of its row, so that it has no gap and becomes visible in its order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.feed import FeedEvent
from contracts.language import Fact, Note
from eventing import mapper
from eventing.tables import distinct
from halls.feed.placing import Known, is_told, place, wanted
from halls.feed.plain import told
from halls.feed.tables import (
    CASES,
    FEED,
    FEED_CASES,
    FEED_HEADS,
    FEED_LINKS,
    FEED_WAITING,
    HEADS,
    LINKS,
    WAITING,
)

encode = msgspec.json.encode
decode = msgspec.json.Decoder(FeedEvent).decode

Placed = list[tuple[str, FeedEvent]]

Written = tuple[str, FeedEvent, bytes]
"""The hall's region, the event, and its JSON, made once."""


class Writer:
    """One batch of facts on its way into the feed."""

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._heads: frozenset[str] = frozenset()
        """Halls that have a row of their own already."""

    def write(self, notes: Sequence[tuple[str, int, Note]]) -> list[Written]:
        """Writes what these facts are to halls; returns it in the order of each hall's sequence."""
        facts = [(service, segment, note, mapper.decode(note.topic, note.state)) for service, segment, note in notes]
        cases = distinct(fact.case_id for *_, fact in facts if fact.case_id)
        known = self._known(distinct(key for _, _, note, fact in facts for key in wanted(note.stream, fact)))
        told_of = self._cases(cases)
        old = frozenset(told_of)
        waiting = self._waiting(cases)
        fresh: dict[str, list[FeedEvent]] = {}
        placed: Placed = []
        regions: dict[str, str] = {}
        for service, segment, note, fact in facts:
            if not is_told(fact):
                continue
            _learn_case(told_of, fact)
            told_case = told_of.get(fact.case_id or "", ("", "", ""))
            event = _event((service, segment), note, fact, told_case, self.now)
            halls = place(note.stream, fact, known)
            if region := getattr(fact, "region", ""):
                regions.update(dict.fromkeys(halls & {getattr(fact, "hall", ""), note.stream}, region))
            if fact.case_id and not halls:
                fresh.setdefault(fact.case_id, []).append(event)
                continue
            if fact.case_id:
                held = [*waiting.pop(fact.case_id, ()), *fresh.pop(fact.case_id, ())]
                placed.extend((hall, each) for each in held for hall in sorted(halls))
            placed.extend((hall, event) for hall in sorted(halls))
        self._save_links(known)
        FEED_CASES.upsert(self.connection, [(c, *values) for c, values in told_of.items() if c not in old])
        self._save_waiting(cases, waiting, fresh)
        return self._append(placed, regions)

    def _append(self, placed: Placed, regions: dict[str, str]) -> list[Written]:
        """Gives each event its number in the feed of its hall."""
        if not placed and not regions:
            return []
        heads = self._lock(sorted({hall for hall, _ in placed} | regions.keys()), regions)
        done = []
        for hall, event in placed:
            head = heads[hall]
            head["seq"] += 1
            head["newest_at"] = max(head["newest_at"] or event.at, event.at)
            numbered = msgspec.structs.replace(event, hall=hall, seq=head["seq"], committed_at=self.now)
            done.append((str(head["region"]), numbered, encode(numbered)))
        FEED.insert(self.connection, [(event.hall, event.seq, event.committed_at, data) for _, event, data in done])
        FEED_HEADS.upsert(self.connection, [FEED_HEADS.row(head) for head in heads.values()])
        return done

    def _lock(self, halls: Sequence[str], regions: dict[str, str]) -> dict[str, dict[str, Any]]:
        """The heads of these halls, locked in the order of their names; new ones begin at 0."""
        if new := [hall for hall in halls if hall not in self._heads]:
            self.connection.execute(
                _insert(self.connection, HEADS).on_conflict_do_nothing(),
                [{"hall": hall, "seq": 0, "region": regions.get(hall, ""), "newest_at": None} for hall in new],
            )
        rows = self.connection.execute(
            sa.select(HEADS).where(HEADS.c.hall.in_(halls)).order_by(HEADS.c.hall).with_for_update()
        ).mappings()
        return {row["hall"]: {**row, "region": row["region"] or regions.get(row["hall"], "")} for row in rows}

    def _known(self, keys: Collection[tuple[str, str]]) -> Known:
        self._heads = frozenset(self.connection.execute(sa.select(HEADS.c.hall)).scalars())
        asked = sa.and_(
            LINKS.c.kind.in_(sorted({kind for kind, _ in keys})), LINKS.c.name.in_(distinct(name for _, name in keys))
        )
        links = self.connection.execute(
            sa.select(LINKS.c.kind, LINKS.c.name, LINKS.c.to).where((LINKS.c.kind == "seat") | asked)
        )
        return Known(self._heads, ((row[0], row[1], row[2]) for row in links.all()))

    def _save_links(self, known: Known) -> None:
        FEED_LINKS.delete(self.connection, list(known.forgotten))
        FEED_LINKS.upsert(self.connection, list(known.learnt))

    def _cases(self, cases: Collection[str]) -> dict[str, tuple[str, str, str]]:
        rows = self.connection.execute(sa.select(CASES).where(CASES.c.case_id.in_(cases))).all() if cases else ()
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def _waiting(self, cases: Collection[str]) -> dict[str, list[FeedEvent]]:
        if not cases:
            return {}
        rows = self.connection.execute(
            sa.select(WAITING.c.case_id, WAITING.c.event)
            .where(WAITING.c.case_id.in_(cases))
            .order_by(WAITING.c.case_id, WAITING.c.turn)
        )
        found: dict[str, list[FeedEvent]] = {}
        for case_id, event in rows:
            found.setdefault(case_id, []).append(decode(event))
        return found

    def _save_waiting(
        self, cases: Collection[str], still: dict[str, list[FeedEvent]], fresh: dict[str, list[FeedEvent]]
    ) -> None:
        """Those whose halls became known wait no more; those without any stand behind those before them."""
        if gone := [case for case in cases if case not in still]:
            self.connection.execute(sa.delete(WAITING).where(WAITING.c.case_id.in_(gone)))
        rows = [
            (case, turn, self.now, encode(event))
            for case, events in fresh.items()
            for turn, event in enumerate(events, start=len(still.get(case, ())))
        ]
        FEED_WAITING.insert(self.connection, rows)


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert(table)


def _learn_case(cases: dict[str, tuple[str, str, str]], fact: Fact) -> None:
    if not fact.case_id or not (number := getattr(fact, "number", "")) or not hasattr(fact, "theme"):
        return
    if fact.case_id not in cases:
        cases[fact.case_id] = (number, str(fact.theme), str(getattr(fact, "region", "")))


def _event(upstream: tuple[str, int], note: Note, fact: Fact, case: tuple[str, str, str], now: datetime) -> FeedEvent:
    number, theme, _ = case
    item = getattr(fact, "item", "")
    return FeedEvent(
        hall="",
        seq=0,
        committed_at=now,
        at=fact.at,
        service=upstream[0],
        segment=upstream[1],
        position=note.position,
        topic=note.topic,
        stream=note.stream,
        version=note.version,
        case_id=fact.case_id or "",
        number=number,
        theme=theme or str(getattr(fact, "theme", "")),
        item=item if isinstance(item, str) else "",
        body=told(fact),
    )
