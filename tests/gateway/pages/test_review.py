"""The reviewer's desk: the list, an item beside its materials, and what is done about it."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from testkit.house import House

from .acts import tolerated
from .visiting import Visitor, whole

CATALOGUE = catalogue.load("990102")
THEME = CATALOGUE.theme("XSE")
FIRST = "XSE01"


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    """A newborn's case that was accepted."""
    made = Journey(house.client(), CATALOGUE, THEME, happy_answers(THEME))
    made.register()
    made.patiently(lambda: made.review(FIRST)["state"] == "ready")
    return made


@pytest.fixture
def org(journey: Journey) -> str:
    return str(journey.review(FIRST)["handler"])


def read(web: Any, path: str, caller: str | None, **headers: str) -> Any:
    return web("GET", path, caller=caller, Accept="text/html", **headers)


def send(web: Any, path: str, caller: str, **fields: str) -> Any:
    """Somebody fills in the form of a page: with the key of the page, and what makes it theirs."""
    page = read(web, path.rsplit("/", 1)[0], caller).body.decode()
    csrf = re.search(r'name="_csrf" value="([^"]+)"', page)
    body = urlencode(
        {"_csrf": csrf[1] if csrf else "", "_key": fields.pop("key", path + str(fields)), **fields}
    ).encode()
    return web("POST", path, body, caller=caller, Content_Type="application/x-www-form-urlencoded", Accept="text/html")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("asked", ["", "&state=ready&sort=newest", "&warned=red", "&holder=mine", "&state=nonsense"])
def test_the_list_is_there_in_both_languages(web: Any, journey: Journey, org: str, language: str, asked: str) -> None:
    assert read(web, f"/review?lang={language}{asked}", f"{org}-reviewer").status == 200


def test_the_list_leads_to_what_lies_with_ones_organisation(web: Any, journey: Journey, org: str) -> None:
    page = whole(Visitor(web, f"{org}-reviewer"), "/review")

    assert f'href="/review/{journey.case_id}/{FIRST}"' in page


def test_opinions_have_a_page(web: Any, org: str) -> None:
    assert read(web, "/review/opinions", f"{org}-reviewer").status == 200
    narrowed = read(web, "/review/opinions?theme=XSE&overdue=1&reversed=1&lang=zh", f"{org}-reviewer")
    assert "没有符合条件的征求意见" in narrowed.body.decode()


@pytest.mark.parametrize("path", ["/review", "/review/opinions"])
def test_it_is_for_those_who_decide_and_nobody_else(web: Any, path: str) -> None:
    assert read(web, path, None).status == 303
    assert read(web, path, "clerk-zhao").status == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_item_shows_its_form_materials_and_how_its_dates_came_out(
    web: Any, journey: Journey, org: str, language: str
) -> None:
    answer = read(web, f"/review/{journey.case_id}/{FIRST}?lang={language}", f"{org}-reviewer")
    page = answer.body.decode()

    assert answer.status == 200
    assert "云岭某人" in page
    assert "derivation" in page
    assert 'id="do-grant"' in page


def test_what_is_live_of_an_item_has_nothing_personal(web: Any, journey: Journey, org: str) -> None:
    page = read(web, f"/review/{journey.case_id}/{FIRST}", f"{org}-reviewer", X_Fragment="1").body.decode()

    assert "云岭某人" not in page
    assert "<html" not in page


def test_another_department_sees_no_form_and_no_act_of_the_item(web: Any, journey: Journey, org: str) -> None:
    other = next(each["handler"] for each in journey.bundle()["reviews"] if each["handler"] not in {"", org})
    page = read(web, f"/review/{journey.case_id}/{FIRST}", f"{other}-reviewer").body.decode()

    assert "云岭某人" not in page
    assert 'id="do-grant"' not in page


def test_an_item_that_is_not_there_is_told(web: Any, journey: Journey, org: str) -> None:
    assert read(web, f"/review/{journey.case_id}/NOPE", f"{org}-reviewer").status == 404


def test_an_act_that_is_none_is_told(web: Any, journey: Journey, org: str) -> None:
    assert send(web, f"/review/{journey.case_id}/{FIRST}/conjure", f"{org}-reviewer").status == 404


