"""How long somebody will wait, as far as can be told: from the last services of the hall, never from a guess."""

from collections.abc import Sequence
from statistics import median

import msgspec

LAST = 20
"""Services that the median is taken of."""
FEWEST = 3
"""With fewer nothing can be told."""


class Service(msgspec.Struct, frozen=True, array_like=True):
    """How long somebody was served."""

    theme: str
    zone: str
    seconds: int


def service_time(services: Sequence[Service], *, theme: str, zone: str) -> int | None:
    """The median of the last services of the theme, else of the zone, else of the hall; None: too few were served."""
    for wanted in (
        [each for each in services if theme and each.theme == theme],
        [each for each in services if each.zone == zone],
        services,
    ):
        last = [each.seconds for each in wanted[-LAST:]]
        if len(last) >= FEWEST:
            return round(median(last))
    return None


def wait(ahead: int, *, windows: int, busy: int, service: int | None) -> int | None:
    """Seconds until somebody with so many before them is called.

    ``windows`` serve this queue now, ``busy`` of them have somebody. Whoever finds a free window waits no longer;
    else the windows free themselves one after another, each after a service time divided by their number. Unknown
    is None: nobody was served yet, or no window serves.
    """
    if not windows or service is None:
        return None
    free = max(windows - busy, 0)
    return 0 if ahead < free else round((ahead - free + 1) * service / windows)
