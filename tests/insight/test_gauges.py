"""The headlines as gauges."""

from datetime import timedelta
from typing import Any

import pytest

from insight import gauges
from testkit.replica import Replica

from .mothers import CASE, Teller, corrected


def shown(counter: Replica) -> dict[str, float]:
    return {sample.labels[1]: sample.value for sample in counter.service.samples()}


def test_a_ratio_is_shown_and_what_there_is_not_is_not(counter: Replica) -> None:
    teller = Teller(counter)
    teller.a_case("c1", "SSHC01", **CASE)
    teller.a_case("c2", "SSHC01", **CASE)
    teller.tell("intake", "c2", corrected("c2", SSHC01=("paper",)))

    found = shown(counter)

    assert found["first_time_complete"] == 0.5
    assert not {"relative_volume", "complaints", "delivery"} & found.keys()


def test_what_is_no_ratio_is_shown_in_its_unit(counter: Replica) -> None:
    teller = Teller(counter)
    teller.a_case("c1", "SSHC01", "SSHC02", **CASE)

    found = {(each.name, *each.labels[1:]): each.value for each in counter.service.samples()}

    assert found["onething_indicator_value", "single_items", "items"] == 2
    assert found["onething_indicator_value", "joint_handling", "cases"] == 1
    assert not [key for key in found if key[1] in {"population", "upper_bound"}]


def test_they_are_counted_once_a_minute_however_often_somebody_looks(
    counter: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller = Teller(counter)
    teller.a_case("c1", "SSHC01", **CASE)
    before = shown(counter)
    teller.a_case("c2", "SSHC01", mode="continuation", **CASE)
    assert shown(counter) == before

    later: Any = gauges.monotonic() + gauges.FRESH + timedelta(seconds=1).total_seconds()
    monkeypatch.setattr(gauges, "monotonic", lambda: later)

    assert shown(counter)["continuation"] == 0.5


def test_a_period_that_is_long_gone_is_not_shown(counter: Replica) -> None:
    teller = Teller(counter)
    teller.a_case("c1", "SSHC01", **CASE)
    counter.clock.advance(timedelta(days=40))

    assert "continuation" not in shown(counter)
