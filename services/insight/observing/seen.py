"""An observation, and who makes which of a fact."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from contracts.language import Fact


class Seen(msgspec.Struct, frozen=True):
    """One thing that is counted. What it does not say of theme, hall and channel is that of its case."""

    kind: str
    item: str = ""
    theme: str = ""
    hall: str = ""
    window: str = ""
    channel: str = ""
    org: str = ""
    subject: str = ""
    """What else it is about: a packet, a package, a ticket, a material, a consultation."""
    label: str = ""
    """Of which sort it is: an outcome, a reason, a way."""
    value: int = 0
    base: int = 0
    due: date | None = None
    law_due: date | None = None
    on: date | None = None
    """The day that it counts for; None: the day on which it was recorded."""
    at: datetime | None = None
    """None: the instant at which it was recorded."""
    case_id: str | None = None
    """None: the case of the fact."""


Observer = Callable[[str, Any], Iterable[Seen]]
"""(stream, fact) → observations."""

OBSERVERS: dict[str, tuple[type[Fact], Observer]] = {}
"""Topic → the fact and its observer. Filled by the modules of this package."""

F = TypeVar("F", bound=Observer)


def observes(*facts: type[Fact]) -> Callable[[F], F]:
    """Registers the observer of these facts."""

    def register(observer: F) -> F:
        for fact in facts:
            for topic in (fact.TOPIC, *fact.OLD_TOPICS):
                OBSERVERS[topic] = (fact, observer)
        return observer

    return register
