"""填报: numbers that no service produces, each with its source and date; and targets."""

from datetime import date
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact

NumberKind = Literal["population", "key_cases", "single_cases", "contacts", "complaints", "baseline_visits"]
"""户量 · 关键单事项办件量 · 一件事之外的单事项办件量 · 触达 · 投诉 · 跑动基线"""

Direction = Literal["at_least", "at_most"]


class ReportedNumber(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """So many of a kind in a period; what is told again for the same of everything replaces it."""

    kind: NumberKind
    begins: date
    ends: date
    """The last day; the number counts for periods that its first day is in."""
    value: int
    theme: str = ""
    item: str = ""
    hall: str = ""
    channel: str = ""


class NumbersReported(Fact, frozen=True, kw_only=True):
    """Numbers were reported, with their source and the day that it is of."""

    TOPIC: ClassVar[str] = "onething.numbers.reported.v1"
    source: str
    dated_on: date
    numbers: tuple[ReportedNumber, ...]
    digest: str = ""
    """Of the file that they came in; empty: they were typed."""


class TargetSet(Fact, frozen=True, kw_only=True):
    """A figure of an indicator is to come to a value, in one theme or in all."""

    TOPIC: ClassVar[str] = "onething.target.set.v1"
    indicator: str
    figure: str
    theme: str
    value: float
    direction: Direction
    reason: str


class TargetDropped(Fact, frozen=True, kw_only=True):
    """The target stands no longer."""

    TOPIC: ClassVar[str] = "onething.target.dropped.v1"
    indicator: str
    figure: str
    theme: str


class RowRefused(msgspec.Struct, frozen=True):
    """A row of a file that was not taken in: its line, and what is wrong."""

    line: int
    field: str
    value: str


class NumbersTaken(Answer, frozen=True, kw_only=True):
    """How many numbers were taken in, and which rows were not."""

    report: str
    taken: int
    refused: tuple[RowRefused, ...]


class ReportNumber(Command, frozen=True, kw_only=True):
    """Report one number, with its source and date."""

    SERVICE: ClassVar[str] = "insight"
    ANSWER: ClassVar[Any] = NumbersTaken
    report: str
    kind: NumberKind
    begins: date
    ends: date
    value: int
    source: str
    dated_on: date
    theme: str = ""
    item: str = ""
    hall: str = ""
    channel: str = ""


class ImportNumbers(Command, frozen=True, kw_only=True):
    """Report the numbers of a CSV file: kind, begins, ends, value, theme, item, hall, channel in its first line.

    Rows that cannot be read are told with their lines; the others are taken in. The same file again is no news.
    """

    SERVICE: ClassVar[str] = "insight"
    ANSWER: ClassVar[Any] = NumbersTaken
    report: str
    source: str
    dated_on: date
    csv: str


class SetTarget(Command, frozen=True, kw_only=True):
    """Say what a figure of an indicator is to come to."""

    SERVICE: ClassVar[str] = "insight"
    target: str
    indicator: str
    figure: str
    value: float
    reason: str
    theme: str = ""
    """Empty: every theme that has none of its own."""
    direction: Direction = "at_least"


class DropTarget(Command, frozen=True, kw_only=True):
    """Let a target stand no longer."""

    SERVICE: ClassVar[str] = "insight"
    target: str
