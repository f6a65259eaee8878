"""导入: a theme is offered where one of its items is handled alone; offer, answer and reason are facts.

They are the denominator of conversion: cases that came of offers, out of offers that were made.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from catalogue.model import Catalogue
from contracts.intake import Channel
from contracts.language import Act, Command
from contracts.offers import OfferAnswered, OfferMade, OfferTaken, Reply
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Invalid, Refused
from intake.domain.state import counter


class ItemNotOfTheme(Invalid):
    """The item is no part of the theme, or nothing else of the theme would be handled with it."""


class ReasonUnknown(Invalid):
    """A no is counted by a reason of the table; where that is "other", words say more."""


class OfferDiffers(Refused):
    """The id belongs to another offer."""


class OfferSettled(Refused):
    """A case came of the offer: its answer stands."""


class TakeOffer(Command, frozen=True, kw_only=True):
    """A case was opened or joined because of the offer."""

    SERVICE: ClassVar[str] = "intake"
    offer: str
    taken_by: str


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TAKEN = "taken"


class Suggestion(Struct, frozen=True):
    """A theme that a single item belongs to, and what else of it may be handled."""

    theme: str
    name: str
    item: str
    others: dict[str, str]
    """Item → name; which of them are needed depends on the answers."""


def suggestions(catalogue: Catalogue, item: str) -> tuple[Suggestion, ...]:
    """The themes that have the item, by its id or, where it has one, by the same reference code.

    Steps that offices do among themselves, and local extensions that nobody adopted, are nothing to offer.
    """
    themes = catalogue.themes.values()
    codes = {each.reference_code for theme in themes for each in theme.items if each.id == item} - {""}
    found = []
    for theme in themes:
        own = next((each.id for each in theme.items if each.id == item or each.reference_code in codes), None)
        others = {
            each.id: each.name for each in theme.items if each.id != own and each.adopted and not each.is_internal
        }
        if own is not None and others:
            found.append(Suggestion(theme.id, theme.name, own, others))
    return tuple(found)


class Offer(Aggregate):
    """One offer of a theme."""

    case_bound = False

    theme: str
    item: str
    hall: str
    window: str
    channel: Channel
    origin: str
    applicant_index: str
    standing: OfferState
    reason: str
    words: str
    made_at: datetime | None
    taken_by: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.theme = ""
        self.item = ""
        self.hall = ""
        self.window = ""
        self.channel = "window"
        self.origin = ""
        self.applicant_index = ""
        self.standing = OfferState.OPEN
        self.reason = ""
        self.words = ""
        self.made_at = None
        self.taken_by = ""

    def reach(self) -> Reach:
        """The hall that made it."""
        return Reach(halls=frozenset((self.hall,)) - {""})

    def make(
        self,
        catalogue: Catalogue,
        *,
        theme: str,
        item: str,
        channel: Channel,
        origin: str = "",
        applicant_index: str = "",
        act: Act,
    ) -> None:
        """Records that the theme was offered; the same again is no news."""
        if self.version:
            if (self.theme, self.item) != (theme, item):
                raise OfferDiffers(offer=self.stream, theme=self.theme, item=self.item)
            return
        caller = counter(act)
        if theme not in {each.theme for each in suggestions(catalogue, item)}:
            raise ItemNotOfTheme(item=item, theme=theme)
        self.record(
            OfferMade,
            act,
            theme=theme,
            item=item,
            catalogue=catalogue.version,
            hall=caller.hall,
            window=caller.window,
            channel=channel,
            origin=origin,
            applicant_index=applicant_index,
        )

    @applies(OfferMade)
    def _made(self, fact: OfferMade) -> None:
        for name in ("theme", "item", "hall", "window", "channel", "origin", "applicant_index"):
            setattr(self, name, getattr(fact, name))
        self.made_at = fact.at

    def answer(self, answer: Reply, *, reason: str, words: str, reasons: Collection[str], act: Act) -> None:
        """Records yes or no. It may change until a case came of the offer; the same again is no news."""
        if self.standing is OfferState.TAKEN:
            if answer == "accepted":
                return
            raise OfferSettled(offer=self.stream, case=self.taken_by)
        if answer == "declined" and (reason not in reasons or (reason == "other" and not words.strip())):
            raise ReasonUnknown(reason=reason, reasons=sorted(reasons))
        said = (answer, reason, words) if answer == "declined" else (answer, "", words)
        if said == (self.standing.value, self.reason, self.words):
            return
        self.record(OfferAnswered, act, answer=said[0], reason=said[1], words=said[2])

    @applies(OfferAnswered)
    def _answered(self, fact: OfferAnswered) -> None:
        self.standing = OfferState(fact.answer)
        self.reason, self.words = fact.reason, fact.words

    def take(self, taken_by: str, *, act: Act) -> None:
        """Notes the first case that came of the offer, whatever was answered: who opened it said yes."""
        if self.version and self.standing is not OfferState.TAKEN:
            self.record(OfferTaken, act, taken_by=taken_by)

    @applies(OfferTaken)
    def _taken(self, fact: OfferTaken) -> None:
        self.standing = OfferState.TAKEN
        self.taken_by = fact.taken_by
