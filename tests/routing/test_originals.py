"""Originals: who gets them, who has them, and how they come back to the applicant."""

import pytest
from msgspec.structs import replace

from contracts.language import Act
from contracts.routing import (
    DistributionPlanned,
    HandBack,
    OriginalsHandedBack,
    OriginalsTakenIn,
    PacketsAcknowledged,
    ReceiptRefused,
    ReturnsPlanned,
)
from insight.projections import observed
from routing.domain import (
    APPLICANT,
    CarrierMissing,
    Distribution,
    OriginalElsewhere,
    PacketCancelled,
    PacketNotHere,
    PacketNotReceived,
    PacketState,
    ReservedPlace,
    SignatureMissing,
    StillNeeded,
    TakerUnchecked,
    UnknownOriginal,
    WitnessMissing,
)
from testkit.facts import NOON, fact, facts, given, names, refused, replayed

from .mothers import HALL, SYSTEM, WINDOW, a_distribution, a_setting, accepted, at, catalogue, copy, item, material

LEASE = replace(copy("lease", "paper"), hall=HALL)
SCAN = replace(copy("lease"), copy="scan-lease")
COURIER = at("", by="courier-3")
SETTING = a_setting()
ORIGINAL = catalogue([item("sign", "urban", material("lease", original=True))])


def taken_in(*copies: object) -> Distribution:
    """The case after its paper was brought, before anything was accepted."""
    distribution = Distribution("case-1")
    distribution.take_in(copies or (LEASE,), SYSTEM)  # type: ignore[arg-type]
    return distribution


def delivered(*items: str) -> Distribution:
    """The lease is at the first of the items' departments."""
    distribution = taken_in()
    distribution.plan(accepted(*items, copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
    packet = distribution.packets["p1"]
    distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)
    distribution.receive(["p1"], "", at(packet.to), SETTING)
    return given(distribution)


def hand_back(*copies: str, **changes: str) -> HandBack:
    given = {"identity_check": "identity card seen", "signature": "wang", **changes}
    return HandBack(case_id="case-1", copies=copies, **given)  # type: ignore[arg-type]


class TestTakingIn:
    """Custody begins when paper is brought, not when an item is accepted."""

    def test_an_original_is_in_custody_from_the_moment_it_was_brought(self) -> None:
        distribution = taken_in()

        assert facts(distribution) == [fact(OriginalsTakenIn, copies={"c-lease": HALL}, materials={"c-lease": "lease"})]
        assert distribution.custody == {"c-lease": HALL}

    def test_the_same_again_is_no_news(self) -> None:
        distribution = given(taken_in())

        distribution.take_in([LEASE], SYSTEM)

        assert facts(distribution) == []

    def test_files_are_not_things(self) -> None:
        distribution = Distribution("case-1")

        distribution.take_in([SCAN], SYSTEM)

        assert facts(distribution) == []

    def test_what_was_taken_in_does_not_enter_again_with_the_plan(self) -> None:
        distribution = given(taken_in())

        distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM)

        planned = facts(distribution)[0]
        assert planned[0] == DistributionPlanned.__name__
        assert "copies" not in planned[1]
        assert len(distribution.movements) == 1


