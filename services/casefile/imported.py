"""导入案件: histories of other systems, as the ledger has them: folded up to any instant, and told as a log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from casefile.chain import Entry, entry_of
from casefile.projections import ENTRIES
from contracts.exports import LogEvent, LogObject, LogRelation, LogValue
from contracts.imported import ImportedCaseAt, ImportedCaseThen, ItemState, ItemThen
from contracts.insight import HistoryImported, ImportedEvent, Meaning
from contracts.language import Caller
from contracts.scopes import Reach
from eventing.errors import NotFound
from eventing.mapper import decode
from eventing.scoping import check
from eventing.service import query
from kernel.digests import canonical, digest

MOST = 2000
"""Events in one answer."""

STATES: dict[Meaning, ItemState] = {
    "received": "received",
    "corrected": "correcting",
    "accepted": "accepted",
    "not_accepted": "not_accepted",
    "supplied": "supplied",
    "started": "in_review",
    "paused": "suspended",
    "resumed": "in_review",
    "granted": "granted",
    "denied": "denied",
    "withdrawn": "withdrawn",
    "returned": "returned",
    "handed_over": "handed_over",
}
"""Meaning → the state that an item is in then; what means something else changes none."""


class Folded(msgspec.Struct):
    """An item, event by event."""

    item: str
    state: ItemState = "named"
    department: str = ""
    accepted_at: datetime | None = None
    decided_at: datetime | None = None

    def happened(self, event: ImportedEvent) -> None:
        """One more. The first acceptance and the first decision count."""
        self.state = STATES.get(event.means, self.state)
        self.department = event.department or self.department
        if event.means == "accepted":
            self.accepted_at = self.accepted_at or event.at
        elif event.means in {"granted", "denied"}:
            self.decided_at = self.decided_at or event.at


def facts_of(chain: Iterable[Entry]) -> list[HistoryImported]:
    """What came in of a case, in the order in which it came."""
    found = (decode(each.topic, each.state) for each in chain if each.topic == HistoryImported.TOPIC)
    return [each for each in found if isinstance(each, HistoryImported)]


def history(facts: Sequence[HistoryImported], until: datetime | None = None) -> list[ImportedEvent]:
    """What happened, in the order of its own time, whenever it came in."""
    events = (event for fact in facts for event in fact.events if until is None or event.at <= until)
    return sorted(events, key=lambda event: event.at)


def items_of(events: Iterable[ImportedEvent]) -> list[ItemThen]:
    """How the items stand after these events."""
    folded: dict[str, Folded] = {}
    for event in events:
        for item in event.items:
            folded.setdefault(item, Folded(item)).happened(event)
    return [msgspec.convert(folded[item], ItemThen, from_attributes=True) for item in sorted(folded)]


class Imported:
    """The part of casefile that replays what came from elsewhere."""

    store: Any

    @query(ImportedCaseAt)
    def imported_case_at(self, question: ImportedCaseAt, caller: Caller) -> ImportedCaseThen:
        """The same whenever it is asked, unless more came in of before that instant."""
        e = ENTRIES.c
        wanted = sa.select(ENTRIES).where(e.case_id == question.imported, e.topic == HistoryImported.TOPIC)
        facts = facts_of(map(entry_of, self.store.select(wanted.order_by(e.seq))))
        if not facts:
            raise NotFound(what="imported case", id=question.imported)
        first = facts[0]
        check(question, caller, Reach(halls=frozenset({first.hall} - {""})))
        events = history(facts, question.at)
        start = max(0, question.after)
        end = start + max(1, min(question.limit, MOST))
        case = {name: getattr(first, name) for name in ("source", "original", "theme", "hall", "channel")}
        return ImportedCaseThen(
            imported=question.imported,
            provenance="imported",
            **case,
            is_closed=any(event.means == "closed" for event in events),
            items=tuple(items_of(events)),
            length=len(events),
            events=tuple(events[start:end]),
            after=end if end < len(events) else None,
            state_hash=digest(canonical({**case, "events": events})),
        )


def told(chain: Sequence[Entry]) -> tuple[Iterator[LogObject], list[LogEvent]]:
    """The history as objects and events of a log: the case says of itself where it is from."""
    key, facts = chain[0].case_id, facts_of(chain)
    placed = [
        (event, f"{entry.service}/{entry.segment}/{entry.position}/{n}")
        for entry, fact in zip((each for each in chain if each.topic == HistoryImported.TOPIC), facts, strict=True)
        for n, event in enumerate(fact.events)
    ]
    placed.sort(key=lambda each: each[0].at)
    events = [_event(key, seq, *each) for seq, each in enumerate(placed, start=1)]
    return _objects(key, facts[0], history(facts)), events


def _objects(key: str, case: HistoryImported, events: Sequence[ImportedEvent]) -> Iterator[LogObject]:
    said = {"provenance": "imported", "source": case.source, "original": case.original, "theme": case.theme,
            "hall": case.hall, "channel": case.channel}  # fmt: skip
    yield LogObject(f"case:{key}", "case", tuple(LogValue(n, "string", each) for n, each in said.items() if each))
    for each in items_of(events):
        values = (LogValue("item", "string", each.item), LogValue("state", "string", each.state))
        yield LogObject(f"item:{key}/{each.item}", "item", values)


def _event(key: str, seq: int, event: ImportedEvent, place: str) -> LogEvent:
    said = [("provenance", "imported"), ("means", event.means), ("hall", event.hall), *event.values]
    return LogEvent(
        event=place,
        activity=event.activity,
        topic=HistoryImported.TOPIC,
        at=event.at,
        service="insight",
        seq=seq,
        case_id=key,
        resource=event.resource,
        organisation=event.department,
        values=tuple(LogValue(name, _kind(value), value) for name, value in said if value != ""),
        relations=(
            LogRelation(f"case:{key}", "case"),
            *(LogRelation(f"item:{key}/{item}", "item") for item in event.items),
        ),
    )


def _kind(value: Any) -> Any:
    kinds = {bool: "boolean", int: "integer", float: "float"}
    return kinds.get(type(value), "string")
