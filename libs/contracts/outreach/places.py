"""数字政务门牌, and the visits to them."""

from datetime import date
from typing import Any, ClassVar

from contracts.language import Answer, Command, Fact, Query
from contracts.outreach.values import PlaceKind


class PlaceRegistered(Fact, frozen=True, kw_only=True):
    """数字政务门牌: a place got a signed code that opens the guide of a theme, with its entry item preset."""

    TOPIC: ClassVar[str] = "onething.place.registered.v1"
    name: str
    kind: PlaceKind
    region: str
    theme: str
    hall: str = ""
    """The hall that serves the place."""
    entry_item: str = ""
    address: str = ""


class PlaceClosed(Fact, frozen=True, kw_only=True):
    """The place's code opens nothing any more."""

    TOPIC: ClassVar[str] = "onething.place.closed.v1"
    reason: str


class PlaceVisited(Fact, frozen=True, kw_only=True):
    """Somebody read a place's code. The visit has an id that the visitor's device threw, and nothing else."""

    TOPIC: ClassVar[str] = "onething.place.visited.v1"
    place: str
    on: date
    theme: str


class PlaceCode(Answer, frozen=True, kw_only=True):
    """A place and the code to print."""

    place: str
    code: str


class PlaceRow(Answer, frozen=True, kw_only=True):
    """A place in the list."""

    place: str
    name: str
    kind: PlaceKind
    region: str
    theme: str
    hall: str
    entry_item: str
    address: str
    closed: bool


class PlaceDetail(PlaceRow, frozen=True, kw_only=True):
    """A place with the code to print; who read the code has it already."""

    code: str = ""


class PlacePage(Answer, frozen=True, kw_only=True):
    """A page of places."""

    places: tuple[PlaceRow, ...]
    after: str


class Visited(Answer, frozen=True, kw_only=True):
    """What a code opens: the guide of a theme, with an entry item preset."""

    place: str
    theme: str
    entry_item: str


class VisitCount(Answer, frozen=True, kw_only=True):
    """How often the code of a place was read on a day."""

    place: str
    on: date
    visits: int


class VisitPage(Answer, frozen=True, kw_only=True):
    """A page of counts."""

    visits: tuple[VisitCount, ...]
    after: str


class RegisterPlace(Command, frozen=True, kw_only=True):
    """Give a place its code."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = PlaceCode
    place: str
    name: str
    kind: PlaceKind
    region: str
    theme: str
    hall: str = ""
    entry_item: str = ""
    address: str = ""


class ClosePlace(Command, frozen=True, kw_only=True):
    """Let a place's code open nothing any more."""

    SERVICE: ClassVar[str] = "outreach"
    place: str
    reason: str


class CountVisit(Command, frozen=True, kw_only=True):
    """Count a visit by the code of a place. The same visit again is no news."""

    SERVICE: ClassVar[str] = "outreach"
    ANSWER: ClassVar[Any] = Visited
    visit: str
    """A random id that the visitor's device threw for this visit."""
    code: str


class GetPlace(Query, frozen=True, kw_only=True):
    """A place by its id, with the code to print, or by the code that was read."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /place"
    ANSWER: ClassVar[Any] = PlaceDetail
    place: str = ""
    code: str = ""


class ListPlaces(Query, frozen=True, kw_only=True):
    """Places by theme, kind and hall, by cursor."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /places"
    ANSWER: ClassVar[Any] = PlacePage
    theme: str = ""
    kind: str = ""
    hall: str = ""
    closed: bool = False
    """Those that are closed, too."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class CountVisits(Query, frozen=True, kw_only=True):
    """Visits by place and day between two days."""

    SERVICE: ClassVar[str] = "outreach"
    ROUTE: ClassVar[str] = "GET /visit-counts"
    ANSWER: ClassVar[Any] = VisitPage
    begins: date
    ends: date
    place: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200
