"""Sets: which observations count, once for each unit, and for which period."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

IMPORTED = "imported:"
"""Before the kind of what other systems recorded: who asks for a kind of ours never meets it."""


class Unit(StrEnum):
    """What is counted once, however many facts there are of it."""

    CASE = "case"
    ITEM = "item"
    """An item of a case."""
    SUBJECT = "subject"
    """A packet of a case, a package, a ticket, a rating, a consultation."""
    THING = "thing"
    """What is no part of a case: a consultation, an offer, a contact, an imported number."""
    CODE = "code"
    """An item of the catalogue, whatever case it is in."""
    LABEL = "label"
    """One person on one day."""
    DAY = "day"
    """A case on a day: a visit."""
    FACT = "fact"


class Amount(StrEnum):
    """What a set's sum and spread are of."""

    VALUE = "value"
    BASE = "base"
    ITEMS = "items"
    """How many items of the case were accepted."""
    VISITS = "visits"
    """On how many days somebody came for the case."""
    SECONDS = "seconds"
    """From the observation of ``since`` of the same subject to this one."""


class Having(msgspec.Struct, frozen=True):
    """A condition: the same case, item or subject has, or has not, an observation of these kinds."""

    kinds: tuple[str, ...]
    by: Unit
    labels: tuple[str, ...] = ()
    has: bool = True
    in_time: bool = False
    """Only one on a day that is not after this one's last day (``due``)."""
    same_day: bool = False
    """Only one that counts for the same day."""
    most: int = 0
    """With ``has`` false: up to so many days with one are allowed."""


class Set(msgspec.Struct, frozen=True):
    """Observations of these kinds, once for each unit, in the period of the unit's first."""

    kinds: tuple[str, ...]
    unit: Unit
    labels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    having: tuple[Having, ...] = ()
    amount: Amount = Amount.VALUE
    since: str = ""
    at_least: int | None = None
    at_most: int | None = None
    """Bounds of the amount."""
    within_limit: str = ""
    """``due`` or ``law_due``: only where the item's clock, as it stood last, has its last day not before this."""
    before_limit: str = ""
    """The same, but has its last day after this."""
    with_limit: str = ""
    """``due`` or ``law_due``: only where the item's clock has such a limit."""
    imported: bool = False
    """Comes only by commands and files: where nothing ever came, there is no source."""
    latest: bool = False
    """What was recorded again counts as it was recorded last."""
    every: bool = False
    """Every observation counts, and not the unit's first: what happened several times is in several periods."""
    lacks: tuple[str, ...] = ()
    """By what it cannot be told apart: the fact says nothing of it, and belongs to no case."""

    @property
    def every_kind(self) -> frozenset[str]:
        """The kinds of all observations that it depends on."""
        others = {kind for having in self.having for kind in having.kinds}
        amounts = {Amount.ITEMS: "accepted", Amount.VISITS: "visit", Amount.SECONDS: self.since}
        if self.within_limit or self.before_limit or self.with_limit:
            others.add("clock")
        return frozenset({*self.kinds, *others, amounts.get(self.amount, "")} - {""})

    @property
    def is_plain(self) -> bool:
        """Whether every observation of these kinds and labels counts."""
        bounds = (self.within_limit, self.before_limit, self.with_limit, self.channels, self.having)
        return not any(bounds) and self.at_least is None and self.at_most is None

    @property
    def counts_once(self) -> bool:
        """Whether a unit counts in the period of its first alone."""
        return not (self.every or self.latest) and self.unit in {Unit.CASE, Unit.ITEM, Unit.SUBJECT, Unit.THING}

    def only(self, *labels: str) -> "Set":
        """Those of these sorts."""
        return msgspec.structs.replace(self, labels=labels)

    def having_(self, *kinds: str, **more: Any) -> "Set":
        """Those with such an observation; see ``Having``."""
        condition = Having(kinds, **{"by": self.unit, **more})
        return msgspec.structs.replace(self, having=(*self.having, condition))

    def without(self, *kinds: str, **more: Any) -> "Set":
        """Those without one; ``most``: with so many days of them at most."""
        condition = Having(kinds, **{"by": self.unit, "has": False, **more})
        return msgspec.structs.replace(self, having=(*self.having, condition))

    def with_(self, **changes: Any) -> "Set":
        """The same set, otherwise."""
        return msgspec.structs.replace(self, **changes)


def cases(*kinds: str, **more: Any) -> Set:
    """Cases with such an observation."""
    return Set(kinds, Unit.CASE, **more)


def items(*kinds: str, **more: Any) -> Set:
    """Items of cases with such an observation."""
    return Set(kinds, Unit.ITEM, **more)


def subjects(*kinds: str, **more: Any) -> Set:
    """Packets, packages, tickets, ratings, consultations with such an observation."""
    return Set(kinds, Unit.SUBJECT, **more)


def things(*kinds: str, **more: Any) -> Set:
    """Consultations, offers, contacts, imported numbers."""
    return Set(kinds, Unit.THING, **more)


def facts(*kinds: str, **more: Any) -> Set:
    """Such observations, each for itself."""
    return Set(kinds, Unit.FACT, **more)


class Asked(msgspec.Struct, frozen=True):
    """For what a number is asked: a period, as of an instant, narrowed, and told apart by something."""

    begins: date
    ends: date
    """The last day of the period."""
    as_of: datetime
    theme: str = ""
    item: str = ""
    hall: str = ""
    level: str = ""
    department: str = ""
    channel: str = ""
    by: str = ""
    """theme · item · hall · level · department · channel · hour · day · month; empty: one number."""
    halls: tuple[str, ...] | None = None
    """The halls that the caller reaches; None: all."""
    provenance: Literal["own", "imported"] = "own"

    @property
    def is_imported(self) -> bool:
        """Whether it is asked of what other systems recorded."""
        return self.provenance == "imported"

    def kinds(self, *names: str) -> tuple[str, ...]:
        """Under which kinds observations of this provenance are kept."""
        return tuple(IMPORTED + name for name in names) if self.is_imported else names

    def unmarked(self, kind: Any) -> Any:
        """The column of kinds, as those of our own are called."""
        begins: Any = sa.literal_column(str(len(IMPORTED) + 1))
        return sa.func.substr(kind, begins).label("kind") if self.is_imported else kind

    @property
    def dimensions(self) -> frozenset[str]:
        """What it is narrowed or told apart by."""
        named = {name for name in ("theme", "item", "hall", "level", "department", "channel") if getattr(self, name)}
        if self.halls is not None:
            named.add("hall")
        return frozenset(named | {self.by} - {"", "hour", "day", "month"})
