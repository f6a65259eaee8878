"""导入: where a single item of a theme is handled, the theme is offered; offers are the denominator of conversion."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.intake import Channel
from contracts.language import Answer, Command, Fact, Query

Reply = Literal["accepted", "declined"]


class OfferMade(Fact, frozen=True, kw_only=True):
    """Somebody who came for a single item was offered its theme."""

    TOPIC: ClassVar[str] = "onething.offer.made.v1"
    SERVICE: ClassVar[str] = "intake"
    theme: str
    item: str
    catalogue: str
    hall: str
    window: str
    channel: Channel
    origin: str = ""
    """The case in which the single item is handled, where it is one of ours."""
    applicant_index: str = ""


class OfferAnswered(Fact, frozen=True, kw_only=True):
    """The applicant said yes or no; a no has a reason of the table, perhaps with words."""

    TOPIC: ClassVar[str] = "onething.offer.answered.v1"
    SERVICE: ClassVar[str] = "intake"
    answer: Reply
    reason: str = ""
    words: str = ""


class OfferTaken(Fact, frozen=True, kw_only=True):
    """A case of the theme was opened, or joined, because of the offer."""

    TOPIC: ClassVar[str] = "onething.offer.taken.v1"
    SERVICE: ClassVar[str] = "intake"
    taken_by: str
    """The case's id."""


class OfferStanding(Answer, frozen=True, kw_only=True):
    """How an offer stands."""

    offer: str
    theme: str
    item: str
    state: str
    reason: str
    taken_by: str


class OfferRow(Answer, frozen=True, kw_only=True):
    """An offer in the list."""

    offer: str
    theme: str
    item: str
    hall: str
    window: str
    channel: Channel
    state: str
    reason: str
    origin: str
    taken_by: str
    made_at: datetime


class OfferPage(Answer, frozen=True, kw_only=True):
    """A page of offers, and how many there are in each state."""

    offers: tuple[OfferRow, ...]
    after: str
    counts: dict[str, int]


class ReasonWords(Answer, frozen=True, kw_only=True):
    """A reason for a no, in both languages."""

    zh: str
    en: str


class ThemeSuggestion(Answer, frozen=True, kw_only=True):
    """A theme that a single item belongs to, and what else of it may be handled: item → name."""

    theme: str
    name: str
    item: str
    others: dict[str, str]


class ThemeSuggestions(Answer, frozen=True, kw_only=True):
    """The themes of a single item, and the reasons that a no may have."""

    item: str
    themes: tuple[ThemeSuggestion, ...]
    reasons: dict[str, ReasonWords]


class OfferTheme(Command, frozen=True, kw_only=True):
    """Offer the theme of a single item that is handled at the caller's hall."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = OfferStanding
    offer: str
    theme: str
    item: str
    channel: Channel = "window"
    origin: str = ""
    identifier: str = ""
    """Of the applicant; kept as a blind index."""


class AnswerOffer(Command, frozen=True, kw_only=True):
    """Record what the applicant said; it may change until a case came of it."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = OfferStanding
    offer: str
    answer: Reply
    reason: str = ""
    words: str = ""


class ListOffers(Query, frozen=True, kw_only=True):
    """Offers by theme, hall and state, newest first, by cursor, and how many there are in each state."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /offers"
    ANSWER: ClassVar[Any] = OfferPage
    theme: str = ""
    hall: str = ""
    state: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class SuggestThemes(Query, frozen=True, kw_only=True):
    """The themes that a single item belongs to, and what else each of them would handle."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /items/{item}/themes"
    ANSWER: ClassVar[Any] = ThemeSuggestions
    item: str
