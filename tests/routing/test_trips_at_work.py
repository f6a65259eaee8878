"""Trips, losses, closed halls and the keeper through the service: own log, rows and alarms, on both databases."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from contracts.certificate import CertificateRevoked, OutputCompleted, OutputReopened
from contracts.halls import HallClosed, HallRegistered, HallReopened
from contracts.intake import (
    ItemsJoined,
    ItemsReturned,
    MaterialsReceived,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.language import Caller, Command, Fact, verb_of
from contracts.published import declared
from contracts.routing import (
    AcknowledgePackets,
    CargoRef,
    CheckCustody,
    DeclareLost,
    DispatchPackets,
    DispatchTrip,
    FoundAgain,
    GetDistribution,
    GetManifest,
    GetTrip,
    HandBack,
    ListLosses,
    ListOriginals,
    ListPackets,
    ListTrips,
    RecallTrip,
    ReceivePackets,
    ReceiveTrip,
    RefusePackets,
    RefuseTrip,
    ReplaceLost,
    ReplanPackets,
    ReportImbalance,
    ReportLoss,
    RequestReplacement,
    ReturnOriginals,
    ReturnTrip,
    StoreTrip,
    TakeInAgain,
)
from eventing.rebuilding import rebuild
from routing.domain import (
    BarcodeTaken,
    CellTaken,
    KeeperOnly,
    NoDigitalCopy,
    PacketNotHere,
    SearchGoesOn,
    WrongPickUpCode,
)
from routing.keeping import ROUNDS, Keeper
from routing.lockers import Codes
from routing.projections import BY_STANDING, CUSTODY, ORIGINALS, STANDINGS, standing
from routing.service import Routing
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import HALL, accepted, copy, settle
from .test_service import CLERK, COURIER, OF, OFFICER, Shelf, issued

STREET = Caller(by="clerk-9", hall="street-hall", roles=("clerk",))
KEEPER = Caller(by="service:routing", roles=("service",))
LEASE = replace(copy("lease", "paper"), hall=HALL)


class Everything:
    """One replica that owns all segments."""

    mine: Sequence[int] = range(16)


@pytest.fixture(params=DATABASES)
def routing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    stand_ins = {"catalogues": Shelf(), "codes": Codes(b"0123456789abcdef"), "kept": Everything()}
    with replica(Routing, request, tmp_path, **stand_ins) as running:
        for case in ("case-1", "case-2"):
            receive(running, case)
            accept(running, case, "sign")
        yield running


def receive(routing: Replica, case: str, *copies: Any) -> None:
    brought = MaterialsReceived(case_id=case, at=NOON, by="clerk-7", materials=copies or (LEASE,))
    routing.follow("intake", (case, 1, brought))


def accept(routing: Replica, case: str, *items: str) -> None:
    routing.follow("intake", (case, 2, accepted(*items, copies=[LEASE], of=OF, case=case)))


def told(happened: type[Fact], /, **body: Any) -> Any:
    return happened(at=NOON, by="system", **body)


def topics(routing: Replica, stream: str) -> list[str]:
    return [fact.topic.removeprefix("onething.") for fact in routing.log() if fact.stream == stream]


def shown(routing: Replica, case: str = "case-1") -> Any:
    return routing.ask(GetDistribution(case_id=case))


def depart(routing: Replica, trip: str = "trip-1", **changes: Any) -> None:
    command = DispatchTrip(
        trip=trip,
        to="urban",
        carrier="courier-3",
        cargo=(CargoRef("case-1", ("p1",)), CargoRef("case-2", ("p1",))),
        signature="clerk",
        carrier_signature="courier",
        seal="S-1",
    )
    routing.command(replace(command, **changes), caller=CLERK)
    settle(routing)


def gauge(routing: Replica, name: str = "onething_ledger_faults") -> float:
    """What the alarm's gauge shows."""
    assert isinstance(routing.service, Routing)
    return {sample.name: sample.value for sample in routing.service.samples()}[name]


def keeper(routing: Replica) -> tuple[Keeper, list[Command]]:
    """The keeper, and what it has sent; it sends as the service would."""
    sent: list[Command] = []

    def send(message: Command, id: str) -> Any:
        sent.append(message)
        return routing.command(message, caller=KEEPER, ids=[id])

    return Keeper(routing.service.store, send, routing.clock.now), sent


