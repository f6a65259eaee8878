"""Slots of a day's opening hours."""

from datetime import date

import pytest

from contracts.halls import SlotRule, Span
from halls.domain.agenda import places


def slots(day: date, opens: str, closes: str, *spans: tuple[str, str]) -> list[str]:
    rule = SlotRule(opens=opens, closes=closes, minutes=30, capacity=1)
    return [place.slot for place in places([rule], day, [Span(*span) for span in spans])]


@pytest.mark.parametrize("day", [date.min, date(2026, 3, 2)])
def test_a_slot_lies_within_one_stretch_of_the_hours(day: date) -> None:
    assert slots(day, "22:00", "24:00", ("08:00", "22:45"), ("22:45", "24:00")) == ["22:00", "23:00", "23:30"]


def test_the_last_day_of_all_ends_with_its_last_instant() -> None:
    assert slots(date.max, "22:00", "24:00", ("08:00", "24:00")) == ["22:00", "22:30", "23:00"]
