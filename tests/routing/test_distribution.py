"""Which material goes to whom, and whose hands it is in."""

import pytest
from msgspec.structs import replace

from contracts.routing import (
    DistributionPlanned,
    DistributionStopped,
    ItemsSupplied,
    PacketsDispatched,
    PacketsReceived,
)
from routing.domain import (
    AlreadyReceived,
    CarrierMissing,
    Distribution,
    PacketCancelled,
    PacketNotDispatched,
    PacketNotHere,
    PacketState,
    UnknownPacket,
)
from testkit.facts import fact, facts, given, names, refused

from .mothers import HALL, SYSTEM, WINDOW, a_distribution, accepted, at, catalogue, copy, item, material

LEASE = copy("lease", "paper")


def packets_of(distribution: Distribution, item_id: str) -> list[str]:
    return [packet.packet for packet in distribution.packets.values() if packet.item == item_id]


class TestThePlan:
    def test_an_item_gets_what_it_needs_and_nothing_else(self) -> None:
        copies = [copy("application"), copy("layout"), copy("picture")]

        distribution = a_distribution("licence", "sign", copies=copies)

        assert {(p.item, p.copies) for p in distribution.packets.values()} == {
            ("licence", ("c-application",)),
            ("sign", ("c-picture",)),
        }
        assert "c-layout" not in distribution.custody

    def test_an_item_gets_only_the_copies_that_it_was_accepted_with(self) -> None:
        of = catalogue()
        act = accepted("licence", copies=[copy("application"), LEASE], of=of)
        act = replace(act, items=(replace(act.items[0], materials=("c-lease",)),))
        distribution = Distribution("case-1")

        distribution.plan(act, of, SYSTEM)

        assert [p.copies for p in distribution.packets.values()] == [("c-lease",)]

    def test_paper_is_in_custody_of_the_hall_that_took_it_in_not_of_the_one_that_accepts(self) -> None:
        distribution = a_distribution("sign", copies=[replace(LEASE, hall="street-hall")])

        assert distribution.custody == {"c-lease": "street-hall"}

    def test_data_arrives_with_the_plan_and_is_acknowledged(self) -> None:
        distribution = a_distribution("licence", copies=[copy("application"), copy("lease", "shared", "shared:land")])

        assert names(distribution) == [
            "DistributionPlanned",
            "PacketsDispatched",
            "PacketsReceived",
            "ItemsSupplied",
        ]
        assert {p.medium: p.state for p in distribution.packets.values()} == {
            "digital": PacketState.RECEIVED,
            "shared": PacketState.RECEIVED,
        }

    def test_a_paper_original_waits_at_the_hall_that_took_it_in(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])

        assert distribution.custody == {"c-lease": HALL}
        assert [p.state for p in distribution.packets.values()] == [PacketState.PLANNED]
        assert distribution.supplied == ()

    def test_originals_that_one_item_needs_travel_together_and_a_common_one_alone(self) -> None:
        copies = [copy("application", "paper"), LEASE]

        distribution = a_distribution("licence", copies=copies)

        assert [p.copies for p in distribution.packets.values()] == [("c-application",), ("c-lease",)]

    def test_an_item_without_materials_is_supplied_at_once(self) -> None:
        distribution = a_distribution("enquiry")

        assert facts(distribution)[-1] == fact(ItemsSupplied, items=("enquiry",))

    def test_the_same_items_again_are_no_news(self) -> None:
        of = catalogue()
        distribution = given(a_distribution("licence", copies=[LEASE], of=of))

        distribution.plan(accepted("licence", copies=[LEASE], of=of), of, SYSTEM)

        assert facts(distribution) == []

    def test_items_accepted_later_get_packets_of_their_own(self) -> None:
        of = catalogue()
        distribution = given(a_distribution("licence", copies=[LEASE], of=of))

        distribution.plan(accepted("sign", copies=[LEASE, copy("picture")], of=of), of, SYSTEM)

        planned = facts(distribution)[0][1]
        assert planned["items"] == ("sign",)
        assert planned["copies"] == {"c-picture": HALL}
        assert "needs" not in planned


