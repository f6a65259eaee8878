"""接续 and 补齐: items that come later, materials that come later, results that lose their force."""

from msgspec.structs import replace

from contracts.routing import DistributionResumed, Need, OutputWithdrawn
from routing.domain import Distribution, PacketState, SupplyLate
from testkit.facts import fact, facts, given, names

from .mothers import HALL, SYSTEM, WINDOW, a_distribution, a_setting, accepted, at, catalogue, copy

LEASE = replace(copy("lease", "paper"), hall=HALL)
SETTING = a_setting()


class TestNeeds:
    """The needs follow from the plan that every acceptance carries."""

    def test_an_item_that_is_underway_elsewhere_is_not_waited_for_here(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")

        distribution.plan(accepted("food", of=of, standings={"licence": "underway"}), of, SYSTEM)

        assert distribution.supplied == ("food",)

    def test_an_item_that_was_joined_is_needed_by_those_accepted_after_it(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")
        distribution.plan(accepted("sign", of=of, standings={"licence": "not_needed"}), of, SYSTEM)
        given(distribution)

        distribution.plan(accepted("licence", "food", of=of), of, SYSTEM)

        assert distribution.awaits("food") == ("licence",)
        planned = facts(distribution)[0][1]
        assert planned["renewed"] is True
        assert {need["item"] for need in planned["needs"]} == {"food", "fire"}

    def test_an_item_accepted_before_is_not_held_up_by_what_was_joined_but_gets_it(self) -> None:
        of = catalogue()
        distribution = Distribution("case-1")
        act = accepted("food", copies=[copy("layout")], of=of, standings={"licence": "not_needed"})
        distribution.plan(act, of, SYSTEM)
        assert distribution.supplied == ("food",)

        distribution.plan(accepted("licence", of=of), of, SYSTEM)
        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)

        assert Need(item="food", producers=("licence",), required=False) in distribution.needs
        assert ("food", ("cert-1",)) in [(p.item, p.copies) for p in distribution.packets.values()]

    def test_a_plan_that_says_the_same_tells_no_needs_again(self) -> None:
        of = catalogue()
        distribution = given(a_distribution("licence", of=of))

        distribution.plan(accepted("food", of=of), of, SYSTEM)

        assert "needs" not in facts(distribution)[0][1]
        assert "renewed" not in facts(distribution)[0][1]

    def test_what_will_come_from_elsewhere_now_is_no_longer_waited_for(self) -> None:
        of = catalogue()
        distribution = a_distribution("food", of=of)
        assert distribution.awaits("food") == ("licence",)

        distribution.plan(accepted("sign", of=of, standings={"licence": "satisfied"}), of, SYSTEM)

        assert "food" in distribution.supplied

    def test_bundle_first_and_item_first_come_to_the_same(self) -> None:
        """Whichever way a case begins, its materials end up in the same hands."""
        of = catalogue()
        copies = [copy("application"), copy("layout"), copy("picture"), copy("lease")]
        together, joined = Distribution("case-1"), Distribution("case-1")

        together.plan(accepted("licence", "food", "sign", copies=copies, of=of), of, SYSTEM)
        joined.plan(
            accepted("sign", copies=copies, of=of, standings={"licence": "not_needed", "food": "not_needed"}),
            of,
            SYSTEM,
        )
        joined.plan(accepted("licence", "food", copies=copies, of=of), of, SYSTEM)
        for each in (together, joined):
            each.supply_output("licence", "cert-1", "market", of, SYSTEM)

        def delivered(each: Distribution) -> set[tuple[str, str, str]]:
            return {(p.item, p.to, copy) for p in each.packets.values() for copy in p.copies}

        assert delivered(together) == delivered(joined)
        assert set(together.supplied) == set(joined.supplied)
        assert set(together.needs) == set(joined.needs)


class TestItemsThatComeAgain:
    def test_an_item_that_left_and_was_joined_again_gets_its_materials_again(self) -> None:
        of = catalogue()
        distribution = a_distribution("sign", copies=[LEASE], of=of)
        distribution.stop("sign", SYSTEM, SETTING)
        given(distribution)

        distribution.resume(["sign"], SYSTEM)
        distribution.plan(accepted("sign", copies=[LEASE], of=of), of, SYSTEM, SETTING)
        distribution.dispatch(["p2"], "courier-3", "", WINDOW)
        distribution.receive(["p2"], "", at("urban"))

        assert facts(distribution)[0] == fact(DistributionResumed, items=("sign",))
        assert distribution.supplied == ("sign",)

    def test_without_having_been_joined_it_stays_out(self) -> None:
        of = catalogue()
        distribution = a_distribution("sign", of=of)
        distribution.stop("sign", SYSTEM)
        given(distribution)

        distribution.plan(accepted("sign", of=of), of, SYSTEM)

        assert facts(distribution) == []

    def test_items_that_never_left_are_no_news(self) -> None:
        distribution = given(a_distribution("sign"))

        distribution.resume(["sign", "food"], SYSTEM)

        assert facts(distribution) == []


class TestSupplements:
    """补齐: what was tolerated as missing follows to the department."""

    def late(self, *copies: object, item: str = "sign") -> SupplyLate:
        return SupplyLate(case_id="case-1", item=item, copies=copies, hall=HALL)  # type: ignore[arg-type]

    def test_a_late_file_arrives_at_once(self) -> None:
        distribution = given(a_distribution("sign", copies=[copy("picture")]))

        distribution.supply_late(self.late(copy("lease")), SYSTEM, SETTING)

        assert names(distribution) == ["DistributionPlanned", "PacketsDispatched", "PacketsReceived"]
        late = distribution.packets["p2"]
        assert (late.to, late.copies, late.crossings) == ("urban", ("c-lease",), ("department",))

    def test_a_late_original_travels_and_has_its_limit(self) -> None:
        distribution = given(a_distribution("sign", copies=[copy("picture")]))
        distribution.take_in([LEASE], SYSTEM)

        distribution.supply_late(self.late(LEASE), SYSTEM, SETTING)

        assert distribution.packets["p2"].state is PacketState.PLANNED
        assert set(distribution.timers()) == {"transfer:p2"}
        assert len(distribution.movements) == 1

    def test_an_item_that_was_not_supplied_waits_for_it_too(self) -> None:
        distribution = given(a_distribution("sign", copies=[replace(copy("picture", "paper"), hall=HALL)]))

        distribution.supply_late(self.late(LEASE), SYSTEM, SETTING)
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        distribution.receive(["p1"], "", at("urban"))
        assert not distribution.supplied

        distribution.dispatch(["p2"], "courier-3", "", WINDOW)
        distribution.receive(["p2"], "", at("urban"))
        assert distribution.supplied == ("sign",)

    def test_the_same_again_is_no_news(self) -> None:
        distribution = a_distribution("sign", copies=[copy("picture")])
        distribution.supply_late(self.late(copy("lease")), SYSTEM, SETTING)
        given(distribution)

        distribution.supply_late(self.late(copy("lease")), SYSTEM, SETTING)

        assert facts(distribution) == []

    def test_an_item_that_lapsed_gets_nothing_more(self) -> None:
        distribution = a_distribution("sign", copies=[copy("picture")])
        distribution.stop("sign", SYSTEM, SETTING)
        given(distribution)

        distribution.supply_late(self.late(copy("lease")), SYSTEM, SETTING)

        assert facts(distribution) == []


class TestResultsThatLoseTheirForce:
    def issued(self) -> Distribution:
        of = catalogue()
        distribution = a_distribution("licence", "food", of=of)
        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)
        return given(distribution)

    def test_who_got_it_is_told(self) -> None:
        distribution = self.issued()

        distribution.withdraw_output("cert-1", "revoked", "fraud", "", SYSTEM)

        assert facts(distribution) == [
            fact(
                OutputWithdrawn,
                certificate="cert-1",
                item="licence",
                holders={"food": "market"},
                status="revoked",
                ground="fraud",
            )
        ]

    def test_the_same_again_and_one_that_nobody_got_are_no_news(self) -> None:
        distribution = self.issued()
        distribution.withdraw_output("cert-1", "revoked", "fraud", "", SYSTEM)
        given(distribution)

        distribution.withdraw_output("cert-1", "revoked", "fraud", "", SYSTEM)
        distribution.withdraw_output("cert-9", "revoked", "fraud", "", SYSTEM)

        assert facts(distribution) == []

    def test_an_item_accepted_after_it_waits_for_a_valid_one(self) -> None:
        of = catalogue()
        distribution = a_distribution("licence", of=of)
        distribution.supply_output("licence", "cert-1", "market", of, SYSTEM)
        distribution.withdraw_output("cert-1", "replaced", "corrected", "cert-2", SYSTEM)

        distribution.plan(accepted("food", of=of), of, SYSTEM)
        assert distribution.awaits("food") == ("licence",)

        distribution.supply_output("licence", "cert-2", "market", of, SYSTEM)
        assert "food" in distribution.supplied
        assert [p.copies for p in distribution.packets.values() if p.item == "food"] == [("cert-2",)]
