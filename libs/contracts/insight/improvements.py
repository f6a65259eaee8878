"""改进: what was changed because of a number, when, and what the number was before and after."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.insight.numbers import Number, Words
from contracts.language import Answer, Command, Fact, Instant, Query

Lever = Literal["publicity", "tolerance", "process", "system"]
"""宣传策略 · 容缺范围 · 流程再造 · 系统修正"""


class ImprovementRecorded(Fact, frozen=True, kw_only=True):
    """Something was changed, from a day on, to move a figure."""

    TOPIC: ClassVar[str] = "onething.improvement.recorded.v1"
    lever: Lever
    indicator: str
    figure: str
    on: date
    what: str
    theme: str = ""
    hall: str = ""
    days: int = 30


class ImprovementRow(Answer, frozen=True, kw_only=True):
    """An improvement in the list."""

    improvement: str
    lever: Lever
    indicator: str
    figure: str
    name: Words
    on: date
    what: str
    theme: str
    hall: str
    days: int
    by: str
    at: datetime


class ImprovementTold(ImprovementRow, frozen=True, kw_only=True):
    """An improvement with its figure before and after."""

    as_of: datetime
    before: Number
    """Of so many days up to the day before."""
    after: Number
    """Of so many days from the day on."""
    is_over: bool
    """Whether the days after have passed."""


class ImprovementPage(Answer, frozen=True, kw_only=True):
    """A page of improvements."""

    improvements: tuple[ImprovementRow, ...]
    after: str


class RecordImprovement(Command, frozen=True, kw_only=True):
    """Record what was changed, from which day on, and which figure it is to move."""

    SERVICE: ClassVar[str] = "insight"
    improvement: str
    lever: Lever
    indicator: str
    figure: str
    on: date
    what: str
    theme: str = ""
    hall: str = ""
    days: int = 30
    """How many days before and after are compared."""


class GetImprovement(Query, frozen=True, kw_only=True):
    """An improvement, with its figure before and after."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /improvements/{improvement}"
    ANSWER: ClassVar[Any] = ImprovementTold
    improvement: str
    as_of: Instant | None = None


class ListImprovements(Query, frozen=True, kw_only=True):
    """Improvements, newest first, by cursor."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /improvements"
    ANSWER: ClassVar[Any] = ImprovementPage
    theme: str = ""
    indicator: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
