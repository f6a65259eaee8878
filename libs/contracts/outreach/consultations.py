"""咨询: somebody asked, and what came of it."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query, Sealed
from contracts.outreach.values import ConsultationChannel, FollowUp, Intention


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who asks, what in words, and what they were told. Plain only inside the command; stored sealed."""

    words: str = ""
    told: str = ""
    name: str = ""
    mobile: str = ""


class ConsultationRecorded(Fact, frozen=True, kw_only=True):
    """咨询: somebody asked, and was answered from the catalogue's guide. Nothing in it says in the clear who it was."""

    TOPIC: ClassVar[str] = "onething.consultation.recorded.v1"
    channel: ConsultationChannel
    on: date
    theme: str = ""
    items: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    """The scenario answers that the guide was given for."""
    hall: str = ""
    window: str = ""
    place: str = ""
    """The place whose code was read."""
    catalogue: str = ""
    """The version of the guide that was read out."""
    notice: str = ""
    """The digest of the notice that was given."""
    intention: Intention = "unknown"
    follow_up_on: date | None = None
    """When who asked is to be called back."""
    person: str = ""
    """Blind index of the identifier of who asked, where they gave it."""
    person_day: str = ""
    """Blind index of person and day: several questions of one person on one day count once."""
    key_id: str = ""
    question: Sealed | None = None
    """What was asked, in words, and how to reach who asked: sealed with the consultation's own key."""


class ConsultationFollowedUp(Fact, frozen=True, kw_only=True):
    """Who asked was called back, or it was tried."""

    TOPIC: ClassVar[str] = "onething.consultation.followed-up.v1"
    outcome: FollowUp
    intention: Intention
    next_on: date | None = None


class ConsultationLinked(Fact, frozen=True, kw_only=True):
    """提交: a case came of the consultation."""

    TOPIC: ClassVar[str] = "onething.consultation.linked.v1"
    led_to: str
    """The case's id."""


class ConsultationClosed(Fact, frozen=True, kw_only=True):
    """Nobody has to come back to it: what was personal in it is read by nobody any more."""

    TOPIC: ClassVar[str] = "onething.consultation.closed.v1"
    key_id: str = ""


class ConsultationStanding(Answer, frozen=True, kw_only=True):
    """How a consultation stands after an act."""

    consultation: str
    state: str
    intention: Intention
    follow_up_on: date | None
    led_to: str


class ConsultationDetail(ConsultationStanding, frozen=True, kw_only=True):
    """One consultation; ``asked`` only where it was asked for what is personal."""

    channel: ConsultationChannel
    theme: str
    items: tuple[str, ...]
    answers: dict[str, str]
    place: str
    catalogue: str
    notice: str
    hall: str
    window: str
    by: str
    at: datetime
    calls: tuple[FollowUp, ...]
    settled: bool
    """Nobody has to come back to it, whether or not a case came of it; nothing personal is told any more."""
    asked: Asked | None = None


class ConsultationRow(Answer, frozen=True, kw_only=True):
    """A consultation in the list."""

    consultation: str
    at: datetime
    on: date
    channel: ConsultationChannel
    theme: str
    items: tuple[str, ...]
    place: str
    hall: str
    window: str
    intention: Intention
    state: str
    follow_up_on: date | None
    led_to: str


class ConsultationPage(Answer, frozen=True, kw_only=True):
    """A page of consultations."""

    consultations: tuple[ConsultationRow, ...]
    after: str


class ConsultationCount(Answer, frozen=True, kw_only=True):
    """How many consultations there were under one key, and what came of them."""

    key: str
    consultations: int
    people_days: int
    """Those of one person on one day once."""
    intended: int
    submitted: int
    accepted: int
    closed: int


class ConsultationCounts(Answer, frozen=True, kw_only=True):
    """Consultations by key."""

    by: str
    counts: tuple[ConsultationCount, ...]


class RecordConsultation(Command, frozen=True, kw_only=True):
    """Record that somebody asked, and what they were told."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = ConsultationStanding
    consultation: str
    channel: ConsultationChannel
    theme: str = ""
    items: tuple[str, ...] = ()
    answers: dict[str, str] = {}
    place: str = ""
    catalogue: str = ""
    notice: str = ""
    intention: Intention = "unknown"
    follow_up_on: date | None = None
    identifier: str = ""
    """Of who asks, where they give it; kept as blind indexes."""
    asked: Asked | None = None


class FollowUpConsultation(Command, frozen=True, kw_only=True):
    """Record that who asked was called back."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = ConsultationStanding
    consultation: str
    outcome: FollowUp
    intention: Intention = "unknown"
    """``unknown``: it stays what it was."""
    next_on: date | None = None


class LinkConsultation(Command, frozen=True, kw_only=True):
    """Say which case came of a consultation."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = ConsultationStanding
    consultation: str
    case_id: str
    """The case's id or its number."""


class CloseConsultation(Command, frozen=True, kw_only=True):
    """Say that nobody has to come back to it; what was personal in it is erased."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = ConsultationStanding
    consultation: str


class GetConsultation(Query, frozen=True, kw_only=True):
    """One consultation; what is personal only for those who have to call back."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /consultations/{consultation}"
    ANSWER: ClassVar[Any] = ConsultationDetail
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact",)
    consultation: str
    personal: bool = False
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class ListConsultations(Query, frozen=True, kw_only=True):
    """Consultations by theme, channel, place, hall and state, or one's own, newest first, by cursor."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /consultations"
    ANSWER: ClassVar[Any] = ConsultationPage
    theme: str = ""
    channel: str = ""
    place: str = ""
    hall: str = ""
    state: Literal["", "open", "linked", "closed"] = ""
    due_by: date | None = None
    """Only those that are to be called back by this day."""
    mine: bool = False
    """Only those that whoever asks recorded."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class CountConsultations(Query, frozen=True, kw_only=True):
    """How many consultations there were between two days, and how many of one person on one day count once.

    With what came of them: intentions, cases that were opened, accepted and concluded.
    """

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /consultation-counts"
    ANSWER: ClassVar[Any] = ConsultationCounts
    begins: date
    ends: date
    by: Literal["theme", "channel", "place", "hall", "day"] = "theme"
