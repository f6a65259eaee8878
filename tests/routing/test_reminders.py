"""催办: originals leave the window by the next working day's noon, and packets are signed for."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from contracts.routing import HandoverOverdue
from routing.domain import Distribution
from testkit.facts import NOON, fact, facts, given, replayed

from .mothers import HALL, SYSTEM, WINDOW, a_setting, accepted, at, catalogue, copy

LEASE = replace(copy("lease", "paper"), hall=HALL)
SETTING = a_setting()
TRANSFER = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
"""Accepted on Thursday the 23rd: Friday the 24th, noon in China."""
RECEIPT = datetime(2026, 7, 27, 16, 0, tzinfo=UTC)
"""Sent on Thursday, two working days: the end of Monday the 27th in China."""


def planned(*items: str) -> Distribution:
    distribution = Distribution("case-1")
    distribution.plan(accepted(*(items or ("sign",)), copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
    return given(distribution)


@pytest.mark.parametrize(
    ("accepted_at", "leaves_by"),
    [
        (NOON, TRANSFER),
        (datetime(2026, 7, 24, 9, 0, tzinfo=UTC), datetime(2026, 7, 27, 4, 0, tzinfo=UTC)),  # Friday → Monday
        (datetime(2026, 9, 30, 1, 0, tzinfo=UTC), datetime(2026, 10, 8, 4, 0, tzinfo=UTC)),  # over National Day
    ],
)
def test_the_limit_is_noon_of_the_next_working_day(accepted_at: datetime, leaves_by: datetime) -> None:
    assert SETTING.transfer_by(accepted_at) == leaves_by


def test_originals_that_wait_at_the_window_have_a_limit() -> None:
    assert planned().timers() == {"transfer:p1": TRANSFER}


def test_what_did_not_leave_in_time_is_reminded_of_once_with_the_place_that_is_responsible() -> None:
    distribution = planned()

    distribution.remind("transfer:p1", SYSTEM)

    assert facts(distribution) == [
        fact(HandoverOverdue, packet="p1", item="sign", stage="transfer", place=HALL, due=TRANSFER)
    ]
    assert distribution.timers() == {}


def test_what_left_has_to_be_signed_for() -> None:
    distribution = planned()
    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)
    given(distribution)
    assert distribution.timers() == {"receipt:p1": RECEIPT}

    distribution.remind("receipt:p1", SYSTEM)

    assert facts(distribution) == [
        fact(
            HandoverOverdue, packet="p1", item="sign", stage="receipt", place="urban", due=RECEIPT, carrier="courier-3"
        )
    ]
    assert distribution.timers() == {}


def test_another_carrier_does_not_gain_time() -> None:
    distribution = planned()
    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)
    later = replace(at("", by="courier-3"), at=NOON + timedelta(days=1))

    distribution.dispatch(["p1"], "locker-8", "", later, SETTING)

    assert distribution.timers() == {"receipt:p1": RECEIPT}


def test_what_was_signed_for_has_no_limit_any_more() -> None:
    distribution = planned()
    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)

    distribution.receive(["p1"], "", at("urban"), SETTING)

    assert distribution.timers() == {}


def test_an_original_that_serves_another_department_first_keeps_no_window_waiting() -> None:
    distribution = planned("sign", "licence")
    assert set(distribution.timers()) == {"transfer:p1", "transfer:p2"}

    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)

    assert set(distribution.timers()) == {"receipt:p1"}


def test_data_has_no_limits() -> None:
    distribution = Distribution("case-1")
    distribution.plan(accepted("sign", copies=[copy("picture")], of=catalogue()), catalogue(), SYSTEM, SETTING)

    assert distribution.timers() == {}
    assert all(packet.due is None for packet in distribution.packets.values())


def test_the_limits_are_the_same_after_a_replay() -> None:
    distribution = Distribution("case-1")
    distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)
    distribution.remind("receipt:p1", SYSTEM)

    again = replayed(distribution, list(distribution.pending))

    assert again.timers() == distribution.timers()
    assert again.state() == distribution.state()
