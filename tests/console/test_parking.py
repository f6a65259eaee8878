"""Parked cases are found wherever they are parked, and only there something is asked for."""

import pytest

from console import parking
from console.services import SERVICES
from eventing.errors import NotFound


class Operated:
    """Stands in for the services: one case is parked in two of them."""

    def operate(self, service, verb):
        assert verb == "parked"
        return [{"service": service, "case": "c1", "fact": "intake/00/1"}] if service in {"approval", "routing"} else []


def test_every_service_is_looked_at():
    assert [each["service"] for each in parking.parked(Operated())] == [
        name for name in SERVICES if name in {"approval", "routing"}
    ]


def test_one_service_alone_can_be_looked_at():
    assert [each["service"] for each in parking.parked(Operated(), "routing")] == ["routing"]


def test_a_wish_goes_where_the_case_is_parked():
    assert sorted(parking._where(Operated(), "c1", "")) == ["approval", "routing"]
    assert parking._where(Operated(), "c1", "approval") == ["approval"]


def test_a_case_that_is_not_parked_is_not_found():
    with pytest.raises(NotFound):
        parking._where(Operated(), "c2", "")


def test_nothing_is_parked_in_a_sound_house(house):
    assert parking.parked(house.client) == []
