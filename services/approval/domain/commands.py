"""What approval tells itself to do because of what happened elsewhere."""

from datetime import date
from typing import ClassVar, Literal

from contracts.approval import EndReason, PlannedReview
from contracts.language import Command


class PlanReviews(Command, frozen=True, kw_only=True):
    """Take up accepted items, and the case itself the first time."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    number: str
    theme: str
    catalogue: str
    region: str
    output_mode: Literal["integrated", "itemised"]
    hall: str
    standings: dict[str, str]
    reviews: tuple[PlannedReview, ...]
    accepted_on: dict[str, date]
    """The day from which each item counts as accepted: legal clocks do not wait for the news to come."""
    answers: dict[str, str]


class ExtendBundle(Command, frozen=True, kw_only=True):
    """More items were joined to the case; the plan is the whole one from now on."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    items: tuple[str, ...]
    standings: dict[str, str]
    answers: dict[str, str]


class ConcludeOrigin(Command, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere is known."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    outcome: Literal["granted", "denied", "withdrawn"]


class SupplyReviews(Command, frozen=True, kw_only=True):
    """The departments hold what these items need."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    items: tuple[str, ...]


class EndReview(Command, frozen=True, kw_only=True):
    """The item left the case."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: EndReason


class WithdrawReview(Command, frozen=True, kw_only=True):
    """The applicant wants an accepted item back."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str


class SettleTolerance(Command, frozen=True, kw_only=True):
    """Everything that was tolerated as missing has arrived."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
