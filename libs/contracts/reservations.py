"""预留编号: runs of case numbers for windows that work without a connection for a while."""

from datetime import date
from typing import Any, ClassVar

from contracts.language import Answer, Command, Fact, Query


class NumbersReserved(Fact, frozen=True, kw_only=True):
    """A hall got numbers that nobody else will use: ``count`` sequences from ``first``, of this theme and day."""

    TOPIC: ClassVar[str] = "onething.reservation.made.v1"
    SERVICE: ClassVar[str] = "intake"
    hall: str
    region: str
    theme: str
    day: date
    first: int
    count: int


class ReservedNumber(Answer, frozen=True, kw_only=True):
    """A reserved number, and the case that uses it; empty: none."""

    number: str
    case_id: str


class ReservationStanding(Answer, frozen=True, kw_only=True):
    """The numbers of a reservation."""

    reservation: str
    hall: str
    theme: str
    day: date
    numbers: tuple[ReservedNumber, ...]


class ReservationRow(Answer, frozen=True, kw_only=True):
    """A reservation in the list, with how much of it is used."""

    reservation: str
    hall: str
    theme: str
    day: date
    first: str
    """Its first number, with its check character."""
    last: str
    count: int
    used: int
    """Of its numbers so many have a case."""


class ReservationPage(Answer, frozen=True, kw_only=True):
    """A page of reservations."""

    reservations: tuple[ReservationRow, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ReserveNumbers(Command, frozen=True, kw_only=True):
    """Reserve case numbers of a theme for a day, for the caller's own hall."""

    SERVICE: ClassVar[str] = "intake"
    ANSWER: ClassVar[Any] = ReservationStanding
    reservation: str
    hall: str
    theme: str
    day: date
    count: int


class GetReservation(Query, frozen=True, kw_only=True):
    """The numbers of a reservation, with their check characters, and the cases that use them."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /reservations/{reservation}"
    ANSWER: ClassVar[Any] = ReservationStanding
    reservation: str


class ListReservations(Query, frozen=True, kw_only=True):
    """The reservations of a hall, those for the latest days first."""

    SERVICE: ClassVar[str] = "intake"
    ROUTE: ClassVar[str] = "GET /reservations"
    ANSWER: ClassVar[Any] = ReservationPage
    hall: str
    theme: str = ""
    day: date | None = None
    """Only those for it."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
