"""How items and cases leave: returned, withdrawn, closed."""

from typing import Any, ClassVar, Literal

from contracts.intake.answers import CaseStanding
from contracts.intake.values import Channel
from contracts.language import Command, Fact


class ItemsReturned(Fact, frozen=True, kw_only=True):
    """退件: items that were received and never accepted go back to the applicant, with all that was brought."""

    TOPIC: ClassVar[str] = "onething.case.items-returned.v1"
    items: tuple[str, ...]
    reason: Literal["never_completed", "given_up", "not_compliant"]
    explanation: str = ""
    notice: str = ""


class WithdrawalRequested(Fact, frozen=True, kw_only=True):
    """撤回: the applicant wants an accepted item back; it ends unless its department has decided."""

    TOPIC: ClassVar[str] = "onething.case.withdrawal-requested.v1"
    item: str
    reason: str


class WithdrawalFailed(Fact, frozen=True, kw_only=True):
    """The item had been decided before it was taken back: the decision stands."""

    TOPIC: ClassVar[str] = "onething.case.withdrawal-failed.v1"
    item: str
    decision: str


class ItemWithdrawn(Fact, frozen=True, kw_only=True):
    """撤回 of one item by the applicant; the other items go on."""

    TOPIC: ClassVar[str] = "onething.case.item-withdrawn.v1"
    item: str
    reason: str


class CaseClosed(Fact, frozen=True, kw_only=True):
    """办结: every item has come to its end and everything was handed over.

    Once more, with the outcome of then, where an item was decided again and its new result was handed over
    (``CaseReopened``).
    """

    TOPIC: ClassVar[str] = "onething.case.closed.v1"
    outcome: Literal["granted", "partly", "denied", "withdrawn", "not_accepted", "returned", "merged"]
    into: str = ""
    """The case that it was merged into."""


class CompletionNoted(Fact, frozen=True, kw_only=True):
    """Nothing is left to hand over, although items that failed by others are neither accepted nor gone.

    The case is closed when the last of them is. Without items: they are decided again, and no completion stands.
    """

    TOPIC: ClassVar[str] = "onething.case.completion-noted.v1"
    outcome: Literal["granted", "partly", "denied", "withdrawn", "not_accepted", ""] = ""
    items: tuple[str, ...] = ()
    """The items whose ends it covers."""


class CaseReopened(Fact, frozen=True, kw_only=True):
    """重新办理: a decision of a closed case was void, and these items are decided again.

    The case is what it was before it was closed: what is still to come for it can come, and it is closed once more.
    Its cause is the output that has results again, and the cause of that one the void decision.
    """

    TOPIC: ClassVar[str] = "onething.case.reopened.v1"
    items: tuple[str, ...]


class WithdrawItem(Command, frozen=True, kw_only=True):
    """The applicant takes one item back."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    item: str
    reason: str = ""
    channel: Channel = "window"
    """At a window, the hall has to be one that handles the case; by any other channel the applicant does it."""
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class WithdrawCase(Command, frozen=True, kw_only=True):
    """The applicant takes back every item that has not come to its end."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    reason: str = ""
    channel: Channel = "window"
    mandate: str = ""
    """For an agent: the mandate to act for the applicant (代办)."""


class ReturnItems(Command, frozen=True, kw_only=True):
    """退件: give items back that were received and never accepted (none named: all of them)."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = CaseStanding
    case_id: str
    reason: Literal["given_up", "not_compliant"]
    items: tuple[str, ...] = ()
    explanation: str = ""
