"""接续: what was done or begun alone before a case joined it, and what it is worth to the case."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from catalogue.model import Catalogue, Theme
from contracts.intake import Origin
from intake.domain.outline import Outline, outline_of
from intake.domain.refusals import (
    EvidenceMissing,
    ImportWindowOver,
    NotSelectable,
    OriginDenied,
    OriginExpired,
    OriginUndated,
)
from kernel.workdays import WorkingCalendar


class Settled(NamedTuple):
    """Origins by what they are to the case, each with its evidence."""

    satisfied: dict[str, str]
    underway: dict[str, str]
    denied: tuple[str, ...]


def settled(
    catalogue: Catalogue, theme: Theme, origins: Iterable[Origin], *, calendar: WorkingCalendar, on: date
) -> Settled:
    """What the origins of a case come to on the day that it joins them.

    Raises EvidenceMissing (b), OriginExpired (e), OriginUndated, ImportWindowOver (f).
    """
    satisfied: dict[str, str] = {}
    underway: dict[str, str] = {}
    denied: list[str] = []
    for origin in origins:
        if not origin.number.strip():
            raise EvidenceMissing(items=[origin.item])
        if origin.outcome == "granted":
            check_granted(catalogue, theme, origin, calendar=calendar, on=on)
            satisfied[origin.item] = origin.number
        elif origin.outcome == "underway":
            underway[origin.item] = origin.number
        else:
            denied.append(origin.item)
    return Settled(satisfied, underway, tuple(denied))


def check_granted(catalogue: Catalogue, theme: Theme, origin: Origin, *, calendar: WorkingCalendar, on: date) -> None:
    """A permit counts as long as it is valid (e); one without such a day, for the import window after its end (f)."""
    if origin.valid_until is not None:
        if origin.valid_until < on:
            raise OriginExpired(item=origin.item, valid_until=origin.valid_until)
        return
    if origin.concluded_on is None:
        raise OriginUndated(item=origin.item)
    window = theme.import_window or catalogue.rules.import_window
    last = calendar.add(origin.concluded_on, window.days)
    if on > last:
        raise ImportWindowOver(item=origin.item, last=last)


def dependants(
    theme: Theme, standings: Mapping[str, str], denied: Iterable[str], gone: Iterable[str] = ()
) -> tuple[str, ...]:
    """The selected items that cannot be done without what was ``denied`` or is ``gone``, by whatever way.

    An edge is lost when it names such an item and no other way of it is left; an optional one does not hold for
    what is merely gone.
    """
    lost, vanished = set(denied), set(gone)
    first = lost | vanished
    for item in theme.items:
        if item.id not in lost and standings.get(item.id) == "selected":
            for edge in item.depends_on:
                ways = {each for each in edge.any_of if standings.get(each, "not_needed") != "not_needed"}
                counted = lost if edge.optional else lost | vanished
                if not counted.isdisjoint(edge.any_of) and ways <= lost | vanished:
                    lost.add(item.id)
    return tuple(item.id for item in theme.items if item.id in lost - first)


def check_independent(theme: Theme, standings: Mapping[str, str], denied: Iterable[str]) -> None:
    """An import after a denial is for items that do not depend on what was denied (a). Raises OriginDenied."""
    first = tuple(denied)
    if hit := dependants(theme, standings, first):
        raise OriginDenied(denied=first, items=hit)


def outline_with(
    catalogue: Catalogue,
    theme: str,
    answers: Mapping[str, str],
    *,
    chosen: Collection[str] | None,
    satisfied: Mapping[str, str],
    underway: Mapping[str, str],
    origins: Sequence[Origin],
    calendar: WorkingCalendar,
    on: date,
) -> Outline:
    """The outline of a case that these origins are an entry to; without what was denied before (a)."""
    if theme not in catalogue.themes or not origins:
        return outline_of(catalogue, theme, answers, chosen=chosen, satisfied=satisfied, underway=underway)
    known = catalogue.theme(theme)
    found = settled(catalogue, known, origins, calendar=calendar, on=on)
    done, begun = {**satisfied, **found.satisfied}, {**underway, **found.underway}
    whole = outline_of(catalogue, theme, answers, chosen=chosen, satisfied=done, underway=begun)
    standings = {planned.item: planned.standing for planned in whole.plan}
    if not found.denied:
        return whole
    if unknown := [item for item in found.denied if item not in standings]:
        raise NotSelectable(item=unknown[0], missing=())
    if again := [item for item in found.denied if chosen is not None and item in chosen]:
        raise OriginDenied(denied=found.denied, items=again)
    check_independent(known, standings, found.denied)
    left = [item for item, standing in standings.items() if standing == "selected" and item not in found.denied]
    return outline_of(catalogue, theme, answers, chosen=left, satisfied=done, underway=begun)
