"""Changing a decision: one person proposes, another one approves."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from contracts.approval.answers import ReviewStanding
from contracts.approval.values import RevocationGround
from contracts.language import Command, Fact


class DecisionCorrected(Fact, frozen=True, kw_only=True):
    """更正: a clerical error in a decision was put right by two people; its document is issued again."""

    TOPIC: ClassVar[str] = "onething.review.decision-corrected.v1"
    item: str
    handler: str
    decision: str
    """Number of the corrected decision document."""
    correction: str
    approved_by: str
    proposed_by: str = ""


class DecisionVoided(Fact, frozen=True, kw_only=True):
    """作废: a decision was void or entered by mistake; the review is open again."""

    TOPIC: ClassVar[str] = "onething.review.decision-voided.v1"
    item: str
    handler: str
    decision: str
    ground: str
    result: Literal["voided", "deleted"]
    """作废办结 (业务无效) or 删除办结 (录入错误)."""
    approved_by: str
    proposed_by: str = ""
    dependants: tuple[str, ...] = ()
    """The granted items that rest on it; each needs a decision of its own."""


class DecisionRevoked(Fact, frozen=True, kw_only=True):
    """撤销: an approval was taken back after the case's decision, by the authority that gave it.

    ``dependants`` are the granted items that rest on it; each needs a decision of its own.
    """

    TOPIC: ClassVar[str] = "onething.review.decision-revoked.v1"
    item: str
    handler: str
    decision: str
    ground: RevocationGround
    reasons: str
    remedy: str
    approved_by: str
    proposed_by: str = ""
    dependants: tuple[str, ...] = ()


class CorrectionProposed(Fact, frozen=True, kw_only=True):
    """A person of the handler found a clerical error in a decision."""

    TOPIC: ClassVar[str] = "onething.review.correction-proposed.v1"
    item: str
    handler: str
    decision: str
    correction: str


class VoidingProposed(Fact, frozen=True, kw_only=True):
    """A person of the handler holds a decision to be void or entered by mistake."""

    TOPIC: ClassVar[str] = "onething.review.voiding-proposed.v1"
    item: str
    handler: str
    decision: str
    ground: str
    result: Literal["voided", "deleted"]


class RevocationProposed(Fact, frozen=True, kw_only=True):
    """A grant should be taken back. Recorded by the house itself after a failed recheck: two people still decide."""

    TOPIC: ClassVar[str] = "onething.review.revocation-proposed.v1"
    item: str
    handler: str
    decision: str
    ground: RevocationGround
    reasons: str


class ProposalDropped(Fact, frozen=True, kw_only=True):
    """What was proposed about a decision is not going to be done."""

    TOPIC: ClassVar[str] = "onething.review.proposal-dropped.v1"
    item: str
    handler: str
    proposal: Literal["correction", "voiding", "revocation"]
    reason: str


class ProposeCorrection(Command, frozen=True, kw_only=True):
    """Propose to put a clerical error in a decision right (更正)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    correction: Annotated[str, msgspec.Meta(min_length=1)]


class ProposeVoiding(Command, frozen=True, kw_only=True):
    """Propose to void a decision (作废), or to delete one that was entered by mistake (删除)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    ground: Annotated[str, msgspec.Meta(min_length=1)]
    result: Literal["voided", "deleted"] = "voided"


class ProposeRevocation(Command, frozen=True, kw_only=True):
    """Propose to take a grant back (撤销, 注销)."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    ground: RevocationGround
    reasons: Annotated[str, msgspec.Meta(min_length=1)]


class ApproveProposal(Command, frozen=True, kw_only=True):
    """Do what another person of one's organisation proposed about a decision."""

    SERVICE: ClassVar[str] = "approval"
    ANSWER: ClassVar[Any] = ReviewStanding
    case_id: str
    item: str


class DropProposal(Command, frozen=True, kw_only=True):
    """Take back what one proposed, or turn down what another did."""

    SERVICE: ClassVar[str] = "approval"
    case_id: str
    item: str
    reason: Annotated[str, msgspec.Meta(min_length=1)]
