"""A simple forecast of a monthly number, and how far such forecasts were off.

Four plain methods are tried on the months that are known: each forecasts every month from those before it, and the one
that erred least on the average is used. Two years of months have no room for more, and a person can check it by hand.
"""

from collections.abc import Callable, Sequence
from statistics import StatisticsError, fmean, linear_regression
from typing import Literal

import msgspec

YEAR = 12
FEWEST = 4
"""Months from which one is forecast at least."""
TESTED = 3
"""Months that have to be forecast before a method is believed."""

Name = Literal["last", "mean", "line", "season"]
Method = Callable[[Sequence[float], int], float | None]
"""(months, how many ahead) → the forecast; None: too few months."""


class Foreseen(msgspec.Struct, frozen=True):
    """The months to come, by the method that erred least."""

    method: Name
    error: float
    """The mean absolute error one month ahead."""
    worst: float
    """The largest."""
    tested: int
    values: tuple[float, ...]


def last(known: Sequence[float], ahead: int) -> float | None:
    """As the last month."""
    return known[-1] if ahead else None


def mean(known: Sequence[float], ahead: int) -> float | None:
    """The mean of the last year."""
    return fmean(known[-YEAR:]) if ahead else None


def line(known: Sequence[float], ahead: int) -> float | None:
    """A straight line through the last year."""
    recent = known[-YEAR:]
    try:
        slope, intercept = linear_regression(range(len(recent)), recent)
    except StatisticsError:
        return None
    return intercept + slope * (len(recent) - 1 + ahead)


def season(known: Sequence[float], ahead: int) -> float | None:
    """As the same month a year before."""
    place = len(known) - YEAR + (ahead - 1) % YEAR
    return known[place] if len(known) >= YEAR else None


METHODS: dict[Name, Method] = {"last": last, "mean": mean, "line": line, "season": season}
"""The simplest first: of two that err alike the first is used."""


def forecast(known: Sequence[float], ahead: int) -> Foreseen | None:
    """So many months ahead; None where there are too few months to try a method on."""
    found: Foreseen | None = None
    for name, method in METHODS.items():
        errors = errors_of(method, known)
        if len(errors) < TESTED:
            continue
        error = fmean(errors)
        if found is None or error < found.error:
            values = tuple(value for n in range(ahead) if (value := method(known, n + 1)) is not None)
            found = Foreseen(name, error, max(errors), len(errors), values)
    return found


def errors_of(method: Method, known: Sequence[float]) -> list[float]:
    """How far it was off for each month, from those before it."""
    errors = []
    for place in range(FEWEST, len(known)):
        value = method(known[:place], 1)
        if value is not None:
            errors.append(abs(known[place] - value))
    return errors
