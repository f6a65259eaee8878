"""The auditor's page: search, a case by its record, whether it is whole, who read what, what a screen showed."""

import re
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, a_person
from contracts.intake import CaseClosed, CaseOpened, CaseReopened
from gateway.pages.audit import instant, moment, with_rules
from testkit.house import House, eventually

from .visiting import Visitor

CATALOGUE = catalogue.load("990102")
THEME = CATALOGUE.theme("XSE")
AUDITOR = "auditor-shi"


def read(web: Any, path: str, caller: str | None = AUDITOR, **headers: str) -> Any:
    return web("GET", path, caller=caller, Accept="text/html", **headers)


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    made = Journey(house.client(), CATALOGUE, THEME, happy_answers(THEME))
    made.register()
    made.patiently(made.reviews)
    return made


@pytest.fixture
def path(web: Any, journey: Journey) -> str:
    address = f"/audit/{journey.case_id}"
    eventually(lambda: read(web, address).status == 200)
    return address


def test_it_is_for_auditors_alone(web: Any, path: str) -> None:
    for address in ("/audit", "/audit/screens", path, f"{path}/readings", f"{path}/chain"):
        assert read(web, address, None).status == 303
        assert read(web, address, "clerk-zhao").status == 403


def test_a_case_is_found_by_how_its_number_begins(web: Any, journey: Journey, path: str) -> None:
    number = journey.case()["number"]

    assert path in read(web, f"/audit?number={number}").body.decode()
    assert path not in read(web, "/audit?number=YJS-000000").body.decode()


def test_a_case_is_found_by_item_department_and_clock(web: Any, journey: Journey, path: str) -> None:
    review = next(each for each in journey.bundle()["reviews"] if each["handler"])
    number = journey.case()["number"]
    mine = f"/audit?number={number}"

    def found(asked: str) -> bool:
        return path in read(web, f"{mine}&{asked}").body.decode()

    eventually(lambda: found(f"item={review['item']}&department={review['handler']}"))
    assert not found("item=CJR01")
    assert not found("department=nobody")
    assert found("clock=running") != found("clock=overdue")
    assert found("clock=whenever&state=lost&sort=random"), "what there is not is not asked"


def test_an_applicants_cases_are_found_by_a_form_and_not_by_an_address(web: Any, journey: Journey, path: str) -> None:
    auditor, identifier = Visitor(web, AUDITOR), journey.applicant().identifier

    shown = auditor.send("/audit", "/audit", 200, identifier=identifier).body.decode()

    assert path in shown
    assert identifier not in "".join(re.findall(r'(?:href|action)="([^"]*)"', shown))
    assert path not in auditor.send("/audit", "/audit", 200, identifier=identifier, theme="SBK").body.decode()
    assert path not in auditor.send("/audit", "/audit", 200, identifier=a_person(4712)).body.decode()
    auditor.send("/audit", "/audit", 422, identifier=" ")
    Visitor(web, "clerk-zhao").send("/desk", "/audit", 403, identifier=identifier)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("end", ["", "?at=1", "?at=99999", "/readings", "/chain"])
def test_every_tab_is_there_in_both_languages(web: Any, path: str, end: str, language: str) -> None:
    separator = "&" if "?" in end else "?"

    assert read(web, f"{path}{end}{separator}lang={language}").status == 200


def test_the_slider_shows_what_was_known_then(web: Any, path: str) -> None:
    whole = read(web, path).body.decode()
    first = read(web, f"{path}?at=1", X_Fragment="1").body.decode()

    assert 'type="range"' in whole
    assert 'id="entry-2"' in whole
    assert 'id="entry-1"' in first
    assert 'id="entry-2"' not in first
    assert "<html" not in first


def test_the_record_is_whole_and_it_says_so(web: Any, path: str) -> None:
    assert "记录完整" in read(web, f"{path}/chain?lang=zh").body.decode()


def test_who_read_personal_data_is_listed(web: Any, journey: Journey, path: str) -> None:
    item = next(each for each in journey.bundle()["reviews"] if each["handler"])
    read(web, f"/review/{journey.case_id}/{item['item']}", f"{item['handler']}-reviewer")

    assert f"{item['handler']}-reviewer" in read(web, f"{path}/readings").body.decode()
    assert f"{item['handler']}-reviewer</td>" not in read(web, f"{path}/readings?by=nobody").body.decode()
    assert f"{item['handler']}-reviewer" in read(web, f"{path}/readings?since=2026-01-01&reversed=1").body.decode()
    assert read(web, f"{path}/readings?since=yesterday").status == 422


def test_a_screen_of_which_nothing_was_kept_says_so(web: Any) -> None:
    answer = read(web, "/audit/screens?screen=nowhere.wall&at=2026-07-01T10:00&lang=zh")

    assert answer.status == 200
    assert "没有保存" in answer.body.decode()


def test_an_instant_that_is_none_is_told_beside_the_field(web: Any) -> None:
    answer = read(web, "/audit/screens?screen=nowhere.wall&at=yesterday")

    assert answer.status == 200
    assert 'aria-invalid="true"' in answer.body.decode()


def test_an_instant_without_a_zone_is_one_of_china() -> None:
    assert instant("2026-07-01T10:00").isoformat() == "2026-07-01T10:00:00+08:00"


def test_a_moment_knows_no_more_than_the_entries_up_to_it() -> None:
    def entry(topic: str, **body: Any) -> dict[str, Any]:
        return {"service": "intake", "topic": topic, "body": body}

    entries = with_rules(
        [
            entry(CaseOpened.TOPIC, catalogue="v1"),
            entry("x", items=[{"item": "A"}, "B"]),
            entry("y", item="A", catalogue="v2", clocks={"calendar": "c"}),
            entry(CaseClosed.TOPIC),
        ]
    )
    again = moment([*entries, entry(CaseReopened.TOPIC, items=["A"])])

    early, late = moment(entries[:2]), moment(entries)
    assert (early.state, early.rules, set(early.items)) == ("open", "v1", {"A", "B"})
    assert (late.state, late.rules, late.items["A"]["topic"]) == ("closed", "v2", "y")
    assert (again.state, again.rules) == ("open", "v2")
    assert [each["rules"] for each in entries] == ["v1", "v1", "v2", "v2"]
    assert entries[2]["calendar"] == "c"
