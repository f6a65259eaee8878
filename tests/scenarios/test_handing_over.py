"""移交 in a house as it runs: what a hall that took a case over sees of every part of it, and what it saw before."""

import uuid

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import CLERK, Journey
from contracts.approval import GetBundle
from contracts.casefile import ListCaseFiles, Timeline
from contracts.certificate import GetOutput
from contracts.halls import (
    AcceptHandOver,
    DeclineHandOver,
    HandOverDeclined,
    HandOverRequested,
    InstallWindow,
    RegisterHall,
    RequestHandOver,
)
from contracts.intake import GetCase, ListCases
from contracts.language import Caller, Query
from contracts.routing import GetDistribution
from eventing.client import Client
from eventing.errors import Forbidden
from testkit.house import House, eventually

CATALOGUE = catalogue.load("990102")
THEME = CATALOGUE.theme("XSE")
PARTS = (GetCase, GetBundle, GetOutput, GetDistribution, Timeline)
"""What each service keeps of a case."""


@pytest.fixture
def journey(house: House) -> Journey:
    """An accepted case of the county's hall, that every service knows."""
    made = Journey(house.client(), CATALOGUE, THEME, happy_answers(THEME))
    made.register()
    for part in PARTS:
        made.patiently(lambda part=part: made.client.ask(part(case_id=made.case_id)))
    return made


@pytest.fixture
def street(house: House) -> Client:
    """A clerk of another hall."""
    hall = f"street-{uuid.uuid4().hex[:6]}"
    operator = house.client(Caller(by="operator", roles=("operator",)))
    operator.command(RegisterHall(hall=hall, name="街道大厅", kind="street", region="990102"))
    operator.command(InstallWindow(window=f"{hall}-1", hall=hall, name="1号"))
    return house.client(Caller(by="clerk-street", org="jd", hall=hall, window=f"{hall}-1", roles=("clerk",)))


def seen(client: Client, question: Query) -> bool:
    try:
        client.ask(question)
    except Forbidden:
        return False
    return True


def reached(client: Client, case_id: str) -> set[str]:
    """The parts of a case that somebody may see, and the lists that it is in."""
    parts = {part.__name__ for part in PARTS if seen(client, part(case_id=case_id))}
    cases, files = client.ask(ListCases())["cases"], client.ask(ListCaseFiles())["cases"]
    return (
        parts
        | {"ListCases" for each in cases if each["case_id"] == case_id}
        | {"ListCaseFiles" for each in files if each["case_id"] == case_id}
    )


def topics(house: House, case_id: str) -> list[str]:
    auditor = house.client(Caller(by="auditor-1", roles=("auditor",)))
    return [each["topic"] for each in auditor.ask(Timeline(case_id=case_id))["entries"]]


def test_a_hall_reaches_every_part_of_a_case_once_it_took_it_over_and_nothing_before(
    house: House, journey: Journey, street: Client
) -> None:
    case_id, county = journey.case_id, house.client().as_(CLERK)
    asking = RequestHandOver(case_id=case_id, to_hall=street.caller.hall, reason="住得近")
    assert reached(street, case_id) == set()

    county.command(asking)
    assert reached(street, case_id) == set()
    street.command(DeclineHandOver(case_id=case_id, reason="人手不足"))
    told = [HandOverRequested.TOPIC, HandOverDeclined.TOPIC]
    assert eventually(lambda: [each for each in topics(house, case_id) if "hand-over" in each] == told)
    assert reached(street, case_id) == set()

    county.command(asking)
    street.command(AcceptHandOver(case_id=case_id))
    assert eventually(
        lambda: reached(street, case_id) == {*(part.__name__ for part in PARTS), "ListCases", "ListCaseFiles"}
    )
    assert seen(county, GetCase(case_id=case_id))
