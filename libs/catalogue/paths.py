"""How long a case takes at most if every promise is kept."""

from msgspec import Struct

from catalogue.model import Dependency, Theme, Trigger
from catalogue.selection import Selection, Standing


class CriticalPath(Struct, frozen=True):
    """The longest chain of promised limits, in working days.

    `unknown` names the selected items without a promised limit: they count as nothing, so it may take longer.
    """

    days: int
    items: tuple[str, ...]
    unknown: tuple[str, ...]


def critical_path(theme: Theme, selection: Selection) -> CriticalPath:
    """The critical path of a case. An item that only waits for an acceptance starts when that item does."""
    starts: dict[str, tuple[int, tuple[str, ...]]] = {}
    ends: dict[str, tuple[int, tuple[str, ...]]] = {}
    for item in theme.items:
        standing = selection.standings[item.id]
        if standing is Standing.NOT_NEEDED:
            continue
        waits = [_wait(dependency, starts, ends) for dependency in item.depends_on]
        start = max((wait for wait in waits if wait is not None), key=lambda each: each[0], default=(0, ()))
        days = item.promised.days if item.promised else 0
        starts[item.id] = start
        satisfied = standing is Standing.SATISFIED
        ends[item.id] = (0, ()) if satisfied else (start[0] + days, (*start[1], item.id))
    longest = max(ends.values(), key=lambda each: (each[0], len(each[1])), default=(0, ()))
    unknown = tuple(item for item in selection.selected if theme.item(item).promised is None)
    return CriticalPath(longest[0], longest[1], unknown)


def _wait(
    dependency: Dependency,
    starts: dict[str, tuple[int, tuple[str, ...]]],
    ends: dict[str, tuple[int, tuple[str, ...]]],
) -> tuple[int, tuple[str, ...]] | None:
    """The earliest moment at which one of the alternatives unlocks; None when none is part of the case."""
    moments = starts if dependency.trigger is Trigger.ACCEPTED else ends
    return min((moments[each] for each in dependency.any_of if each in moments), default=None)
