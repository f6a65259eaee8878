"""移交: a hall that accepted goes on with the case, and one that declined or was only asked does not."""

import pytest

from contracts.halls import HandOverAccepted, HandOverDeclined, HandOverRequested
from contracts.intake import FillForm, FindCases, GetCase, ListCases, WithdrawItem
from contracts.language import Caller, Fact
from contracts.readings import GetReach
from eventing.scoping import OutOfScope
from testkit.facts import NOON, refused

from .mothers import FULL_FORM, PERSON
from .neighbours import CLERK, Office, opening

STREET = Caller(by="clerk-zhou", org="jd", hall="street", window="s1", roles=("clerk",))
BANK = Caller(by="clerk-bank", org="bank", hall="bank", window="b1", roles=("clerk",))


def accepted(hall: str = "street", from_hall: str = "county") -> HandOverAccepted:
    return HandOverAccepted(case_id="c1", at=NOON, by="clerk-zhou", hall=hall, window="s1", from_hall=from_hall)


REQUESTED = HandOverRequested(
    case_id="c1", at=NOON, by="clerk-7", hall="county", window="w1", to_hall="street", to_window="",
    reason="住得近", expires_at=NOON,
)  # fmt: skip
DECLINED = HandOverDeclined(
    case_id="c1", at=NOON, by="clerk-zhou", hall="street", from_hall="county", reason="人手不足"
)


@pytest.fixture
def case(office: Office) -> Office:
    """Somebody's case at the county's hall."""
    office.send(opening())
    return office


def listed(office: Office, caller: Caller, **asked: str) -> list[str]:
    return [each["case_id"] for each in office.ask(ListCases(**asked), caller=caller)["cases"]]


@pytest.mark.parametrize("facts", [(), (REQUESTED,), (REQUESTED, DECLINED)], ids=["nothing", "asked", "declined"])
def test_before_it_accepts_a_hall_reaches_nothing(case: Office, facts: tuple[Fact, ...]) -> None:
    case.running.follow("halls", *(("c1", number, fact) for number, fact in enumerate(facts, start=1)))

    with refused(OutOfScope):
        case.ask(GetCase(case_id="c1"), caller=STREET)
    with refused(OutOfScope):
        case.send(FillForm(case_id="c1", values=FULL_FORM), by=STREET)
    assert listed(case, STREET) == []
    assert listed(case, STREET, hall="street") == []
    assert case.ask(FindCases(identifier=PERSON.identifier), caller=STREET)["cases"] == []


def test_from_then_on_its_clerks_see_the_case_and_act_on_it(case: Office) -> None:
    case.running.follow("halls", ("c1", 1, REQUESTED), ("c1", 2, accepted()))

    assert case.ask(GetCase(case_id="c1", personal=True), caller=STREET)["applicant"]["name"] == PERSON.name
    case.send(FillForm(case_id="c1", values=FULL_FORM), by=STREET)
    case.send(WithdrawItem(case_id="c1", item="SP03"), by=STREET)
    assert listed(case, STREET) == ["c1"]
    assert listed(case, STREET, hall="street") == ["c1"]
    assert len(case.ask(FindCases(identifier=PERSON.identifier), caller=STREET)["cases"]) == 1


def test_the_hall_that_asked_keeps_it_and_a_third_one_gets_nothing(case: Office) -> None:
    case.running.follow("halls", ("c1", 1, accepted()))

    assert listed(case, CLERK) == ["c1"]
    case.ask(GetCase(case_id="c1"), caller=CLERK)
    with refused(OutOfScope):
        case.ask(GetCase(case_id="c1"), caller=BANK)
    assert listed(case, BANK) == []


def test_each_hall_is_admitted_once_and_a_window_of_the_same_hall_is_no_news(case: Office) -> None:
    case.running.follow("halls", ("c1", 1, accepted()), ("c1", 2, accepted("bank", "street")))
    case.running.follow("halls", ("c1", 3, accepted("street", "bank")), ("c1", 4, accepted("county", "street")))
    case.running.follow("halls", ("c1", 5, accepted("street", "street")))

    assert list(case.ask(GetReach(case_id="c1"))["admitted"]) == ["street", "bank"]
    assert case.topics().count("hall-admitted") == 2