class TestTheFiveBorders:
    @pytest.mark.parametrize(
        ("item_id", "one", "crossed"),
        [
            ("licence", copy("application"), ()),
            ("licence", copy("application", "shared", "shared:household"), ("system", "business")),
            ("licence", copy("application", "digital", "prior:N-17"), ("business",)),
            ("sign", copy("picture"), ("department",)),
            ("fire", copy("drawing"), ("level", "department")),
        ],
    )
    def test_follow_from_the_two_ends(self, item_id: str, one: object, crossed: tuple[str, ...]) -> None:
        distribution = a_distribution(item_id, copies=[one])  # type: ignore[list-item]

        assert [p.crossings for p in distribution.packets.values()] == [crossed]

    def test_a_provider_elsewhere_is_another_system_department_and_region(self) -> None:
        of = catalogue([item("supply", "water", material("plan"))])

        distribution = a_distribution("supply", copies=[copy("plan")], of=of)

        assert [p.crossings for p in distribution.packets.values()] == [("system", "department", "region")]


class TestCustody:
    def test_a_packet_leaves_with_a_carrier(self) -> None:
        distribution = given(a_distribution("sign", copies=[LEASE]))

        distribution.dispatch(["p1"], "courier-3", "m-1", WINDOW)

        assert facts(distribution) == [fact(PacketsDispatched, packets=("p1",), carrier="courier-3", manifest="m-1")]
        assert distribution.custody == {"c-lease": "courier-3"}

    def test_it_is_signed_for_where_it_was_sent_and_the_item_is_supplied(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        given(distribution)

        distribution.receive(["p1"], "s-1", at("urban"))

        assert facts(distribution) == [
            fact(PacketsReceived, packets=("p1",), place="urban", signature="s-1"),
            fact(ItemsSupplied, items=("sign",)),
        ]
        assert distribution.custody == {"c-lease": "urban"}

    def test_it_may_pass_through_several_hands(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        distribution.dispatch(["p1"], "locker-8", "", at("", by="courier-3"))

        assert distribution.custody == {"c-lease": "locker-8"}

    def test_nobody_sends_what_lies_elsewhere(self) -> None:
        distribution = given(a_distribution("sign", copies=[LEASE]))

        with refused(PacketNotHere, packet="p1", place=HALL):
            distribution.dispatch(["p1"], "courier-3", "", at("urban"))
        assert facts(distribution) == []

    def test_an_original_cannot_leave_twice_with_one_act(self) -> None:
        distribution = given(a_distribution("licence", "sign", copies=[LEASE]))

        with refused(PacketNotHere, packet="p2"):
            distribution.dispatch(["p1", "p2"], "courier-3", "", WINDOW)
        assert facts(distribution) == []

    def test_an_original_on_its_way_belongs_to_that_packet(self) -> None:
        distribution = a_distribution("licence", "sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        with refused(PacketNotHere, packet="p2"):
            distribution.dispatch(["p2"], "courier-4", "", at("", by="courier-3"))

    def test_a_common_original_goes_on_from_one_to_the_next(self) -> None:
        distribution = a_distribution("licence", "sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        distribution.receive(["p1"], "", at("market"))

        distribution.dispatch(["p2"], "courier-4", "", at("market"))
        distribution.receive(["p2"], "", at("urban"))

        assert distribution.custody == {"c-lease": "urban"}
        assert distribution.supplied == ("licence", "sign")

    def test_an_original_that_arrived_serves_every_item_of_that_desk(self) -> None:
        distribution = a_distribution("licence", "food", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        distribution.receive(["p1"], "", at("market"))

        assert {p.state for p in distribution.packets.values()} == {PacketState.RECEIVED}

    def test_a_colleague_who_fetches_it_has_not_signed_for_it(self) -> None:
        distribution = a_distribution("licence", "food", copies=[LEASE])

        distribution.dispatch(["p1"], "market", "", WINDOW)
        distribution.stop("sign", SYSTEM)
        distribution.supply_output("licence", "cert-1", "market", catalogue(), SYSTEM)

        assert distribution.packets["p2"].state is PacketState.PLANNED

    def test_the_same_dispatch_again_is_no_news(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        given(distribution)

        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        assert facts(distribution) == []

    def test_the_same_receiver_again_is_no_news_and_another_is_refused(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        distribution.receive(["p1"], "", at("urban", by="li"))
        given(distribution)

        distribution.receive(["p1"], "", at("urban", by="li"))
        with refused(AlreadyReceived, packet="p1"):
            distribution.receive(["p1"], "", at("urban", by="wang"))
        with refused(AlreadyReceived, packet="p1"):
            distribution.dispatch(["p1"], "courier-3", "", at("urban"))
        assert facts(distribution) == []

    def test_what_never_left_cannot_be_signed_for(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])

        with refused(PacketNotDispatched, packet="p1", to="urban"):
            distribution.receive(["p1"], "", at("urban"))

    def test_nobody_signs_for_another_place(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        with refused(PacketNotHere, packet="p1", place="urban"):
            distribution.receive(["p1"], "", at("market"))

    def test_a_packet_must_be_known_and_a_carrier_named(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])

        with refused(UnknownPacket, packet="p9"):
            distribution.dispatch(["p1", "p9"], "courier-3", "", WINDOW)
        with refused(UnknownPacket, packet="p9"):
            distribution.receive(["p9"], "", at("urban"))
        with refused(CarrierMissing):
            distribution.dispatch(["p1"], "", "", WINDOW)


class TestResults:
    def test_an_item_waits_for_the_result_that_it_is_made_of(self) -> None:
        distribution = a_distribution("licence", "food")

        assert distribution.supplied == ("licence",)
        assert distribution.awaits("food") == ("licence",)

    def test_a_result_is_sent_to_the_items_that_need_it_and_supplies_them(self) -> None:
        of = catalogue()
        distribution = given(a_distribution("licence", "food", "sign", of=of))

        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)

        assert names(distribution) == [
            "DistributionPlanned",
            "PacketsDispatched",
            "PacketsReceived",
            "ItemsSupplied",
        ]
        kind, planned = facts(distribution)[0]
        assert kind == DistributionPlanned.__name__
        assert planned["outputs"] == {"cert-1": "licence"}
        assert planned["packets"] == (
            {
                "packet": "p1",
                "item": "food",
                "to": "market",
                "medium": "shared",
                "copies": ("cert-1",),
                "crossings": ("business",),
            },
        )
        assert facts(distribution)[-1] == fact(ItemsSupplied, items=("food",))

    def test_the_same_result_again_is_no_news(self) -> None:
        of = catalogue()
        distribution = a_distribution("licence", "food", of=of)
        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)
        given(distribution)

        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)

        assert facts(distribution) == []

    def test_a_result_that_nobody_needs_is_no_matter_of_distribution(self) -> None:
        of = catalogue()
        distribution = given(a_distribution("sign", of=of))

        distribution.supply_output("sign", "cert-2", "urban", of, SYSTEM)

        assert facts(distribution) == []

    def test_an_item_accepted_later_gets_the_result_that_is_there(self) -> None:
        of = catalogue()
        distribution = a_distribution("licence", of=of)
        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)
        given(distribution)

        distribution.plan(accepted("food", of=of), of, SYSTEM)

        assert [p.copies for p in distribution.packets.values()] == [("cert-1",)]
        assert distribution.supplied == ("licence", "food")

    def test_a_result_that_overtakes_the_plan_is_kept_in_mind(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")
        distribution.supply_output("licence", "cert-1", "market", None, SYSTEM)

        distribution.plan(accepted("food", of=of), of, SYSTEM)

        assert distribution.supplied == ("food",)

    def test_a_result_that_may_be_missing_holds_nothing_up_but_is_sent_on(self) -> None:
        of = catalogue()
        distribution = a_distribution("food", "fire", of=of)
        assert distribution.supplied == ("fire",)

        distribution.supply_output("food", "cert-2", "market", of, SYSTEM)

        assert [(p.item, p.copies) for p in distribution.packets.values()] == [("fire", ("cert-2",))]

    def test_a_satisfied_item_has_its_result_there_already(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")

        distribution.plan(accepted("food", of=of, standings={"licence": "satisfied"}), of, SYSTEM)

        assert distribution.supplied == ("food",)

    def test_of_a_one_of_any_result_will_do(self) -> None:
        of = catalogue(
            [
                item("normal", "market"),
                item("early", "market"),
                item("pension", "urban", material("approval", "normal", "early"), after=[("normal", "early")]),
            ]
        )
        distribution = a_distribution("normal", "early", "pension", of=of)
        assert distribution.awaits("pension") == ("normal", "early")

        distribution.supply_output("early", "cert-1", "market", of, SYSTEM)

        assert "pension" in distribution.supplied

    def test_of_several_that_must_all_come_first_every_result_is_needed(self) -> None:
        of = catalogue(
            [
                item("road", "urban"),
                item("green", "urban"),
                item("dig", "water", material("permits", "road", "green"), after=[("road",), ("green",)]),
            ]
        )
        distribution = a_distribution("road", "green", "dig", of=of)
        distribution.supply_output("road", "cert-1", "urban", of, SYSTEM)
        assert distribution.awaits("dig") == ("green",)

        distribution.supply_output("green", "cert-2", "urban", of, SYSTEM)

        assert "dig" in distribution.supplied

    def test_a_result_that_another_way_makes_unnecessary_holds_nothing_up(self) -> None:
        of = catalogue(
            [
                item("survey", "urban"),
                item("waiver", "urban", yields=False),
                item("dig", "water", material("map", "survey"), after=[("survey", "waiver")]),
            ]
        )

        distribution = a_distribution("survey", "waiver", "dig", of=of)

        assert "dig" in distribution.supplied

    def test_what_comes_only_through_another_item_is_waited_for(self) -> None:
        of = catalogue(
            [
                item("survey", "urban"),
                item("check", "urban", after=[("survey",)], yields=False),
                item("dig", "water", material("map", "survey"), after=[("check",)]),
            ]
        )

        distribution = a_distribution("survey", "check", "dig", of=of)

        assert distribution.awaits("dig") == ("survey",)


class TestItemsThatLeave:
    def test_nothing_more_is_sent_for_a_withdrawn_item(self) -> None:
        distribution = given(a_distribution("sign", copies=[LEASE]))

        distribution.stop("sign", SYSTEM)

        assert facts(distribution) == [fact(DistributionStopped, items=("sign",))]
        with refused(PacketCancelled, packet="p1"):
            distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        assert distribution.custody == {"c-lease": HALL}

    def test_what_is_on_its_way_still_arrives(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        distribution.stop("sign", SYSTEM)
        given(distribution)

        distribution.receive(["p1"], "", at("urban"))

        assert names(distribution) == ["PacketsReceived", "ReturnsPlanned"]
        assert distribution.custody == {"c-lease": "urban"}

    def test_nobody_waits_for_the_result_of_an_item_that_left(self) -> None:
        distribution = given(a_distribution("licence", "food"))

        distribution.stop("licence", SYSTEM)

        assert facts(distribution)[-1] == fact(ItemsSupplied, items=("food",))

    def test_an_item_that_left_before_the_plan_is_known(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")
        distribution.stop("licence", SYSTEM)

        distribution.plan(accepted("food", of=of), of, SYSTEM)

        assert distribution.supplied == ("food",)

    def test_the_same_again_is_no_news(self) -> None:
        distribution = a_distribution("sign")
        distribution.stop("sign", SYSTEM)
        given(distribution)

        distribution.stop("sign", SYSTEM)

        assert facts(distribution) == []
