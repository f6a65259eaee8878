"""The reviews of a case as a whole: planned, unlocked by their joins, ended, concluded."""

from typing import Any, ClassVar, Literal

from contracts.approval.answers import BundleDetail
from contracts.approval.values import EndReason, JointClock, PlannedReview, Unlocked
from contracts.language import Fact, Query


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
    answers: dict[str, str] = {}
    """The scenario answers: limits and waits depend on them."""
    joint: JointClock | None = None


class BundleExtended(Fact, frozen=True, kw_only=True):
    """More items were joined to the case; what was concluded is open again until they have come to their end."""

    TOPIC: ClassVar[str] = "onething.bundle.extended.v1"
    standings: dict[str, str]
    expected: tuple[str, ...]
    """The items that are new, or begin anew."""
    answers: dict[str, str] = {}


class OriginNoted(Fact, frozen=True, kw_only=True):
    """The result of an item that was underway elsewhere is known; what waited for it goes on, or cannot."""

    TOPIC: ClassVar[str] = "onething.bundle.origin-noted.v1"
    item: str
    outcome: Literal["granted", "denied", "withdrawn"]


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


class ReviewsBlocked(Fact, frozen=True, kw_only=True):
    """Items that can no longer be decided because an item they need was denied or taken back."""

    TOPIC: ClassVar[str] = "onething.review.blocked.v1"
    items: tuple[str, ...]
    because: tuple[str, ...]


class ReviewEnded(Fact, frozen=True, kw_only=True):
    """A review ended without a decision, or a tolerant grant fell: withdrawn, not accepted, lapsed, returned."""

    TOPIC: ClassVar[str] = "onething.review.ended.v1"
    item: str
    reason: EndReason
    joint: JointClock | None = None
    """Where a special procedure ended with it: the joint clock, which counts again."""


class WithdrawalRefused(Fact, frozen=True, kw_only=True):
    """A withdrawal came after the decision: the decision stands."""

    TOPIC: ClassVar[str] = "onething.review.withdrawal-refused.v1"
    item: str
    decision: str


class BundleConcluded(Fact, frozen=True, kw_only=True):
    """The verdict over the whole: every item has come to its end."""

    TOPIC: ClassVar[str] = "onething.bundle.concluded.v1"
    verdict: Literal["granted", "partly", "denied", "withdrawn", "not_accepted"]
    granted: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    """Granted, and taken back before the whole was concluded."""


class GetBundle(Query, frozen=True, kw_only=True):
    """The reviews of a case: state, clocks with their derivation, what each waits for."""

    SERVICE: ClassVar[str] = "approval"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/bundle"
    ANSWER: ClassVar[Any] = BundleDetail
    case_id: str


class ReviewsRelocked(Fact, frozen=True, kw_only=True):
    """Reviews wait for their joins again, because decisions that they rested on, or failed by, stand no more."""

    TOPIC: ClassVar[str] = "onething.review.relocked.v1"
    items: tuple[str, ...]
    because: tuple[str, ...]
    joint: JointClock | None = None
    """Where special procedures ended with it: the joint clock, which counts again."""
