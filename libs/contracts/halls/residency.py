"""进驻: which items and organisations a hall has, and at which level a theme is received (一口受理的口)."""

from typing import Any, ClassVar

from contracts.halls.values import Business, MouthLevel
from contracts.language import Answer, Command, Fact, Query


class MouthSet(Fact, frozen=True, kw_only=True):
    """In the tree below this hall, the one mouth of a theme is at this level."""

    TOPIC: ClassVar[str] = "onething.hall.mouth-set.v1"
    hall: str
    theme: str
    level: MouthLevel


class ItemsMovedIn(Fact, frozen=True, kw_only=True):
    """The business of these items is resident in the hall (进驻); ``*`` means every item."""

    TOPIC: ClassVar[str] = "onething.hall.items-moved-in.v1"
    hall: str
    items: tuple[str, ...]
    business: Business


class ItemsMovedOut(Fact, frozen=True, kw_only=True):
    """The business of these items left the hall."""

    TOPIC: ClassVar[str] = "onething.hall.items-moved-out.v1"
    hall: str
    items: tuple[str, ...]
    reason: str


class OrganisationSeated(Fact, frozen=True, kw_only=True):
    """People of an organisation sit in the hall."""

    TOPIC: ClassVar[str] = "onething.hall.organisation-seated.v1"
    hall: str
    organisation: str
    zone: str = ""


class OrganisationUnseated(Fact, frozen=True, kw_only=True):
    """The organisation's people do not sit in the hall any more."""

    TOPIC: ClassVar[str] = "onething.hall.organisation-unseated.v1"
    hall: str
    organisation: str


class SetMouth(Command, frozen=True, kw_only=True):
    """Say at which level of hall, in the tree below this one, a theme's one mouth is."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    theme: str
    level: MouthLevel


class MoveInItems(Command, frozen=True, kw_only=True):
    """Make items resident in a hall."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    items: tuple[str, ...]
    business: Business = "receive"


class MoveOutItems(Command, frozen=True, kw_only=True):
    """End the residency of items in a hall."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    items: tuple[str, ...]
    reason: str


class SeatOrganisation(Command, frozen=True, kw_only=True):
    """Say that an organisation's people sit in a hall."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    organisation: str
    zone: str = ""


class UnseatOrganisation(Command, frozen=True, kw_only=True):
    """Say that they do not any more."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    organisation: str


class Resident(Answer, frozen=True, kw_only=True):
    """An item whose business is resident in a hall."""

    hall: str
    item: str
    business: Business


class Seat(Answer, frozen=True, kw_only=True):
    """An organisation whose people sit in a hall."""

    hall: str
    organisation: str
    zone: str


class MouthAnswer(Answer, frozen=True, kw_only=True):
    """Where a theme is received."""

    theme: str
    level: str
    set_at: str
    """The hall where it was set; empty: it is the catalogue's."""
    halls: tuple[str, ...]
    """Halls of that level in the tree."""


class GetMouth(Query, frozen=True, kw_only=True):
    """At which level a theme's one mouth is, as seen from a hall."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/mouths/{theme}"
    ANSWER: ClassVar[Any] = MouthAnswer
    theme: str
    hall: str


class ResidentPage(Answer, frozen=True, kw_only=True):
    """A page of residents."""

    residents: tuple[Resident, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListResidents(Query, frozen=True, kw_only=True):
    """Which items are resident in which halls."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /residents"
    ANSWER: ClassVar[Any] = ResidentPage
    hall: str = ""
    item: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200


class SeatPage(Answer, frozen=True, kw_only=True):
    """A page of seats."""

    seats: tuple[Seat, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListSeats(Query, frozen=True, kw_only=True):
    """At which halls which organisations sit."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /seats"
    ANSWER: ClassVar[Any] = SeatPage
    hall: str = ""
    organisation: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200
