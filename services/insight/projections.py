"""What insight keeps: observations of facts, and when it learned of them. Nothing in it is ever changed.

An observation has two times: ``on``, the day that it counts for, and ``learned``, the instant at which insight heard of
it. What a number was at an earlier instant is asked of those that were learned until then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.insight import ImportCounts
from contracts.language import Note
from eventing import mapper
from eventing.paging import Order
from eventing.tables import MICROSECOND, Bulk, Column
from eventing.views import View
from insight.domain.history import Import, ImportedCase, Quarantine
from insight.domain.improvement import FIELDS, Improvement
from insight.observing import OBSERVERS, Seen
from kernel.clock import local_date

OBSERVED = Bulk(
    "observations_v1",
    (
        Column("service", "text", key=True),
        Column("segment", "int", key=True),
        Column("position", "int", key=True),
        Column("n", "int", key=True),
        Column("kind", "text", optional=False),
        Column("on", "date", optional=False),
        Column("at", "instant", optional=False),
        Column("learned", "instant", optional=False),
        Column("case_id", "text", optional=False),
        Column("item", "text", optional=False),
        Column("theme", "text", optional=False),
        Column("hall", "text", optional=False),
        Column("window", "text", optional=False),
        Column("channel", "text", optional=False),
        Column("org", "text", optional=False),
        Column("subject", "text", optional=False),
        Column("label", "text", optional=False),
        Column("value", "int", optional=False),
        Column("base", "int", optional=False),
        Column("due", "date"),
        Column("law_due", "date"),
    ),
)
"""Each is the n-th of the fact at this place in its service's log. Append-only."""

BATCHES = Bulk(
    "learnings_v1",
    (
        Column("learned", "instant", key=True),
        Column("positions", "json", optional=False),
    ),
)
"""How far insight knew each log from an instant on: ``{"intake/3": 120}``. Append-only; a rebuild goes by it."""

TICK = Bulk("tick_v1", (Column("name", "text", key=True), Column("learned", "instant", optional=False)))
"""One row, locked by who writes, so that what is learned later has a later instant, whichever replica learns it."""

SUMMED = Bulk(
    "sums_v1",
    (
        Column("edition", "text", key=True),
        Column("learned", "instant", key=True),
        Column("n", "int", key=True),
        Column("question", "text", optional=False),
        Column("by", "text", optional=False),
        Column("of", "text", optional=False),
        Column("part", "text", optional=False),
        Column("after", "text", optional=False),
        Column("upto", "text", optional=False),
        Column("on", "text", optional=False),
        Column("units", "int", optional=False),
        Column("amount", "int", optional=False),
    ),
)
"""What the observations of a stretch of learning, up to ``learned``, add to what is counted (``summing``)."""

STRETCHES = Bulk(
    "stretches_v1",
    (
        Column("edition", "text", key=True),
        Column("learned", "instant", key=True),
        Column("run", "text", optional=False),
    ),
)
"""How far is summed, stretch by stretch. ``run`` is another one whenever it begins from the start."""

_metadata = sa.MetaData()
OBSERVATIONS = OBSERVED.table(_metadata)
sa.Index("observations_v1_kind", OBSERVATIONS.c.kind, OBSERVATIONS.c.on)
sa.Index("observations_v1_case", OBSERVATIONS.c.case_id, OBSERVATIONS.c.kind)
sa.Index("observations_v1_subject", OBSERVATIONS.c.subject, OBSERVATIONS.c.kind)
sa.Index("observations_v1_learned", OBSERVATIONS.c.learned)
LEARNINGS = BATCHES.table(_metadata)
SUMS = SUMMED.table(_metadata)
sa.Index("sums_v1_question", SUMS.c.edition, SUMS.c.question, SUMS.c.by, SUMS.c.of)
STRETCH = STRETCHES.table(_metadata)
TICKS = TICK.table(_metadata)


def improvement_rows(improvement: Improvement) -> list[dict[str, Any]]:
    """The improvement as it is listed."""
    said = improvement.said
    if said is None:
        return []
    told = {name: getattr(said, name) for name in FIELDS}
    return [{"improvement": improvement.stream, "by": said.by, "at": said.at, **told}]


IMPROVEMENTS = View(
    "improvements_v1",
    of=Improvement,
    columns=(
        Column("improvement", "text", key=True),
        Column("lever", "text"),
        Column("indicator", "text", index=True),
        Column("figure", "text"),
        Column("on", "date", index=True),
        Column("what", "text"),
        Column("theme", "text", index=True),
        Column("hall", "text"),
        Column("days", "int"),
        Column("by", "text"),
        Column("at", "instant"),
    ),
    rows=improvement_rows,
)
IMPROVEMENTS_NEWEST = Order(IMPROVEMENTS.c.on, IMPROVEMENTS.c.improvement, newest_first=True)


