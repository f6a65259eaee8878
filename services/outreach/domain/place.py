"""数字政务门牌: a place whose code opens a theme's guide, and the visits to it."""

from datetime import date

from msgspec import Struct

from catalogue import Catalogue, UnknownItem, UnknownTheme
from contracts.language import Act
from contracts.outreach import PlaceClosed, PlaceKind, PlaceRegistered, PlaceVisited
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from kernel.clock import local_date
from outreach.domain.refusals import AccountMissing, CodeUnknown, EntryUnknown, PlaceClosedAlready, PlaceDiffers


class PlaceTerms(Struct, frozen=True):
    """What a place was registered as."""

    name: str
    kind: PlaceKind
    region: str
    theme: str
    hall: str = ""
    entry_item: str = ""
    address: str = ""


class Place(Aggregate):
    """One place."""

    case_bound = False

    terms: PlaceTerms | None
    is_closed: bool

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.is_closed = False

    def reach(self) -> Reach:
        """The hall that it leads to."""
        return Reach(halls=frozenset((self.terms.hall,)) - {""}) if self.terms is not None else Reach()

    def register(self, terms: PlaceTerms, catalogue: Catalogue, *, act: Act) -> None:
        """Gives the place its code; the same again is no news."""
        if self.is_closed:
            raise PlaceClosedAlready(place=self.stream)
        if self.terms == terms:
            return
        if self.terms is not None:
            raise PlaceDiffers(place=self.stream, name=self.terms.name)
        try:
            theme = catalogue.theme(terms.theme)
            if terms.entry_item:
                theme.item(terms.entry_item)
        except (UnknownTheme, UnknownItem) as error:
            raise EntryUnknown(theme=terms.theme, item=terms.entry_item) from error
        self.record(
            PlaceRegistered,
            act,
            name=terms.name,
            kind=terms.kind,
            region=terms.region,
            theme=terms.theme,
            hall=terms.hall,
            entry_item=terms.entry_item,
            address=terms.address,
        )

    @applies(PlaceRegistered)
    def _registered(self, fact: PlaceRegistered) -> None:
        self.terms = PlaceTerms(fact.name, fact.kind, fact.region, fact.theme, fact.hall, fact.entry_item, fact.address)

    def close(self, reason: str, *, act: Act) -> None:
        """The code opens nothing any more; the same again is no news."""
        if self.is_closed:
            return
        if not reason.strip():
            raise AccountMissing
        self.record(PlaceClosed, act, reason=reason)

    @applies(PlaceClosed)
    def _closed(self, _: PlaceClosed) -> None:
        self.is_closed = True


class Visit(Aggregate):
    """One reading of a place's code, under an id that the visitor's device threw."""

    case_bound = False

    place: str
    on: date | None
    theme: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.place = ""
        self.on = None
        self.theme = ""

    def count(self, place: str, theme: str, *, act: Act) -> None:
        """Counts the visit once, whatever is sent again under its id."""
        if self.version:
            return
        if not place:
            raise CodeUnknown
        self.record(PlaceVisited, act, place=place, on=local_date(act.at), theme=theme)

    @applies(PlaceVisited)
    def _visited(self, fact: PlaceVisited) -> None:
        self.place, self.on, self.theme = fact.place, fact.on, fact.theme