def test_a_form_of_somebody_else_does_nothing_without_its_token(web: Any, journey: Journey, org: str) -> None:
    answer = web(
        "POST", f"/review/{journey.case_id}/{FIRST}/claim", b"_csrf=x", caller=f"{org}-reviewer",
        Content_Type="application/x-www-form-urlencoded", Origin="http://elsewhere.example",
    )  # fmt: skip

    assert answer.status == 403


def test_a_denial_without_reasons_is_told_beside_the_field(web: Any, journey: Journey, org: str) -> None:
    answer = send(web, f"/review/{journey.case_id}/{FIRST}/deny", f"{org}-reviewer", reasons=" ")

    assert answer.status == 422
    assert journey.review(FIRST)["status"] == "open"


def test_an_extension_is_approved_by_a_second_person_and_not_by_whoever_asked(house: House, web: Any) -> None:
    theme, item = CATALOGUE.theme("CY"), "CY01"
    journey = Journey(house.client(), CATALOGUE, theme, happy_answers(theme))
    journey.register()
    journey.patiently(lambda: journey.review(item)["clocks"])
    org, path = journey.review(item)["handler"], f"/review/{journey.case_id}/{item}"
    hostile = "<script>alert(1)</script>"
    assert send(web, f"{path}/request-extension", f"{org}-reviewer", reasons=hostile).status == 303

    mine, heads = (read(web, path, f"{org}-{who}").body.decode() for who in ("reviewer", "head"))
    assert hostile not in mine
    assert "&lt;script&gt;" in mine
    assert 'id="do-approve-extension"' not in mine
    assert 'id="do-approve-extension"' in heads

    assert send(web, f"{path}/approve-extension", f"{org}-reviewer").status == 403
    assert send(web, f"{path}/approve-extension", f"{org}-head").status == 303
    assert journey.review(item)["extension"]["decided_by"] == f"{org}-head"


def test_a_review_is_claimed_suspended_resumed_and_granted(web: Any, journey: Journey, org: str) -> None:
    path, me = f"/review/{journey.case_id}/{FIRST}", f"{org}-reviewer"

    assert send(web, f"{path}/claim", me, back="list").headers["Location"] == "/review"
    assert journey.review(FIRST)["holder"] == me
    assert send(web, f"{path}/suspend", me, procedure="testing", reason="tests", expected_days="5").status == 303
    assert journey.review(FIRST)["state"] == "suspended"
    assert read(web, path, me).status == 200
    assert send(web, f"{path}/resume", me, procedure="testing", result="good").status == 303
    assert send(web, f"{path}/ask-opinion", me, of="wjw", kind="department", question="why?", days="3").status == 303
    assert send(web, f"{path}/grant", me, opinion="good").status == 303
    assert journey.review(FIRST)["status"] == "granted"
    assert read(web, path, me).status == 200


def test_a_denial_has_reasons_and_shows_the_remedy(house: House, web: Any) -> None:
    journey = Journey(house.client(), CATALOGUE, THEME, happy_answers(THEME))
    journey.register()
    journey.patiently(lambda: journey.review(FIRST)["state"] == "ready")
    me, path = f"{journey.review(FIRST)['handler']}-reviewer", f"/review/{journey.case_id}/{FIRST}"

    assert send(web, f"{path}/deny", me, reasons="the record is another one").status == 303

    review = journey.review(FIRST)
    assert review["status"] == "denied"
    assert review["remedy"] in read(web, path, me).body.decode()


def test_what_rests_because_of_a_denial_is_neither_refused_nor_put_off(house: House, web: Any) -> None:
    stage = tolerated("SBK", "SBK01", "photo")(house)
    journey, me = stage.journey, f"{stage.org}-reviewer"
    offered = ('id="do-refuse-supplement"', 'id="do-extend-tolerance"')
    journey.patiently(lambda: stage.review()["state"] == "ready")
    assert all(each in read(web, stage.path, me).body.decode() for each in offered)

    assert send(web, f"{stage.path}/deny", me, reasons="the photograph is of somebody else").status == 303
    journey.patiently(lambda: journey.case()["tolerances"][stage.item]["rested"])

    assert journey.case()["status"] != "closed"
    page = read(web, stage.path, me).body.decode()
    assert not [each for each in offered if each in page]
    assert "容缺的材料不再等待补交" in page
    assert "最迟补齐日" not in page
