"""What a window can accept now: live, explained, and never other than what delegation says inside the act."""

from eventing import green

green.patch()

from collections.abc import Iterator
from typing import Any

import pytest

from console.county import County, county, load
from contracts.delegation import CanAccept, RevokeGrant, WithdrawQualification
from contracts.halls import (
    Beat,
    CloseWindow,
    ExceptHours,
    GetBoard,
    MoveOutItems,
    OpenWindow,
    PauseWindow,
    WhatCanAccept,
)
from contracts.language import Caller
from delegation.service import Delegation
from eventing.mapper import decode
from eventing.service import Service
from halls.service import Halls
from intake.service import Intake
from kernel.clock import local_date
from testkit.house import House, eventually
from vault.service import Vault

MANAGER = Caller(by="zwzx-office", org="zwzx", hall="yl-hall", roles=("manager",))


@pytest.fixture(scope="module")
def place() -> County:
    return county("990102")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, place: County) -> Iterator[House]:
    services: list[type[Service]] = [Vault, Delegation, Intake, Halls]
    with House(services, tmp_path_factory.mktemp("halls"), window_silence_seconds=1.0) as running:
        load(place, running.client())
        yield running


def disagreements(house: House, place: County, window: str, theme: str) -> list[Any]:
    """Items of which halls says something else than delegation, which knows nothing of residency and hours."""
    client = house.client()
    here = client.ask(WhatCanAccept(window=window, theme=theme))
    oracle = client.ask(CanAccept(hall=here["hall"], theme=theme, staff=here["staff"], window=window))
    found = []
    ours = {(each["item"], each["handler"]): each for each in here["items"]}
    theirs = {(each["item"], each["handler"]): each for each in oracle["items"]}
    assert ours.keys() == theirs.keys()
    for key, verdict in theirs.items():
        codes = [each["code"] for each in ours[key]["reasons"] if each["code"] != "not-resident"]
        if (codes[0] if codes else "") != verdict["refusal"]:
            found.append((key, codes, verdict["refusal"]))
        elif not codes and (ours[key]["grant"], ours[key]["in_name_of"]) != (verdict["grant"], verdict["in_name_of"]):
            found.append((key, ours[key], verdict))
    return found


def everywhere(house: House, place: County) -> list[Any]:
    return [
        each
        for hall in place.halls
        for window in hall.windows
        for theme in ("TX", "XSE", "CY", "SBK", "SDQ")
        for each in disagreements(house, place, window.id, theme)
    ]


def test_delegation_and_halls_agree_on_every_item_at_every_window(house: House, place: County) -> None:
    eventually(lambda: everywhere(house, place) == [])


def told(house: House, window: str, theme: str) -> Any:
    return house.client().ask(WhatCanAccept(window=window, theme=theme))


def test_a_revoked_grant_ends_it_live_and_says_so_on_the_board(house: House, place: County) -> None:
    eventually(lambda: told(house, "yl-hospital-1", "XSE")["accepts"] == "all")
    eventually(lambda: changes(house, "yl-hospital", "residency"))
    eventually(lambda: house.client().ask(GetBoard(hall="yl-hospital"))["halls"][0]["refused"] == [])

    house.client(Caller(by="pcs-head", org="pcs", roles=("reviewer", "approver"))).command(
        RevokeGrant(grant="pcs-to-yl-hospital", reason="moved")
    )

    answer = eventually(lambda: (now := told(house, "yl-hospital-1", "XSE"))["accepts"] == "some" and now)
    refused = [each for each in answer["items"] if not each["accepts"]]
    assert {each["handler"] for each in refused} == {"pcs"}
    assert {reason["code"] for each in refused for reason in each["reasons"]} == {"revoked"}
    assert all(reason["zh"] and reason["en"] for each in refused for reason in each["reasons"])
    eventually(lambda: everywhere(house, place) == [])
    [fact] = eventually(lambda: changes(house, "yl-hospital", "grant"))
    assert {each.item for each in fact.items} == {each["item"] for each in refused}
    board = house.client().ask(GetBoard(hall="yl-hospital"))["halls"][0]
    assert {each["refusal"] for each in board["refused"]} == {"revoked"}
    assert "not-acceptable" in {each["code"] for each in board["alerts"]}


