"""保管期限: until which day the record of an item is kept, and of which event that day is counted."""

from datetime import date
from typing import Literal, NamedTuple

from catalogue.model import Catalogue, Item
from catalogue.rules import Retention

Event = Literal["closing", "decision", "expiry"]


class Term(NamedTuple):
    """The term of one item: the rule it comes from, and what became of it."""

    rule: Retention
    counted_from: Event
    """The event that there was: of what never came the one before it counts."""
    since: date
    until: date | None
    """The last day on which it is kept; None: for ever."""


def retention_of(catalogue: Catalogue, item: Item) -> Retention:
    """The item's own rule, else the general one of the region."""
    return item.retention or catalogue.rules.retention


def term(rule: Retention, *, closed: date, decided: date | None = None, issued: date | None = None) -> Term:
    """How long a record is kept after these days: the case's closing, the item's decision, its certificate's issue.

    A denial has no certificate that expires, and is counted from the decision; what was never decided is counted from
    the closing.
    """
    event, since = _begins(rule, closed, decided, issued)
    return Term(rule, event, since, _after(since, rule.years) if rule.years is not None else None)


def _begins(rule: Retention, closed: date, decided: date | None, issued: date | None) -> tuple[Event, date]:
    if rule.counted_from == "expiry" and issued is not None:
        return "expiry", _after(issued, rule.validity or 0)
    if rule.counted_from != "closing" and decided is not None:
        return "decision", decided
    return "closing", closed


def _after(day: date, years: int) -> date:
    """The same day so many years later; of a 29 February, where there is none, the day after the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
