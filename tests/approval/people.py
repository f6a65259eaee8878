"""People of departments, for the tests of what several of them do."""

from datetime import UTC, date, datetime

from contracts.language import Act
from testkit.facts import an_act

from .mothers import NOON


def of(item: str, by: str = "wang", at: datetime = NOON) -> Act:
    """Somebody of the department of an item."""
    return an_act(by, at=at, org=f"dept-{item}", hall="", window="")


def at_window(by: str = "clerk-7", at: datetime = NOON) -> Act:
    """Somebody at a window of the hall, who passes on what an applicant says."""
    return an_act(by, at=at)


def house(at: datetime) -> Act:
    """The house itself, when a timer fires."""
    return an_act("system", at=at)


def noon(day: date) -> datetime:
    """Noon in China on a day."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
