"""Legal days as instants."""

from datetime import date, datetime, time, timedelta

from kernel.clock import CHINA_STANDARD_TIME


def begin(day: date) -> datetime:
    """The first instant of a legal day: midnight in China."""
    return datetime.combine(day, time.min, CHINA_STANDARD_TIME)


def past(day: date) -> datetime:
    """The first instant at which a legal day is over."""
    return begin(day + timedelta(days=1))
