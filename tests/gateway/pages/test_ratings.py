"""A bad rating on the pages: seen by its hall, verified, put right, called back about, and looked at by another."""

import re
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, furnish
from contracts.intake import Applicant
from contracts.language import Caller
from contracts.outreach import GetRatings
from gateway.pages.codes import receipt_of
from testkit.house import House, eventually

from .visiting import Visitor, whole

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
CHEN = Applicant(name="陈建国（虚构）", identifier="990102196403010030", mobile="13900000000")
SAID = "等了<两小时>"


@pytest.fixture
def clerk(web: Any) -> Visitor:
    return Visitor(web, ZHAO.by)


@pytest.fixture
def manager(web: Any) -> Visitor:
    """The manager of several halls, who works for this one today."""

    def at_hall(*said: Any, **named: Any) -> Any:
        return web(*said, **named, Onething_Window=ZHAO.hall)

    return Visitor(at_hall, "manager-li")


def handled(house: House) -> tuple[str, str, str]:
    """A case with a handling that can be rated, and the code on its receipt."""
    furnish(house.client(), CATALOGUE, ZHAO)
    theme = CATALOGUE.theme("SBK")
    made = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
    made.clerk = house.client(ZHAO)
    made.register(applicant=CHEN)
    eventually(lambda: house.client(ZHAO).ask(GetRatings(case_id=made.case_id))["handlings"])
    found = house.client(ZHAO).ask(GetRatings(case_id=made.case_id))
    code = receipt_of(house.host("gateway").instance.backend, found["number"])
    return made.case_id, str(found["handlings"][0]["handling"]), code


@pytest.fixture
def rated(house: House, web: Any) -> str:
    """A case whose acceptance its applicant was dissatisfied with."""
    case_id, handling, _ = handled(house)
    chen, mine = Visitor(web, "applicant-chen"), f"/mine/{case_id}"
    chen.send(mine, f"{mine}/rate", handling=handling, grade="5", comment=SAID)
    return case_id


def of(house: House, case_id: str) -> dict[str, Any]:
    (found,) = house.client(ZHAO).ask(GetRatings(case_id=case_id))["ratings"]
    return dict(found)


def test_a_bad_rating_is_settled_step_by_step_and_a_second_person_looks_at_it(
    house: House, web: Any, clerk: Visitor, manager: Visitor, rated: str
) -> None:
    handling = of(house, rated)["handling"]
    page = f"/ratings/{rated}"
    assert page in whole(clerk, "/ratings?step=verify&grade=5")
    assert page not in whole(clerk, "/ratings?grade=1")
    shown = clerk.get(page)
    assert f'action="{page}/verify"' in shown
    assert f'action="{page}/rectify"' not in shown
    assert "等了" not in shown
    assert "等了&lt;两小时&gt;" in clerk.get(f"{page}?words=1")

    errors = clerk.errors(page, f"{page}/verify", handling=handling)
    assert set(errors) == {"finding", "account"}
    for _ in range(2):
        clerk.send(shown, f"{page}/verify", handling=handling, finding="founded", account="窗口不足")
    early = clerk.send(page, f"{page}/feed-back", 409, by_script=True, handling=handling, reached="1").json
    assert early["code"] == "step-not-due"
    clerk.send(page, f"{page}/rectify", handling=handling, measures="增开两个窗口")
    clerk.send(page, f"{page}/feed-back", handling=handling, reached="0", satisfied="")
    assert of(house, rated)["is_satisfied"] is None
    clerk.send(page, f"{page}/feed-back", handling=handling, reached="1", satisfied="1")
    assert f'action="{page}/recheck"' not in clerk.get(page), "clerks do not re-check"
    for said in ("窗口不足", "增开两个窗口", "已回访 2 次"):
        assert said in manager.get(page)
    assert "正在" in Visitor(web, "applicant-chen").get(f"/mine/{rated}")
    assert "窗口不足" not in Visitor(web, "applicant-chen").get(f"/mine/{rated}")

    manager.send(page, f"{page}/recheck", handling=handling, passed="0", account="窗口仍然不足")
    assert of(house, rated)["step"] == "rectify"
    clerk.send(page, f"{page}/rectify", handling=handling, measures="再增开一个")
    clerk.send(page, f"{page}/feed-back", handling=handling, reached="1", satisfied="1")
    manager.send(page, f"{page}/recheck", handling=handling, passed="1")

    done = of(house, rated)
    assert (done["step"], done["outcome"], done["calls"]) == ("closed", "rectified", 3)
    assert '<form method="post" action="/ratings' not in manager.get(page)
    for language in ("zh", "en"):
        assert "rectified" not in Visitor(web, "applicant-chen").get(f"/mine/{rated}?lang={language}")


