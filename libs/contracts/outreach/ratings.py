"""好差评, and what follows from bad ones."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from contracts.language import Answer, Command, Fact, Query, Sealed
from contracts.outreach.values import AppealGround, Finding, Grade, Handled, Indicator, RatingChannel


class RatingGiven(Fact, frozen=True, kw_only=True):
    """好差评: the applicant graded one handling of the case, voluntarily and once."""

    TOPIC: ClassVar[str] = "onething.rating.given.v1"
    handling: str
    grade: Grade
    channel: RatingChannel
    on_site: bool
    """一次一评 at a counter, or 一事一评 online."""
    hall: str = ""
    window: str = ""
    staff: str = ""
    """Who handled it."""
    indicators: dict[Indicator, Grade] = {}
    key_id: str = ""
    comment: Sealed | None = None
    catalogue: str = ""


class RectificationOpened(Fact, frozen=True, kw_only=True):
    """差评整改: a bad rating has to be verified and put right by those who handled it, within working days."""

    TOPIC: ClassVar[str] = "onething.rectification.opened.v1"
    handling: str
    hall: str
    days: int
    due_on: date
    source: str = ""
    placeholder: bool = False
    """The limit is the locality's to set and is no promise to anybody."""


class RatingVerified(Fact, frozen=True, kw_only=True):
    """核实: what the bad rating is about, and whether it is founded."""

    TOPIC: ClassVar[str] = "onething.rectification.verified.v1"
    handling: str
    finding: Finding
    account: str


class RatingRectified(Fact, frozen=True, kw_only=True):
    """整改: what was changed, or how it was explained that there is no legal basis."""

    TOPIC: ClassVar[str] = "onething.rectification.rectified.v1"
    handling: str
    measures: str


class RatingFedBack(Fact, frozen=True, kw_only=True):
    """反馈: who rated was called back under their own name, or it was tried."""

    TOPIC: ClassVar[str] = "onething.rectification.fed-back.v1"
    handling: str
    reached: bool
    satisfied: bool | None = None
    """What who rated says of the outcome; None where nobody was reached or nothing was said."""


class RatingRechecked(Fact, frozen=True, kw_only=True):
    """复核: a second person looked at what was done. What did not pass is rectified again."""

    TOPIC: ClassVar[str] = "onething.rectification.rechecked.v1"
    handling: str
    passed: bool
    account: str = ""


class RectificationClosed(Fact, frozen=True, kw_only=True):
    """办结: the bad rating is settled."""

    TOPIC: ClassVar[str] = "onething.rectification.closed.v1"
    handling: str
    outcome: Literal["rectified", "explained", "struck"]
    """Put right · explained, as there is no basis · struck, as the rating was mistaken or malicious."""
    in_time: bool


class RectificationOverdue(Fact, frozen=True, kw_only=True):
    """The limit passed and the bad rating is not settled: supervision is told (督办)."""

    TOPIC: ClassVar[str] = "onething.rectification.overdue.v1"
    handling: str
    due_on: date


class RatingAppealed(Fact, frozen=True, kw_only=True):
    """申诉: those who were rated say that the rating is mistaken or malicious."""

    TOPIC: ClassVar[str] = "onething.rating.appealed.v1"
    handling: str
    ground: AppealGround
    account: str


class AppealDecided(Fact, frozen=True, kw_only=True):
    """A second person decided the appeal. A rating that is struck counts no longer."""

    TOPIC: ClassVar[str] = "onething.rating.appeal-decided.v1"
    handling: str
    upheld: bool
    account: str


class RatingStanding(Answer, frozen=True, kw_only=True):
    """How a rating stands after an act."""

    case_id: str
    handling: str
    grade: Grade
    step: str
    due_on: date | None
    outcome: str


class RatingTold(Answer, frozen=True, kw_only=True):
    """A rating, and how far what follows from it has come."""

    handling: str
    grade: Grade
    channel: RatingChannel
    on_site: bool
    hall: str
    window: str
    staff: str
    at: datetime
    indicators: dict[Indicator, Grade]
    step: str
    due_on: date | None
    is_overdue: bool
    finding: Finding | None
    calls: int
    is_reached: bool
    is_satisfied: bool | None
    appeal: AppealGround | None
    is_upheld: bool | None
    closed_at: datetime | None
    outcome: str
    is_in_time: bool | None
    comment: str | None
    finding_account: str = ""
    """In words, as are the next four: for those who settle bad ratings and who oversee them, else empty."""
    measures: str = ""
    recheck_account: str = ""
    appeal_account: str = ""
    appeal_decision: str = ""


