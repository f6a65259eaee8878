"""事后核查: verification after the approval, and what is put right."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.approval.answers import RectificationDue
from contracts.language import Command, Fact


class VerificationPlanned(Fact, frozen=True, kw_only=True):
    """事后核查: what was granted will be verified, until a day."""

    TOPIC: ClassVar[str] = "onething.verification.planned.v1"
    item: str
    handler: str
    due_on: date
    basis: Literal["promise", "assisted_promise", "rule"]
    """告知承诺 事后核查 · 告知承诺 行政协助核查 · the item's own rule."""


class VerificationRecorded(Fact, frozen=True, kw_only=True):
    """It was verified whether the holder keeps what the grant rests on."""

    TOPIC: ClassVar[str] = "onething.verification.recorded.v1"
    item: str
    handler: str
    kept: bool
    findings: str


class RectificationOrdered(Fact, frozen=True, kw_only=True):
    """责令限期改正: the holder has to put right what was found, until a day."""

    TOPIC: ClassVar[str] = "onething.verification.rectification-ordered.v1"
    item: str
    handler: str
    demands: str
    due_on: date
    recheck_by: date | None = None


class RectificationRechecked(Fact, frozen=True, kw_only=True):
    """It was looked at whether the holder has put it right."""

    TOPIC: ClassVar[str] = "onething.verification.rechecked.v1"
    item: str
    handler: str
    passed: bool
    findings: str


class VerificationOverdue(Fact, frozen=True, kw_only=True):
    """A verification was not made in time, a rectification not looked at in time, or its day has passed."""

    TOPIC: ClassVar[str] = "onething.verification.overdue.v1"
    item: str
    handler: str
    step: Literal["verification", "rectification", "recheck"]
    due_on: date


class RecordVerification(Command, frozen=True, kw_only=True):
    """Record whether the holder of a grant keeps what it rests on."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    kept: bool
    findings: Annotated[str, msgspec.Meta(min_length=1)]


class OrderRectification(Command, frozen=True, kw_only=True):
    """Order the holder to put right what the verification found."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = RectificationDue
    case_id: str
    item: str
    demands: Annotated[str, msgspec.Meta(min_length=1)]
    days: Annotated[int, msgspec.Meta(ge=1, le=250)] | None = None
    """Working days; None: as the catalogue says."""


class RecordRecheck(Command, frozen=True, kw_only=True):
    """Record whether the holder has put it right."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    passed: bool
    findings: Annotated[str, msgspec.Meta(min_length=1)]
