"""The terms of a case: of each of its items by the catalogue that it was handled under, of the whole the longest."""

from collections.abc import Sequence
from datetime import date

import msgspec

from casefile.explaining.course import Course, Known, Track, course
from catalogue import Catalogue, retention_of, term
from catalogue.rules import Retention
from contracts.archives import ItemTerm
from contracts.editions import CaseMigrated
from contracts.intake import CaseClosed, CaseOpened, CaseReopened, ItemsAccepted
from kernel.clock import local_date


class Closed(msgspec.Struct, frozen=True):
    """A closed case as its facts tell it: what a package says of it."""

    number: str
    theme: str
    region: str
    hall: str
    catalogue: str
    outcome: str
    closed_on: date
    departments: tuple[str, ...]
    course: Course


def closed(facts: Sequence[Known]) -> Closed | None:
    """The case, or None for one that is not closed, or open again."""
    opened = next((each.fact for each in facts if isinstance(each.fact, CaseOpened)), None)
    closing = _end(facts)
    if opened is None or not isinstance(closing, CaseClosed):
        return None
    migrated = [each.fact.catalogue for each in facts if isinstance(each.fact, CaseMigrated)]
    handlers = {each.handler for each in opened.plan if each.standing == "selected"}
    for known in facts:
        if isinstance(known.fact, ItemsAccepted):
            handlers |= {each.handler for each in known.fact.items}
    return Closed(
        number=opened.number,
        theme=opened.theme,
        region=opened.region,
        hall=opened.hall,
        catalogue=[opened.catalogue, *migrated][-1],
        outcome=closing.outcome,
        closed_on=local_date(closing.at),
        departments=tuple(sorted(handlers - {""})),
        course=course(facts),
    )


def is_open_again(facts: Sequence[Known]) -> bool:
    """Whether a case that was closed is handled once more: what is archived of it is not all of it."""
    return isinstance(_end(facts), CaseReopened)


def _end(facts: Sequence[Known]) -> CaseClosed | CaseReopened | None:
    ends = (each.fact for each in reversed(facts) if isinstance(each.fact, CaseClosed | CaseReopened))
    return next(ends, None)


def terms(case: Closed, catalogue: Catalogue) -> tuple[ItemTerm, ...]:
    """The term of each item that the case was about, in the catalogue's order."""
    theme = catalogue.theme(case.theme)
    return tuple(
        _term(item.id, retention_of(catalogue, item), case.course.items[item.id], case.closed_on)
        for item in theme.items
        if item.id in case.course.items and case.course.items[item.id].standing == "selected"
    )


def _term(item: str, rule: Retention, track: Track, closed_on: date) -> ItemTerm:
    decided, issued = track.decided, track.issued
    found = term(
        rule,
        closed=closed_on,
        decided=local_date(decided.at) if decided else None,
        issued=issued.fact.issued_on if issued and issued.fact.kind == "certificate" else None,
    )
    return ItemTerm(
        item=item,
        counted_from=found.counted_from,
        since=found.since,
        years=rule.years,
        until=found.until,
        source=rule.source or "",
        placeholder=rule.placeholder,
    )


def keep_until(terms: Sequence[ItemTerm], catalogue: Catalogue, closed_on: date) -> date | None:
    """The last day of the longest term; None: for ever. A case without items has the general term."""
    days = [each.until for each in terms] or [term(catalogue.rules.retention, closed=closed_on).until]
    last = [day for day in days if day is not None]
    return max(last) if len(last) == len(days) else None
