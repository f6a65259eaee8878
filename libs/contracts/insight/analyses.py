"""What numbers come to: their course over months with a forecast, and suggestions that cite them."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.insight.improvements import Lever
from contracts.insight.numbers import Number, Words, _Asking
from contracts.language import Answer

Method = Literal["", "last", "mean", "line", "season"]
"""Empty: there is no forecast · as the last month · the mean of the last twelve · a straight line through the last
twelve · as a year before."""


class MonthTold(msgspec.Struct, frozen=True):
    """A month that has passed, with its number."""

    month: str
    number: Number


class MonthForeseen(msgspec.Struct, frozen=True):
    """A month to come: what it is likely to be, and between what it is if forecasts err no more than they ever did."""

    month: str
    value: float
    low: float
    high: float


class TrendTold(Answer, frozen=True, kw_only=True):
    """A figure month by month, and a simple forecast with its error."""

    indicator: str
    figure: str
    name: Words
    unit: str
    as_of: datetime
    months: tuple[MonthTold, ...]
    """Whole months only, oldest first."""
    forecast: tuple[MonthForeseen, ...]
    """Empty where too few months have a number."""
    method: Method
    """That which would have erred least."""
    mean_error: float | None
    """By how much, on the average, the same method was wrong one month ahead, in the figure's own unit."""
    tested: int
    """For how many months that was tried."""


class CitedNumber(msgspec.Struct, frozen=True):
    """A number that a suggestion is made of; it is asked for again by ``GetIndicator``."""

    indicator: str
    figure: str
    name: Words
    unit: str
    by: str
    """What it was told apart by; the figure's own groups where empty."""
    number: Number


class Suggestion(msgspec.Struct, frozen=True):
    """Something worth looking at, with the numbers that say so."""

    kind: str
    lever: Lever
    name: Words
    says: Words
    of: str
    """What it is about: a material, an entry, an hour, an edge of the item graph, a reason, an item, an indicator."""
    cites: tuple[CitedNumber, ...]


class SuggestionsTold(Answer, frozen=True, kw_only=True):
    """What the numbers of a period suggest."""

    begins: date
    ends: date
    as_of: datetime
    suggestions: tuple[Suggestion, ...]


class GetTrend(_Asking, frozen=True, kw_only=True):
    """A figure month by month, with a simple forecast and its error; the first day is two years back unless given."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /indicators/{indicator}/figures/{figure}/trend"
    ANSWER: ClassVar[Any] = TrendTold
    indicator: str
    figure: str
    months_ahead: int = 3


class ListSuggestions(_Asking, frozen=True, kw_only=True):
    """What the numbers of a period suggest, each with the numbers that say so."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /suggestions"
    ANSWER: ClassVar[Any] = SuggestionsTold