class TestTrips:
    def test_packets_of_two_cases_travel_together_and_supply_their_items(self, routing: Replica) -> None:
        depart(routing)
        assert shown(routing)["custody"] == {"c-lease": "courier-3"}
        assert shown(routing)["trips"] == ["trip-1"]

        routing.command(ReceiveTrip(trip="trip-1", signature="li"), caller=OFFICER)
        settle(routing)

        for case in ("case-1", "case-2"):
            assert shown(routing, case)["custody"] == {"c-lease": "urban"}
            assert shown(routing, case)["items"]["sign"]["supplied"]
            assert shown(routing, case)["packets"][0]["signed_by"] == "li"
            assert [step["place"] for step in shown(routing, case)["history"]] == [HALL, "courier-3", "urban"]

    def test_what_left_alone_meanwhile_is_struck_from_the_manifest(self, routing: Replica) -> None:
        command = DispatchTrip(
            trip="trip-1",
            to="urban",
            carrier="courier-3",
            cargo=(CargoRef("case-1", ("p1",)), CargoRef("case-2", ("p1",))),
            signature="clerk",
            carrier_signature="courier",
        )
        routing.command(command, DispatchPackets(case_id="case-2", packets=("p1",), carrier="courier-4"), caller=CLERK)
        settle(routing)

        trip = routing.ask(GetTrip(trip="trip-1"))
        assert [line["case_id"] for line in trip["manifest"]["lines"]] == ["case-1"]
        assert [line["case_id"] for line in trip["struck"]] == ["case-2"]
        assert shown(routing, "case-2")["custody"] == {"c-lease": "courier-4"}
        assert not any(routing.engine.parked.values())

    def test_what_is_missing_at_the_count_is_looked_for(self, routing: Replica) -> None:
        depart(routing)

        gone = (CargoRef("case-2", ("p1",)),)
        routing.command(
            ReceiveTrip(trip="trip-1", signature="li", missing=gone, circumstances="bag torn"), caller=OFFICER
        )
        settle(routing)

        assert shown(routing)["custody"] == {"c-lease": "urban"}
        assert shown(routing, "case-2")["custody"] == {"c-lease": "lost"}
        assert shown(routing, "case-2")["losses"]["c-lease"]["place"] == "courier-3"

    def test_through_a_locker_with_a_code_that_is_kept_nowhere(self, routing: Replica) -> None:
        depart(routing, hop="locker")
        store = StoreTrip(trip="trip-1", cabinet="cab-1", cell="07", barcode="B-1", code="482913")
        routing.command(store, caller=COURIER)
        settle(routing)
        assert shown(routing)["custody"] == {"c-lease": "cab-1/07"}

        with refused(WrongPickUpCode):
            routing.command(ReceiveTrip(trip="trip-1", signature="li", code="482914"), caller=OFFICER)
        routing.command(ReceiveTrip(trip="trip-1", signature="li", code="482913"), caller=OFFICER)
        settle(routing)

        assert shown(routing)["custody"] == {"c-lease": "urban"}
        assert not any(b"482913" in fact.state for fact in routing.log())

    def test_a_cell_and_a_barcode_belong_to_one_trip(self, routing: Replica) -> None:
        depart(routing, hop="locker", cargo=(CargoRef("case-1", ("p1",)),))
        depart(routing, "trip-2", hop="locker", cargo=(CargoRef("case-2", ("p1",)),))
        store = StoreTrip(trip="trip-1", cabinet="cab-1", cell="07", barcode="B-1", code="1")
        routing.command(store, caller=COURIER)

        with refused(CellTaken, cell="cab-1/07"):
            routing.command(replace(store, trip="trip-2", barcode="B-2"), caller=COURIER)
        with refused(BarcodeTaken, barcode="B-1"):
            routing.command(replace(store, trip="trip-2", cell="08"), caller=COURIER)

    def test_what_nobody_collects_is_called_back_and_taken_in_again(self, routing: Replica) -> None:
        depart(routing, hop="locker")
        routing.command(StoreTrip(trip="trip-1", cabinet="c", cell="7", barcode="B", code="1"), caller=COURIER)
        settle(routing)
        routing.clock.advance(timedelta(days=10))

        due = routing.store.due(routing.clock.now(), range(16), 50)
        routing.engine.fire(due)
        settle(routing)
        assert routing.ask(GetTrip(trip="trip-1"))["overdue"] is True

        routing.command(ReturnTrip(trip="trip-1", signature="clerk"), caller=CLERK)
        settle(routing)
        assert shown(routing)["custody"] == {"c-lease": HALL}
        assert shown(routing)["packets"][0]["state"] == "planned"

    def test_refused_before_a_witness_it_counts_as_transferred(self, routing: Replica) -> None:
        depart(routing)

        routing.command(RefuseTrip(trip="trip-1", witness="wu", reason="closed"), caller=COURIER)
        settle(routing)

        assert shown(routing)["packets"][0]["witness"] == "wu"
        assert shown(routing)["items"]["sign"]["supplied"]

    def test_called_back_it_waits_where_it_came_from(self, routing: Replica) -> None:
        depart(routing)
        routing.command(RecallTrip(trip="trip-1", reason="wrong"), caller=CLERK)
        routing.command(ReturnTrip(trip="trip-1", signature="clerk"), caller=CLERK)
        settle(routing)

        assert [row["packet"] for row in routing.ask(ListPackets(place=HALL, state="planned"))["packets"]] == [
            "p1",
            "p1",
        ]

    def test_trips_are_listed_by_place_and_state_newest_first(self, routing: Replica) -> None:
        depart(routing, cargo=(CargoRef("case-1", ("p1",)),))
        routing.clock.advance(timedelta(hours=1))
        depart(routing, "trip-2", cargo=(CargoRef("case-2", ("p1",)),))
        routing.command(ReceiveTrip(trip="trip-1", signature="li"), caller=OFFICER)

        first = routing.ask(ListTrips(place="urban", limit=1))
        second = routing.ask(ListTrips(place="urban", limit=1, after=first["after"]))
        assert [trip["trip"] for trip in (*first["trips"], *second["trips"])] == ["trip-2", "trip-1"]
        oldest = routing.ask(ListTrips(place="urban", sort="oldest"))["trips"]
        assert [trip["trip"] for trip in oldest] == ["trip-1", "trip-2"]
        assert [t["trip"] for t in routing.ask(ListTrips(place=HALL, state="received"))["trips"]] == ["trip-1"]
        assert routing.ask(ListTrips(place="elsewhere"))["trips"] == []

    def test_the_manifest_can_be_printed(self, routing: Replica) -> None:
        depart(routing)

        answer = routing.ask(GetManifest(trip="trip-1"))

        assert answer["manifest"]["packets"] == 2
        assert answer["digest"].startswith("sha256:")
        assert "材料交接清单" in answer["text"]