class CaseRatings(Answer, frozen=True, kw_only=True):
    """What of a case can be rated, and what was."""

    case_id: str
    number: str
    handlings: tuple[Handled, ...]
    ratings: tuple[RatingTold, ...]


class RatingRow(Answer, frozen=True, kw_only=True):
    """A rating in the list."""

    case_id: str
    handling: str
    at: datetime
    on: date
    grade: Grade
    channel: RatingChannel
    on_site: bool
    hall: str
    window: str
    staff: str
    step: str
    finding: str
    due_on: date | None
    overdue: bool
    appeal: str
    appeal_open: bool
    calls: int
    reached: bool
    satisfied: bool | None
    outcome: str
    in_time: bool | None
    closed_at: datetime | None


class RatingPage(Answer, frozen=True, kw_only=True):
    """A page of ratings."""

    ratings: tuple[RatingRow, ...]
    after: str


class RatingCounts(Answer, frozen=True, kw_only=True):
    """How well a hall is rated, as counts; struck ratings are left out."""

    handlings: int
    rated: int
    grades: dict[int, int]
    bad: int
    settled: int
    settled_in_time: int
    called_back: int
    reached: int
    overdue: int
    indicators: dict[Indicator, dict[int, int]]


class RateHandling(Command, frozen=True, kw_only=True):
    """Grade one handling of one's own case."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    """One of those that ``GetRatings`` lists."""
    grade: Grade
    channel: RatingChannel
    indicators: dict[Indicator, Grade] = {}
    comment: str = ""
    """In words; stored sealed."""
    receipt: str = ""
    """The code on the case's receipt, where the applicant is not signed in."""


class VerifyRating(Command, frozen=True, kw_only=True):
    """Say what the check of a bad rating came to."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    finding: Finding
    account: str


class RectifyRating(Command, frozen=True, kw_only=True):
    """Say what was done about a bad rating."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    measures: str


class FeedBackRating(Command, frozen=True, kw_only=True):
    """Record the call-back to who rated."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    reached: bool
    satisfied: bool | None = None


class RecheckRating(Command, frozen=True, kw_only=True):
    """Look, as a second person, at what was done about a bad rating."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    passed: bool
    account: str = ""


class AppealRating(Command, frozen=True, kw_only=True):
    """Say that a bad rating is mistaken or malicious."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    ground: AppealGround
    account: str


class DecideAppeal(Command, frozen=True, kw_only=True):
    """Decide an appeal, as a second person."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = RatingStanding
    case_id: str
    handling: str
    upheld: bool
    account: str


class GetRatings(Query, frozen=True, kw_only=True):
    """What of a case can be rated, what was, and how bad ratings stand; comments only for its hall."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "POST /cases/{case_id}/ratings/read"
    ANSWER: ClassVar[Any] = CaseRatings
    CONFIDES: ClassVar[tuple[str, ...]] = ("contact",)
    case_id: str
    """The case's id or its number."""
    receipt: str = ""
    personal: bool = False
    purpose: str = "handling"
    """What personal data is read for; recorded with the reading."""


class ListRatings(Query, frozen=True, kw_only=True):
    """Ratings by hall, grade and standing of what follows from bad ones, newest first, by cursor."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /ratings"
    ANSWER: ClassVar[Any] = RatingPage
    hall: str = ""
    grade: int = 0
    step: Literal["", "verify", "rectify", "feed_back", "recheck", "closed"] = ""
    overdue: bool = False
    appealed: bool = False
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class CountRatings(Query, frozen=True, kw_only=True):
    """Of the handlings between two days: how many were rated, how well, and how bad ratings were settled."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /rating-counts"
    ANSWER: ClassVar[Any] = RatingCounts
    begins: date
    ends: date
    hall: str = ""
