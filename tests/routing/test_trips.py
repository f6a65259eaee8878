"""Trips: what travels together is sealed, counted against a manifest and signed for at both ends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from contracts.language import Act, Fact
from contracts.routing import (
    Cargo,
    CargoRef,
    DispatchTrip,
    ManifestCorrected,
    ReceiveTrip,
    StoreTrip,
    TripDispatched,
    TripRecalled,
    TripReceived,
    TripRefused,
    TripReturned,
    TripStored,
)
from eventing.errors import Refused
from routing.domain import (
    BarcodeTaken,
    CarrierMissing,
    CellTaken,
    CircumstancesMissing,
    NotForLocker,
    NotInTrip,
    PacketNotHere,
    ReservedPlace,
    SignatureMissing,
    Trip,
    TripCalledBack,
    TripElsewhere,
    TripEmpty,
    TripExists,
    TripMisnamed,
    TripNotCalledBack,
    TripOver,
    TripState,
    UnknownPacket,
    WitnessMissing,
    WrongPickUpCode,
)
from routing.domain.crossings import hall_of_tree
from routing.domain.manifest import digest_of
from routing.printing import printed
from testkit.facts import fact, facts, given, names, refused, replayed

from .mothers import HALL, SYSTEM, WINDOW, at, catalogue

COURIER = at("", by="courier-3")
URBAN = at("urban", by="li")
HALLS = {HALL: hall_of_tree("county", "990102")}
OF = catalogue()
COLLECT_BY = datetime(2026, 7, 30, 16, 0, tzinfo=UTC)
LINES = {
    ("case-1", "p1"): (Cargo("case-1", "p1", "sign", "urban", ("c-lease",)), HALL),
    ("case-1", "p2"): (Cargo("case-1", "p2", "sign", "urban", ("c-picture",)), HALL),
    ("case-2", "p1"): (Cargo("case-2", "p1", "sign", "urban", ("c-lease",)), HALL),
    ("case-3", "p1"): (Cargo("case-3", "p1", "sign", "urban", ("c-lease",)), "urban"),
}
BOTH = (CargoRef("case-1", ("p1", "p2")), CargoRef("case-2", ("p1",)))


def departure(**changes: Any) -> DispatchTrip:
    return replace(
        DispatchTrip(
            trip="trip-1",
            to="urban",
            carrier="courier-3",
            cargo=BOTH,
            signature="clerk",
            carrier_signature="courier",
            seal="S-100",
        ),
        **changes,
    )


def a_trip(**changes: Any) -> Trip:
    trip = Trip("trip-1")
    trip.dispatch(departure(**changes), LINES, HALLS, OF, WINDOW)
    return given(trip)


def storing(**changes: Any) -> StoreTrip:
    return replace(
        StoreTrip(trip="trip-1", cabinet="cab-1", cell="07", barcode="B-1", code="482913"),
        **changes,
    )


def stored() -> Trip:
    trip = a_trip(hop="locker")
    trip.store(storing(), "digest-of-482913", None, COLLECT_BY, COURIER)
    return given(trip)


def arrival(**changes: Any) -> ReceiveTrip:
    return replace(ReceiveTrip(trip="trip-1", signature="li"), **changes)


class TestLeaving:
    def test_packets_of_several_cases_leave_with_one_manifest_seal_and_two_signatures(self) -> None:
        trip = Trip("trip-1")

        trip.dispatch(departure(), LINES, HALLS, OF, WINDOW)

        kind, told = facts(trip)[0]
        assert kind == TripDispatched.__name__
        assert (told["origin"], told["to"], told["carrier"], told["seal"]) == (HALL, "urban", "courier-3", "S-100")
        assert (told["signature"], told["carrier_signature"]) == ("clerk", "courier")
        assert [(line["case_id"], line["packet"]) for line in told["cargo"]] == [
            ("case-1", "p1"),
            ("case-1", "p2"),
            ("case-2", "p1"),
        ]

    def test_the_hop_carries_its_five_borders_from_its_two_ends(self) -> None:
        """县级大厅 → 县城管局: both in the same county and at the same level; only the system is named alike."""
        assert a_trip().crossings == ()
        assert a_trip(to="fire").crossings == ("level",)
        assert a_trip(to="water").crossings == ("system", "region")

    def test_the_manifest_is_counted_and_has_the_digest_of_its_content(self) -> None:
        trip = a_trip()

        assert (trip.manifest()["packets"], trip.manifest()["originals"]) == (3, 3)
        assert trip.digest == digest_of(trip.manifest())
        assert trip.digest != a_trip(seal="S-101").digest

    def test_the_same_again_is_no_news_and_another_content_is_refused(self) -> None:
        trip = a_trip()

        trip.dispatch(departure(), LINES, HALLS, OF, WINDOW)
        with refused(TripExists, trip="trip-1"):
            trip.dispatch(departure(carrier="courier-4"), LINES, HALLS, OF, WINDOW)
        with refused(TripExists, trip="trip-1"):
            trip.dispatch(departure(cargo=BOTH[:1]), LINES, HALLS, OF, WINDOW)

        assert facts(trip) == []

    @pytest.mark.parametrize(
        ("command", "refusal"),
        [
            (departure(cargo=()), TripEmpty),
            (departure(carrier=""), CarrierMissing),
            (departure(carrier="lost"), ReservedPlace),
            (departure(to="applicant"), ReservedPlace),
            (departure(signature=""), SignatureMissing),
            (departure(carrier_signature=""), SignatureMissing),
            (departure(cargo=(CargoRef("case-9", ("p1",)),)), UnknownPacket),
            (departure(cargo=(CargoRef("case-3", ("p1",)),)), PacketNotHere),
            (departure(cargo=(*BOTH, CargoRef("case-3", ("p1",)))), PacketNotHere),
        ],
    )
    def test_what_is_incomplete_unknown_or_elsewhere_does_not_leave(
        self, command: DispatchTrip, refusal: type[Refused]
    ) -> None:
        trip = Trip("trip-1")

        with refused(refusal):
            trip.dispatch(command, LINES, HALLS, OF, WINDOW)
        assert facts(trip) == []

    def test_a_trip_never_takes_the_place_of_a_case(self) -> None:
        with refused(TripMisnamed, trip="case-7"):
            Trip("case-7").dispatch(departure(trip="case-7"), LINES, HALLS, OF, WINDOW)

    def test_somebody_elsewhere_sends_nothing(self) -> None:
        with refused(PacketNotHere, place=HALL):
            Trip("trip-1").dispatch(departure(), LINES, HALLS, OF, at("fire"))


class TestArriving:
    def test_it_is_counted_and_signed_for(self) -> None:
        trip = a_trip()

        trip.receive(arrival(), "", URBAN)

        assert facts(trip)[0] == fact(
            TripReceived,
            trip="trip-1",
            place="urban",
            signature="li",
            cargo=(CargoRef("case-1", ("p1", "p2")), CargoRef("case-2", ("p1",))),
        )
        assert trip.trip_state is TripState.RECEIVED

    def test_what_is_not_there_is_said_to_be_missing(self) -> None:
        trip = a_trip()

        trip.receive(arrival(missing=(CargoRef("case-1", ("p2",)),), circumstances="bag torn"), "", URBAN)

        told = facts(trip)[0][1]
        assert told["cargo"] == (
            {"case_id": "case-1", "packets": ("p1",)},
            {"case_id": "case-2", "packets": ("p1",)},
        )
        assert told["missing"] == ({"case_id": "case-1", "packets": ("p2",)},)

    @pytest.mark.parametrize(
        ("command", "refusal"),
        [
            (arrival(signature=""), SignatureMissing),
            (arrival(seal_intact=False), CircumstancesMissing),
            (arrival(missing=(CargoRef("case-1", ("p2",)),)), CircumstancesMissing),
            (arrival(missing=(CargoRef("case-9", ("p2",)),), circumstances="gone"), NotInTrip),
        ],
    )
    def test_nobody_signs_for_what_is_incomplete_without_saying_so(
        self, command: ReceiveTrip, refusal: type[Refused]
    ) -> None:
        with refused(refusal):
            a_trip().receive(command, "", URBAN)

    def test_nobody_signs_for_another_place(self) -> None:
        with refused(TripElsewhere, place="urban"):
            a_trip().receive(arrival(), "", at("fire"))

    def test_the_same_receiver_again_is_no_news_and_another_is_refused(self) -> None:
        trip = a_trip()
        trip.receive(arrival(), "", URBAN)
        given(trip)

        trip.receive(arrival(), "", URBAN)
        with refused(TripOver, state="received"):
            trip.receive(arrival(), "", at("urban", by="wang"))
        assert facts(trip) == []

    def test_refusal_to_sign_counts_as_handed_over_before_a_witness(self) -> None:
        """S62d"""
        trip = a_trip()
        with refused(WitnessMissing):
            trip.refuse("", "closed", COURIER)
        with refused(WitnessMissing):
            trip.refuse("courier-3", "closed", COURIER)
        with refused(TripElsewhere):
            trip.refuse("wu", "closed", URBAN)

        trip.refuse("wu", "closed", COURIER)
        trip.refuse("wu", "closed", COURIER)

        assert names(trip) == [TripRefused.__name__]
        assert trip.trip_state is TripState.REFUSED

    def test_what_was_not_aboard_is_struck_from_the_manifest_and_the_digest_is_another(self) -> None:
        trip = a_trip()
        before = trip.digest

        trip.strike("case-1", ["p2"], SYSTEM)
        trip.strike("case-1", ["p2"], SYSTEM)

        assert facts(trip) == [
            fact(ManifestCorrected, trip="trip-1", struck=CargoRef("case-1", ("p2",)), digest=trip.digest)
        ]
        assert trip.digest == digest_of(trip.manifest()) != before
        assert [line.packet for line in trip.struck] == ["p2"]


class TestLockers:
    """自助柜: barcode, cabinet, cell, code; who does not collect in time finds it called back (S75)."""

    def test_the_carrier_puts_it_into_a_cell_and_only_a_digest_of_the_code_is_kept(self) -> None:
        trip = a_trip(hop="locker")

        trip.store(storing(), "digest-of-482913", None, COLLECT_BY, COURIER)

        kind, told = facts(trip)[0]
        assert kind == TripStored.__name__
        assert (told["cabinet"], told["cell"], told["barcode"]) == ("cab-1", "07", "B-1")
        assert "482913" not in str({**told, "code_digest": ""})
        assert trip.timers() == {"collection": COLLECT_BY}

    def test_the_same_again_is_no_news(self) -> None:
        trip = stored()

        trip.store(storing(), "digest-of-482913", None, COLLECT_BY, COURIER)

        assert facts(trip) == []

    def test_a_trip_that_goes_from_hand_to_hand_goes_into_no_locker(self) -> None:
        with refused(NotForLocker):
            a_trip().store(storing(), "d", None, COLLECT_BY, COURIER)

    def test_nobody_but_its_carrier_stores_it(self) -> None:
        with refused(TripElsewhere, place="courier-3"):
            a_trip(hop="locker").store(storing(), "d", None, COLLECT_BY, WINDOW)

    @pytest.mark.parametrize("taken", [CellTaken(cell="cab-1/07"), BarcodeTaken(barcode="B-1")])
    def test_not_where_another_trip_is_or_with_its_barcode(self, taken: Refused) -> None:
        with refused(type(taken)):
            a_trip(hop="locker").store(storing(), "d", taken, COLLECT_BY, COURIER)

    @pytest.mark.parametrize("field", ["cabinet", "cell", "barcode", "code"])
    def test_nothing_about_the_cell_is_left_open(self, field: str) -> None:
        with refused(Refused):
            a_trip(hop="locker").store(storing(**{field: ""}), "d", None, COLLECT_BY, COURIER)

    def test_it_opens_with_the_code_and_with_no_other(self) -> None:
        trip = stored()
        with refused(WrongPickUpCode):
            trip.receive(arrival(code="000000"), "digest-of-000000", URBAN)

        trip.receive(arrival(code="482913"), "digest-of-482913", URBAN)

        assert trip.trip_state is TripState.RECEIVED
        assert trip.timers() == {}

    def test_what_nobody_collects_is_called_back_and_its_code_opens_nothing_any_more(self) -> None:
        trip = stored()

        trip.call_back_uncollected(SYSTEM)

        assert facts(trip) == [fact(TripRecalled, trip="trip-1", reason="uncollected", overdue=True)]
        assert trip.timers() == {}
        with refused(TripCalledBack):
            trip.receive(arrival(code="482913"), "digest-of-482913", URBAN)


class TestCallingBack:
    def test_the_sender_calls_it_back_and_takes_it_in_again(self) -> None:
        trip = a_trip()

        trip.recall("wrong department", WINDOW)
        trip.recall("wrong department", WINDOW)
        trip.give_back("clerk", True, WINDOW)
        trip.give_back("clerk", True, WINDOW)

        assert names(trip) == [TripRecalled.__name__, TripReturned.__name__]
        assert trip.trip_state is TripState.RETURNED

    def test_nobody_else_calls_it_back_and_nothing_is_returned_uncalled(self) -> None:
        with refused(TripElsewhere, place=HALL):
            a_trip().recall("why not", URBAN)
        with refused(TripNotCalledBack):
            a_trip().give_back("clerk", True, WINDOW)
        trip = a_trip()
        trip.recall("", WINDOW)
        with refused(SignatureMissing):
            trip.give_back("", True, WINDOW)


def test_the_manifest_prints_with_names_seal_and_signatures() -> None:
    trip = a_trip()
    trip.strike("case-1", ["p2"], SYSTEM)
    trip.receive(arrival(), "", URBAN)

    text = printed(trip, OF)

    assert "清单编号：trip-1" in text
    assert "移入：城管局" in text
    assert "封签：S-100" in text
    assert "1. case-1　材料包p1" in text
    assert "合计：材料包2个，原件2份" in text
    assert "已划去（未随本次递送）：case-1 材料包p2" in text
    assert "递送人签字：courier" in text
    assert "移入人签字：li" in text
    assert trip.digest in text


ENDS = {TripState.RECEIVED, TripState.REFUSED, TripState.RETURNED}
ACTS: dict[str, Act] = {"sender": WINDOW, "carrier": COURIER, "receiver": URBAN, "stranger": at("fire")}


class Walk(RuleBasedStateMachine):
    """Random people do random things to a trip; an own table says what may come of it."""

    NEXT = {  # noqa: RUF012 - the oracle's table of (state, who, verb)
        ("under_way", "carrier", "store"): "stored",
        ("under_way", "receiver", "receive"): "received",
        ("stored", "receiver", "receive"): "received",
        ("under_way", "carrier", "refuse"): "refused",
        ("under_way", "sender", "refuse"): "refused",
        ("stored", "carrier", "refuse"): "refused",
        ("stored", "sender", "refuse"): "refused",
        ("under_way", "sender", "recall"): "recalled",
        ("stored", "sender", "recall"): "recalled",
        ("recalled", "sender", "return"): "returned",
        ("stored", "anybody", "time passes"): "recalled",
    }

    def __init__(self) -> None:
        super().__init__()
        self.trip = Trip("trip-1")
        self.trip.dispatch(departure(hop="locker"), LINES, HALLS, OF, WINDOW)
        self.state = "under_way"
        self.past: list[Fact] = []
        self.learn()

    def learn(self) -> None:
        self.past += self.trip.pending
        self.trip.pending.clear()

    @rule(who=st.sampled_from(sorted(ACTS)), verb=st.sampled_from(["store", "receive", "refuse", "recall", "return"]))
    def act(self, who: str, verb: str) -> None:
        before = self.trip.version
        try:
            match verb:
                case "store":
                    self.trip.store(storing(), "d", None, COLLECT_BY, ACTS[who])
                case "receive":
                    self.trip.receive(arrival(), "d", ACTS[who])
                case "refuse":
                    self.trip.refuse("wu", "", ACTS[who])
                case "recall":
                    self.trip.recall("", ACTS[who])
                case "return":
                    self.trip.give_back("s", True, ACTS[who])
        except Refused:
            assert (self.state, who, verb) not in self.NEXT
            assert self.trip.version == before
        if self.trip.version != before:
            self.state = self.NEXT[self.state, who, verb]
        self.learn()

    @rule()
    def time_passes(self) -> None:
        if self.trip.timers():
            self.trip.call_back_uncollected(SYSTEM)
            self.state = self.NEXT[self.state, "anybody", "time passes"]
            self.learn()

    @invariant()
    def it_is_where_the_table_says(self) -> None:
        assert str(self.trip.trip_state) == self.state
        assert bool(self.trip.timers()) == (self.state == "stored")
        assert (self.trip.arrival is not None) == (self.trip.trip_state in ENDS)

    @invariant()
    def a_replay_leads_to_the_same_state(self) -> None:
        assert replayed(self.trip, self.past).state() == self.trip.state()


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=50, stateful_step_count=12, deadline=None)
