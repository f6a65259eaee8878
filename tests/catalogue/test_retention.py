"""How long a record is kept: the item's own rule before the general one, counted from the event that there was."""

from datetime import date

import pytest

from catalogue import Retention, load, retention_of, term

COUNTY = load("990102")
CLOSED, DECIDED, ISSUED = date(2026, 7, 23), date(2026, 7, 20), date(2026, 7, 21)


def test_an_item_has_its_own_rule_or_the_general_one() -> None:
    assert retention_of(COUNTY, COUNTY.item("CY06")) == Retention(
        years=10, counted_from="decision", source="云岭县政务服务档案保管期限表（虚构）"
    )
    assert retention_of(COUNTY, COUNTY.item("CY01")) == COUNTY.rules.retention


@pytest.mark.parametrize(
    ("rule", "days", "expected"),
    [
        (Retention(years=10), {}, ("closing", CLOSED, date(2036, 7, 23))),
        (Retention(years=10), {"decided": DECIDED}, ("closing", CLOSED, date(2036, 7, 23))),
        (
            Retention(years=10, counted_from="decision"),
            {"decided": DECIDED},
            ("decision", DECIDED, date(2036, 7, 20)),
        ),
        (Retention(years=10, counted_from="decision"), {}, ("closing", CLOSED, date(2036, 7, 23))),
        (
            Retention(years=10, counted_from="expiry", validity=5),
            {"decided": DECIDED, "issued": ISSUED},
            ("expiry", date(2031, 7, 21), date(2041, 7, 21)),
        ),
        (
            Retention(years=10, counted_from="expiry", validity=5),
            {"decided": DECIDED},
            ("decision", DECIDED, date(2036, 7, 20)),
        ),
        (Retention(counted_from="decision"), {"decided": DECIDED}, ("decision", DECIDED, None)),
    ],
)
def test_a_term_begins_with_the_event_that_there_was(
    rule: Retention, days: dict[str, date], expected: tuple[str, date, date | None]
) -> None:
    assert term(rule, closed=CLOSED, **days)[1:] == expected


def test_a_leap_day_shortens_nothing() -> None:
    assert term(Retention(years=1), closed=date(2028, 2, 29)).until == date(2029, 3, 1)
    assert term(Retention(years=4), closed=date(2028, 2, 29)).until == date(2032, 2, 29)