class TestWhoNeedsTheOriginal:
    """The catalogue says which department needs paper; the others read the scan (least necessary)."""

    def test_a_scan_goes_and_the_original_stays_in_custody_of_the_hall(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE, SCAN])

        assert [(p.medium, p.copies) for p in distribution.packets.values()] == [("digital", ("scan-lease",))]
        assert distribution.custody["c-lease"] == HALL
        assert distribution.supplied == ("sign",)
        assert distribution.is_free("c-lease")

    def test_paper_goes_where_the_case_has_no_scan_of_it(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])

        assert [p.medium for p in distribution.packets.values()] == ["paper"]

    def test_the_original_goes_with_the_scan_where_the_department_needs_it(self) -> None:
        of = catalogue([item("sign", "urban", material("lease", original=True))])

        distribution = a_distribution("sign", copies=[LEASE, SCAN], of=of)

        assert [p.medium for p in distribution.packets.values()] == ["digital", "paper"]

    def test_an_item_accepted_with_paper_gets_the_scan_of_it(self) -> None:
        of = catalogue()
        act = accepted("sign", copies=[LEASE, SCAN], of=of)
        act = replace(act, items=(replace(act.items[0], materials=("c-lease",)),))
        distribution = Distribution("case-1")

        distribution.plan(act, of, SYSTEM)

        assert [p.copies for p in distribution.packets.values()] == [("scan-lease",)]

    def test_a_copy_that_a_later_edition_replaces_goes_nowhere(self) -> None:
        later = replace(LEASE, copy="c-lease-2", edition=2, replaces="c-lease")

        distribution = a_distribution("sign", copies=[LEASE, later])

        assert [p.copies for p in distribution.packets.values()] == [("c-lease-2",)]

    def test_of_several_providers_the_one_of_the_service_area_gets_it(self) -> None:
        """Intake names the handler by the area; routing delivers there and nowhere else."""
        of = catalogue([item("supply", "water", material("plan"))])
        act = accepted("supply", copies=[copy("plan")], of=of)
        act = replace(act, items=(replace(act.items[0], handler="water-east"),))
        distribution = Distribution("case-1")

        distribution.plan(act, of, SYSTEM)

        assert [p.to for p in distribution.packets.values()] == ["water-east"]
        assert distribution.handlers == {"supply": "water-east"}


class TestReturns:
    """Originals go back."""

    def test_a_decided_item_sends_its_originals_back_to_the_hall(self) -> None:
        distribution = delivered("sign")

        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)

        kind, told = facts(distribution)[0]
        assert kind == ReturnsPlanned.__name__
        assert told["items"] == ("sign",)
        assert told["reason"] == "decided"
        (back,) = told["packets"]
        assert (back["to"], back["copies"], back["purpose"]) == (HALL, ("c-lease",), "return")

    def test_the_way_back_carries_its_five_borders_from_its_two_ends(self) -> None:
        distribution = delivered("sign")

        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)

        assert distribution.packets["p2"].crossings == ("department",)

    def test_an_original_that_another_item_needs_does_not_go_back_yet(self) -> None:
        distribution = delivered("sign", "licence")

        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
        assert [p.purpose for p in distribution.packets.values()] == ["supply", "supply"]

        distribution.dispatch(["p2"], "courier-4", "", at("urban"))
        distribution.receive(["p2"], "", at("market"), SETTING)
        distribution.conclude(["licence"], "decided", SYSTEM, SETTING)
        assert distribution.packets["p3"].purpose == "return"

    def test_without_paper_there_is_nothing_to_tell(self) -> None:
        distribution = given(a_distribution("sign", copies=[copy("picture")]))

        distribution.conclude(["sign"], "completed", SYSTEM, SETTING)

        assert facts(distribution) == []

    def test_the_same_end_again_is_no_news(self) -> None:
        distribution = delivered("sign")
        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
        given(distribution)

        distribution.conclude(["sign"], "completed", SYSTEM, SETTING)

        assert facts(distribution) == []

    def test_what_a_withdrawn_item_had_goes_back(self) -> None:
        distribution = delivered("sign")

        distribution.stop("sign", SYSTEM, SETTING)

        assert names(distribution) == ["DistributionStopped", "ReturnsPlanned"]
        assert distribution.packets["p2"].purpose == "return"

    def test_what_was_still_at_the_hall_waits_there_to_be_handed_back(self) -> None:
        distribution = taken_in()
        distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)

        distribution.stop("sign", SYSTEM, SETTING)

        assert distribution.is_free("c-lease")
        assert distribution.packets["p1"].state is PacketState.CANCELLED
        assert distribution.timers() == {}

    def test_what_was_brought_for_an_item_that_was_never_accepted_is_free(self) -> None:
        """退件: the set goes back with all that was brought."""
        distribution = taken_in()
        assert not distribution.is_free("c-lease")

        distribution.stop("sign", SYSTEM, SETTING)

        assert distribution.is_free("c-lease")

    def test_the_department_may_release_an_original_before_the_end(self) -> None:
        distribution = delivered("sign")

        distribution.return_originals([], at("urban"), SETTING)

        assert facts(distribution)[0][1]["reason"] == "released"
        given(distribution)
        distribution.return_originals(["c-lease"], at("urban"), SETTING)
        assert facts(distribution) == []

    def test_it_does_not_release_what_the_next_department_waits_for(self) -> None:
        distribution = delivered("sign", "licence")

        with refused(StillNeeded, copy="c-lease", items=("licence",)):
            distribution.return_originals(["c-lease"], at("urban"), SETTING)

    def test_nobody_releases_what_lies_elsewhere(self) -> None:
        distribution = delivered("sign")

        with refused(OriginalElsewhere, copy="c-lease", place="urban"):
            distribution.return_originals(["c-lease"], at("market"), SETTING)
        with refused(UnknownOriginal, copy="c-picture"):
            distribution.return_originals(["c-picture"], at("urban"), SETTING)