class TestHandingOver:
    def test_notice_is_taken_and_refusals_are_witnessed(self, routing: Replica) -> None:
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3"), caller=CLERK)
        routing.command(RefusePackets(case_id="case-1", packets=("p1",), witness="wu"), caller=COURIER)

        routing.command(AcknowledgePackets(case_id="case-1", packets=("p1",)), caller=OFFICER)

        assert shown(routing)["packets"][0]["acknowledged_by"] == "li"

    def test_a_limit_that_passes_is_reminded_of_once(self, routing: Replica) -> None:
        routing.clock.advance(timedelta(days=5))
        for _ in range(2):
            routing.engine.fire(routing.store.due(routing.clock.now(), range(16), 50))

        assert topics(routing, "case-1").count("packet.overdue.v1") == 1

    def test_what_nobody_signed_for_in_time_is_counted_until_somebody_does(self, routing: Replica) -> None:
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3"), caller=CLERK)
        assert gauge(routing, "onething_unsigned_packets") == 0
        routing.clock.advance(timedelta(days=30))
        assert gauge(routing, "onething_unsigned_packets") == 1

        routing.command(ReceivePackets(case_id="case-1", packets=("p1",)), caller=OFFICER)

        assert gauge(routing, "onething_unsigned_packets") == 0

    def test_pages_of_packets_follow_one_another(self, routing: Replica) -> None:
        first = routing.ask(ListPackets(place=HALL, state="planned", limit=1))
        second = routing.ask(ListPackets(place=HALL, state="planned", limit=1, after=first["after"]))

        assert [row["case_id"] for row in (*first["packets"], *second["packets"])] == ["case-1", "case-2"]
        assert routing.ask(ListPackets(place=HALL, state="planned", after=second["after"]))["packets"] == []


