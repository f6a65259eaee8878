"""How long a case takes at most if every promise is kept."""

from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from catalogue.limits import limits
from catalogue.model import Dependency, Theme, Trigger
from catalogue.selection import Selection, Standing


class CriticalPath(Struct, frozen=True):
    """The longest chain of limits, in working days.

    `unknown` names the selected items without such a limit, and those that are underway elsewhere: they
    count as nothing, so it may take longer.
    """

    days: int
    items: tuple[str, ...]
    unknown: tuple[str, ...]


def critical_path(
    theme: Theme,
    selection: Selection,
    *,
    committed: Collection[str] = (),
    by: Literal["promised", "statutory"] = "promised",
) -> CriticalPath:
    """The critical path of a case. An item that only waits for an acceptance starts when that item does.

    `committed` names the items that go the way of a written promise (告知承诺); `by` which of the two limits counts.
    """
    starts: dict[str, tuple[int, tuple[str, ...]]] = {}
    ends: dict[str, tuple[int, tuple[str, ...]]] = {}
    unknown = []
    for item in theme.items:
        standing = selection.standings[item.id]
        if standing is Standing.NOT_NEEDED:
            continue
        waits = [_wait(dependency, starts, ends) for dependency in item.depends_on]
        start = max((wait for wait in waits if wait is not None), key=lambda each: each[0], default=(0, ()))
        limit = getattr(limits(item, selection.answers, item.id in committed), by)
        starts[item.id] = start
        if standing is Standing.SELECTED:
            ends[item.id] = (start[0] + (limit.days if limit else 0), (*start[1], item.id))
        else:
            ends[item.id] = (0, ())
        if standing is Standing.UNDERWAY or (standing is Standing.SELECTED and limit is None):
            unknown.append(item.id)
    longest = max(ends.values(), key=lambda each: (each[0], len(each[1])), default=(0, ()))
    return CriticalPath(longest[0], longest[1], tuple(unknown))


def _wait(
    dependency: Dependency,
    starts: dict[str, tuple[int, tuple[str, ...]]],
    ends: dict[str, tuple[int, tuple[str, ...]]],
) -> tuple[int, tuple[str, ...]] | None:
    """The earliest moment at which one of the alternatives unlocks; None when none is part of the case."""
    moments = starts if dependency.trigger is Trigger.ACCEPTED else ends
    return min((moments[each] for each in dependency.any_of if each in moments), default=None)