def back_at_the_hall() -> Distribution:
    distribution = delivered("sign")
    distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
    distribution.dispatch(["p2"], "courier-3", "", at("urban"))
    distribution.receive(["p2"], "", WINDOW, SETTING)
    return given(distribution)


class TestHandingBack:
    def test_the_applicant_has_it_back_against_identity_and_signature(self) -> None:
        distribution = back_at_the_hall()

        distribution.hand_back(hand_back("c-lease", receipt="R-1"), WINDOW)

        assert facts(distribution) == [
            fact(
                OriginalsHandedBack,
                copies=("c-lease",),
                place=HALL,
                method="window",
                identity_check="identity card seen",
                signature="wang",
                receipt="R-1",
            )
        ]
        assert distribution.custody == {"c-lease": APPLICANT}

    def test_the_same_again_is_no_news(self) -> None:
        distribution = back_at_the_hall()
        distribution.hand_back(hand_back("c-lease"), WINDOW)
        given(distribution)

        distribution.hand_back(hand_back("c-lease"), WINDOW)

        assert facts(distribution) == []

    def test_nobody_gives_away_what_lies_elsewhere_or_is_unknown(self) -> None:
        distribution = back_at_the_hall()

        with refused(OriginalElsewhere, copy="c-lease", place=HALL):
            distribution.hand_back(hand_back("c-lease"), at("urban"))
        with refused(UnknownOriginal, copy="c-9"):
            distribution.hand_back(hand_back("c-9"), WINDOW)

    def test_nothing_is_given_without_identity_or_signature(self) -> None:
        distribution = back_at_the_hall()

        with refused(TakerUnchecked):
            distribution.hand_back(hand_back("c-lease", identity_check=""), WINDOW)
        with refused(SignatureMissing):
            distribution.hand_back(hand_back("c-lease", signature=""), WINDOW)

    def test_what_an_item_still_waits_for_stays(self) -> None:
        distribution = taken_in()
        distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM)

        with refused(StillNeeded, items=("sign",)):
            distribution.hand_back(hand_back("c-lease"), WINDOW)

    def test_what_was_taken_in_and_is_wanted_by_nobody_yet_may_be_had_back(self) -> None:
        distribution = taken_in()

        distribution.hand_back(hand_back("c-lease"), WINDOW)

        assert distribution.custody == {"c-lease": APPLICANT}

    def test_a_way_back_that_was_planned_does_not_wait_for_what_was_handed_back_on_the_spot(self) -> None:
        distribution = delivered("sign")
        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)

        distribution.hand_back(hand_back("c-lease"), at("urban"))

        assert distribution.packets["p2"].state is PacketState.CANCELLED


class TestAcknowledging:
    def test_a_person_at_the_department_takes_note_of_data_that_arrived_at_once(self) -> None:
        distribution = given(a_distribution("sign", copies=[copy("picture")]))

        distribution.acknowledge(["p1"], at("urban", by="li"))

        assert facts(distribution) == [fact(PacketsAcknowledged, packets=("p1",))]
        assert distribution.packets["p1"].acknowledged_by == "li"

    def test_the_same_again_by_whomever_is_no_news(self) -> None:
        distribution = a_distribution("sign", copies=[copy("picture")])
        distribution.acknowledge(["p1"], at("urban", by="li"))
        given(distribution)

        distribution.acknowledge(["p1"], at("urban", by="zhao"))

        assert facts(distribution) == []

    def test_nobody_takes_note_for_another_or_of_what_has_not_come(self) -> None:
        distribution = a_distribution("sign", copies=[copy("picture"), LEASE])

        with refused(PacketNotHere, packet="p1", place="urban"):
            distribution.acknowledge(["p1"], at("market"))
        with refused(PacketNotReceived, packet="p2"):
            distribution.acknowledge(["p2"], at("urban"))