class TestReturns:
    def deliver(self, routing: Replica) -> None:
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3"), caller=CLERK)
        routing.command(ReceivePackets(case_id="case-1", packets=("p1",)), caller=OFFICER)

    @pytest.mark.parametrize("kind", ["document", "decision"])
    def test_with_the_result_or_the_denial_originals_go_back_and_to_the_applicant(
        self, routing: Replica, kind: Any
    ) -> None:
        self.deliver(routing)
        routing.follow("certificate", ("case-1", 1, replace(issued("sign", "cert-1"), kind=kind)))

        (back,) = shown(routing)["returns"]
        routing.command(
            DispatchPackets(case_id="case-1", packets=(back["packet"],), carrier="courier-3"), caller=OFFICER
        )
        routing.command(ReceivePackets(case_id="case-1", packets=(back["packet"],)), caller=CLERK)
        (free,) = routing.ask(ListOriginals(place=HALL, free=True))["originals"]
        routing.command(
            HandBack(case_id="case-1", copies=(free["copy"],), identity_check="seen", signature="wang"), caller=CLERK
        )

        assert shown(routing)["custody"] == {"c-lease": "applicant"}
        assert "cert-1" not in shown(routing)["custody"]

    def test_an_original_says_how_it_stands_and_whose_turn_it_is(self, routing: Replica) -> None:
        def told(case: str = "case-1", state: Any = "") -> tuple[str, str, str]:
            found = routing.ask(ListOriginals(home=HALL, state=state))["originals"]
            (each,) = [row for row in found if row["case_id"] == case]
            return each["state"], each["turn"], each["trip"]

        assert told() == ("packed", HALL, "")
        depart(routing)
        assert told() == ("under_way", "urban", "trip-1")
        routing.command(ReceiveTrip(trip="trip-1", signature="li"), caller=OFFICER)
        settle(routing)
        assert told() == ("held", "urban", "")
        routing.follow("certificate", ("case-1", 1, replace(issued("sign", "cert-1"), kind="decision")))
        assert told() == ("packed", "urban", "")
        (back,) = shown(routing)["returns"]
        ways = DispatchPackets(case_id="case-1", packets=(back["packet"],), carrier="courier-3")
        routing.command(ways, caller=OFFICER)
        assert told() == ("under_way", HALL, "")
        routing.command(ReceivePackets(case_id="case-1", packets=(back["packet"],)), caller=CLERK)
        assert told() == ("free", HALL, "")
        hand = HandBack(case_id="case-1", copies=("c-lease",), identity_check="seen", signature="wang")
        routing.command(hand, caller=CLERK)
        assert told(state="given_back") == ("given_back", "", "")
        assert [row["case_id"] for row in routing.ask(ListOriginals(home=HALL))["originals"]] == ["case-2"]

        report = ReportLoss(case_id="case-2", copies=("c-lease",), circumstances="gone")
        routing.command(report, caller=OFFICER)
        assert told("case-2") == ("lost", HALL, "")
        lost = routing.ask(ListOriginals(home=HALL, state="lost"), STREET)["originals"]
        assert lost == [], "another hall sees neither"
        assert len(routing.ask(ListOriginals(home=HALL, state="lost"))["originals"]) == 1
        assert routing.ask(ListOriginals(place=HALL))["originals"] == []

    def test_where_a_release_before_wrote_no_standing_an_original_is_told_of_where_it_lies(
        self, routing: Replica
    ) -> None:
        """It wrote ``originals_v1`` alone; a hall's list is whole again once the standings are made anew."""
        before = routing.ask(ListOriginals(place=HALL))["originals"]
        with routing.store.writing() as connection:
            connection.execute(sa.delete(STANDINGS.table).where(STANDINGS.c.case_id == "case-1"))

        assert ORIGINALS.name == "originals_v1"
        assert routing.ask(ListOriginals(place=HALL))["originals"] == before
        assert before[0]["state"] == "packed"
        assert [row["case_id"] for row in routing.ask(ListOriginals(home=HALL))["originals"]] == ["case-2"]
        assert rebuild(Routing, routing.store, "standings_v1").wrong == 1
        assert routing.ask(ListOriginals(home=HALL))["originals"] == before

    def test_the_originals_of_a_hall_are_not_sorted_for_a_page(self, routing: Replica) -> None:
        page = BY_STANDING.page(standing("", HALL, ""), "", 50)
        with routing.store.writing() as connection:
            asked = page.compile(connection, compile_kwargs={"literal_binds": True})
            if routing.store.sqlite:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
            else:
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
                connection.exec_driver_sql("SET LOCAL enable_hashjoin = off")
                connection.exec_driver_sql("SET LOCAL enable_mergejoin = off")
                plan = connection.exec_driver_sql(f"EXPLAIN {asked}").all()
        told = str(plan)

        assert "standings_v1_homes" in told
        assert "ORDER BY" not in told
        assert "Sort" not in told

    def test_at_the_end_of_the_case_nothing_stays_with_a_department(self, routing: Replica) -> None:
        self.deliver(routing)

        routing.follow(
            "certificate", ("case-1", 1, told(OutputCompleted, case_id="case-1", verdict="granted", items=("sign",)))
        )

        assert shown(routing)["items"]["sign"]["ended"]
        assert len(shown(routing)["returns"]) == 1

    @pytest.mark.parametrize(
        ("end", "freed"),
        [
            (
                replace(issued("sign", "c"), kind="decision"),
                told(CertificateRevoked, case_id="case-1", certificate="c", item="sign", status="void", ground="-"),
            ),
            (
                told(OutputCompleted, case_id="case-1", verdict="denied", items=("sign",)),
                told(OutputReopened, case_id="case-1", items=("sign",), again=("sign",)),
            ),
        ],
        ids=["its own decision is void", "what blocked it is void"],
    )
    def test_what_was_called_off_is_sent_after_all_where_the_item_is_decided_again(
        self, routing: Replica, end: Any, freed: Any
    ) -> None:
        routing.follow("certificate", ("case-1", 1, end))
        assert routing.ask(ListPackets(place=HALL, state="planned"))["packets"][0]["case_id"] == "case-2"

        routing.follow("certificate", ("case-1", 2, freed))

        first = routing.ask(ListPackets(place=HALL, state="planned"))["packets"][0]
        assert (first["case_id"], first["packet"], first["recipient"]) == ("case-1", "p2", "urban")

    def test_a_comprehensive_licence_is_no_matter_of_distribution(self, routing: Replica) -> None:
        self.deliver(routing)
        before = len(routing.log())

        routing.follow("certificate", ("case-1", 1, replace(issued("sign", "cert-1"), kind="comprehensive")))

        assert len(routing.log()) == before

    def test_the_department_may_release_it_and_the_applicant_bring_it_again(self, routing: Replica) -> None:
        self.deliver(routing)
        routing.command(ReturnOriginals(case_id="case-1"), caller=OFFICER)
        back = HandBack(case_id="case-1", copies=("c-lease",), identity_check="seen", signature="wang")
        routing.command(back, caller=OFFICER)

        routing.command(TakeInAgain(case_id="case-1", copies=("c-lease",)), caller=CLERK)

        assert shown(routing)["custody"] == {"c-lease": HALL}

    def test_a_lapsed_tolerance_and_a_returned_item_send_back_what_there_is(self, routing: Replica) -> None:
        self.deliver(routing)

        routing.follow(
            "intake",
            ("case-1", 3, told(ToleranceLapsed, case_id="case-1", item="sign", missing=("picture",))),
            ("case-2", 3, told(ItemsReturned, case_id="case-2", items=("sign",), reason="given_up")),
        )

        assert len(shown(routing)["returns"]) == 1
        assert shown(routing, "case-2")["originals"]["c-lease"]["free"] is True