def changes(house: House, hall: str, why: str) -> list[Any]:
    stored = house.host("halls").store.load([(f"{hall}.acceptance", 0)]).get(f"{hall}.acceptance", [])
    facts = [decode(topic, state) for _, topic, state in stored]
    return [each for each in facts if why in each.why]  # type: ignore[attr-defined]


def test_a_withdrawn_qualification_and_staff_that_leave_end_it(house: House, place: County) -> None:
    eventually(lambda: told(house, "yl-cg-1", "TX")["accepts"] == "all")
    house.client(Caller(by="zwzx-trainer", org="zwzx", roles=("trainer",))).command(
        WithdrawQualification(staff="clerk-wu", qualification="tx-window", reason="mistakes")
    )
    eventually(lambda: told(house, "yl-cg-1", "TX")["accepts"] == "none")
    assert told(house, "yl-cg-2", "TX")["accepts"] == "all"
    assert changes(house, "yl-cg", "staff")[1:] == []  # somebody else there is qualified
    eventually(lambda: everywhere(house, place) == [])

    house.client(place.person("clerk-he").caller).command(CloseWindow(window="yl-cg-2"))

    fact = eventually(lambda: [each for each in changes(house, "yl-cg", "staff") if each.items[0].refusal])[-1]
    assert {each.refusal for each in fact.items} == {"not-qualified"}
    answer = told(house, "yl-cg-2", "TX")
    assert [each["code"] for each in answer["reasons"]] == ["window-closed"]


def test_residency_hours_and_pauses_are_reasons_too(house: House, place: County) -> None:
    client = house.client(MANAGER)
    window = "yl-hall-a1"
    eventually(lambda: told(house, window, "TX")["accepts"] == "all")
    client.command(MoveOutItems(hall="yl-hall", items=("*",), reason="rebuilding"))
    reasons = {each["code"] for item in told(house, window, "TX")["items"] for each in item["reasons"]}
    assert reasons == {"not-resident"}
    eventually(lambda: changes(house, "yl-hall", "residency")[1:])

    house.client(place.person("clerk-zhao").caller).command(PauseWindow(window=window, reason="lunch"))
    now = house.host("halls").clock.now()
    client.command(ExceptHours(hall="yl-hall", on=local_date(now), reason="flood"))

    answer = told(house, window, "TX")
    assert {each["code"] for each in answer["reasons"]} >= {"window-paused"}
    if local_date(house.host("halls").clock.now()) == local_date(now):
        assert {each["code"] for each in answer["reasons"]} == {"out-of-hours", "window-paused"}
        assert answer["changes_at"] is not None
    assert [each["code"] for each in told(house, "yl-hall-b1", "TX")["reasons"]][-1] == "other-themes"
    house.client(place.person("clerk-zhao").caller).command(OpenWindow(window=window))


def test_a_desk_that_falls_silent_is_noted_and_noted_again_when_it_is_heard(house: House, place: County) -> None:
    clerk = house.client(place.person("clerk-chen").caller)
    stored = house.host("halls").store

    def steps() -> list[str]:
        return [topic.split(".")[2] for _, topic, _ in stored.load([("yl-park-1", 0)])["yl-park-1"]]

    clerk.ask(Beat(window="yl-park-1"))
    eventually(lambda: steps()[-1] == "went-silent")
    assert "window-silent" in {each["code"] for each in told(house, "yl-park-1", "CY")["reasons"]}
    clerk.ask(Beat(window="yl-park-1"))
    eventually(lambda: "heard" in steps())
