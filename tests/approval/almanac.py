"""The official calendars of 2024 to 2026 as they were published, and limits counted on fingers.

Nothing here knows how the house counts: one day after the other, weekdays by the weekday rule after 2026.
"""

from collections.abc import Iterable
from datetime import date, timedelta

DAY = timedelta(days=1)

OFF = """
2024-01-01 2024-02-10/2024-02-17 2024-04-04/2024-04-06 2024-05-01/2024-05-05 2024-06-10 2024-09-15/2024-09-17
2024-10-01/2024-10-07
2025-01-01 2025-01-28/2025-02-04 2025-04-04/2025-04-06 2025-05-01/2025-05-05 2025-05-31/2025-06-02
2025-10-01/2025-10-08
2026-01-01/2026-01-03 2026-02-15/2026-02-23 2026-04-04/2026-04-06 2026-05-01/2026-05-05 2026-06-19/2026-06-21
2026-09-25/2026-09-27 2026-10-01/2026-10-07
"""
WORKED = """
2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""


def _days(text: str) -> frozenset[date]:
    found = set()
    for word in text.split():
        first, _, last = word.partition("/")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            found.add(day)
            day += DAY
    return frozenset(found)


HOLIDAYS, MADE_UP = _days(OFF), _days(WORKED)


def is_worked(day: date) -> bool:
    """Whether offices work."""
    return day in MADE_UP or (day.weekday() < 5 and day not in HOLIDAYS)


def last_day(start: date, days: int, pauses: Iterable[tuple[date, date | None]] = ()) -> date | None:
    """The day on which the limit ends: its first is the day after; None while a pause without an end hides it."""
    pauses = tuple(pauses)
    day, left = (start, days) if days else (start - DAY, 1)
    while left:
        day += DAY
        for since, until in pauses:
            if until is None and since <= day:
                return None
        stopped = any(until is not None and since <= day < until for since, until in pauses)
        left -= is_worked(day) and not stopped
    return day
