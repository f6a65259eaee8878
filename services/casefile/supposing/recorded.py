"""What is known of a case that other rules could make another one."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from casefile.explaining.course import Known
from catalogue.selection import Standing
from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    BundleOpened,
    DecisionVoided,
    JointClock,
    JointExtended,
    ReviewConfirmed,
    ReviewDenied,
    ReviewEnded,
    ReviewGranted,
    ReviewResumed,
    ReviewsBlocked,
    ReviewsRelocked,
    ReviewsUnlocked,
    ReviewSuspended,
    Unlocked,
)
from contracts.intake import Acceptance, CaseOpened, CorrectionRequested, ItemsAccepted, ItemsJoined, PlannedItem
from kernel.clock import local_date
from kernel.workdays import Interval


class Run(msgspec.Struct):
    """One item that was accepted."""

    accepted_on: date | None = None
    tolerated: tuple[str, ...] = ()
    committed: bool = False
    clocks: Unlocked | None = None
    pauses: dict[str, list[Interval]] = {}
    """Special procedure → when it ran"""
    decided_on: date | None = None
    is_granted: bool = False
    is_tolerant: bool = False
    confirmed_on: date | None = None
    is_lost: bool = False
    """Withdrawn, terminated, blocked: nobody waits for it, and it is late for nobody."""


class Act(msgspec.Struct, frozen=True):
    """What somebody did for the applicant at a hall: an opening, or an acceptance of items."""

    at: datetime
    hall: str
    window: str
    items: tuple[Acceptance, ...] = ()


class Recorded(msgspec.Struct):
    """A case."""

    opened: Any = None
    answers: dict[str, str] = {}
    standings: dict[str, Standing] = {}
    runs: dict[str, Run] = {}
    corrections: list[CorrectionRequested] = []
    knows_materials: bool = True
    """Whether it is known what the applicant was asked."""
    acts: list[Act] = []
    is_taken_up: bool = False
    """Whether approval has begun with it."""
    joint: JointClock | None = None
    former_pauses: list[Interval] = []
    """Of reviews that began anew: the joint clock does not count them."""
    concluded_on: date | None = None

    @property
    def pauses(self) -> list[Interval]:
        """All that the joint clock does not count."""
        now = (each for run in self.runs.values() for ran in run.pauses.values() for each in ran)
        return [*self.former_pauses, *now]

    def run(self, item: str) -> Run:
        """What is known of an item."""
        return self.runs.setdefault(item, Run())


def recorded(facts: Iterable[Known]) -> Recorded:
    """The case that the facts tell, in the order of time."""
    found = Recorded()
    for each in facts:
        _read(each.fact, found)
    return found


def _read(fact: Any, found: Recorded) -> None:
    match fact:
        case CaseOpened():
            found.opened = fact
            found.answers = dict(fact.answers)
            found.acts.append(Act(fact.at, fact.hall, fact.window))
            _plan(fact.plan, found)
        case ItemsJoined():
            found.answers |= fact.answers
            _plan(fact.plan, found)
        case ItemsAccepted():
            if not fact.deemed:  # by law, and by nobody at a window
                found.acts.append(Act(fact.at, fact.hall, fact.window, fact.items))
            for each in fact.items:
                run = found.run(each.item)
                run.accepted_on = each.accepted_on or local_date(fact.at)
                run.tolerated = tuple(missing.material for missing in each.tolerated)
                run.committed = bool(each.committed)
        case CorrectionRequested():
            found.corrections.append(fact)
        case _:
            _review(fact, found)
            _decision(fact, found)
            _whole(fact, found)
            _clocks(fact, found)


def _plan(plan: Iterable[PlannedItem], found: Recorded) -> None:
    found.standings = {each.item: Standing(each.standing) for each in plan}


def _review(fact: Any, found: Recorded) -> None:
    match fact:
        case ReviewsUnlocked():
            for each in fact.reviews:
                run = found.run(each.item)
                found.former_pauses += _stopped(run, each.started_on)
                run.clocks, run.pauses = each, {}
        case ReviewSuspended():
            found.run(fact.item).pauses.setdefault(fact.procedure, []).append(Interval(fact.started_on))
        case ReviewResumed():
            ran = found.run(fact.item).pauses.get(fact.procedure)
            if ran:
                ran[-1] = Interval(ran[-1].start, max(ran[-1].start, fact.resumed_on))
        case ReviewsRelocked():
            for item in fact.items:
                run = found.run(item)
                found.former_pauses += _stopped(run, local_date(fact.at))
                run.pauses = {}
                run.clocks, run.decided_on, run.confirmed_on, run.is_lost = None, None, None, False
        case ReviewsBlocked():
            for item in fact.items:
                found.run(item).is_lost = True
        case ReviewEnded():
            run = found.run(fact.item)
            run.is_lost = True
            run.pauses = {"": _stopped(run, local_date(fact.at))}


def _stopped(run: Run, day: date) -> list[Interval]:
    """Its pauses, if those that run end on this day."""
    return [Interval(each.start, each.end or max(each.start, day)) for ran in run.pauses.values() for each in ran]


def _whole(fact: Any, found: Recorded) -> None:
    match fact:
        case BundleOpened():
            found.is_taken_up = True
        case BundleConcluded():
            found.concluded_on = local_date(fact.at)
        case BundleExtended() | ReviewsRelocked():
            found.concluded_on = None
    told = fact.clock if isinstance(fact, JointExtended) else getattr(fact, "joint", None)
    found.joint = told or found.joint


def _decision(fact: Any, found: Recorded) -> None:
    match fact:
        case ReviewGranted() | ReviewDenied():
            run = found.run(fact.item)
            run.decided_on, run.is_granted = local_date(fact.at), isinstance(fact, ReviewGranted)
            run.is_tolerant = isinstance(fact, ReviewGranted) and fact.tolerant
        case ReviewConfirmed():
            found.run(fact.item).confirmed_on = local_date(fact.at)
        case DecisionVoided():
            run = found.run(fact.item)
            run.decided_on, run.confirmed_on = None, None


def _clocks(fact: Any, found: Recorded) -> None:
    clocks = getattr(fact, "clocks", ())
    for each in (clocks,) if isinstance(clocks, Unlocked) else clocks or ():
        if isinstance(each, Unlocked):
            found.run(each.item).clocks = each
