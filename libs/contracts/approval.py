"""审批汇聚: one review per item with its two clocks, joined into the bundle's verdict."""

from datetime import date
from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query


class PlannedReview(msgspec.Struct, frozen=True, omit_defaults=True):
    """An accepted item that waits for its review."""

    item: str
    handler: str


class Unlocked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A review whose join is satisfied: its clocks run from here."""

    item: str
    started_on: date
    statutory_due: date | None
    promised_due: date | None
    statutory_days: int | None = None
    promised_days: int | None = None
    statutory_amber_on: date | None = None
    """The working day in which the 80 % mark of the limit is passed; None for a limit of no days."""
    promised_amber_on: date | None = None
    calendar: str = ""
    provisional: bool = False


class BundleOpened(Fact, frozen=True, kw_only=True):
    """Approval took up a case: its theme, catalogue version and the standing of every item."""

    TOPIC: ClassVar[str] = "onething.bundle.opened.v1"
    number: str
    theme: str
    catalogue: str
    region: str
    standings: dict[str, str]
    expected: tuple[str, ...]
    """Selected items, accepted or not yet."""
    output_mode: Literal["integrated", "itemised"] = "itemised"
    hall: str = ""
    """Where the case was accepted."""


class ReviewsPlanned(Fact, frozen=True, kw_only=True):
    """Items were accepted and have reviews, waiting for their joins."""

    TOPIC: ClassVar[str] = "onething.review.planned.v1"
    reviews: tuple[PlannedReview, ...]


class ReviewsUnlocked(Fact, frozen=True, kw_only=True):
    """Joins were satisfied: departments may work, clocks run."""

    TOPIC: ClassVar[str] = "onething.review.unlocked.v1"
    reviews: tuple[Unlocked, ...]


class ReviewsSupplied(Fact, frozen=True, kw_only=True):
    """The departments hold the materials of these items."""

    TOPIC: ClassVar[str] = "onething.review.supplied.v1"
    items: tuple[str, ...]


class ReviewGranted(Fact, frozen=True, kw_only=True):
    """准予: the department granted the item."""

    TOPIC: ClassVar[str] = "onething.review.granted.v1"
    item: str
    handler: str
    decision: str
    """Number of the decision document."""
    opinion: str = ""


class ReviewDenied(Fact, frozen=True, kw_only=True):
    """不予许可: with reasons and the remedy notice (行政许可法 第38条)."""

    TOPIC: ClassVar[str] = "onething.review.denied.v1"
    item: str
    handler: str
    decision: str
    reasons: str
    remedy: str


class ReviewsBlocked(Fact, frozen=True, kw_only=True):
    """Items that can no longer be decided because an item they need was denied or taken back."""

    TOPIC: ClassVar[str] = "onething.review.blocked.v1"
    items: tuple[str, ...]
    because: tuple[str, ...]


class ReviewEnded(Fact, frozen=True, kw_only=True):
    """A review ended without a decision: the item was withdrawn or not accepted."""

    TOPIC: ClassVar[str] = "onething.review.ended.v1"
    item: str
    reason: Literal["withdrawn", "not_accepted"]


class ReviewWarned(Fact, frozen=True, kw_only=True):
    """Supervision: a limit of a review is about to pass (amber, at 80 %) or has passed (red, at 100 %)."""

    TOPIC: ClassVar[str] = "onething.review.warned.v1"
    item: str
    handler: str
    level: Literal["amber", "red"]
    due: date
    limit: Literal["promised", "statutory"] = "promised"


class BundleConcluded(Fact, frozen=True, kw_only=True):
    """The verdict over the whole: every item has come to its end."""

    TOPIC: ClassVar[str] = "onething.bundle.concluded.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
    granted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


class GrantReview(Command, frozen=True, kw_only=True):
    """A department grants one item."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    opinion: str = ""


class DenyReview(Command, frozen=True, kw_only=True):
    """A department denies one item, with reasons."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reasons: str


class GetBundle(Query, frozen=True, kw_only=True):
    """The reviews of a case: state, clocks with their derivation, what each waits for."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str


class Worklist(Query, frozen=True, kw_only=True):
    """What a department (or provider) can decide now, most urgent first."""

    SERVICE: ClassVar[str] = "approval"
    org: str
    limit: int = 50
    after: str = ""