class TestWhatComesLater:
    def test_a_supplement_follows_to_the_department(self, routing: Replica) -> None:
        late = told(
            ToleranceSupplemented,
            case_id="case-1",
            item="sign",
            materials=(copy("picture"),),
            settled=True,
            hall=HALL,
        )

        routing.follow("intake", ("case-1", 3, late))

        assert shown(routing)["packets"][1]["copies"] == ["c-picture"]
        assert shown(routing)["packets"][1]["state"] == "received"

    def test_an_item_joined_again_is_planned_again(self, routing: Replica) -> None:
        routing.follow(
            "intake", ("case-1", 3, told(ItemsReturned, case_id="case-1", items=("sign",), reason="given_up"))
        )
        routing.follow(
            "intake", ("case-1", 4, told(ItemsJoined, case_id="case-1", items=("sign",), answers={}, plan=()))
        )
        accept(routing, "case-1", "sign")

        assert [packet["state"] for packet in shown(routing)["packets"]] == ["cancelled", "planned"]

    def test_a_revoked_result_is_marked_with_those_who_have_it(self, routing: Replica) -> None:
        routing.follow("intake", ("case-3", 1, accepted("licence", "food", of=OF, case="case-3")))
        routing.follow("certificate", ("case-3", 1, replace(issued("licence", "cert-1"), case_id="case-3")))

        revoked = told(
            CertificateRevoked,
            case_id="case-3",
            certificate="cert-1",
            item="licence",
            status="revoked",
            ground="fraud",
        )
        routing.follow("certificate", ("case-3", 2, revoked))

        assert shown(routing, "case-3")["withdrawn"] == {"cert-1": "revoked"}
        assert "distribution.output-withdrawn.v1" in topics(routing, "case-3")

    def test_when_everything_is_data_nothing_more_is_recorded_than_before(self, routing: Replica) -> None:
        """The way of most cases costs what it did: no custody, no returns, no limits."""
        routing.follow(
            "intake",
            ("case-4", 1, told(MaterialsReceived, case_id="case-4", materials=(copy("picture"),))),
            ("case-4", 2, accepted("sign", copies=[copy("picture")], of=OF, case="case-4")),
        )
        routing.follow(
            "certificate",
            ("case-4", 1, replace(issued("sign", "cert-9"), case_id="case-4")),
            ("case-4", 2, told(OutputCompleted, case_id="case-4", verdict="granted")),
        )

        assert topics(routing, "case-4") == [
            "distribution.planned.v1",
            "packet.dispatched.v1",
            "packet.received.v1",
            "distribution.items-supplied.v1",
        ]
        assert not routing.store.select(sa.select(CUSTODY.table).where(CUSTODY.c.case_id == "case-4"))


