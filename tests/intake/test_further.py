"""一次告知 as a duty: whatever is asked for beyond the notice is a violation, and counted (行政许可法 第31条)."""

import pytest

from contracts.language import Act, Caller
from intake.domain.refusals import GroundsMissing, InTheNotice, NotAnOffice, NotInCase, NotNow
from intake.projections import case_rows
from testkit.facts import NOON, an_act, facts, refused

from .mothers import At, an_accepted_case

OFFICE = Act(at=NOON, by="reviewer-1", caller=Caller(by="reviewer-1", org="xfdd", roles=("reviewer", "approver")))


def ask(here: At, what: str = "无犯罪记录证明", item: str = "SP04", basis: str = "内部规定", act: Act = OFFICE) -> At:
    here.case.request_further(here.outline, item, what, basis=basis, act=act)
    return here


def test_what_the_notice_does_not_name_is_a_violation() -> None:
    here = ask(an_accepted_case())

    assert facts(here.case) == [
        ("FurtherRequested", {"item": "SP04", "what": "无犯罪记录证明", "basis": "内部规定"}),
    ]
    assert case_rows(here.case)[0]["violations"] == 1
    assert facts(ask(here.now()).case) == []
    ask(here, "健康证")
    assert case_rows(here.case)[0]["violations"] == 2


@pytest.mark.parametrize("what", ["fire_rules", "消防制度", "food_form", "venue", "场所类型"])
def test_what_the_notice_names_is_asked_for_by_a_correction(what: str) -> None:
    here = an_accepted_case()

    with refused(InTheNotice, what=what):
        ask(here, what)
    assert facts(here.case) == []


def test_asking_is_for_who_decides_the_item_or_a_hall_of_the_case() -> None:
    here = an_accepted_case()

    with refused(NotAnOffice, item="SP04"):
        ask(here, act=Act(at=NOON, by="x", caller=Caller(by="x", org="scjg", roles=("reviewer", "approver"))))
    with refused(NotAnOffice):
        ask(here, act=an_act(hall="other"))
    assert facts(here.case) == []
    ask(here, act=an_act())


def test_asking_says_what_and_on_which_basis() -> None:
    here = an_accepted_case()

    with refused(GroundsMissing):
        ask(here, " ")
    with refused(GroundsMissing):
        ask(here, basis="")
    with refused(NotInCase):
        ask(here, item="SP01")
    assert facts(here.case) == []


def test_nobody_asks_in_a_closed_case() -> None:
    here = an_accepted_case()
    here.case.close("granted", act=an_act())

    with refused(NotNow, verb="further"):
        ask(here)