def import_rows(history: Import) -> list[dict[str, Any]]:
    """The import as it is listed."""
    begun, finished = history.begun, history.finished
    if begun is None:
        return []
    last = finished or history.advanced
    return [
        {
            "history": history.stream,
            "source": begun.source,
            "title": begun.title,
            "digest": begun.digest,
            "mapping": begun.mapping,
            "state": "finished" if finished else "begun",
            "after": history.advanced.after if history.advanced else "",
            "by": begun.by,
            "begun_at": begun.at,
            "finished_at": finished.at if finished else None,
            "counts": msgspec.to_builtins(last.counts if last else ImportCounts()),
        }
    ]


IMPORTS = View(
    "imports_v1",
    of=Import,
    columns=(
        Column("history", "text", key=True),
        Column("source", "text", index=True),
        Column("title", "text"),
        Column("digest", "text"),
        Column("mapping", "text"),
        Column("state", "text"),
        Column("after", "text"),
        Column("by", "text"),
        Column("begun_at", "instant"),
        Column("finished_at", "instant"),
        Column("counts", "json"),
    ),
    rows=import_rows,
)
IMPORTS_NEWEST = Order(IMPORTS.c.begun_at, IMPORTS.c.history, newest_first=True)


def quarantine_rows(quarantine: Quarantine) -> list[dict[str, Any]]:
    """Each row that was not taken, for each of its reasons."""
    return [
        {
            "history": quarantine.history,
            "row": each.row,
            "column": each.column,
            "quarantine": quarantine.stream,
            "n": n,
            "reason": each.reason,
        }
        for n, each in enumerate(quarantine.rows)
    ]


QUARANTINED = View(
    "quarantined_v1",
    of=Quarantine,
    columns=(
        Column("history", "text", key=True),
        Column("row", "int", key=True),
        Column("quarantine", "text", key=True),
        Column("n", "int", key=True),
        Column("column", "text"),
        Column("reason", "text"),
    ),
    rows=quarantine_rows,
)
QUARANTINED_ORDER = Order(QUARANTINED.c.row, QUARANTINED.c.quarantine, QUARANTINED.c.n)


def imported_rows(case: ImportedCase) -> list[dict[str, Any]]:
    """The case of another system as it is listed."""
    last = case.last
    if last is None:
        return []
    named = {name: getattr(last, name) for name in ("source", "original", "theme", "hall", "channel")}
    instants = [event.at for event in case.events]
    closed = any(event.means == "closed" for event in case.events)
    return [
        {
            **named,
            "imported": case.stream,
            "events": len(case.events),
            "first_at": min(instants),
            "last_at": max(instants),
            "is_closed": closed,
        }
    ]


IMPORTED_CASES = View(
    "imported_cases_v1",
    of=ImportedCase,
    columns=(
        Column("imported", "text", key=True),
        Column("source", "text"),
        Column("original", "text", index=True),
        Column("theme", "text", index=True),
        Column("hall", "text", index=True),
        Column("channel", "text"),
        Column("events", "int"),
        Column("first_at", "instant", index=True),
        Column("last_at", "instant"),
        Column("is_closed", "bool"),
    ),
    rows=imported_rows,
)
IMPORTED_NEWEST = Order(IMPORTED_CASES.c.first_at, IMPORTED_CASES.c.imported, newest_first=True)


def append(connection: sa.Connection, notes: Sequence[tuple[str, int, Note]], now: datetime) -> None:
    """Keeps what is counted of these facts."""
    found = [each for each in notes if each[2].topic in OBSERVERS]
    if not found:
        return
    learned = _next_instant(connection, now)
    OBSERVED.insert(
        connection, [row for service, segment, note in found for row in rows(service, segment, note, learned)]
    )
    positions = {f"{service}/{segment}": note.position for service, segment, note in notes}
    BATCHES.insert(connection, [(learned, positions)])


def rows(service: str, segment: int, note: Note, learned: datetime) -> list[tuple[Any, ...]]:
    """The observations of one fact."""
    fact = mapper.decode(note.topic, note.state)
    day = local_date(fact.at)
    return [
        (
            service,
            segment,
            note.position,
            n,
            seen.kind,
            seen.on or day,
            seen.at or fact.at,
            learned,
            (fact.case_id or "") if seen.case_id is None else seen.case_id,
            seen.item,
            seen.theme,
            seen.hall,
            seen.window,
            seen.channel,
            seen.org,
            seen.subject,
            seen.label,
            seen.value,
            seen.base,
            seen.due,
            seen.law_due,
        )
        for n, seen in enumerate(observed(note.stream, fact, note.topic))
    ]


def observed(stream: str, fact: Any, topic: str) -> Sequence[Seen]:
    """What is counted of a fact."""
    return tuple(OBSERVERS[topic][1](stream, fact))


def _next_instant(connection: sa.Connection, now: datetime) -> datetime:
    last = connection.execute(sa.select(TICKS.c.learned).with_for_update()).scalar()
    learned = now if last is None else max(now, last + MICROSECOND)
    TICK.upsert(connection, [("last", learned)])
    return learned