class TestLosses:
    def test_from_the_report_to_the_new_original(self, routing: Replica) -> None:
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3"), caller=CLERK)
        routing.command(ReportLoss(case_id="case-1", packet="p1", circumstances="stolen"), caller=COURIER)
        with refused(SearchGoesOn):
            routing.command(DeclareLost(case_id="case-1", copies=("c-lease",)), caller=OFFICER)
        (lost,) = routing.ask(ListLosses(hall=HALL))["losses"]
        assert (lost["case_id"], lost["copy"], lost["loss"]["circumstances"]) == ("case-1", "c-lease", "stolen")
        assert routing.ask(ListLosses(hall="street-hall"))["losses"] == []
        assert routing.ask(ListLosses(hall=HALL, case_id="case-1", material=lost["material"]))["losses"] == [lost]
        assert routing.ask(ListLosses(hall=HALL, case_id="case-2"))["losses"] == []
        assert routing.ask(ListLosses(hall=HALL, material="none"))["losses"] == []
        routing.clock.advance(timedelta(days=20))
        routing.command(DeclareLost(case_id="case-1", copies=("c-lease",)), caller=OFFICER)
        assert shown(routing)["items"]["sign"]["without"] == ["c-lease"]
        with refused(NoDigitalCopy):
            routing.command(ReplaceLost(case_id="case-1", copy="c-lease"), caller=OFFICER)
        routing.command(RequestReplacement(case_id="case-1", copies=("c-lease",), apology="L-1"), caller=CLERK)

        receive(routing, "case-1", replace(LEASE, copy="c-lease-2", replaces="c-lease"))

        assert shown(routing)["custody"] == {"c-lease": "lost", "c-lease-2": HALL}
        assert [p["state"] for p in shown(routing)["packets"]] == ["cancelled", "planned"]
        assert shown(routing)["items"]["sign"]["without"] == []

    def test_what_is_found_travels_on(self, routing: Replica) -> None:
        routing.command(ReportLoss(case_id="case-1", packet="p1", circumstances="not in its drawer"), caller=CLERK)

        routing.command(FoundAgain(case_id="case-1", copies=("c-lease",)), caller=STREET)

        assert shown(routing)["custody"] == {"c-lease": "street-hall"}
        assert routing.ask(ListLosses(hall=HALL))["losses"] == []
        with refused(PacketNotHere):
            routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="c"), caller=CLERK)
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="c"), caller=STREET)


