"""Pages of an export: chain by chain, in the order of their names, as the ledger was at a size of its tree."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from casefile.chain import Entry, entry_of
from casefile.explaining.course import Known
from casefile.exporting.mentions import mentions
from casefile.exporting.objects import Beside, Objects
from casefile.exporting.saying import values
from casefile.imported import told as told_of_others
from casefile.projections import ENTRIES, HEADS
from casefile.tree import FRONTIER, LEAF
from contracts.delegation import GrantMade
from contracts.exports import ExportLog, ExportTables, LogEvent, LogObject, LogRelation
from contracts.halls import WindowInstalled
from contracts.insight import HistoryImported, Provenance
from contracts.language import Fact
from contracts.readings import PersonalDataRead
from contracts.supposing import SupposeRules
from eventing.mapper import UnknownTopic, decode

Select = Callable[[sa.Select[Any]], Sequence[Any]]
Narrow = Callable[[sa.Select[Any]], sa.Select[Any]]

LEFT_OUT = frozenset({PersonalDataRead.TOPIC})
"""Who read personal data is told by the list of readings, to those who may know."""

BESIDE = {GrantMade.TOPIC: "grant", WindowInstalled.TOPIC: "window"}
"""How a chain begins that belongs to no case and is in the log."""

MOST = 200
"""Chains in one page."""


def size_of(select: Select) -> int:
    """How many facts there are now."""
    rows = select(sa.select(FRONTIER.c.size))
    return int(rows[0]["size"]) if rows else 0


def chains(
    select: Select,
    asked: ExportLog | ExportTables | SupposeRules,
    narrow: Narrow,
    *,
    only_cases: bool,
    provenance: Provenance = "own",
) -> list[str]:
    """The next chains that have something to tell: our own, or those of other systems."""
    h, first = HEADS.c, ENTRIES.alias()
    begun = sa.exists().where(
        first.c.case_id == h.case_id,
        first.c.seq == 1,
        first.c.topic.in_({HistoryImported.TOPIC} if provenance == "imported" else BESIDE),
    )
    if provenance == "imported":
        is_wanted = sa.and_(h.number.is_(None), begun)
    else:
        is_wanted = h.number.is_not(None) if only_cases else sa.or_(h.number.is_not(None), begun)
    wanted = sa.select(h.case_id).where(h.case_id > asked.after, is_wanted)
    if asked.theme:
        wanted = wanted.where(h.theme == asked.theme)
    if asked.hall:
        wanted = wanted.where(h.hall == asked.hall)
    limit = max(1, min(asked.limit, MOST))
    return [row["case_id"] for row in select(narrow(wanted).order_by(h.case_id).limit(limit))]


def grants(select: Select) -> list[str]:
    """The chains of all grants."""
    first = ENTRIES.c
    wanted = sa.select(HEADS.c.case_id).where(
        HEADS.c.number.is_(None),
        sa.exists().where(first.case_id == HEADS.c.case_id, first.seq == 1, first.topic == GrantMade.TOPIC),
    )
    return [row["case_id"] for row in select(wanted.order_by(HEADS.c.case_id))]


def entries(select: Select, keys: Sequence[str], size: int) -> dict[str, list[Entry]]:
    """The facts of chains, as they were with so many facts in the ledger, each chain in the order of time."""
    found: dict[str, list[Entry]] = {key: [] for key in keys}
    rows = select(
        sa.select(ENTRIES)
        .join(LEAF, sa.and_(LEAF.c.case_id == ENTRIES.c.case_id, LEAF.c.seq == ENTRIES.c.seq))
        .where(ENTRIES.c.case_id.in_(keys), LEAF.c.place < size, ENTRIES.c.topic.not_in(LEFT_OUT))
        .order_by(ENTRIES.c.case_id, ENTRIES.c.at, ENTRIES.c.seq)
    )
    for row in rows:
        found[row["case_id"]].append(entry_of(row))
    return found


def known(chain: Sequence[Entry]) -> list[Known]:
    """The facts of a chain that this release knows."""
    found = []
    for each in chain:
        with suppress(UnknownTopic):
            found.append(Known(each.case_id, each.seq, each.service, each.topic, decode(each.topic, each.state)))
    return found


def told(chain: Sequence[Entry], pseudonym: Callable[[str], str]) -> tuple[Iterator[LogObject], list[LogEvent]]:
    """A chain as objects and events."""
    if chain[0].topic == HistoryImported.TOPIC:
        return told_of_others(chain)
    key, kind = chain[0].case_id, BESIDE.get(chain[0].topic if chain[0].seq == 1 else "")
    objects = Beside(kind, key) if kind else Objects(key)  # type: ignore[arg-type]
    events = []
    for each in chain:
        fact: Fact | None = None
        with suppress(UnknownTopic):
            fact = decode(each.topic, each.state)
        if fact is not None:
            objects.read(fact)
        events.append(_event(each, fact, objects, pseudonym))
    return objects.told(), events


def _event(entry: Entry, fact: Fact | None, objects: Objects, pseudonym: Callable[[str], str]) -> LogEvent:
    relations: dict[LogRelation, None] = {}
    if objects.case_id:
        relations[LogRelation(objects.named("case", objects.case_id), "case")] = None
    elif isinstance(objects, Beside):
        relations[LogRelation(objects.named(objects.kind, objects.stream), objects.kind)] = None
    for kind, name, qualifier in mentions(fact) if fact is not None else ():
        if objects.case_id or kind in {"window", "grant"}:
            found = LogRelation(objects.named(kind, name), qualifier)
            if all(found.object != other.object for other in relations):
                relations[found] = None
    return LogEvent(
        event=f"{entry.service}/{entry.segment}/{entry.position}",
        activity=type(fact).__name__ if fact is not None else entry.topic,
        topic=entry.topic,
        at=entry.at,
        service=entry.service,
        seq=entry.seq,
        case_id=objects.case_id,
        resource=pseudonym(entry.by),
        organisation=fact.in_name_of if fact is not None else "",
        values=tuple(values(fact)) if fact is not None else (),
        relations=tuple(relations),
    )
