"""A case between windows: requests to go on with it, and messages on it."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.halls.values import HandOverState
from contracts.language import Answer, Command, Fact, Query, Sealed


class HandOverRequested(Fact, frozen=True, kw_only=True):
    """A window asks another hall, or a window of it, to go on with the case."""

    TOPIC: ClassVar[str] = "onething.case-hand-over.requested.v1"
    hall: str
    window: str
    to_hall: str
    to_window: str
    reason: str
    expires_at: datetime


class HandOverAccepted(Fact, frozen=True, kw_only=True):
    """They go on with it."""

    TOPIC: ClassVar[str] = "onething.case-hand-over.accepted.v1"
    hall: str
    window: str
    from_hall: str


class HandOverDeclined(Fact, frozen=True, kw_only=True):
    """They do not, and say why."""

    TOPIC: ClassVar[str] = "onething.case-hand-over.declined.v1"
    hall: str
    from_hall: str
    reason: str


class HandOverWithdrawn(Fact, frozen=True, kw_only=True):
    """Whoever asked does not want it any more."""

    TOPIC: ClassVar[str] = "onething.case-hand-over.withdrawn.v1"
    hall: str
    to_hall: str


class HandOverExpired(Fact, frozen=True, kw_only=True):
    """Nobody answered in time: the case stays where it is."""

    TOPIC: ClassVar[str] = "onething.case-hand-over.expired.v1"
    hall: str
    to_hall: str


class CaseMessageSent(Fact, frozen=True, kw_only=True):
    """Somebody at a window wrote to the others on the case. The text is sealed with the case's key."""

    TOPIC: ClassVar[str] = "onething.case-message.sent.v1"
    hall: str
    window: str
    text: Sealed
    to_hall: str = ""
    """Whom it is for above all; empty: all halls of the case."""


class RequestHandOver(Command, frozen=True, kw_only=True):
    """Ask another hall, or a window of it, to go on with a case."""

    SERVICE: ClassVar[str] = "halls"
    case_id: str
    to_hall: str
    to_window: str = ""
    reason: str
    minutes: int = 240


class AcceptHandOver(Command, frozen=True, kw_only=True):
    """Go on with a case that was offered."""

    SERVICE: ClassVar[str] = "halls"
    case_id: str


class DeclineHandOver(Command, frozen=True, kw_only=True):
    """Leave it where it is."""

    SERVICE: ClassVar[str] = "halls"
    case_id: str
    reason: str


class WithdrawHandOver(Command, frozen=True, kw_only=True):
    """Take the request back."""

    SERVICE: ClassVar[str] = "halls"
    case_id: str


class SendCaseMessage(Command, frozen=True, kw_only=True):
    """Write to the others on a case."""

    SERVICE: ClassVar[str] = "halls"
    case_id: str
    text: str
    to_hall: str = ""


class HandOver(Answer, frozen=True, kw_only=True):
    """A request to go on with a case."""

    case_id: str
    state: HandOverState
    hall: str
    window: str
    to_hall: str
    to_window: str
    reason: str
    by: str
    requested_at: datetime
    expires_at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class HandOverPage(Answer, frozen=True, kw_only=True):
    """A page of requests."""

    hand_overs: tuple[HandOver, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListHandOvers(Query, frozen=True, kw_only=True):
    """Requests that come to a hall or go out from it, newest first."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /hand-overs"
    ANSWER: ClassVar[Any] = HandOverPage
    hall: str
    direction: Literal["", "in", "out"] = ""
    state: HandOverState | Literal[""] = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 100


class CaseMessage(Answer, frozen=True, kw_only=True):
    """A message on a case."""

    number: int
    at: datetime
    by: str
    hall: str
    window: str
    to_hall: str
    text: str


class CaseMessagePage(Answer, frozen=True, kw_only=True):
    """A page of messages."""

    messages: tuple[CaseMessage, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListCaseMessages(Query, frozen=True, kw_only=True):
    """What was written on a case, for those at its halls; oldest first."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/messages"
    ANSWER: ClassVar[Any] = CaseMessagePage
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact",)
    case_id: str
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 100