def test_an_appeal_is_decided_by_somebody_else_and_strikes_the_rating(
    house: House, clerk: Visitor, manager: Visitor, rated: str
) -> None:
    handling = of(house, rated)["handling"]
    page = f"/ratings/{rated}"
    assert set(clerk.errors(page, f"{page}/appeal", handling=handling)) == {"ground", "account"}
    clerk.send(page, f"{page}/appeal", handling=handling, ground="mistaken", account="评错了窗口")
    assert f'action="{page}/decide"' not in clerk.get(page)
    assert page in whole(manager, "/ratings?appealed=1")

    assert set(manager.errors(page, f"{page}/decide", handling=handling)) == {"upheld", "account"}
    manager.send(page, f"{page}/decide", handling=handling, upheld="1", account="监控可见")

    assert of(house, rated)["outcome"] == "struck"
    assert "监控可见" in clerk.get(page)
    assert page not in whole(manager, "/ratings?appealed=1")


def test_another_hall_and_the_public_see_none_of_it(web: Any, rated: str) -> None:
    wang, page = Visitor(web, "clerk-wang"), f"/ratings/{rated}"

    assert page not in whole(wang, "/ratings")
    wang.get(page, 403)
    Visitor(web, "applicant-chen").get("/ratings", 403)
    clerk = Visitor(web, ZHAO.by)
    clerk.get(f"{page}?lang=en")
    clerk.get("/ratings?lang=en")
    clerk.send(page, f"{page}/nothing", 404)


def test_a_caller_rates_by_phone_with_the_code_of_their_receipt_and_is_called_back(
    house: House, web: Any, clerk: Visitor
) -> None:
    agent = Visitor(web, "hotline-xu")
    case_id, handling, code = handled(house)
    number = str(house.client(ZHAO).ask(GetRatings(case_id=case_id))["number"])
    at = f"/help/ratings/{case_id}/rate"
    assert 'href="/help/ratings"' in agent.get("/help")

    by_number = agent.send("/help/ratings", "/help/ratings", 200, wanted=number).body.decode()
    assert f'action="{at}"' in by_number
    assert code not in by_number
    by_code = agent.send("/help/ratings", "/help/ratings", 200, wanted=code).body.decode()
    assert f'name="receipt" value="{code}"' in by_code
    said = {"handling": handling, "grade": "5", "comment": SAID}
    assert set(agent.errors(by_number, at, handling=handling)) == {"grade", "receipt"}
    assert set(agent.errors(by_number, at, **said, receipt="NO-CODE")) == {"receipt"}
    other = handled(house)[2]
    assert agent.send(by_number, at, 403, by_script=True, **said, receipt=other).json["code"] == "not-own-case"
    assert not house.client(ZHAO).ask(GetRatings(case_id=case_id))["ratings"]
    for _ in range(2):
        agent.send(by_code, at, **said, receipt=code)

    given = of(house, case_id)
    assert (given["channel"], given["grade"], given["step"]) == ("phone", 5, "verify")
    page = f"/ratings/{case_id}"
    assert "等了" not in agent.get(page)
    assert f'action="{page}/verify"' not in agent.get(page)
    agent.send(page, f"{page}/verify", 403, handling=handling, finding="founded", account="窗口不足")
    clerk.send(page, f"{page}/verify", handling=handling, finding="founded", account="窗口不足")
    clerk.send(page, f"{page}/rectify", handling=handling, measures="增开两个窗口")
    assert f'action="{page}/feed-back"' in agent.get(page)
    agent.send(page, f"{page}/feed-back", handling=handling, reached="1", satisfied="1")
    assert (of(house, case_id)["calls"], of(house, case_id)["is_satisfied"]) == (1, True)


@pytest.mark.parametrize(("language", "said"), [("zh", "没有这个办件"), ("en", "There is no such case")])
def test_the_phone_desk_says_what_it_does_not_find(web: Any, language: str, said: str) -> None:
    agent = Visitor(web, "hotline-xu")
    page = agent.get(f"/help/ratings?lang={language}")
    assert "help_" not in re.sub(r'"[^"]*"', "", page)
    for wanted in ("nothing", ""):
        told = agent.send(page, f"/help/ratings?lang={language}", 422, wanted=wanted).body.decode()
        assert re.search(rf'id="[^"]*wanted-error"[^>]*>[^<]*{said}', told)
        assert "/rate" not in told
    agent.get("/ratings", 403)


def test_helpers_and_clerks_have_no_phone(web: Any) -> None:
    for person in ("helper-you", "clerk-zhao", "applicant-chen"):
        Visitor(web, person).get("/help/ratings", 403)
    assert 'href="/help/ratings"' not in Visitor(web, "helper-you").get("/help")
