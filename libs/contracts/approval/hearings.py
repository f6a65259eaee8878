"""听证: told of the right, asked for or waived, held."""

from datetime import date
from typing import Annotated, Any, ClassVar

import msgspec

from contracts.approval.answers import HearingDue, HearingOpen
from contracts.language import Command, Fact


class HearingRightTold(Fact, frozen=True, kw_only=True):
    """告知听证权利: before the decision, the parties were told that they may ask for a hearing (行政许可法 第47条)."""

    TOPIC: ClassVar[str] = "onething.hearing.right-told.v1"
    item: str
    handler: str
    parties: tuple[str, ...]
    """``applicant``, and other interested parties by names that say nothing of the person: ``neighbour-1``."""
    until: date
    """The last day on which a hearing may be asked for."""
    notice: str = ""
    """Number or digest of the document with which they were told."""


class HearingRequested(Fact, frozen=True, kw_only=True):
    """A party asked for a hearing; the time that it takes is not counted (行政许可法 第45条)."""

    TOPIC: ClassVar[str] = "onething.hearing.requested.v1"
    item: str
    handler: str
    party: str
    hold_by: date
    """The last day on which it has to be held."""


class HearingWaived(Fact, frozen=True, kw_only=True):
    """A party gave up its right to a hearing, or took its request back."""

    TOPIC: ClassVar[str] = "onething.hearing.waived.v1"
    item: str
    handler: str
    party: str


class HearingRightLapsed(Fact, frozen=True, kw_only=True):
    """Nobody asked for a hearing in time."""

    TOPIC: ClassVar[str] = "onething.hearing.right-lapsed.v1"
    item: str
    handler: str


class HearingScheduled(Fact, frozen=True, kw_only=True):
    """Time, place and presider of a hearing were told to the parties (行政许可法 第48条)."""

    TOPIC: ClassVar[str] = "onething.hearing.scheduled.v1"
    item: str
    handler: str
    on: date
    place: str
    presider: str
    late: bool = False
    """Whether it will be held after its limit, because no day within it leaves time for the notice."""


class HearingHeld(Fact, frozen=True, kw_only=True):
    """The hearing took place; the decision is to rest on its record (行政许可法 第48条第2款)."""

    TOPIC: ClassVar[str] = "onething.hearing.held.v1"
    item: str
    handler: str
    on: date
    presider: str
    record: str
    """Digest of the signed record (听证笔录)."""


class HearingOverdue(Fact, frozen=True, kw_only=True):
    """The limit within which a hearing has to be held passed without it."""

    TOPIC: ClassVar[str] = "onething.hearing.overdue.v1"
    item: str
    handler: str
    hold_by: date


class TellHearingRight(Command, frozen=True, kw_only=True):
    """Record that the parties were told of their right to a hearing, before the decision."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = HearingOpen
    case_id: str
    item: str
    parties: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("applicant",)
    notice: str = ""


class RequestHearing(Command, frozen=True, kw_only=True):
    """A party that was told of its right asks for a hearing, at whichever window or desk."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = HearingDue
    case_id: str
    item: str
    party: str = "applicant"


class WaiveHearing(Command, frozen=True, kw_only=True):
    """A party gives up its right, or takes its request back."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    party: str = "applicant"


class ScheduleHearing(Command, frozen=True, kw_only=True):
    """Set time, place and presider of a hearing that was asked for, or move it."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    on: date
    place: Annotated[str, msgspec.Meta(min_length=1)]
    presider: Annotated[str, msgspec.Meta(min_length=1)]


class RecordHearing(Command, frozen=True, kw_only=True):
    """Put the record of a hearing on file."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    record: Annotated[str, msgspec.Meta(min_length=1)]
