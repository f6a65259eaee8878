"""Who comes to the desk with a licence in their hand: what its number leads to, and for whom."""

from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from contracts.certificate import FindCertificates, GetOutput
from contracts.language import Caller
from eventing.errors import Forbidden
from testkit.house import House

from .visiting import Visitor

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
ELSEWHERE = Caller(by="clerk-wang", org="khh", hall="yl-bank", window="yl-bank-1", roles=("clerk",))


@pytest.fixture(scope="module")
def licensed(house: House) -> Journey:
    """A restaurant of which the business licence was decided here."""
    furnish(house.client(), CATALOGUE, ZHAO)
    theme = CATALOGUE.theme("CY")
    made = Journey(house.client(), CATALOGUE, theme, {**happy_answers(theme), "licence": "none"})
    made.clerk = house.client(ZHAO)
    made.register_only("CY01")
    made.decide()
    made.patiently(lambda: made.client.ask(GetOutput(case_id=made.case_id))["certificates"])
    return made


def number_of(journey: Journey) -> str:
    return str(journey.client.ask(GetOutput(case_id=journey.case_id))["certificates"][0]["issued"]["number"])


def test_a_licence_number_that_is_scanned_leads_to_the_standing_case(licensed: Journey, web: Any) -> None:
    page = Visitor(web, ZHAO.by).send("/desk", "/desk/find", 200, wanted=number_of(licensed)).body.decode()

    assert f'href="/desk/cases/{licensed.case_id}"' in page
    assert number_of(licensed) in page


def test_an_applicants_number_leads_there_as_well(licensed: Journey, web: Any) -> None:
    applicant = licensed.applicant().identifier

    page = Visitor(web, ZHAO.by).send("/desk", "/desk/find", 200, wanted=applicant).body.decode()

    assert f'href="/desk/cases/{licensed.case_id}"' in page


def test_it_is_found_by_number_and_by_identifier_at_its_hall_alone(licensed: Journey, house: House) -> None:
    (row,) = house.client(ZHAO).ask(FindCertificates(number=f" {number_of(licensed)} "))

    assert (row["case_id"], row["item"]) == (licensed.case_id, "CY01")
    assert "applicant" not in row
    assert house.client(ZHAO).ask(FindCertificates(number=row["identifier"])) == [row]
    assert house.client(ELSEWHERE).ask(FindCertificates(number=row["number"])) == []
    assert house.client(ZHAO).ask(FindCertificates(number=" ")) == []
    with pytest.raises(Forbidden):
        house.client(Caller(by="x", subject="s", roles=("applicant",))).ask(FindCertificates(number=row["number"]))


def test_what_nobody_issued_finds_nothing(licensed: Journey, web: Any) -> None:
    page = Visitor(web, ZHAO.by).send("/desk", "/desk/find", 200, wanted="JY19901020000001").body.decode()

    assert "/desk/cases/" not in page.replace('href="/desk/cases"', "")
