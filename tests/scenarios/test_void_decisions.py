"""作废 in a house as it runs: what an item's denial had blocked is free again, and its papers travel after all."""

from typing import Any

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from contracts.approval import ApproveProposal, ProposeVoiding
from contracts.routing import GetDistribution
from testkit.house import House

COUNTY = catalogue.load("990102")
THEME = COUNTY.theme("XSE")
FIRST = "XSE01"
"""Every other item rests on it."""


def journey_of(house: House, *paper: str) -> Journey:
    return Journey(house.client(), COUNTY, THEME, happy_answers(THEME), paper=paper)


def states(journey: Journey) -> set[str]:
    """How far the packets of paper are."""
    found: list[dict[str, Any]] = journey.client.ask(GetDistribution(case_id=journey.case_id))["packets"]
    return {packet["state"] for packet in found if packet["medium"] == "paper"}


def test_a_case_closed_over_what_was_blocked_comes_to_another_end_when_the_denial_is_void(house: House) -> None:
    journey = journey_of(house)
    journey.register(materials=journey_of(house, "receiving_household", "photo").materials())
    journey.decide(deny=(FIRST,))
    journey.hand_over()
    assert journey.closed()["outcome"] == "denied"
    journey.patiently(lambda: states(journey) == {"cancelled"})

    voiding = ProposeVoiding(case_id=journey.case_id, item=FIRST, ground="送达前发现无效")
    journey.reviewer(FIRST).command(voiding)
    journey.reviewer(FIRST, "head").command(ApproveProposal(case_id=journey.case_id, item=FIRST))
    journey.patiently(lambda: "planned" in states(journey))
    journey.deliver_paper()

    assert journey.decide() == "granted"
    journey.hand_over()
    assert {result["issued"]["item"] for result in journey.certificates() if result["state"] == "valid"} >= {"XSE05"}
    journey.patiently(lambda: journey.closed()["outcome"] == "granted")
