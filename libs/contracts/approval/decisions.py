"""Granting and denying an item, by a person or by comparing data."""

from typing import Annotated, Any, ClassVar

import msgspec

from contracts.approval.answers import ReviewStanding
from contracts.language import Command, Fact


class ReviewGranted(Fact, frozen=True, kw_only=True):
    """准予: the department granted the item."""

    TOPIC: ClassVar[str] = "onething.review.granted.v1"
    item: str
    handler: str
    decision: str
    """Number of the decision document."""
    opinion: str = ""
    tolerant: bool = False
    """容缺通过: granted while tolerated materials are missing; the certificate is held until they are here."""
    automatic: bool = False
    """Decided by comparing data, or by silence, and not by a person."""


class ReviewConfirmed(Fact, frozen=True, kw_only=True):
    """A tolerant grant became a full one: everything that was tolerated has arrived."""

    TOPIC: ClassVar[str] = "onething.review.confirmed.v1"
    item: str
    handler: str
    decision: str


class ToleranceSettled(Fact, frozen=True, kw_only=True):
    """Everything that was tolerated as missing has arrived before the decision."""

    TOPIC: ClassVar[str] = "onething.review.tolerance-settled.v1"
    item: str


class ReviewDenied(Fact, frozen=True, kw_only=True):
    """不予许可: with reasons and the remedy notice (行政许可法 第38条)."""

    TOPIC: ClassVar[str] = "onething.review.denied.v1"
    item: str
    handler: str
    decision: str
    reasons: str
    remedy: str
    automatic: bool = False
    """Decided by silence, and not by a person."""


class GrantReview(Command, frozen=True, kw_only=True):
    """A department grants one item."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewStanding
    case_id: str
    item: str
    opinion: str = ""


class DenyReview(Command, frozen=True, kw_only=True):
    """A department denies one item, with reasons."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewStanding
    case_id: str
    item: str
    reasons: str


class DataCompared(Fact, frozen=True, kw_only=True):
    """数据比对: what an item asks for was compared with the data of a source."""

    TOPIC: ClassVar[str] = "onething.review.data-compared.v1"
    item: str
    handler: str
    matched: bool
    source: str
    digest: str
    """Of what the source answered."""


class FellBackToPerson(Fact, frozen=True, kw_only=True):
    """转人工: the data did not decide; a person does."""

    TOPIC: ClassVar[str] = "onething.review.fell-back.v1"
    item: str
    handler: str
    source: str


class RecordComparison(Command, frozen=True, kw_only=True):
    """Record what a comparison of data gave: a match grants the item, anything else leaves it to a person."""

    SERVICE: ClassVar[str] = "approval"
    INTERNAL: ClassVar[str] = "sent by the port to the authorities' data, never by a person"
    ANSWER: ClassVar[Any] = ReviewStanding
    case_id: str
    item: str
    matched: bool
    source: Annotated[str, msgspec.Meta(min_length=1)]
    digest: Annotated[str, msgspec.Meta(min_length=1)]
