"""How the whole of a case lies in time: its due day, the critical path to it, and the slack of every item beside it.

The due day of a theme is the longest path over the item graph, from the days on which the items are due; a joint limit
caps it. It says what the limits come to, not how fast the departments are.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

from approval.domain.clocks import derived
from approval.domain.joining import Joining
from approval.domain.law import Law
from approval.domain.review import Pause, Review, Status
from catalogue.model import Dependency, Trigger
from catalogue.selection import Standing
from contracts.approval import Unlocked
from kernel.clock import local_date
from kernel.workdays import Interval

LOST = frozenset({Status.GONE, Status.BLOCKED, Status.DENIED, Status.REVOKED})
"""Reviews that nothing waits for any more."""


class Schedule(Struct, frozen=True):
    """The whole of a case in time."""

    due_on: date | None
    """When all items are to be decided; None where nothing has a limit, or nothing is left to decide."""
    by_graph: date | None
    """The same without the joint limit."""
    critical: tuple[str, ...]
    """The items on the longest path, in order."""
    ends: dict[str, date]
    """Item → the day on which it is decided at the latest, or was."""
    slack: dict[str, int]
    """Undecided item → by how many working days it can be late without the whole being later."""


def schedule(bundle: Joining, law: Law) -> Schedule:
    """The case as its limits lay it out."""
    plan = _Plan(bundle, law)
    ends, before = plan.ends({})
    left = [item for item in ends if not bundle.reviews[item].is_over and plan.is_undecided(item)]
    whole = max((ends[item] for item in left), default=None)
    if whole is None:
        return Schedule(None, None, (), ends, {})
    cap = bundle.joint.due_on if bundle.joint else None
    return Schedule(
        due_on=min(whole, cap) if cap else whole,
        by_graph=whole,
        critical=_path(next(item for item in left if ends[item] == whole), before),
        ends=ends,
        slack={item: plan.slack(item, ends[item], whole) for item in left},
    )


class _Plan:
    """A pass over the items in topological order."""

    def __init__(self, bundle: Joining, law: Law) -> None:
        self.bundle, self.law = bundle, law
        self.items = [item.id for item in law.theme.items if item.id in bundle.reviews]
        self.found: dict[tuple[str, date], date] = {}

    def ends(self, late: Mapping[str, int]) -> tuple[dict[str, date], dict[str, str]]:
        """When each item ends, if some are late by so many working days; and the item that each waits for longest."""
        ends: dict[str, date] = {}
        before: dict[str, str] = {}
        for item in self.items:
            review = self.bundle.reviews[item]
            if review.status in LOST:
                continue
            if review.decided_at is not None:
                end = local_date(review.decided_at)
            elif review.clocks is not None:
                end = _due(self._resumed(review, review.clocks))
            else:
                start, last = self._start(item, ends)
                if last:
                    before[item] = last
                end = self._end(item, start)
            ends[item] = self.law.calendar.add(end, late[item]) if item in late else end
        return ends, before

    def slack(self, item: str, end: date, whole: date) -> int:
        """The most working days by which an item can be late while the whole ends on the same day."""
        least, most = 0, self.law.calendar.count(end, whole)
        while least < most:
            middle = (least + most + 1) // 2
            ends, _ = self.ends({item: middle})
            if max(day for each, day in ends.items() if self.is_undecided(each)) > whole:
                most = middle - 1
            else:
                least = middle
        return least

    def is_undecided(self, item: str) -> bool:
        return self.bundle.reviews[item].decided_at is None

    def _start(self, item: str, ends: Mapping[str, date]) -> tuple[date, str]:
        """When an item that waits can begin, and the item that keeps it longest."""
        review = self.bundle.reviews[item]
        start, last = review.accepted_on or self.law.day, ""
        for edge in self.law.theme.item(item).depends_on:
            reached, keeper = self._reached(edge, ends)
            if reached is not None and reached >= start:
                start, last = reached, keeper
        return start, last

    def _reached(self, edge: Dependency, ends: Mapping[str, date]) -> tuple[date | None, str]:
        """When an edge lets through: with the first of its alternatives; None where nothing here keeps it."""
        days: dict[str, date] = {}
        for each in edge.any_of:
            standing = self.bundle.standings.get(each, Standing.NOT_NEEDED)
            if standing is Standing.SATISFIED:
                return None, ""
            if each in ends:
                accepted = self.bundle.reviews[each].accepted_on or self.law.day
                days[each] = accepted if edge.trigger is Trigger.ACCEPTED else ends[each]
        keeper = min(days, key=lambda each: days[each], default="")
        return days.get(keeper), keeper

    def _end(self, item: str, start: date) -> date:
        """When an item that begins on a day is due."""
        if (item, start) not in self.found:
            self.found[item, start] = _due(self.bundle.clocks_from(item, self.law, start))
        return self.found[item, start]

    def _resumed(self, review: Review, clocks: Unlocked) -> Unlocked:
        """The clocks of a review as if its special procedures took as long as was told."""
        if review.status is not Status.SUSPENDED:
            return clocks
        return derived(clocks, self.law, tuple(_as_told(pause, self.law.day) for pause in review.pauses))


def _as_told(pause: Pause, day: date) -> Interval:
    return Interval(pause.since, pause.until or max(pause.expected_on + timedelta(days=1), day))


def _due(clocks: Unlocked) -> date:
    """The limit that binds first, but no day before the waits have passed."""
    limits = [day for day in (clocks.promised_due, clocks.statutory_due) if day]
    return max((min(limits, default=clocks.started_on), *(wait.until for wait in clocks.waits)))


def _path(last: str, before: Mapping[str, str]) -> tuple[str, ...]:
    path = [last]
    while path[-1] in before:
        path.append(before[path[-1]])
    return tuple(reversed(path))
