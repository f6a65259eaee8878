"""改派: what lies at a hall that closed, or is bound for it, goes to the one that takes over, with history."""

import pytest
from msgspec.structs import replace

from contracts.routing import DistributionReplanned, ReplanPackets
from routing.domain import (
    Distribution,
    NotInCharge,
    PacketState,
    ReservedPlace,
    SamePlace,
    UnknownPacket,
)
from routing.domain.crossings import hall_of_tree
from testkit.facts import an_act, facts, given, refused, replayed

from .mothers import HALL, SYSTEM, WINDOW, a_setting, accepted, at, catalogue, copy

LEASE = replace(copy("lease", "paper"), hall=HALL)
PICTURE = replace(copy("picture", "paper"), hall=HALL)
SETTING = a_setting()
KEEPER = an_act("service:routing", hall="", window="")
HALLS = {HALL: hall_of_tree("county", "990102"), "street-hall": hall_of_tree("street", "990102004")}


def planned(*items: str) -> Distribution:
    distribution = Distribution("case-1")
    distribution.take_in([LEASE, PICTURE], SYSTEM)
    distribution.plan(accepted(*items, copies=[LEASE, PICTURE], of=catalogue()), catalogue(), SYSTEM, SETTING)
    return given(distribution)


def closing(**changes: object) -> ReplanPackets:
    return replace(ReplanPackets(case_id="case-1", place=HALL, to="street-hall", reason="the hall closed"), **changes)


def closed(distribution: Distribution) -> Distribution:
    distribution.replan(closing(), KEEPER, SETTING, HALLS)
    return distribution


def test_what_lies_there_goes_over_in_one_packet_with_its_five_borders() -> None:
    distribution = closed(planned("sign"))

    kind, told = facts(distribution)[0]
    assert kind == DistributionReplanned.__name__
    assert (told["place"], told["to"], told["reason"], told["whole"]) == (HALL, "street-hall", "the hall closed", True)
    (over,) = told["packets"]
    assert (over["purpose"], over["to"], set(over["copies"])) == ("transfer", "street-hall", {"c-lease", "c-picture"})
    assert over["crossings"] == ("level",)
    assert told["items"] == ("sign",)


def test_from_the_other_hall_it_goes_on_to_the_department_as_it_was_planned() -> None:
    distribution = closed(planned("sign"))
    over = next(p.packet for p in distribution.packets.values() if p.purpose == "transfer")

    distribution.dispatch([over], "courier-3", "", WINDOW, SETTING)
    distribution.receive([over], "s", at("street-hall"), SETTING)
    supply = [p.packet for p in distribution.packets.values() if p.state is PacketState.PLANNED]
    distribution.dispatch(supply, "courier-3", "", at("street-hall"), SETTING)
    distribution.receive(supply, "s", at("urban"), SETTING)

    assert distribution.supplied == ("sign",)
    assert [(m.origin, m.place) for m in distribution.movements if m.copy == "c-lease"] == [
        ("outside", HALL),
        (HALL, "courier-3"),
        ("courier-3", "street-hall"),
        ("street-hall", "courier-3"),
        ("courier-3", "urban"),
    ]


def test_the_other_hall_has_a_limit_of_its_own_for_sending_it_on() -> None:
    distribution = closed(planned("sign"))
    over = next(p.packet for p in distribution.packets.values() if p.purpose == "transfer")
    assert f"transfer:{over}" in distribution.timers()

    distribution.dispatch([over], "courier-3", "", WINDOW, SETTING)
    distribution.receive([over], "s", at("street-hall"), SETTING)

    supply = {f"transfer:{p.packet}" for p in distribution.packets.values() if p.state is PacketState.PLANNED}
    assert set(distribution.timers()) == supply


def test_it_may_still_leave_for_the_department_directly() -> None:
    distribution = closed(planned("sign"))
    direct = next(p for p in distribution.packets.values() if p.purpose == "supply" and "c-lease" in p.copies)

    distribution.dispatch([direct.packet], "courier-3", "", WINDOW, SETTING)

    over = next(p for p in distribution.packets.values() if p.purpose == "transfer")
    assert set(over.copies) == {"c-lease", "c-picture"} - set(direct.copies)


def test_ways_back_lead_to_the_other_hall_even_those_that_are_planned_later() -> None:
    distribution = planned("sign")
    supply = [p.packet for p in distribution.packets.values()]
    distribution.dispatch(supply, "courier-3", "", WINDOW, SETTING)
    distribution.receive(supply, "", at("urban"), SETTING)
    distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
    back = next(p.packet for p in distribution.packets.values() if p.purpose == "return")

    closed(distribution)

    assert distribution.packets[back].to == "street-hall"
    assert distribution.packets[back].crossings == ("level",)
    assert set(distribution.homes.values()) == {"street-hall"}


def test_a_way_back_that_has_begun_is_led_there_too() -> None:
    distribution = planned("sign")
    supply = [p.packet for p in distribution.packets.values()]
    distribution.dispatch(supply, "courier-3", "", WINDOW, SETTING)
    distribution.receive(supply, "", at("urban"), SETTING)
    distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
    back = next(p.packet for p in distribution.packets.values() if p.purpose == "return")
    distribution.dispatch([back], "courier-3", "", at("urban"), SETTING)

    closed(distribution)
    distribution.receive([back], "", at("street-hall"), SETTING)

    assert set(distribution.custody.values()) == {"street-hall"}


def test_the_same_again_is_no_news() -> None:
    distribution = given(closed(planned("sign")))

    closed(distribution)

    assert facts(distribution) == []


def test_a_case_that_has_nothing_there_has_nothing_to_tell() -> None:
    distribution = planned("sign")

    distribution.replan(closing(place="elsewhere"), KEEPER, SETTING, HALLS)

    assert facts(distribution) == []


def test_a_manager_of_one_of_the_two_may_order_it_for_single_packets() -> None:
    distribution = planned("sign", "licence")
    one = next(p for p in distribution.packets.values() if p.copies == ("c-picture",))

    distribution.replan(closing(packets=(one.packet,)), WINDOW, SETTING, HALLS)

    over = next(p for p in distribution.packets.values() if p.purpose == "transfer")
    assert over.copies == ("c-picture",)
    assert set(distribution.homes.values()) == {HALL}


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (closing(to=HALL), SamePlace),
        (closing(to="lost"), ReservedPlace),
        (closing(packets=("p9",)), UnknownPacket),
    ],
)
def test_a_place_that_is_none_and_packets_that_are_none_are_refused(command: ReplanPackets, refusal: type) -> None:
    with refused(refusal):
        planned("sign").replan(command, KEEPER, SETTING, HALLS)


def test_who_works_at_neither_is_refused() -> None:
    with refused(NotInCharge, place=HALL):
        planned("sign").replan(closing(), at("urban"), SETTING, HALLS)


def test_a_replay_leads_to_the_same_state() -> None:
    distribution = Distribution("case-1")
    distribution.take_in([LEASE], SYSTEM)
    distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
    closed(distribution)

    assert replayed(distribution, list(distribution.pending)).state() == distribution.state()
