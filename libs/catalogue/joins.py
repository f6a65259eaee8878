"""When an item may start: the join of its dependencies over what has become of the items before it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from catalogue.model import Dependency, Item, Trigger
from catalogue.selection import Standing


class Progress(StrEnum):
    """How far an item is, as far as the items after it care.

    `gone` is an item that was withdrawn, not accepted or terminated.
    """

    PENDING = "pending"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    APPROVED_TOLERANT = "approved_tolerant"
    DENIED = "denied"
    GONE = "gone"


LOST = frozenset({Progress.DENIED, Progress.GONE})
STARTED = frozenset({Progress.ACCEPTED, Progress.APPROVED, Progress.APPROVED_TOLERANT})


class Join(Struct, frozen=True):
    """Whether an item may start now; if not, the items that it waits for and those that block it."""

    state: Literal["ready", "waiting", "blocked"]
    waiting_for: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()


READY = Join("ready")


def join(item: Item, standing: Mapping[str, Standing], progress: Mapping[str, Progress]) -> Join:
    """The join of an item.

    A satisfied item counts as approved; one that is not needed is no alternative. An optional edge does not
    hold when its item is not needed or gone; a required one blocks when every alternative that is part of the
    case is denied or gone, and so does an optional one whose item was denied.
    """
    waiting: list[str] = []
    blocking: list[str] = []
    for dependency in item.depends_on:
        state, names = _edge(dependency, standing, progress)
        if state == "waiting":
            waiting += names
        elif state == "blocked":
            blocking += names
    if blocking:
        return Join("blocked", tuple(dict.fromkeys(waiting)), tuple(dict.fromkeys(blocking)))
    if waiting:
        return Join("waiting", tuple(dict.fromkeys(waiting)))
    return READY


def _edge(
    dependency: Dependency, standing: Mapping[str, Standing], progress: Mapping[str, Progress]
) -> tuple[Literal["ready", "waiting", "blocked"], list[str]]:
    alive: list[str] = []
    lost: list[str] = []
    for each in dependency.any_of:
        of_case = standing.get(each, Standing.NOT_NEEDED)
        if of_case == Standing.NOT_NEEDED:
            continue
        now = Progress.APPROVED if of_case == Standing.SATISFIED else progress.get(each, Progress.PENDING)
        if _unlocks(dependency, each, now):
            return "ready", []
        if now == Progress.GONE and dependency.optional:
            continue
        (lost if now in LOST else alive).append(each)
    if alive:
        return "waiting", alive
    if dependency.optional and not lost:
        return "ready", []
    return "blocked", lost or list(dependency.any_of)


def _unlocks(dependency: Dependency, item: str, now: Progress) -> bool:
    if dependency.trigger is Trigger.ACCEPTED:
        return now in STARTED
    return now == Progress.APPROVED or (now == Progress.APPROVED_TOLERANT and item in dependency.on_tolerant)
