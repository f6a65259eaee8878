"""查阅留痕: the readings of a case, however many they are."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from contracts.language import Act
from contracts.readings import Glance
from eventing.snapshots import SNAPSHOT_EVERY, restore, take
from intake.domain.readings import Readings
from testkit.facts import NOON

GLANCE = Glance(by="clerk-7", org="county-hall", hall="county", classes=("identity",), purpose="handling")
WITHIN = timedelta(minutes=10)


def read(readings: Readings, glance: Glance = GLANCE, minutes: int = 0) -> None:
    readings.read(glance, act=Act(at=NOON + timedelta(minutes=minutes), by=glance.by))


@pytest.mark.parametrize(
    ("glance", "minutes", "recent"),
    [
        (GLANCE, 0, True),
        (GLANCE, 9, True),
        (GLANCE, 10, False),
        (GLANCE, -1, False),
        (replace(GLANCE, by="clerk-8"), 1, False),
        (replace(GLANCE, purpose="oversight"), 1, False),
        (replace(GLANCE, what="copy-1"), 1, False),
    ],
)
def test_the_same_again_is_recent_for_a_while(glance: Glance, minutes: int, recent: bool) -> None:
    readings = Readings("readings-c1")
    read(readings)
    read(readings, replace(GLANCE, by="reviewer-2"), minutes=1)

    assert readings.is_recent(glance, NOON + timedelta(minutes=minutes), WITHIN) is recent


def test_a_case_is_read_as_often_as_it_has_to_be() -> None:
    readings = Readings("readings-c1")
    for number in range(SNAPSHOT_EVERY + 1):
        read(readings, replace(GLANCE, by=f"clerk-{number}"))

    again = restore(Readings, readings.stream, readings.version, take(readings))

    assert again.state() == readings.state()
    assert len(again.entries) == SNAPSHOT_EVERY + 1
