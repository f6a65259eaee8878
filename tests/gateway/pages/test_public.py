"""What everybody may see without signing in: the guide, progress by the receipt's code, verification, door-plates."""

import re
import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

import catalogue
from contracts.intake import Applicant, OpenCase
from contracts.language import Caller
from contracts.outreach import CountVisits, RegisterPlace
from eventing.printed import Codes
from gateway.pages.outlooks import shut
from testkit.house import House

FORM = "application/x-www-form-urlencoded"
HALL = "yl-hall"
CLERK = Caller(by="clerk-zhao", org="zwzx", hall=HALL, window="yl-hall-a1", roles=("clerk",))
MANAGER = Caller(by="manager-li", org="zwzx", hall=HALL, roles=("manager",))
PERSON = Applicant(name="陈建国（虚构）", identifier="990102196403010030", mobile="13900000000")


def fields_of(html: str) -> dict[str, str]:
    """The hidden fields that make a form ours."""
    return dict(re.findall(r'name="(_csrf|_key)" value="([^"]+)"', html))


def opened(house: House) -> str:
    """The number of a case that was opened at a window."""
    case_id = str(uuid.uuid4())
    theme = house.host("gateway").instance.catalogues.current().theme("SBK")
    answers = {each.id: each.options[0].value for each in theme.questions}
    command = OpenCase(case_id=case_id, theme="SBK", applicant=PERSON, answers=answers, allow_duplicate=True)
    return str(house.client(CLERK).command(command).value["number"])


def code_of(house: House, kind: str, name: str) -> str:
    """What the house prints."""
    return Codes(house.host("gateway").settings.derived_key("printed codes")).code(kind, name)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/apply", "/apply/XSE", "/apply/JYRX", "/r", "/verify"])
def test_everybody_may_look(web: Any, path: str, language: str) -> None:
    answer = web("GET", f"{path}?lang={language}", caller=None, Accept="text/html")

    assert answer.status == 200


def test_what_is_accepted_in_a_period_only_is_shut_outside_it() -> None:
    theme = catalogue.load("990102").theme("JYRX")
    item = next(item for item in theme.items if item.periods)
    begins = date.fromisoformat(item.periods[0].begins)

    assert item not in tuple(shut(theme, begins))
    assert item in tuple(shut(theme, begins - timedelta(days=1)))


def test_an_unknown_theme_is_told(web: Any) -> None:
    assert web("GET", "/apply/NONE", caller=None, Accept="text/html").status == 404


def test_the_answers_lead_to_items_and_materials(web: Any) -> None:
    page = web("GET", "/apply/SBK", caller=None, Accept="text/html").body.decode()
    answers = dict(re.findall(r'name="(answers\.[a-z_]+)" value="([a-z_]+)"', page))

    shown = web(
        "POST",
        "/apply/SBK/notice",
        urlencode({**fields_of(page), **answers}).encode(),
        caller=None,
        Content_Type=FORM,
        Accept="text/html",
    )

    assert shown.status == 200
    assert "一次告知书" in shown.body.decode()


def test_the_code_of_a_receipt_shows_progress_and_nothing_personal(house: House, web: Any) -> None:
    number = opened(house)

    answer = web("GET", f"/r/{code_of(house, 'receipt', number)}", caller=None, Accept="text/html")

    shown = answer.body.decode()
    assert answer.status == 200
    assert number in shown
    assert "陈建国" not in shown
    assert PERSON.identifier not in shown
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_number_alone_opens_nothing(house: House, web: Any) -> None:
    number = opened(house)

    for code in (number, f"{number}.AAAAAAAAAAAAAAAA", code_of(house, "place", number)):
        assert web("GET", f"/r/{code}", caller=None, Accept="text/html").status == 404


def test_a_typed_code_leads_to_its_page(house: House, web: Any) -> None:
    code = code_of(house, "receipt", opened(house))
    page = web("GET", "/r", caller=None, Accept="text/html").body.decode()
    body = urlencode({**fields_of(page), "code": f"https://example.org/r/{code}"}).encode()

    answer = web("POST", "/r", body, caller=None, Content_Type=FORM, Accept="text/html")

    assert (answer.status, answer.headers["Location"]) == (303, f"/r/{code}")


def test_verifying_something_unknown_says_so_and_escapes_it(web: Any) -> None:
    page = web("GET", "/verify", caller=None, Accept="text/html").body.decode()
    body = urlencode({**fields_of(page), "code": "<script>alert(1)</script>"}).encode()

    shown = web("POST", "/verify", body, caller=None, Content_Type=FORM, Accept="text/html").body.decode()

    assert "没有签发过" in shown
    assert "<script>alert" not in shown


def test_a_form_that_is_not_ours_is_refused(web: Any) -> None:
    answer = web("POST", "/verify", b"code=1", caller=None, Content_Type=FORM, Accept="text/html")

    assert answer.status == 403


def test_a_door_plate_opens_the_guide_and_its_visit_is_counted_once(house: House, web: Any) -> None:
    place = str(uuid.uuid4())
    house.client(MANAGER).command(
        RegisterPlace(
            place=place,
            name="<b>云岭医院</b>",
            kind="hospital",
            region="990102",
            theme="XSE",
            hall=HALL,
            entry_item="XSE01",
        )
    )
    code = code_of(house, "place", place)
    page = web("GET", f"/p/{code}", caller=None, Accept="text/html")
    visit = str(uuid.uuid4())
    body = urlencode({**fields_of(page.body.decode()), "visit": visit}).encode()

    for _ in range(2):
        assert web("POST", f"/p/{code}/visit", body, caller=None, Content_Type=FORM).status == 204

    assert page.status == 200
    assert "&lt;b&gt;云岭医院" in page.body.decode()
    assert 'value="local" checked' in page.body.decode()
    counted = house.client(MANAGER).ask(CountVisits(begins=date(2020, 1, 1), ends=date(2100, 1, 1), place=place))
    assert sum(each["visits"] for each in counted["visits"]) == 1


@pytest.mark.parametrize("path", ["/places"])
def test_plates_are_for_those_who_manage(web: Any, path: str) -> None:
    assert web("GET", path, caller=None, Accept="text/html").status == 303
    assert web("GET", path, caller="manager-li", Accept="text/html").status == 200