class TestRefusalToSign:
    """拒收视为移交: refusal to collect counts as transferred (S62d)."""

    @pytest.mark.parametrize("act", [COURIER, WINDOW], ids=["the carrier", "the sender"])
    def test_before_a_witness_it_counts_as_transferred_and_the_item_is_supplied(self, act: Act) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        given(distribution)

        distribution.refuse(["p1"], "witness-wu", "nobody would sign", act)

        assert facts(distribution)[0] == fact(
            ReceiptRefused, packets=("p1",), witness="witness-wu", reason="nobody would sign", place="urban"
        )
        assert names(distribution) == ["ReceiptRefused", "ItemsSupplied"]
        assert distribution.custody == {"c-lease": "urban"}
        assert distribution.packets["p1"].witness == "witness-wu"

    @pytest.mark.parametrize("witness", ["", "courier-3"])
    def test_without_a_witness_who_is_somebody_else_it_does_not_count(self, witness: str) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        with refused(WitnessMissing):
            distribution.refuse(["p1"], witness, "", COURIER)

    def test_only_who_carries_or_sent_it_says_so(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)

        with refused(PacketNotHere, packet="p1", place="courier-3"):
            distribution.refuse(["p1"], "witness-wu", "", at("urban"))

    def test_the_same_again_is_no_news(self) -> None:
        distribution = a_distribution("sign", copies=[LEASE])
        distribution.dispatch(["p1"], "courier-3", "", WINDOW)
        distribution.refuse(["p1"], "witness-wu", "", COURIER)
        given(distribution)

        distribution.refuse(["p1"], "witness-wu", "", COURIER)

        assert facts(distribution) == []


@pytest.mark.parametrize("place", ["applicant", "lost", "outside"])
def test_nobody_works_at_a_word_that_says_where_an_original_is_not(place: str) -> None:
    distribution = a_distribution("sign", copies=[LEASE])

    with refused(ReservedPlace, place=place):
        distribution.dispatch(["p1"], place, "", WINDOW)
    with refused(CarrierMissing):
        distribution.dispatch(["p1"], "", "", WINDOW)
    with refused(PacketNotHere):
        distribution.dispatch(["p1"], "courier-3", "", at(place))


