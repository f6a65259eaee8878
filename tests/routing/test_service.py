"""Materials follow acceptance, results follow issue, people move paper."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from catalogue.model import Catalogue
from contracts.certificate import CertificateIssued
from contracts.intake import ItemNotAccepted, ItemsAccepted, ItemWithdrawn
from contracts.language import Caller
from contracts.routing import DispatchPackets, GetDistribution, ListPackets, ReceivePackets
from eventing.errors import NotFound, Unavailable
from routing.domain import PacketNotHere
from routing.service import Routing
from testkit.facts import NOON, refused
from testkit.replica import DATABASES, Replica, replica

from .mothers import HALL, accepted, catalogue, copy

OF = catalogue()
CLERK = Caller(by="clerk-7", hall=HALL, roles=("clerk",))
OFFICER = Caller(by="li", org="urban", roles=("reviewer", "approver"))
COURIER = Caller(by="courier-3", roles=("courier",))
LEASE = copy("lease", "paper")


class Shelf:
    """Knows one catalogue."""

    def current(self) -> Catalogue:
        return OF

    def at(self, version: str) -> Catalogue:
        if version != OF.version:
            raise Unavailable(what="catalogue", version=version)
        return OF


@pytest.fixture(params=DATABASES)
def routing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    with replica(Routing, request, tmp_path, catalogues=Shelf()) as running:
        yield running


def accept(*items: str, copies: Any = ()) -> ItemsAccepted:
    return accepted(*items, copies=copies, of=OF)


def issued(item: str, certificate: str) -> CertificateIssued:
    return CertificateIssued(
        case_id="case-1",
        at=NOON,
        by="system",
        certificate=certificate,
        item=item,
        output=f"{item}-out",
        kind="document",
        title=item,
        number="N-1",
        issuer="market",
        issued_on=date(2026, 7, 23),
    )


def supplied(routing: Replica) -> list[str]:
    items = routing.ask(GetDistribution(case_id="case-1"))["items"]
    return [item for item, state in items.items() if state["supplied"]]


def waiting(routing: Replica, place: str, state: str) -> list[str]:
    return [row["packet"] for row in routing.ask(ListPackets(place=place, state=state))["packets"]]  # type: ignore[arg-type]


def test_accepted_items_get_their_data_in_one_go(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("licence", "enquiry", copies=[copy("application")])))

    assert [fact.topic.removeprefix("onething.") for fact in routing.log()] == [
        "distribution.planned.v1",
        "packet.dispatched.v1",
        "packet.received.v1",
        "distribution.items-supplied.v1",
    ]
    assert supplied(routing) == ["licence", "enquiry"]
    assert waiting(routing, "market", "dispatched") == []


def test_paper_goes_from_hand_to_hand(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("sign", copies=[LEASE])))
    assert waiting(routing, HALL, "planned") == ["p1"]

    routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="courier-3"), caller=CLERK)
    assert waiting(routing, HALL, "planned") == []
    assert waiting(routing, "urban", "dispatched") == ["p1"]

    routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="locker-8"), caller=COURIER)
    routing.command(ReceivePackets(case_id="case-1", packets=("p1",), signature="s"), caller=OFFICER)

    shown = routing.ask(GetDistribution(case_id="case-1"))
    assert shown["custody"] == {"c-lease": "urban"}
    assert shown["packets"][0]["signed_by"] == "li"
    assert supplied(routing) == ["sign"]
    assert waiting(routing, "urban", "dispatched") == []


def test_somebody_elsewhere_moves_nothing(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("sign", copies=[LEASE])))

    with refused(PacketNotHere, place=HALL):
        routing.command(DispatchPackets(case_id="case-1", packets=("p1",), carrier="x"), caller=OFFICER)
    assert waiting(routing, HALL, "planned") == ["p1"]


def test_a_result_supplies_the_item_that_needs_it(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("licence", "food")))
    assert supplied(routing) == ["licence"]

    routing.follow("certificate", ("case-1", 2, issued("licence", "cert-1")))

    assert supplied(routing) == ["licence", "food"]


def test_a_plan_and_a_result_may_come_in_one_batch_or_the_other_way_round(routing: Replica) -> None:
    routing.follow("certificate", ("case-1", 2, issued("licence", "cert-1")))

    routing.follow("intake", ("case-1", 1, accept("licence", "food")))

    assert supplied(routing) == ["licence", "food"]


def test_a_result_that_nobody_needs_leaves_no_trace(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("sign")))
    before = len(routing.log())

    routing.follow("certificate", ("case-1", 2, issued("sign", "cert-2")))

    assert len(routing.log()) == before


def test_items_that_leave_get_nothing_more_and_hold_nobody_up(routing: Replica) -> None:
    routing.follow("intake", ("case-1", 1, accept("sign", "food", copies=[LEASE])))

    routing.follow(
        "intake",
        ("case-1", 2, ItemWithdrawn(case_id="case-1", at=NOON, by="clerk-7", item="sign", reason="")),
        (
            "case-1",
            3,
            ItemNotAccepted(
                case_id="case-1",
                at=NOON,
                by="clerk-7",
                item="licence",
                reason="not ours",
                competent_authority="province",
                notice="N-2",
            ),
        ),
    )

    shown = routing.ask(GetDistribution(case_id="case-1"))
    assert shown["items"]["sign"]["stopped"]
    assert shown["items"]["food"]["awaits"] == []
    assert {p["item"]: p["state"] for p in shown["packets"]} == {"sign": "cancelled", "food": "planned"}


def test_a_case_waits_for_its_catalogue_and_is_not_parked(routing: Replica) -> None:
    strange = replace(accept("sign"), catalogue="of-tomorrow")

    with refused(Unavailable, what="catalogue"):
        routing.follow("intake", ("case-1", 1, strange))
    assert routing.log() == []
    assert not any(routing.engine.parked.values())


def test_a_case_without_distribution_is_not_found(routing: Replica) -> None:
    with refused(NotFound):
        routing.ask(GetDistribution(case_id="case-9"))
    with refused(NotFound):
        routing.command(DispatchPackets(case_id="case-9", packets=("p1",), carrier="x"), caller=CLERK)
