"""What follows from rules for a recorded case: when its items begin, until when they are due, what is asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import NamedTuple

from casefile.supposing.granted import Powers
from casefile.supposing.recorded import Recorded, Run
from catalogue import Catalogue, limits_of
from catalogue.model import Dependency, Item, Role, Source, Theme, Trigger
from catalogue.selection import Standing
from contracts.approval import Unlocked
from contracts.supposing import ItemCourse, Lateness, WholeCourse
from kernel.workdays import Interval, WorkingCalendar


class Law(NamedTuple):
    """The rules of a case."""

    catalogue: Catalogue
    calendar: WorkingCalendar
    powers: Powers | None = None
    """None: who may accept what is not asked."""


class Days(NamedTuple):
    """On which days an item began, was decided, and was confirmed after a tolerant pass."""

    started_on: date | None
    decided_on: date | None
    confirmed_on: date | None


NEVER = Days(None, None, None)


def courses(case: Recorded, own: Law, law: Law, on: date) -> dict[str, ItemCourse]:
    """Every item whose review began, as it would have been under a law; under its own, as it was."""
    return _Courses(case, own, law).found(on)


class _Courses:
    """A pass over the items of a case, those first that others wait for."""

    def __init__(self, case: Recorded, own: Law, law: Law) -> None:
        self.case, self.own, self.law = case, own, law
        self.was = {
            item: Days(run.clocks.started_on if run.clocks else None, run.decided_on, run.confirmed_on)
            for item, run in case.runs.items()
        }
        self.would_be: dict[str, Days] = {}

    def found(self, on: date) -> dict[str, ItemCourse]:
        theme = self.case.opened.theme
        before = {item.id: item for item in self.own.catalogue.theme(theme).items}
        found = {}
        for item in self.law.catalogue.theme(theme).items:
            run = self.case.runs.get(item.id)
            if run is None or run.clocks is None or run.accepted_on is None or run.is_lost or item.id not in before:
                self.would_be[item.id] = self.was.get(item.id, NEVER)
            else:
                self.would_be[item.id] = self._moved(before[item.id], item, run.accepted_on)
                found[item.id] = self._course(item, run, run.clocks, on)
        return found

    def _moved(self, before: Item, item: Item, accepted_on: date) -> Days:
        """The days of an item that begins as much earlier or later as what it waits for; people take as long."""
        was = self.was[item.id]
        began = self._reached(before, accepted_on, self.was)
        begins = self._reached(item, accepted_on, self.would_be)
        if was.started_on is None or began is None or began == begins:
            return was
        if begins is None:
            return NEVER
        start = max(accepted_on, was.started_on + (begins - began))
        later = partial(self._later, was.started_on, start)
        return Days(start, later(was.decided_on), later(was.confirmed_on))

    def _later(self, began: date, begins: date, day: date | None) -> date | None:
        """The day as many working days after another beginning."""
        if day is None:
            return None
        return self.law.calendar.add(begins, self.own.calendar.count(began, max(began, day)))

    def _reached(self, item: Item, accepted_on: date, days: Mapping[str, Days]) -> date | None:
        """The day on which all that the item waits for was there; None where something never was."""
        reached = [accepted_on]
        for edge in item.depends_on:
            is_open, day = self._edge(edge, days)
            if day is not None:
                reached.append(day)
            elif is_open:
                return None
        return max(reached)

    def _edge(self, edge: Dependency, days: Mapping[str, Days]) -> tuple[bool, date | None]:
        """Whether the edge holds the item up, and the day on which the first alternative let it through."""
        through, is_open = [], False
        for each in edge.any_of:
            standing = self.case.standings.get(each, Standing.NOT_NEEDED)
            run = self.case.runs.get(each, Run())
            if standing is Standing.NOT_NEEDED or (run.is_lost and edge.optional):
                continue
            if standing is not Standing.SELECTED:  # what is done elsewhere comes when it came
                return False, None
            is_open = True
            if (day := _lets_through(edge, each, run, days.get(each, NEVER))) is not None:
                through.append(day)
        return is_open, min(through, default=None)

    def _course(self, item: Item, run: Run, clocks: Unlocked, on: date) -> ItemCourse:
        start, decided_on, _ = self.would_be[item.id]
        if start is None:
            return ItemCourse(None, None, None, None)
        statutory, promised = limits_of(self.law.catalogue, item, self.case.answers, committed=run.committed)
        still = _standstills(run, clocks, start - clocks.started_on)
        calendar = self.law.calendar
        by_law = calendar.due(start, statutory.days, still, extended=clocks.extended_days).on if statutory else None
        by_promise = calendar.due(start, promised.days, still).on if promised else None
        return ItemCourse(start, by_promise, by_law, decided_on, _late(decided_on or on, by_promise, by_law))


def whole(
    case: Recorded, law: Law, was: Mapping[str, ItemCourse], would_be: Mapping[str, ItemCourse], on: date
) -> WholeCourse | None:
    """The whole of a case that is handled jointly, concluded as much earlier or later as its last item is decided."""
    begun = [run.accepted_on for run in case.runs.values() if run.accepted_on is not None]
    if not case.is_taken_up or not begun or not law.catalogue.theme(case.opened.theme).joint:
        return None
    start, more = (case.joint.started_on, case.joint.extended_days) if case.joint else (min(begun), 0)
    still = list(case.former_pauses)
    for item, run in case.runs.items():
        began, begins = (each[item].started_on if item in each else None for each in (was, would_be))
        still += _shifted(_pauses(run), begins - began if began and begins else timedelta())
    due_on = law.calendar.due(start, law.catalogue.rules.joint_decision.days + more, still).on
    concluded_on = _concluded(case, was, would_be)
    return WholeCourse(due_on, concluded_on, is_late=due_on is not None and (concluded_on or on) > due_on)


def _concluded(case: Recorded, was: Mapping[str, ItemCourse], would_be: Mapping[str, ItemCourse]) -> date | None:
    decided = [(was[item].decided_on, would_be[item].decided_on) for item in was if item in would_be]
    before = max((day for day, _ in decided if day), default=None)
    after = max((day for _, day in decided if day), default=None)
    if case.concluded_on is None or any(day and not other for day, other in decided):
        return None
    return case.concluded_on + (after - before) if before and after else case.concluded_on


def _lets_through(edge: Dependency, item: str, run: Run, days: Days) -> date | None:
    if edge.trigger is Trigger.ACCEPTED:
        return run.accepted_on
    if not run.is_granted or run.is_lost:
        return None
    return days.confirmed_on if run.is_tolerant and item not in edge.on_tolerant else days.decided_on


def _standstills(run: Run, clocks: Unlocked, shift: timedelta) -> Sequence[Interval]:
    """What is not counted, which moves with the item."""
    waits = (Interval(wait.since, wait.until + timedelta(days=1)) for wait in clocks.waits if wait.suspends)
    return _shifted(chain(_pauses(run), waits), shift)


def _pauses(run: Run) -> Iterable[Interval]:
    return chain.from_iterable(run.pauses.values())


def _shifted(intervals: Iterable[Interval], shift: timedelta) -> list[Interval]:
    return [Interval(each.start + shift, each.end + shift if each.end else None) for each in intervals]


def _late(day: date, promised: date | None, statutory: date | None) -> Lateness:
    if statutory is not None and day > statutory:
        return "statutory"
    return "promised" if promised is not None and day > promised else ""


def asked(case: Recorded, theme: Theme) -> frozenset[str]:
    """What the applicant is to bring. Raises CatalogueError where the case is none of this theme."""
    if not case.knows_materials:
        return frozenset()
    by: dict[Standing, list[str]] = {}
    for item, standing in case.standings.items():
        by.setdefault(standing, []).append(item)
    selection = theme.select(
        case.answers,
        chosen=by.get(Standing.SELECTED, []),
        satisfied={item: item for item in by.get(Standing.SATISFIED, ())},
        underway=by.get(Standing.UNDERWAY, []),
    )
    return frozenset(each.material.id for each in selection.materials if each.material.source is Source.APPLICANT)


def tolerable(theme: Theme, item: str) -> frozenset[str]:
    """What of an item may come later (容缺)."""
    found = next((each for each in theme.items if each.id == item), None)
    if found is None or not found.tolerance.listed:
        return frozenset()
    return frozenset(each.id for each in found.materials if each.tolerable and each.role is Role.SECONDARY)


def tolerance_lost(case: Recorded, own: Theme, other: Theme) -> Iterable[str]:
    """What was tolerated, and would not be any more."""
    for item, run in case.runs.items():
        for material in run.tolerated:
            if material in tolerable(own, item) and material not in tolerable(other, item):
                yield f"{item}/{material}"


def corrections_spared(case: Recorded, own: Theme, other: Theme) -> Iterable[str]:
    """Items that lacked nothing but what could come later by the other rules, and not by their own."""
    for correction in case.corrections:
        for item, missing in correction.missing.items() if not correction.fields else ():
            if missing and set(missing) <= tolerable(other, item) and not set(missing) <= tolerable(own, item):
                yield item
