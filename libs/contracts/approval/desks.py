"""Who works on a review, and the list of what there is to do."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.approval.answers import ReviewHolder, WorklistPage
from contracts.approval.values import DeskState
from contracts.language import Command, Fact, Query


class Worklist(Query, frozen=True, kw_only=True):
    """What lies with a department (or provider): what it can decide now, most urgent first, unless told."""

    SERVICE: ClassVar[str] = "approval"
    ROUTE: ClassVar[str] = "GET /worklist"
    ANSWER: ClassVar[Any] = WorklistPage
    org: str
    state: DeskState = "ready"
    """``ready`` can be decided now; ``undecided`` is everything that is not."""
    holder: Literal["", "mine", "unclaimed"] = ""
    """Whose: anybody's, the caller's own, nobody's."""
    theme: str = ""
    item: str = ""
    warned: Literal["", "amber", "red"] = ""
    """Only those whose limit is about to pass, or has passed (also long ago)."""
    sort: Literal["due", "newest", "oldest"] = "due"
    """By the next day that is due, or by case number: the latest, or the earliest, of a region first."""
    limit: int = 50
    after: str = ""


class ReviewClaimed(Fact, frozen=True, kw_only=True):
    """A person of the organisation took a review from the common work list."""

    TOPIC: ClassVar[str] = "onething.review.claimed.v1"
    item: str
    handler: str
    holder: str


class ReviewAssigned(Fact, frozen=True, kw_only=True):
    """A review was given to a person of the organisation; who had it before has it no more."""

    TOPIC: ClassVar[str] = "onething.review.assigned.v1"
    item: str
    handler: str
    holder: str
    reason: str = ""


class ReviewReleased(Fact, frozen=True, kw_only=True):
    """Its holder put a review back on the common work list."""

    TOPIC: ClassVar[str] = "onething.review.released.v1"
    item: str
    handler: str
    holder: str
    reason: str = ""


class ClaimReview(Command, frozen=True, kw_only=True):
    """Take a review: from now on nobody else decides it."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewHolder
    case_id: str
    item: str


class AssignReview(Command, frozen=True, kw_only=True):
    """Give a review to a person of one's organisation, whoever holds it now."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewHolder
    case_id: str
    item: str
    holder: Annotated[str, msgspec.Meta(min_length=1)]
    reason: str = ""


class ReleaseReview(Command, frozen=True, kw_only=True):
    """Put a review that one holds back on the work list."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewHolder
    case_id: str
    item: str
    reason: str = ""
