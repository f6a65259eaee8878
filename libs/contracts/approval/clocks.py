"""Limits: warnings, special procedures whose time is not counted, extensions, waits, another calendar."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.approval.answers import ClocksStanding, JointExtensionAnswer, Rederived
from contracts.approval.values import JointClock, Level, Moved, Unlocked
from contracts.language import Command, Fact


class ReviewWarned(Fact, frozen=True, kw_only=True):
    """Supervision: a limit of a review is about to pass (amber), has passed (red), or passed long ago (escalated).

    Amber speaks to the handler, red and escalated to the ``lead`` as well, which supervises the whole case.
    """

    TOPIC: ClassVar[str] = "onething.review.warned.v1"
    item: str
    handler: str
    level: Level
    due: date
    limit: Literal["promised", "statutory"] = "promised"
    lead: str = ""
    escalates_on: date | None = None
    """The day on which a red one that is still open is escalated."""


class BundleWarned(Fact, frozen=True, kw_only=True):
    """Supervision: the limit over the whole of a joint handling is about to pass, or has passed."""

    TOPIC: ClassVar[str] = "onething.bundle.warned.v1"
    lead: str
    level: Level
    due: date
    escalates_on: date | None = None


class ReviewSuspended(Fact, frozen=True, kw_only=True):
    """特别程序: its time is not counted, and the applicant was told in writing how long (行政许可法 第45条)."""

    TOPIC: ClassVar[str] = "onething.review.suspended.v1"
    item: str
    handler: str
    procedure: str
    """Its id: one of the law's or one of the item's own."""
    reason: str
    notice: str
    """Number of the written notice."""
    started_on: date
    """The first day that is not counted."""
    expected_days: int
    """Working days, as told to the applicant."""
    expected_on: date
    """The last of them."""
    clocks: Unlocked
    joint: JointClock | None = None


class ReviewResumed(Fact, frozen=True, kw_only=True):
    """A special procedure came to its result; the clocks count again from this day on, unless another one goes on."""

    TOPIC: ClassVar[str] = "onething.review.resumed.v1"
    item: str
    handler: str
    procedure: str
    result: str
    resumed_on: date
    """The first day that is counted again."""
    clocks: Unlocked
    joint: JointClock | None = None


class SuspensionOverran(Fact, frozen=True, kw_only=True):
    """Supervision: a special procedure takes longer than the applicant was told."""

    TOPIC: ClassVar[str] = "onething.review.suspension-overran.v1"
    item: str
    handler: str
    procedure: str
    expected_on: date
    lead: str


class ExtensionRequested(Fact, frozen=True, kw_only=True):
    """延长审批: the handler asks the head of its office for more time (行政许可法 第42条第1款)."""

    TOPIC: ClassVar[str] = "onething.review.extension-requested.v1"
    item: str
    handler: str
    reasons: str


class ReviewExtended(Fact, frozen=True, kw_only=True):
    """The statutory limit was extended, before it ended and by a second person; the applicant is told why."""

    TOPIC: ClassVar[str] = "onething.review.extended.v1"
    item: str
    handler: str
    reasons: str
    days: int
    notice: str
    requested_by: str
    clocks: Unlocked


class ExtensionRefused(Fact, frozen=True, kw_only=True):
    """The limit stays as it is."""

    TOPIC: ClassVar[str] = "onething.review.extension-refused.v1"
    item: str
    handler: str
    reason: str


class JointExtensionRequested(Fact, frozen=True, kw_only=True):
    """The lead department asks for more time for the whole of a joint handling (行政许可法 第42条第2款)."""

    TOPIC: ClassVar[str] = "onething.bundle.extension-requested.v1"
    lead: str
    reasons: str


class JointExtended(Fact, frozen=True, kw_only=True):
    """The head of the government approved more time for the whole, before its limit ended; the applicant is told."""

    TOPIC: ClassVar[str] = "onething.bundle.prolonged.v1"
    lead: str
    reasons: str
    days: int
    approval: str
    """Number of the government's approval."""
    notice: str
    requested_by: str
    clock: JointClock


class WaitPassed(Fact, frozen=True, kw_only=True):
    """A period that had to pass before the decision has passed."""

    TOPIC: ClassVar[str] = "onething.review.wait-passed.v1"
    item: str
    handler: str
    wait: str
    until: date


class ClocksRederived(Fact, frozen=True, kw_only=True):
    """Open deadlines were derived again by another calendar; ``moved`` says which days are others now."""

    TOPIC: ClassVar[str] = "onething.bundle.clocks-rederived.v1"
    calendar: str
    moved: tuple[Moved, ...]
    clocks: tuple[Unlocked, ...]
    joint: JointClock | None = None


class SuspendReview(Command, frozen=True, kw_only=True):
    """The handler begins a special procedure whose time is not counted."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ClocksStanding
    case_id: str
    item: str
    procedure: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]
    expected_days: Annotated[int, msgspec.Meta(ge=1, le=250)]


class ResumeReview(Command, frozen=True, kw_only=True):
    """A special procedure has come to its result."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ClocksStanding
    case_id: str
    item: str
    procedure: str
    result: Annotated[str, msgspec.Meta(min_length=1)]


class RequestExtension(Command, frozen=True, kw_only=True):
    """Ask for an extension of the statutory limit, with reasons."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ClocksStanding
    case_id: str
    item: str
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveExtension(Command, frozen=True, kw_only=True):
    """Approve an extension that somebody else of the organisation asked for."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ClocksStanding
    case_id: str
    item: str


class RefuseExtension(Command, frozen=True, kw_only=True):
    """Refuse an extension that somebody else of the organisation asked for."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ClocksStanding
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class RequestJointExtension(Command, frozen=True, kw_only=True):
    """The lead department asks for more time for the whole of a joint handling."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveJointExtension(Command, frozen=True, kw_only=True):
    """Record that the head of the government approved more time for the whole; by a second person of the lead."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = JointExtensionAnswer
    case_id: str
    approval: Annotated[str, msgspec.Meta(min_length=1)]
    """Number of the government's approval."""


class RederiveClocks(Command, frozen=True, kw_only=True):
    """Derive the open deadlines of a case again by today's calendar."""

    SERVICE: ClassVar[str] = "approval"
    INTERNAL: ClassVar[str] = "sent by approval itself when a calendar changes"
    ANSWER: ClassVar[Any] = Rederived
    case_id: str
