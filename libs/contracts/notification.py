"""消息送达: what an applicant must learn, and whether it reached them."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.language import Answer, Command, Fact, Query

MessageKind = Literal[
    "notice", "correction", "sent_back", "tolerance_held", "accepted", "not_accepted", "returned",
    "tolerance_due", "tolerance_extended", "tolerance_lapsed", "withdrawal_refused", "denied", "choice",
    "suspended", "extended", "jointly_extended", "hearing_right", "hearing_set", "rectification", "corrected",
    "voided", "revoked", "cancelled", "ready", "on_the_way", "uncollected", "draft_expiring",
]  # fmt: skip

MessageChannel = Literal["sms", "app", "mail", "in_person"]
"""短信 · 应用内消息 · 电子邮件 · 当面或电话告知"""

Failing = Literal["unavailable", "refused", "no-address", "erased", "bounced"]
"""Why a carrier did not bring a message: it could not be reached · it refused · the applicant gave no address · the
applicant's data was erased · it came back."""


class MessagePrepared(Fact, frozen=True, kw_only=True):
    """The applicant has to learn something. ``data`` is what the words are made of; nothing in it is personal."""

    TOPIC: ClassVar[str] = "onething.message.prepared.v1"
    message: str
    kind: MessageKind
    data: dict[str, str] = {}


class MessagesSent(Fact, frozen=True, kw_only=True):
    """Messages were given to a carrier, which took them; several of one case leave as one."""

    TOPIC: ClassVar[str] = "onething.message.sent.v1"
    messages: tuple[str, ...]
    channel: MessageChannel
    reference: str
    """The carrier's receipt."""
    digest: str
    """Of the words that left, in UTF-8."""


class SendingFailed(Fact, frozen=True, kw_only=True):
    """A carrier did not take messages. ``again_at`` is the next attempt; None: somebody has to tell in person."""

    TOPIC: ClassVar[str] = "onething.message.sending-failed.v1"
    messages: tuple[str, ...]
    channel: MessageChannel | None
    reason: str
    """One of ``Failing``."""
    again_at: datetime | None = None


class MessageDelivered(Fact, frozen=True, kw_only=True):
    """A message reached the applicant: the carrier says so, or a clerk told them."""

    TOPIC: ClassVar[str] = "onething.message.delivered.v1"
    message: str
    channel: MessageChannel
    reference: str = ""


class MessageState(Answer, frozen=True, kw_only=True):
    """How far a message came."""

    message: str
    state: str


class MessageName(Answer, frozen=True, kw_only=True):
    """A message that was prepared."""

    message: str


class MessageStanding(Answer, frozen=True, kw_only=True):
    """What a message says as data, and how far it came."""

    kind: MessageKind
    data: dict[str, str]
    prepared_at: datetime
    state: str
    attempts: int
    next_at: datetime | None
    channel: MessageChannel | None
    reference: str
    digest: str
    reason: str


class CorrespondenceDetail(Answer, frozen=True, kw_only=True):
    """All messages of a case, in order."""

    case_id: str
    messages: dict[str, MessageStanding]


class MessageRow(Answer, frozen=True, kw_only=True):
    """A message in the list."""

    case_id: str
    message: str
    kind: MessageKind
    state: str
    next_at: datetime | None
    prepared_at: datetime
    channel: MessageChannel | Literal[""]
    attempts: int
    reason: str


class MessagePage(Answer, frozen=True, kw_only=True):
    """A page of messages."""

    messages: tuple[MessageRow, ...]
    after: str


class ConfirmMessage(Command, frozen=True, kw_only=True):
    """A carrier's report of what became of a message, or a clerk's that the applicant was told in person."""

    SERVICE: ClassVar[str] = "notification"
    ANSWER: ClassVar[Any] = MessageState
    case_id: str
    message: str
    outcome: Literal["delivered", "bounced"]
    channel: MessageChannel
    reference: str = ""


class ResendMessage(Command, frozen=True, kw_only=True):
    """Send a message again, for instance after the applicant's number was put right."""

    SERVICE: ClassVar[str] = "notification"
    ANSWER: ClassVar[Any] = MessageName
    case_id: str
    message: str


class GetCorrespondence(Query, frozen=True, kw_only=True):
    """All messages of a case, in order, and how far each came."""

    SERVICE: ClassVar[str] = "notification"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/correspondence"
    ANSWER: ClassVar[Any] = CorrespondenceDetail
    case_id: str


class ListUndelivered(Query, frozen=True, kw_only=True):
    """Messages that no carrier could bring: somebody has to tell the applicants."""

    SERVICE: ClassVar[str] = "notification"
    ROUTE: ClassVar[str] = "GET /undelivered-messages"
    ANSWER: ClassVar[Any] = MessagePage
    kind: MessageKind | Literal[""] = ""
    channel: MessageChannel | Literal[""] = ""
    """By which it was tried last."""
    reason: Failing | Literal[""] = ""
    since: date | None = None
    """Prepared on that day or later."""
    limit: int = 50
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
