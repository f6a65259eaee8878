"""What a service tells may reach another one after what a third made of it: no case stays behind."""

from collections.abc import Iterator
from contextlib import contextmanager

import eventlet

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from testkit.house import House

COUNTY = catalogue.load("990102")


def journey(house: House) -> Journey:
    theme = COUNTY.theme("SBK")
    return Journey(house.client(), COUNTY, theme, happy_answers(theme))


@contextmanager
def deaf(house: House, service: str, upstream: str) -> Iterator[None]:
    """Meanwhile the service follows all but one of the others."""
    follower = house.host(service).follower
    collect = follower._collect

    def without() -> object:
        unheard = {key: box for key, box in follower._inbox.items() if key[0] == upstream}
        follower._inbox.update({key: {} for key in unheard})
        try:
            return collect()
        finally:
            follower._inbox.update(unheard)

    follower._collect = without
    try:
        yield
    finally:
        del follower._collect


def test_items_are_joined_while_approval_decides_and_hands_over_without_them(house: House) -> None:
    case = journey(house)
    first, *others = case.selection.selected
    case.register_only(first)
    case.review(first)

    with deaf(house, "approval", "intake"):
        joining = eventlet.spawn(case.join, tuple(others))
        case.patiently(lambda: all(case.item_state(each) == "accepted" for each in others))
        assert case.decide() == "granted"
        case.hand_over()

    joining.wait()
    assert case.case()["status"] == "accepted"
    assert case.decide() == "granted"
    case.hand_over()
    assert case.closed()["outcome"] == "granted"
    assert set(case.reviews()) == {first, *others}


def test_the_answer_to_a_withdrawal_is_heard_by_a_case_that_is_closed(house: House) -> None:
    case = journey(house)
    case.register()
    case.patiently(case.reviews)

    with deaf(house, "intake", "approval"):
        case.withdraw()
        closed = case.closed()
    assert "withdrawing" in closed["items"].values()

    case.patiently(lambda: {case.item_state(each) for each in case.selection.selected} == {"withdrawn"})
    assert case.case()["outcome"] == "withdrawn"
