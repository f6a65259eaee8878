"""预留编号: runs of case numbers for windows that work without a connection for a while."""

from collections.abc import Iterator
from datetime import date, timedelta

from contracts.language import Act
from contracts.reservations import NumbersReserved
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Invalid, Refused
from intake.domain.state import counter
from kernel.clock import local_date
from kernel.numbers import LARGEST, case_number

MOST = 500
"""Numbers in one reservation; another may follow."""

FARTHEST = timedelta(days=31)
"""How far ahead the day of a reservation may lie."""


class ForAnotherHall(Forbidden):
    """A hall reserves numbers for its own windows, and uses its own alone."""


class TooManyNumbers(Invalid):
    """A reservation has at least one number and at most so many, and all of a day fit into six digits."""


class DayOutOfReach(Invalid):
    """Numbers are reserved for today or the days to come, not for the past."""


class ReservationDiffers(Refused):
    """The id belongs to another reservation."""


class NumberNotReserved(Refused):
    """The number is in no reservation of this hall and theme."""


class NumberInUse(Refused):
    """Another case has the number."""


class NumberWrong(Invalid):
    """The number is not a case's: its form or its check character is wrong."""


class Reservation(Aggregate):
    """A run of numbers of one theme and day, that one hall may use."""

    case_bound = False

    hall: str
    region: str
    theme: str
    day: date
    first: int
    count: int

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.hall = ""
        self.region = ""
        self.theme = ""
        self.day = date.min
        self.first = 0
        self.count = 0

    def reach(self) -> Reach:
        """The hall that has it."""
        return Reach(halls=frozenset((self.hall,)) - {""})

    def reserve(self, *, hall: str, region: str, theme: str, day: date, first: int, count: int, act: Act) -> None:
        """Gives the run to the caller's hall; the same again is no news."""
        if self.version:
            if (self.hall, self.theme, self.day, self.count) != (hall, theme, day, count):
                raise ReservationDiffers(reservation=self.stream)
            return
        check_request(hall, day, count, act)
        if first + count - 1 > LARGEST:
            raise TooManyNumbers(most=MOST, count=count)
        self.record(NumbersReserved, act, hall=hall, region=region, theme=theme, day=day, first=first, count=count)

    @applies(NumbersReserved)
    def _reserved(self, fact: NumbersReserved) -> None:
        for name in ("hall", "region", "theme", "day", "first", "count"):
            setattr(self, name, getattr(fact, name))

    def numbers(self) -> Iterator[str]:
        """The numbers, each with its check character."""
        for sequence in range(self.first, self.first + self.count):
            yield case_number(self.region, self.theme, self.day, sequence)


def check_request(hall: str, day: date, count: int, act: Act) -> None:
    """What may be reserved; raises NoHall, ForAnotherHall, TooManyNumbers, DayOutOfReach."""
    if counter(act).hall != hall:
        raise ForAnotherHall(hall=hall)
    if not 1 <= count <= MOST:
        raise TooManyNumbers(most=MOST, count=count)
    today = local_date(act.at)
    if not today <= day <= today + FARTHEST:
        raise DayOutOfReach(day=day.isoformat(), first=today.isoformat(), last=(today + FARTHEST).isoformat())
