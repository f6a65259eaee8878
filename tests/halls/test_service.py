"""Halls and windows through their service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.halls import CloseHall, CloseWindow, GetTree, OpenWindow, PauseWindow, ReopenHall
from contracts.language import Caller
from eventing.engine import WrongStream
from eventing.errors import NotFound
from halls.domain import NoReplacement, UnknownHall, UnknownParent, WindowTaken
from halls.service import Halls
from testkit.facts import refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import hall_terms, neighbours, window_terms

LI, WANG = (
    Caller(by="li", hall="county", roles=("clerk",)),
    Caller(by="wang", hall="street", roles=("manager",), halls=("county",)),
)


@pytest.fixture(params=DATABASES)
def halls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Halls, request, tmp_path, **neighbours()) as running:
        running.command(hall_terms())
        running.command(hall_terms(hall="street", kind="street", parent="county"))
        running.command(window_terms(), window_terms(window="w2", hall="street", themes=("CY",)))
        yield running


def test_the_tree_shows_every_window_as_it_is_now(halls: Replica) -> None:
    halls.command(OpenWindow(window="w1"), caller=LI)
    halls.command(OpenWindow(window="w2"), caller=WANG)
    halls.command(PauseWindow(window="w2", reason="lunch"), caller=WANG)

    (county,) = halls.ask(GetTree())

    (street,) = county["halls"]
    assert [(w["window"], w["state"], w["staff"]) for w in county["windows"]] == [("w1", "open", "li")]
    assert [(w["window"], w["state"], w["reason"], w["themes"]) for w in street["windows"]] == [
        ("w2", "paused", "lunch", ["CY"])
    ]
    assert county["windows_in"] == {"open": 1, "paused": 0, "closed": 0}


def test_the_tree_may_be_asked_from_any_hall_down(halls: Replica) -> None:
    assert [hall["hall"] for hall in halls.ask(GetTree(root="street"))] == ["street"]
    with refused(NotFound, id="nowhere"):
        halls.ask(GetTree(root="nowhere"))


def test_halls_and_windows_hang_on_what_exists(halls: Replica) -> None:
    with refused(UnknownParent, parent="nowhere"):
        halls.command(hall_terms(hall="bank", parent="nowhere"))
    with refused(UnknownHall, hall="nowhere"):
        halls.command(window_terms(window="w9", hall="nowhere"))


def test_a_hall_closes_only_for_one_that_is_open(halls: Replica) -> None:
    with refused(NoReplacement, replacement="nowhere"):
        halls.command(CloseHall(hall="county", replacement="nowhere", reason="flood"))
    halls.command(CloseHall(hall="county", replacement="street", reason="flood"))
    with refused(NoReplacement, replacement="county"):
        halls.command(CloseHall(hall="street", replacement="county", reason="fire"))

    assert halls.ask(GetTree())[0]["replacement"] == "street"

    halls.command(ReopenHall(hall="county"))
    halls.command(CloseHall(hall="street", replacement="county", reason="fire"))
    assert halls.ask(GetTree())[0]["replacement"] == ""


def test_a_window_is_one_clerks_until_it_is_closed(halls: Replica) -> None:
    halls.command(OpenWindow(window="w1"), caller=LI)
    with refused(WindowTaken, staff="li"):
        halls.command(OpenWindow(window="w1"), caller=WANG)

    halls.command(CloseWindow(window="w1"), caller=WANG)
    halls.command(OpenWindow(window="w1"), caller=WANG)

    assert halls.ask(GetTree(root="county"))[0]["windows"][0]["staff"] == "wang"


def test_an_id_is_a_hall_or_a_window_and_never_both(halls: Replica) -> None:
    with refused(WrongStream):
        halls.command(hall_terms(hall="w1", parent="county"))
    with refused(NotFound):
        halls.command(OpenWindow(window="w9"))
