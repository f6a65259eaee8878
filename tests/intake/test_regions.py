"""跨域通办: who receives is not who accepts, and the acceptance time is the owner's."""

from datetime import date
from typing import Any

from contracts.intake import CaseForwarded
from contracts.language import Act
from intake.domain import outline_of
from intake.domain.refusals import (
    ChecksMissing,
    CrossRegionNotOffered,
    NoHall,
    NotForwarded,
    NothingReceived,
    NothingToForward,
    NotNow,
    OwnerUnclear,
    ReceiverMayNotAccept,
    WrongPlace,
)
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import ANSWERS, CALENDAR, At, amended, an_open_case, at, brought

MODES = ("local", "online", "received_elsewhere", "several_places")
STREET = an_act(hall="street", window="w9")


def opened(mode: str = "received_elsewhere", owner: str = "county", act: Act = STREET, **theme: Any) -> At:
    outline = outline_of(amended(theme={"cross_region": MODES, **theme}), "SP", ANSWERS)
    return At(outline).opened(act=act, cross_region=mode, owner_hall=owner).now()


def received(**more: Any) -> At:
    here = opened(**more)
    here.case.receive(
        here.outline, brought(*sorted(here.outline.asked(here.case.open_items))), calendar=CALENDAR, act=STREET
    )
    return here.filled().now()


def forward(here: At, act: Act = STREET, **more: Any) -> At:
    body: dict[str, Any] = {"formal_check": "齐全，符合形式", "identity_check": "人证比对一致"}
    here.case.forward(here.outline, **{**body, **more}, calendar=CALENDAR, act=act)
    return here


def test_a_theme_is_offered_in_the_modes_of_its_catalogue() -> None:
    with refused(CrossRegionNotOffered, mode="online", theme="SP"):
        opened("online", "", cross_region=("local",))
    for mode in MODES:
        assert opened(mode, "county" if mode == "received_elsewhere" else "").case.cross_region == mode


def test_only_a_set_for_another_place_names_its_owner_which_is_another_hall() -> None:
    with refused(OwnerUnclear):
        opened("received_elsewhere", "")
    with refused(OwnerUnclear):
        opened("received_elsewhere", "street")
    with refused(OwnerUnclear):
        opened("online", "county")


def test_before_the_hand_over_no_answer_is_owed() -> None:
    assert received().case.timers() == {}


def test_the_set_is_forwarded_with_the_evidence_of_both_checks() -> None:
    here = received()

    forward(here, act=an_act(at=at(27).at, hall="street"), medium="post", reference="EMS1")

    (fact,) = here.case.pending
    assert isinstance(fact, CaseForwarded)
    assert (fact.sender, fact.receiver, fact.medium, fact.reference) == ("street", "county", "post", "EMS1")
    assert fact.items == ("SP02", "SP03", "SP04", "SP05")
    assert here.case.awaited["SP03"].since == date(2026, 7, 27)
    assert facts(forward(here.now()).case) == []


def test_forwarding_is_the_receivers_and_needs_a_set_and_its_checks() -> None:
    here = received()

    with refused(ChecksMissing):
        forward(here, formal_check=" ")
    with refused(ChecksMissing):
        forward(here, identity_check="")
    with refused(WrongPlace, hall="street"):
        forward(here, act=an_act())
    with refused(NoHall):
        forward(here, act=Act(at=NOON, by="x"))
    with refused(NothingReceived):
        forward(opened())
    with refused(NothingToForward):
        forward(an_open_case().received("food_form"), act=an_act())
    assert facts(here.case) == []


def test_a_case_that_was_closed_is_not_forwarded() -> None:
    here = received()
    here.case.withdraw_case(reason="", act=STREET)

    with refused(NotNow, verb="forward"):
        forward(here)


def test_who_received_for_another_place_does_not_accept() -> None:
    here = forward(received()).now()

    with refused(ReceiverMayNotAccept, owner="county"):
        here.accepted(act=STREET)
    assert facts(here.case) == []
    assert names(here.accepted().case) == ["ItemsAccepted"]


def test_the_owner_accepts_after_the_hand_over_only() -> None:
    with refused(NotForwarded, hall="street"):
        received().accepted()


def test_without_an_answer_it_counts_as_accepted_at_the_owner_since_the_hand_over() -> None:
    here = forward(received(), act=an_act(at=at(23).at, hall="street")).now()

    here.case.deem_accepted(here.outline, act=at(30, hour=16))

    accepted = here.case.pending[0]
    assert accepted.hall == "county"  # type: ignore[attr-defined]
    assert {each.accepted_on for each in accepted.items} == {date(2026, 7, 23)}  # type: ignore[attr-defined]


def test_of_several_places_one_accepts_for_all() -> None:
    here = received(mode="several_places", owner="")

    with refused(WrongPlace, hall="street"):
        here.accepted()
    assert names(here.accepted(act=STREET).case) == ["ItemsAccepted"]
