"""How long a tolerated material may take to arrive."""

from datetime import date

import pytest

from kernel.tolerance import ToleranceRule, tolerance_due
from kernel.workdays import WorkingCalendar

CALENDAR = WorkingCalendar.official()
ACCEPTED_ON = date(2026, 2, 12)


@pytest.mark.parametrize(
    ("promised", "rule", "days"),
    [
        (60, ToleranceRule(), 20),
        (22, ToleranceRule(), 20),
        (21, ToleranceRule(), 19),
        (7, ToleranceRule(), 5),
        (3, ToleranceRule(), 1),
        (15, ToleranceRule(margin_days=0), 15),
        (60, ToleranceRule(item_days=10), 10),
        (7, ToleranceRule(item_days=10), 5),
        (60, ToleranceRule(cap_days=30), 30),
    ],
)
def test_the_shortest_limit_holds(promised, rule, days):
    assert tolerance_due(CALENDAR, ACCEPTED_ON, promised, rule).days == days


@pytest.mark.parametrize("promised", [0, 1, 2])
def test_an_item_promised_too_quickly_cannot_be_tolerated(promised):
    assert tolerance_due(CALENDAR, ACCEPTED_ON, promised, ToleranceRule()) is None


def test_the_deadline_is_counted_in_working_days_after_acceptance():
    assert tolerance_due(CALENDAR, ACCEPTED_ON, 7, ToleranceRule()).on == date(2026, 2, 26)
    assert tolerance_due(CALENDAR, ACCEPTED_ON, 60, ToleranceRule()).on == date(2026, 3, 18)


@pytest.mark.parametrize("limits", [{"cap_days": 0}, {"margin_days": -1}, {"item_days": 0}])
def test_limits_that_are_no_limits_are_refused(limits):
    with pytest.raises(ValueError, match="at least one day"):
        ToleranceRule(**limits)
