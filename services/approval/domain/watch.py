"""When supervision speaks up about a limit: amber, red, escalated, each once for every day that it falls on."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from approval.domain.days import begin, past
from contracts.approval import JointClock, Level, Unlocked

RANK = {"": 0, "amber": 1, "red": 2, "escalated": 3}
"""How grave a level is."""


class Mark(Struct, frozen=True):
    """An instant at which a limit that still runs becomes a matter of supervision."""

    at: datetime
    level: Level
    limit: Literal["promised", "statutory", "joint"]
    due: date


class Watch(Struct, frozen=True):
    """What supervision has said about running limits, and what is still to come."""

    ahead: tuple[Mark, ...] = ()
    told: tuple[Mark, ...] = ()
    warned: Literal["", "amber", "red", "escalated"] = ""
    """The gravest of what was said and still holds."""

    def over(self, marks: Iterable[Mark]) -> "Watch":
        """The watch over limits that fall on these marks from now on; what was said of the same is not said again."""
        now = tuple(marks)
        if not self.told:
            return Watch(now)
        known = {(mark.limit, mark.level, mark.at) for mark in self.told}
        fresh = tuple(mark for mark in now if (mark.limit, mark.level, mark.at) not in known)
        escalations = tuple(mark for mark in self.ahead if mark.level == "escalated" and _holds(mark, now))
        holding = [mark.level for mark in self.told if _holds(mark, now)]
        return Watch(fresh + escalations, self.told, max(holding, key=RANK.__getitem__, default=""))

    def after(self, level: Level, limit: str, escalates_on: date | None) -> "Watch":
        """The watch once a mark was spoken of; a red one may be escalated on a later day."""
        said = tuple(mark for mark in self.ahead if (mark.level, mark.limit) == (level, limit))
        left = tuple(mark for mark in self.ahead if mark not in said)
        if escalates_on is not None:
            left += tuple(Mark(begin(escalates_on), "escalated", mark.limit, mark.due) for mark in said)
        return Watch(left, self.told + said, max(level, self.warned, key=RANK.__getitem__))

    def closed(self) -> "Watch":
        """Nothing more to come: the limits do not run any more."""
        return Watch((), self.told, self.warned) if self.told else NOTHING


NOTHING = Watch()


def marks(clocks: Unlocked) -> Iterator[Mark]:
    """When a review becomes amber and red; a promise that is the statutory limit itself warns once."""
    if clocks.promised_due and clocks.promised_due != clocks.statutory_due:
        yield from _marks("promised", clocks.promised_due, clocks.promised_amber_on)
    if clocks.statutory_due:
        yield from _marks("statutory", clocks.statutory_due, clocks.statutory_amber_on)


def joint_marks(clock: JointClock) -> Iterator[Mark]:
    """When a joint handling becomes amber and red."""
    if clock.due_on:
        yield from _marks("joint", clock.due_on, clock.amber_on)


def _marks(limit: Literal["promised", "statutory", "joint"], due: date, amber_on: date | None) -> Iterator[Mark]:
    if amber_on:
        yield Mark(begin(amber_on), "amber", limit, due)
    yield Mark(past(due), "red", limit, due)


def _holds(mark: Mark, now: Iterable[Mark]) -> bool:
    """Whether what was said of a limit is still so: it falls on the same day, or on the day of the same red."""
    if mark.level == "escalated":
        return any((m.limit, m.level, m.due) == (mark.limit, "red", mark.due) for m in now)
    return any((m.limit, m.level, m.at) == (mark.limit, mark.level, mark.at) for m in now)
