"""推演: what recorded cases would have been under other rules. Nothing is written, and no history changes."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.delegation import LegalForm, Power
from contracts.insight import Provenance
from contracts.language import Answer, Query

Lateness = Literal["", "promised", "statutory"]
"""In time, past the promise, past the law."""


class ItemCourse(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of a case in time; a day that is None is not known, or never comes."""

    started_on: date | None
    promised_due: date | None
    statutory_due: date | None
    decided_on: date | None
    late: Lateness = ""


class ItemDifference(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item as it was, and as it would have been."""

    item: str
    was: ItemCourse
    would_be: ItemCourse


class WholeCourse(msgspec.Struct, frozen=True, omit_defaults=True):
    """A joint handling in time (行政许可法 第42条第2款)."""

    due_on: date | None
    concluded_on: date | None
    is_late: bool = False


class ActDifference(msgspec.Struct, frozen=True, omit_defaults=True):
    """The acceptance of an item that another grant would have carried, or none."""

    item: str
    handler: str
    hall: str
    window: str
    at: datetime
    was: str
    """The grant; empty: the power is the hall's own."""
    would_be: str = ""
    refusal: str = ""
    """Why the hall could not have accepted it, as in ``AuthorityAnswer``; empty: it could."""
    elsewhere: tuple[str, ...] = ()
    """Who could have: ``hall``, or ``hall/window`` where only some windows could; last whoever decides the item."""
    nearer: bool = False
    """It could have been accepted where the case was opened, and was not."""


class SupposedGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grant that there was not, or as it was not. The fields mean what they mean in ``GrantMade``."""

    legal_form: LegalForm
    grantor: str
    grantee: str
    items: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    powers: Annotated[tuple[Power, ...], msgspec.Meta(min_length=1)]
    valid_from: date
    valid_until: date | None = None
    windows: tuple[str, ...] = ()
    published_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """None, of one that there was: never. One that there was not counts as published before its first day."""
    revoked_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class CaseDifference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A case that would have been another one."""

    case_id: str
    number: str
    theme: str
    hall: str
    items: tuple[ItemDifference, ...] = ()
    materials_more: tuple[str, ...] = ()
    """What the applicant would have been asked for, and was not."""
    materials_fewer: tuple[str, ...] = ()
    tolerance_lost: tuple[str, ...] = ()
    """``item/material``: what was tolerated, and would not have been."""
    corrections_spared: tuple[str, ...] = ()
    """Items that were sent back for nothing but what could then have come later."""
    whole_was: WholeCourse | None = None
    """The joint limit, where it, or whether it was kept, would have been another."""
    whole_would_be: WholeCourse | None = None
    acts: tuple[ActDifference, ...] = ()


class HourLoad(msgspec.Struct, frozen=True):
    """Openings and acceptances at a window in an hour of the day.

    Where somebody would have gone who had the choice is not known: between ``least`` and ``most`` is what may be.
    """

    hall: str
    window: str
    """Empty: any of the hall's."""
    hour: int
    """In China, 0 to 23."""
    was: int
    least: int
    most: int


class Tally(msgspec.Struct, frozen=True):
    """All of the cases together."""

    late_cases: int = 0
    late_items: int = 0
    past_the_law: int = 0
    """Items past their statutory limit."""
    materials: int = 0
    """What applicants are asked for, over all cases."""
    past_joint: int = 0
    """Cases past the joint limit over the whole."""
    unlawful: int = 0
    """Items whose acceptance no power of the hall would have carried."""
    places: int = 0
    """Halls at which applicants had their case opened and accepted, over all cases."""


class SupposedPage(Answer, frozen=True, kw_only=True):
    """Some cases under other rules."""

    size: int
    cases: int
    items: int
    """Items whose review began: those that are compared."""
    was: Tally
    would_be: Tally
    differences: tuple[CaseDifference, ...]
    loads: tuple[HourLoad, ...]
    unlike: tuple[str, ...]
    """``case/item``, ``case/joint``, ``case/item/accept``: what its own rules do not explain, and is not compared."""
    unfit: tuple[str, ...]
    """Cases that the other rules cannot be applied to."""
    after: str | None


class SupposeRules(Query, frozen=True, kw_only=True):
    """What the next cases would have been under other rules, each beginning from the rules that it had."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "POST /suppositions"
    ANSWER: ClassVar[Any] = SupposedPage
    changes: dict[str, str] = {}
    """Path in the catalogue → value in JSON."""
    off: tuple[date, ...] = ()
    """Days on which nobody would have worked."""
    working: tuple[date, ...] = ()
    """Days on which offices would have worked."""
    grants: dict[str, str] = {}
    """Grant → fields of ``SupposedGrant`` in JSON, laid over those it had; null: it would never have been made."""
    on: date
    """The day on which what is undecided is looked at."""
    provenance: Provenance = "own"
    """Cases of other systems were opened under no catalogue of ours: both sides are by the one in force."""
    theme: str = ""
    hall: str = ""
    size: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    """The ledger as it was with so many facts; 0: as it is."""
    after: str = ""
    limit: int = 25
    """Cases at a time."""


class Supposed(msgspec.Struct):
    """Some pages together."""

    size: int = 0
    cases: int = 0
    items: int = 0
    was: Tally = Tally()
    would_be: Tally = Tally()
    differences: list[CaseDifference] = []
    loads: list[HourLoad] = []
    unlike: list[str] = []
    unfit: list[str] = []
    after: str | None = None
    """Where to go on; None: these are all."""

    def add(self, page: SupposedPage) -> None:
        """One more."""
        self.size, self.after = page.size, page.after
        self.cases += page.cases
        self.items += page.items
        self.was, self.would_be = _sum(self.was, page.was), _sum(self.would_be, page.would_be)
        self.differences += page.differences
        self.loads = _added((*self.loads, *page.loads))
        self.unlike += page.unlike
        self.unfit += page.unfit

    @property
    def moved(self) -> list[HourLoad]:
        """The loads that would have been others, or might."""
        return [each for each in self.loads if (each.least, each.most) != (each.was, each.was)]


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(*(getattr(one, name) + getattr(other, name) for name in Tally.__struct_fields__))


def _added(loads: Iterable[HourLoad]) -> list[HourLoad]:
    found: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in loads:
        counted = found[each.hall, each.window, each.hour]
        counted[:] = (one + more for one, more in zip(counted, (each.was, each.least, each.most), strict=True))
    return [HourLoad(*hour, *counted) for hour, counted in sorted(found.items())]