class TestClosedHalls:
    def close(self, routing: Replica) -> None:
        routing.follow(
            "halls",
            ("street-hall", 1, told(HallRegistered, name="街道", kind="street", region="990102004")),
            (HALL, 1, told(HallRegistered, name="县", kind="county", region="990102")),
            (HALL, 2, told(HallClosed, replacement="street-hall", reason="flood")),
        )

    def test_what_lies_there_is_brought_over_case_by_case(self, routing: Replica) -> None:
        self.close(routing)
        watch, sent = keeper(routing)

        assert watch.bring_over(range(16)) == 2

        for case in ("case-1", "case-2"):
            (over,) = shown(routing, case)["returns"]
            assert (over["purpose"], over["to"], over["crossings"]) == ("transfer", "street-hall", ["level"])
            assert "distribution.replanned.v1" in topics(routing, case)
        assert len(sent) == 2

    def test_what_was_brought_over_is_not_asked_for_again(self, routing: Replica) -> None:
        self.close(routing)
        watch, sent = keeper(routing)
        watch.bring_over(range(16))

        assert watch.bring_over(range(16)) == 0
        assert len(sent) == 2

    def test_a_keeper_that_died_is_gone_on_from_where_it_stood(self, routing: Replica) -> None:
        self.close(routing)
        watch, _ = keeper(routing)
        calls = iter([True, False])

        def dies(message: Command, id: str) -> Any:
            if next(calls):
                return routing.command(message, caller=KEEPER, ids=[id])
            raise ConnectionError

        with pytest.raises(ConnectionError):
            Keeper(routing.service.store, dies, routing.clock.now).bring_over(range(16))
        assert watch.bring_over(range(16)) == 1
        assert [topics(routing, case).count("distribution.replanned.v1") for case in ("case-1", "case-2")] == [1, 1]

    def test_two_keepers_at_once_do_it_once(self, routing: Replica) -> None:
        self.close(routing)
        ids: list[str] = []

        def send(message: Command, id: str) -> Any:
            ids.append(id)
            return [routing.command(message, caller=KEEPER, ids=[id]) for _ in range(2)]

        Keeper(routing.service.store, send, routing.clock.now).bring_over(range(16))

        assert len(set(ids)) == 2
        assert topics(routing, "case-1").count("distribution.replanned.v1") == 1

    def test_a_case_that_comes_after_the_closure_is_brought_over_too(self, routing: Replica) -> None:
        self.close(routing)
        watch, _ = keeper(routing)
        watch.bring_over(range(16))
        receive(routing, "case-5")
        accept(routing, "case-5", "sign")

        assert watch.bring_over(range(16)) == 1

    def test_ways_back_to_the_closed_hall_lead_to_the_other_one(self, routing: Replica) -> None:
        TestReturns().deliver(routing)
        routing.follow("certificate", ("case-1", 1, issued("sign", "cert-1")))
        self.close(routing)
        watch, _ = keeper(routing)

        watch.bring_over(range(16))

        (back,) = shown(routing)["returns"]
        assert (back["purpose"], back["to"]) == ("return", "street-hall")

    def test_a_replica_looks_after_its_own_segments_alone(self, routing: Replica) -> None:
        self.close(routing)
        watch, _ = keeper(routing)

        assert sum(watch.bring_over([segment]) for segment in range(16)) == 2

    def test_a_hall_that_is_open_again_keeps_what_is_there(self, routing: Replica) -> None:
        self.close(routing)
        routing.follow("halls", (HALL, 3, told(HallReopened)))
        watch, _ = keeper(routing)

        assert watch.bring_over(range(16)) == 0

    def test_a_manager_may_order_it_for_one_case(self, routing: Replica) -> None:
        routing.command(
            ReplanPackets(case_id="case-1", place=HALL, to="street-hall", reason="rebuilding"), caller=CLERK
        )

        assert [packet["purpose"] for packet in shown(routing)["returns"]] == ["transfer"]
        assert shown(routing, "case-2")["returns"] == []