class TestReopening:
    """An item that had come to its end is decided again: what was called off for it is sent after all."""

    def concluded(self, reason: str = "completed") -> Distribution:
        """It came to its end before anything was sent: it was blocked, or decided by silence."""
        distribution = taken_in()
        distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
        distribution.conclude(["sign"], reason, SYSTEM, SETTING)  # type: ignore[arg-type]
        return given(distribution)

    def test_what_never_left_is_planned_anew_and_supplies_the_item(self) -> None:
        distribution = self.concluded()

        distribution.reopen(["sign"], SYSTEM, SETTING)

        ((kind, told),) = facts(distribution)
        (again,) = told["packets"]
        assert (kind, told["reopened"]) == (DistributionPlanned.__name__, ("sign",))
        assert (again["packet"], again["to"], again["copies"]) == ("p2", "urban", ("c-lease",))
        assert not distribution.is_free("c-lease")
        assert distribution.timers() == {"transfer:p2": SETTING.transfer_by(NOON)}
        distribution.dispatch(["p2"], "courier-3", "", WINDOW, SETTING)
        distribution.receive(["p2"], "", at("urban"), SETTING)
        assert distribution.supplied == ("sign",)

    def test_ended_again_and_decided_again_it_is_one_packet_still(self) -> None:
        distribution = self.concluded()
        distribution.reopen(["sign"], SYSTEM, SETTING)
        distribution.conclude(["sign"], "completed", SYSTEM, SETTING)

        distribution.reopen(["sign"], SYSTEM, SETTING)

        assert [p.packet for p in distribution.packets.values() if p.state is PacketState.PLANNED] == ["p3"]

    def test_what_the_applicant_has_back_is_waited_for(self) -> None:
        distribution = self.concluded()
        distribution.hand_back(hand_back("c-lease"), WINDOW)

        distribution.reopen(["sign"], SYSTEM, SETTING)
        assert distribution.packets["p2"].state is PacketState.MISSING
        distribution.take_in_again(["c-lease"], WINDOW, SETTING)

        assert distribution.packets["p2"].state is PacketState.PLANNED

    def test_what_is_replaced_by_its_scan_is_not_sent(self) -> None:
        distribution = taken_in()
        act = accepted("sign", copies=[LEASE, SCAN], of=ORIGINAL)
        distribution.plan(act, ORIGINAL, SYSTEM, a_setting(ORIGINAL))
        distribution.report_loss("", ("c-lease",), "gone", WINDOW, SETTING)
        distribution.declare_lost(["c-lease"], replace(at("urban", by="li"), at=SETTING.search_until(NOON)))
        distribution.replace_by_scan("c-lease", SYSTEM, SETTING)
        distribution.conclude(["sign"], "completed", SYSTEM, SETTING)
        given(distribution)

        distribution.reopen(["sign"], SYSTEM, SETTING)

        assert facts(distribution) == [fact(DistributionPlanned, items=(), packets=(), reopened=("sign",))]

    def test_what_its_department_has_stays_there_until_the_item_ends_again(self) -> None:
        distribution = delivered("sign")
        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
        given(distribution)

        distribution.reopen(["sign"], SYSTEM, SETTING)

        assert facts(distribution) == [
            fact(DistributionPlanned, items=(), packets=(), reopened=("sign",), kept_back=("p2",))
        ]
        with refused(PacketCancelled):
            distribution.dispatch(["p2"], "courier-3", "", at("urban"), SETTING)
        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
        assert [p.packet for p in distribution.packets.values() if p.state is PacketState.PLANNED] == ["p3"]

    def test_what_else_was_to_go_back_with_it_goes_on_its_own_way_and_counts_as_no_distribution(self) -> None:
        deed = replace(copy("deed", "paper"), hall=HALL)
        both = catalogue([item("sign", "urban", material("lease")), item("gate", "urban", material("deed"))])
        distribution = taken_in(LEASE, deed)
        distribution.plan(accepted("sign", "gate", copies=[LEASE, deed], of=both), both, SYSTEM, a_setting(both))
        sent = list(distribution.packets)
        distribution.dispatch(sent, "courier-3", "", WINDOW, SETTING)
        distribution.receive(sent, "", at("urban"), SETTING)
        distribution.conclude(["sign", "gate"], "decided", SYSTEM, SETTING)
        (way,) = [p for p in distribution.packets.values() if p.purpose == "return"]
        given(distribution)

        distribution.reopen(["sign"], SYSTEM, SETTING)

        ((_, told),) = facts(distribution)
        (rest,) = told["packets"]
        assert told["kept_back"] == (way.packet,)
        assert (rest["purpose"], rest["item"]) == ("return", "gate")
        assert (rest["copies"], set(way.copies)) == (("c-deed",), {"c-lease", "c-deed"})
        assert observed("case-1", distribution.pending[-1], DistributionPlanned.TOPIC) == ()

    def test_what_is_on_its_way_back_is_not_called_off(self) -> None:
        distribution = delivered("sign")
        distribution.conclude(["sign"], "decided", SYSTEM, SETTING)
        distribution.dispatch(["p2"], "courier-3", "", at("urban"), SETTING)
        given(distribution)

        distribution.reopen(["sign"], SYSTEM, SETTING)

        assert facts(distribution) == [fact(DistributionPlanned, items=(), packets=(), reopened=("sign",))]

    def test_an_item_that_did_not_end_or_left_the_case_is_no_news(self) -> None:
        distribution = delivered("sign", "licence")
        distribution.conclude(["licence"], "completed", SYSTEM, SETTING)
        distribution.stop("licence", SYSTEM, SETTING)
        given(distribution)

        distribution.reopen(["sign", "licence"], SYSTEM, SETTING)

        assert facts(distribution) == []

    def test_a_replay_leads_to_the_same_state(self) -> None:
        distribution = taken_in()
        distribution.plan(accepted("sign", copies=[LEASE], of=catalogue()), catalogue(), SYSTEM, SETTING)
        distribution.conclude(["sign"], "completed", SYSTEM, SETTING)
        distribution.reopen(["sign"], SYSTEM, SETTING)

        assert replayed(distribution, list(distribution.pending)).state() == distribution.state()
