"""遗失: looked for, found, or declared lost by two people; replaced by a scan or with an apology."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from contracts.intake import MaterialCopy
from contracts.language import Act
from contracts.routing import LossDeclared, LossReported, LostFound, ReplacementRequested
from routing.domain import (
    LOST,
    ApologyMissing,
    CircumstancesMissing,
    Distribution,
    NoDigitalCopy,
    NotDeclaredLost,
    NotMissing,
    PacketMissing,
    PacketNotHere,
    PacketState,
    ReservedPlace,
    SearchGoesOn,
    SecondPersonForLoss,
    UnknownOriginal,
)
from testkit.facts import fact, facts, given, names, refused

from .mothers import HALL, SYSTEM, WINDOW, a_setting, accepted, at, catalogue, copy, item, material

PICTURE = replace(copy("picture", "paper"), hall=HALL)
SETTING = a_setting()
COURIER = at("", by="courier-3")
SEARCH_UNTIL = datetime(2026, 8, 6, 16, 0, tzinfo=UTC)
"""Ten working days after Thursday, 23 July, to the end of the day in China."""


def a_case(*copies: MaterialCopy, original: bool = False) -> Distribution:
    of = catalogue([item("sign", "urban", material("picture", original=original))])
    distribution = Distribution("case-1")
    distribution.take_in([each for each in copies if each.medium == "paper"], SYSTEM)
    distribution.plan(accepted("sign", copies=copies, of=of), of, SYSTEM, SETTING)
    return distribution


def underway(*copies: MaterialCopy, original: bool = False) -> Distribution:
    """One packet with a carrier, to the department of signs."""
    distribution = a_case(*copies, original=original)
    paper = [packet.packet for packet in distribution.packets.values() if packet.medium == "paper"]
    distribution.dispatch(paper, "courier-3", "", WINDOW, SETTING)
    return given(distribution)


def lost(*copies: MaterialCopy, original: bool = False) -> Distribution:
    """What was underway is missing."""
    distribution = underway(*(copies or (PICTURE,)), original=original)
    packet = next(p.packet for p in distribution.packets.values() if p.medium == "paper")
    distribution.report_loss(packet, (), "bag stolen", COURIER, SETTING)
    return given(distribution)


def declared(*copies: MaterialCopy, original: bool = False) -> Distribution:
    distribution = lost(*copies, original=original)
    distribution.declare_lost(sorted(distribution.losses), after_search(at("urban", by="li")))
    return given(distribution)


def after_search(act: Act) -> Act:
    return replace(act, at=SEARCH_UNTIL + timedelta(hours=1))


class TestReporting:
    def test_what_is_missing_is_in_one_place_and_looked_for(self) -> None:
        distribution = underway(PICTURE)

        distribution.report_loss("p1", (), "bag stolen", COURIER, SETTING)

        kind, told = facts(distribution)[0]
        assert kind == LossReported.__name__
        assert told["copies"] == {"c-picture": "courier-3"}
        assert distribution.custody == {"c-picture": LOST}
        assert distribution.packets["p1"].state is PacketState.MISSING
        assert distribution.timers() == {"search:c-picture": SEARCH_UNTIL}
        assert distribution.supplied == ()

    def test_a_part_of_a_packet_may_be_missing_and_the_rest_goes_on(self) -> None:
        distribution = a_case(PICTURE, replace(PICTURE, copy="c-picture-2"))
        distribution.dispatch(["p1"], "courier-3", "", WINDOW, SETTING)

        distribution.report_loss("", ("c-picture-2",), "not in the bag", COURIER, SETTING)
        distribution.receive(["p1"], "", at("urban"), SETTING)

        assert distribution.custody == {"c-picture": "urban", "c-picture-2": LOST}
        assert distribution.packets["p1"].copies == ("c-picture",)
        assert (distribution.packets["p2"].state, distribution.packets["p2"].copies) == (
            PacketState.MISSING,
            ("c-picture-2",),
        )
        assert distribution.supplied == ()

    @pytest.mark.parametrize("act", [COURIER, at("urban"), WINDOW], ids=["carrier", "receiver", "sender"])
    def test_who_had_to_do_with_it_may_say_so(self, act: Act) -> None:
        distribution = underway(PICTURE)

        distribution.report_loss("p1", (), "gone", act, SETTING)

        assert distribution.custody == {"c-picture": LOST}

    def test_nobody_else_may(self) -> None:
        distribution = underway(PICTURE)

        with refused(PacketNotHere, packet="p1", place="courier-3"):
            distribution.report_loss("p1", (), "gone", at("fire"), SETTING)

    def test_without_circumstances_it_is_refused(self) -> None:
        with refused(CircumstancesMissing):
            underway(PICTURE).report_loss("p1", (), "", COURIER, SETTING)

    def test_something_must_be_missing_that_is_known(self) -> None:
        with refused(UnknownOriginal):
            underway(PICTURE).report_loss("", (), "gone", COURIER, SETTING)
        with refused(UnknownOriginal, copy="c-9"):
            underway(PICTURE).report_loss("", ("c-9",), "gone", COURIER, SETTING)

    def test_the_same_again_is_no_news(self) -> None:
        distribution = lost()

        distribution.report_loss("p1", (), "bag stolen", COURIER, SETTING)

        assert facts(distribution) == []

    def test_what_is_missing_neither_leaves_nor_arrives(self) -> None:
        distribution = lost()

        with refused(PacketMissing, packet="p1"):
            distribution.dispatch(["p1"], "courier-4", "", COURIER)
        with refused(PacketMissing, packet="p1"):
            distribution.receive(["p1"], "", at("urban"))

    def test_the_end_of_the_search_is_reminded_of_once(self) -> None:
        distribution = lost()

        distribution.remind("search:c-picture", after_search(SYSTEM))

        assert facts(distribution)[0][1]["stage"] == "search"
        assert facts(distribution)[0][1]["place"] == "courier-3"
        assert distribution.timers() == {}


class TestFinding:
    def test_it_can_travel_again_from_where_it_was_found(self) -> None:
        distribution = lost()

        distribution.found(["c-picture"], "", at("fire"), SETTING)

        assert facts(distribution)[0][0] == LostFound.__name__
        assert distribution.custody == {"c-picture": "fire"}
        distribution.dispatch(["p1"], "courier-4", "", at("fire"), SETTING)
        distribution.receive(["p1"], "", at("urban"), SETTING)
        assert distribution.supplied == ("sign",)

    def test_found_where_it_was_bound_for_it_has_arrived(self) -> None:
        distribution = lost()

        distribution.found(["c-picture"], "", at("urban"), SETTING)

        assert names(distribution) == ["LostFound", "PacketsReceived", "ItemsSupplied"]

    def test_found_after_its_item_left_it_goes_back(self) -> None:
        distribution = lost()
        distribution.stop("sign", SYSTEM, SETTING)
        given(distribution)

        distribution.found(["c-picture"], "", at("urban"), SETTING)

        assert distribution.packets["p1"].state is PacketState.CANCELLED
        assert distribution.packets["p2"].purpose == "return"

    def test_what_is_not_missing_is_not_found(self) -> None:
        with refused(NotMissing, copy="c-picture", place="courier-3"):
            underway(PICTURE).found(["c-picture"], "", COURIER, SETTING)

    def test_nobody_finds_it_where_they_are_not(self) -> None:
        with refused(PacketNotHere, place="fire"):
            lost().found(["c-picture"], "fire", at("urban"), SETTING)
        with refused(ReservedPlace):
            lost().found(["c-picture"], "applicant", at("urban"), SETTING)

    def test_the_same_again_is_no_news(self) -> None:
        distribution = lost()
        distribution.found(["c-picture"], "", at("fire"), SETTING)
        given(distribution)

        distribution.found(["c-picture"], "", at("fire"), SETTING)

        assert facts(distribution) == []


class TestDeclaring:
    def test_another_person_declares_it_after_the_search_and_the_item_is_flagged(self) -> None:
        distribution = lost()

        distribution.declare_lost(["c-picture"], after_search(at("urban", by="li")))

        assert facts(distribution) == [
            fact(LossDeclared, copies=("c-picture",), reported_by=("courier-3",), items=("sign",))
        ]

    def test_not_by_who_reported_it(self) -> None:
        with refused(SecondPersonForLoss, copy="c-picture"):
            lost().declare_lost(["c-picture"], after_search(COURIER))

    def test_not_before_the_search_has_ended(self) -> None:
        with refused(SearchGoesOn, copy="c-picture", until=SEARCH_UNTIL):
            lost().declare_lost(["c-picture"], at("urban", by="li"))

    def test_not_what_is_there(self) -> None:
        with refused(NotMissing):
            underway(PICTURE).declare_lost(["c-picture"], after_search(at("urban")))

    def test_the_same_again_is_no_news(self) -> None:
        distribution = declared()

        distribution.declare_lost(["c-picture"], after_search(at("urban", by="wu")))

        assert facts(distribution) == []


class TestReplacing:
    SCAN = replace(copy("picture"), copy="scan-picture")

    def test_the_scan_takes_its_place(self) -> None:
        distribution = declared(PICTURE, self.SCAN, original=True)

        distribution.replace_by_scan("c-picture", SYSTEM, SETTING)

        assert "ItemsSupplied" in names(distribution)
        assert distribution.losses["c-picture"].replaced_by == "scan-picture"
        assert distribution.custody["c-picture"] == LOST
        missing = next(p for p in distribution.packets.values() if p.medium == "paper")
        assert missing.state is PacketState.CANCELLED

    def test_the_same_again_is_no_news(self) -> None:
        distribution = declared(PICTURE, self.SCAN, original=True)
        distribution.replace_by_scan("c-picture", SYSTEM, SETTING)
        given(distribution)

        distribution.replace_by_scan("c-picture", SYSTEM, SETTING)

        assert facts(distribution) == []

    def test_not_where_there_is_none_or_the_search_goes_on(self) -> None:
        with refused(NoDigitalCopy, copy="c-picture"):
            declared().replace_by_scan("c-picture", SYSTEM, SETTING)
        with refused(NotDeclaredLost, copy="c-picture"):
            lost().replace_by_scan("c-picture", SYSTEM, SETTING)

    def test_the_applicant_is_asked_only_with_an_apology(self) -> None:
        distribution = declared()

        with refused(ApologyMissing):
            distribution.request_replacement(["c-picture"], "", WINDOW)
        distribution.request_replacement(["c-picture"], "歉字〔2026〕1号", WINDOW)

        assert facts(distribution) == [
            fact(ReplacementRequested, copies=("c-picture",), apology="歉字〔2026〕1号", items=("sign",))
        ]

    def test_asking_again_is_no_news_and_asking_too_early_is_refused(self) -> None:
        distribution = declared()
        distribution.request_replacement(["c-picture"], "L-1", WINDOW)
        given(distribution)

        distribution.request_replacement(["c-picture"], "L-1", WINDOW)

        assert facts(distribution) == []
        with refused(NotDeclaredLost):
            lost().request_replacement(["c-picture"], "L-1", WINDOW)

    @pytest.mark.parametrize("named", [True, False], ids=["names what it replaces", "is of the same material"])
    def test_what_the_applicant_brings_goes_where_the_lost_one_was_to_go(self, named: bool) -> None:
        distribution = declared()
        distribution.request_replacement(["c-picture"], "L-1", WINDOW)
        again = replace(PICTURE, copy="c-picture-2", replaces="c-picture" if named else "")

        distribution.take_in([again], SYSTEM, SETTING)

        packet = next(reversed(distribution.packets.values()))
        assert (packet.to, packet.copies, packet.state) == ("urban", ("c-picture-2",), PacketState.PLANNED)
        distribution.dispatch([packet.packet], "courier-4", "", WINDOW, SETTING)
        distribution.receive([packet.packet], "", at("urban"), SETTING)
        assert distribution.supplied == ("sign",)

    def test_a_file_may_be_what_the_applicant_brings(self) -> None:
        distribution = declared()
        distribution.request_replacement(["c-picture"], "L-1", WINDOW)

        distribution.take_in([replace(self.SCAN, replaces="c-picture")], SYSTEM, SETTING)

        assert distribution.supplied == ("sign",)
        assert distribution.custody["scan-picture"] == HALL

    def test_what_is_lost_at_the_department_is_replaced_there_too(self) -> None:
        distribution = underway(PICTURE, self.SCAN, original=True)
        distribution.receive(["p2"], "", at("urban"), SETTING)
        distribution.report_loss("", ("c-picture",), "misfiled", at("urban", by="zhao"), SETTING)
        distribution.declare_lost(["c-picture"], after_search(at("urban", by="li")))

        distribution.replace_by_scan("c-picture", SYSTEM, SETTING)

        assert next(reversed(distribution.packets.values())).copies == ("scan-picture",)
