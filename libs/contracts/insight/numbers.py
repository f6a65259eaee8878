"""运行分析: the 26 indicators, each number with its definition, and the cases and facts that it counts."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Instant, Query

By = Literal["", "theme", "item", "hall", "level", "department", "channel", "hour", "day", "month"]
"""What numbers are told apart by; ``hour`` is that of China, 00 to 23, at which it was recorded."""

Provenance = Literal["own", "imported"]
"""Our own cases, or those that other systems recorded; no number is of both."""

Part = Literal["counted", "numerator", "denominator"]
"""Which set of a number."""

Why = Literal["", "zero", "no_source", "not_by_this"]
"""Why there is no number: the denominator is zero · 无数据来源 · the facts do not say it by this."""


class Words(msgspec.Struct, frozen=True):
    """The same in Chinese and English."""

    zh: str
    en: str


class Restated(msgspec.Struct, frozen=True):
    """The number is another one than at the end of its period: facts came late."""

    late: int
    """How many observations of the period were learned after its end."""
    before: float | None
    """What the number was then."""
    closed_at: datetime


class Aim(msgspec.Struct, frozen=True):
    """What a number is to come to."""

    value: float
    direction: Literal["at_least", "at_most"]
    is_met: bool | None = None


class Number(msgspec.Struct, frozen=True):
    """A number of one group; null with the reason, never a made-up zero."""

    of: str
    """The group: a theme, an item, a hall, …; empty: all."""
    value: float | None
    why: Why = ""
    says: Words | None = None
    """The reason in words."""
    numerator: float | None = None
    denominator: float | None = None
    count: int | None = None
    """How many cases, items, packets, … it is about."""
    spread: dict[str, float] = {}
    """Of durations and visits, whose value is the mean: median · p95 · most."""
    parts: dict[str, int] = {}
    """How many of each sort."""
    restated: Restated | None = None
    target: Aim | None = None


class FigureTold(msgspec.Struct, frozen=True):
    """One figure of an indicator."""

    figure: str
    name: Words
    unit: str
    cites: tuple[Part, ...]
    """The sets of it whose cases and facts can be listed."""
    numbers: tuple[Number, ...]
    apart: str = ""
    """What its numbers are of by themselves: edge, material, entry, way; empty: it is one number."""


class IndicatorTold(Answer, frozen=True, kw_only=True):
    """An indicator with its definition; the first figure is its headline."""

    indicator: str
    number: int
    version: int
    """Of the definition: another rule is another version."""
    name: Words
    formula: Words
    denominator: Words
    traps: Words
    source: str
    begins: date
    ends: date
    as_of: datetime
    """The instant of knowledge that it is told by: asked again for it, the number is the same."""
    by: By
    figures: tuple[FigureTold, ...]


class IndicatorsTold(Answer, frozen=True, kw_only=True):
    """All indicators with their headlines."""

    begins: date
    ends: date
    as_of: datetime
    indicators: tuple[IndicatorTold, ...]


UNSAID = frozenset({"scenario", "consulted", "intended"})
"""Kinds of observations whose label is for counting alone: a case's plan, and the mark of a person on a day."""


class CitedFact(msgspec.Struct, frozen=True):
    """A fact that a number counts: where casefile has it, and what was counted of it."""

    case_id: str
    service: str
    segment: int
    position: int
    kind: str
    on: date
    """The day that it counts for."""
    at: datetime
    learned: datetime
    """When insight heard of it."""
    item: str
    theme: str
    hall: str
    subject: str
    label: str
    """Of which sort it is; empty where that is told to nobody (``UNSAID``)."""
    value: int


class CitedPage(Answer, frozen=True, kw_only=True):
    """A page of the facts behind a number."""

    indicator: str
    figure: str
    part: Part
    as_of: datetime
    facts: tuple[CitedFact, ...]
    after: str


class _Asking(Query, frozen=True, kw_only=True):
    """What every question about numbers can be narrowed by."""

    begins: date | None = None
    """None: the first of the month of the last day."""
    ends: date | None = None
    """The last day of the period; None: today."""
    as_of: Instant | None = None
    """By what was known at this instant; None: by all that is known."""
    theme: str = ""
    item: str = ""
    hall: str = ""
    level: str = ""
    """The kind of hall: county, street, …"""
    department: str = ""
    channel: str = ""
    provenance: Provenance = "own"


class ListIndicators(_Asking, frozen=True, kw_only=True):
    """All 26 indicators of a period: definitions and headlines."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /indicators"
    ANSWER: ClassVar[Any] = IndicatorsTold


class GetIndicator(_Asking, frozen=True, kw_only=True):
    """One indicator with all its figures, told apart by theme, item, hall, level, department, channel or time."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /indicators/{indicator}"
    ANSWER: ClassVar[Any] = IndicatorTold
    indicator: str
    by: By = ""


class ListCitedFacts(_Asking, frozen=True, kw_only=True):
    """The cases and facts that a number counts, by cursor."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /indicators/{indicator}/figures/{figure}/facts"
    ANSWER: ClassVar[Any] = CitedPage
    indicator: str
    figure: str
    part: Part = "counted"
    """``counted`` means the numerator of a ratio."""
    group: str = ""
    """Only those of this group: one of the figure's own sorts, such as a reason, a material, a channel."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 100
