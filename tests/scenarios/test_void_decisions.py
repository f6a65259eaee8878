"""作废 in a house as it runs: what an item's denial had blocked is free again, and its papers travel after all."""

from typing import Any

import catalogue
from catalogue.examples import happy_answers
from catalogue.model import Theme
from console.journey import Journey
from contracts.approval import ApproveProposal, ProposeVoiding
from contracts.casefile import Timeline
from contracts.intake import AcceptItems, CaseClosed, CaseReopened, CompletionNoted, FillForm, ReceiveMaterials
from contracts.routing import GetDistribution
from testkit.house import House

COUNTY = catalogue.load("990102")
THEME = COUNTY.theme("XSE")
FIRST = "XSE01"
"""Every other item rests on it."""


def journey_of(house: House, *paper: str, theme: Theme = THEME) -> Journey:
    return Journey(house.client(), COUNTY, theme, happy_answers(theme), paper=paper)


def void(journey: Journey, item: str) -> None:
    """The denial of an item turns out to have no effect; two people say so."""
    journey.reviewer(item).command(ProposeVoiding(case_id=journey.case_id, item=item, ground="送达前发现无效"))
    journey.reviewer(item, "head").command(ApproveProposal(case_id=journey.case_id, item=item))


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

    void(journey, FIRST)
    journey.patiently(lambda: "planned" in states(journey))
    journey.deliver_paper()

    assert journey.decide() == "granted"
    journey.hand_over()
    assert {result["issued"]["item"] for result in journey.certificates() if result["state"] == "valid"} >= {"XSE05"}
    journey.patiently(lambda: journey.closed()["outcome"] == "granted")


def test_what_was_tolerated_can_be_brought_after_all_when_the_case_was_closed_over_a_void_denial(house: House) -> None:
    journey = journey_of(house, theme=COUNTY.theme("SBK"))
    journey.register_tolerant("photo")
    ((item, before),) = journey.case()["tolerances"].items()
    journey.decide(deny=(item,))
    journey.hand_over()
    assert journey.closed()["tolerances"][item]["rested"]

    void(journey, item)
    journey.patiently(lambda: journey.case()["status"] == "accepted")
    journey.patiently(lambda: not journey.case()["tolerances"][item]["rested"])
    assert journey.case()["outcome"] is None
    assert journey.case()["tolerances"][item]["due_on"] >= before["due_on"]
    journey.decide_until(lambda: journey.review(item)["status"] == "granted_tolerant")
    photo = tuple(each for each in journey.materials() if each.material == "photo")
    journey.clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=photo))

    assert journey.decide() == "granted"
    journey.hand_over()
    assert journey.closed()["outcome"] == "granted"
    ends = (CaseClosed.TOPIC, CaseReopened.TOPIC)
    told = Timeline(case_id=journey.case_id)
    journey.patiently(
        lambda: (
            [each["topic"] for each in journey.client.ask(told)["entries"] if each["topic"] in ends]
            == [CaseClosed.TOPIC, CaseReopened.TOPIC, CaseClosed.TOPIC]
        )
    )


def only_the_first_accepted_and_denied(house: House) -> Journey:
    """Everything else failed by it before anybody answered, and what there was is handed over."""
    journey = journey_of(house)
    journey.open()
    journey.clerk.command(FillForm(case_id=journey.case_id, values=journey.values()))
    journey.clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=journey.materials()))
    journey.clerk.command(AcceptItems(case_id=journey.case_id, items=(FIRST,)))
    journey.decide(deny=(FIRST,))
    journey.hand_over()
    told = Timeline(case_id=journey.case_id)
    journey.patiently(lambda: CompletionNoted.TOPIC in {each["topic"] for each in journey.client.ask(told)["entries"]})
    assert journey.case()["outcome"] is None
    return journey


def test_a_case_over_before_the_rest_was_accepted_closes_with_their_acceptance(house: House) -> None:
    journey = only_the_first_accepted_and_denied(house)

    journey.clerk.command(AcceptItems(case_id=journey.case_id))

    assert journey.closed()["outcome"] == "denied"


def test_a_case_over_before_the_rest_was_accepted_closes_when_they_leave(house: House) -> None:
    journey = only_the_first_accepted_and_denied(house)

    journey.withdraw()

    assert journey.closed()["outcome"] == "denied"


def test_a_case_over_before_the_rest_was_accepted_goes_on_when_the_denial_is_void(house: House) -> None:
    journey = only_the_first_accepted_and_denied(house)

    void(journey, FIRST)
    journey.patiently(lambda: journey.bundle()["verdict"] is None)
    journey.patiently(lambda: journey.case()["status"] != "closed")
    journey.clerk.command(AcceptItems(case_id=journey.case_id))

    assert journey.decide() == "granted"
    journey.hand_over()
    journey.patiently(lambda: journey.closed()["outcome"] == "granted")
