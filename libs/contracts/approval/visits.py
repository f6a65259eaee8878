"""联合踏勘: one visit for the items that share it."""

from datetime import date
from typing import Annotated, Any, ClassVar

import msgspec

from contracts.approval.answers import VisitPlan
from contracts.approval.values import VisitResult
from contracts.language import Command, Fact


class JointVisitPlanned(Fact, frozen=True, kw_only=True):
    """联合踏勘: several departments will look at the place on one day. A later plan of the same visit replaces this."""

    TOPIC: ClassVar[str] = "onething.visit.planned.v1"
    visit: str
    word: str
    """The word that the items share in the catalogue."""
    items: tuple[str, ...]
    on: date
    orgs: tuple[str, ...]


class JointVisitRecorded(Fact, frozen=True, kw_only=True):
    """One visit served all its items."""

    TOPIC: ClassVar[str] = "onething.visit.recorded.v1"
    visit: str
    inspectors: dict[str, tuple[str, ...]]
    """organisation → who came (行政许可法 第34条第3款: 两名以上工作人员)."""
    results: dict[str, VisitResult]
    """item → what was found."""


class VisitDispensed(Fact, frozen=True, kw_only=True):
    """The handler of an item does without the planned visit."""

    TOPIC: ClassVar[str] = "onething.visit.dispensed.v1"
    visit: str
    item: str
    handler: str
    reason: str


class PlanJointVisit(Command, frozen=True, kw_only=True):
    """Plan one visit for the items of a case that share a word, or plan it anew."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = VisitPlan
    case_id: str
    word: str
    on: date
    items: tuple[str, ...] = ()
    """Empty: all that share the word and are still to be decided."""


class RecordVisit(Command, frozen=True, kw_only=True):
    """Record what a visit found for each of its items."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    visit: str
    inspectors: dict[str, tuple[str, ...]]
    results: dict[str, VisitResult]


class DispenseVisit(Command, frozen=True, kw_only=True):
    """Do without a planned visit, for one item and with a reason."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]