class TestTheLedger:
    def doctor(self, routing: Replica, statement: Any) -> None:
        with routing.store.writing() as connection:
            assert connection.execute(statement).rowcount == 1

    def faults(self, routing: Replica) -> Any:
        return routing.ask(CheckCustody())["faults"]

    def test_it_sums_to_zero_wherever_originals_went(self, routing: Replica) -> None:
        depart(routing)
        routing.command(ReportLoss(case_id="case-1", packet="p1", circumstances="stolen"), caller=COURIER)

        answer = routing.ask(CheckCustody())

        assert answer == {"balanced": True, "entries": 10, "originals": 2, "lost": 1, "faults": []}
        assert routing.ask(CheckCustody(case_id="case-1"))["balanced"] is True

    @pytest.mark.parametrize(
        "statement",
        [
            sa.delete(CUSTODY.table).where(CUSTODY.c.case_id == "case-1", CUSTODY.c.amount == 1),
            sa.update(CUSTODY.table)
            .where(CUSTODY.c.case_id == "case-1", CUSTODY.c.amount == 1)
            .values(place="my pocket"),
            sa.update(CUSTODY.table).where(CUSTODY.c.case_id == "case-1", CUSTODY.c.amount == 1).values(amount=2),
            sa.update(ORIGINALS.table).where(ORIGINALS.c.case_id == "case-1").values(place="my pocket"),
            sa.delete(ORIGINALS.table).where(ORIGINALS.c.case_id == "case-1"),
        ],
        ids=["a side is gone", "a side is elsewhere", "a side is doubled", "it is said to be elsewhere", "it is gone"],
    )
    def test_a_doctored_ledger_is_found_and_alarmed_within_the_rounds_of_a_minute(
        self, routing: Replica, statement: Any
    ) -> None:
        watch, sent = keeper(routing)
        for _ in range(ROUNDS):
            watch.round(range(16))
        assert sent == []

        self.doctor(routing, statement)
        for _ in range(ROUNDS):
            watch.round(range(16))

        assert self.faults(routing)
        assert not routing.ask(CheckCustody(case_id="case-1"))["balanced"]
        assert routing.ask(CheckCustody(case_id="case-2"))["balanced"]
        alarms = [fact for fact in routing.log() if fact.topic == "onething.ledger.imbalance.v1"]
        assert len(alarms) == 1
        assert b"case-1" in alarms[0].state
        assert gauge(routing) > 0

    def test_the_alarm_ends_when_it_is_put_right(self, routing: Replica) -> None:
        watch, _ = keeper(routing)
        self.doctor(
            routing,
            sa.update(ORIGINALS.table).where(ORIGINALS.c.case_id == "case-1").values(place="my pocket"),
        )
        for _ in range(ROUNDS):
            watch.round(range(16))

        self.doctor(routing, sa.update(ORIGINALS.table).where(ORIGINALS.c.case_id == "case-1").values(place=HALL))
        for _ in range(ROUNDS):
            watch.round(range(16))

        assert [f.topic for f in routing.log()].count("onething.ledger.balanced.v1") == 1
        assert gauge(routing) == 0

    def test_both_sides_gone_are_found_by_replay(self, routing: Replica) -> None:
        """Rows that agree with each other and not with the facts: the sum is zero, the replay finds it."""
        with routing.store.writing() as connection:
            connection.execute(sa.delete(CUSTODY.table).where(CUSTODY.c.case_id == "case-1"))
            connection.execute(sa.delete(ORIGINALS.table).where(ORIGINALS.c.case_id == "case-1"))
        watch, _ = keeper(routing)

        assert self.faults(routing) == []
        assert watch.sum_up(set(), ["case-1"])

    def test_nobody_but_the_keeper_reports(self, routing: Replica) -> None:
        with refused(KeeperOnly):
            routing.command(ReportImbalance(ledger="ledger-07", segment=7), caller=CLERK)

    def test_copies_of_commands_do_not_move_anything_twice(self, routing: Replica) -> None:
        command = DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3")

        routing.command(command, command, caller=CLERK, ids=["same", "same"])

        assert len(shown(routing)["history"]) == 2


def test_every_command_of_routing_is_handled() -> None:
    import contracts.routing as language

    assert {verb_of(command) for command in declared(language, Command)} == set(Routing.commands)
