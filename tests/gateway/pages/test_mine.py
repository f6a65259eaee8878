"""One's own case at home: files, what may come later, the choice after a denial, grades, and taking things back."""

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey
from contracts.drafts import GetDraft
from contracts.halls import ArrangeSlots, SlotRule
from contracts.intake import (
    AcceptItems,
    Applicant,
    FillForm,
    GetCase,
    OpenCase,
    ReceiveMaterials,
    RequestCorrection,
    Signed,
)
from contracts.language import Caller
from eventing.errors import Forbidden
from gateway.pages import questions
from kernel.clock import local_date
from testkit.house import House

from .visiting import Visitor

CATALOGUE = catalogue.load("990102")
CHEN = Applicant(name="陈建国（虚构）", identifier="990102196403010030", mobile="13900000000")
HALL = "test-hall"
MANAGER = Caller(by="office", org="zwzx", hall=HALL, roles=("manager",))


@pytest.fixture
def chen(web: Any) -> Visitor:
    return Visitor(web, "applicant-chen")


def journey_of(house: House, theme: str) -> Journey:
    """A case of his at the window of the test's hall."""
    found = CATALOGUE.theme(theme)
    return Journey(house.client(), CATALOGUE, found, happy_answers(found))


def opened(house: House, theme: str, *, without: tuple[str, ...] = ()) -> Journey:
    """Opened and filled in for him, with everything but some materials."""
    made = journey_of(house, theme)
    made.clerk.command(
        OpenCase(case_id=made.case_id, theme=theme, applicant=CHEN, answers=made.answers, allow_duplicate=True)
    )
    made.clerk.command(FillForm(case_id=made.case_id, values=made.values()))
    brought = made.materials(without=without)
    if brought:
        made.clerk.command(ReceiveMaterials(case_id=made.case_id, materials=brought))
    return made


def accepted(house: House, theme: str) -> Journey:
    made = journey_of(house, theme)
    made.register(applicant=CHEN)
    return made


def a_picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(made, "PNG")
    return made.getvalue()


def test_a_correction_is_spoken_of_until_it_is_answered(house: House, web: Any, chen: Visitor) -> None:
    journey = opened(house, "CJR")
    first, *_ = journey.materials()
    journey = opened(house, "CJR", without=(first.material,))
    journey.clerk.command(RequestCorrection(case_id=journey.case_id))

    def standing() -> str:
        told = web("GET", f"/mine/{journey.case_id}", caller="applicant-chen", X_Fragment="1")
        return str(told.body.decode())

    assert "按补正告知补齐" in standing()

    journey.clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=(first,)))

    assert journey.case()["correction"] is None
    assert "补正" not in standing()


# files


def test_a_file_is_uploaded_and_given(house: House, web: Any, chen: Visitor) -> None:
    journey = opened(house, "SBK", without=("photo",))
    case = f"/mine/{journey.case_id}"
    at = f"/api/v1/cases/{journey.case_id}/materials/photo/content"

    refused = web("POST", at, a_picture(), caller="applicant-zhou", Content_Type="image/png")
    kept = web("POST", at, a_picture(), caller="applicant-chen", Content_Type="image/png")
    assert (refused.status, kept.status) == (403, 201)
    chen.send(f"{case}/give", f"{case}/give", 422)
    parts = {f"file.photo.{name}": str(value) for name, value in kept.json.items()}
    chen.send(f"{case}/give", f"{case}/give", **{"medium.photo": "digital", **parts})

    (copy,) = [each for each in journey.case()["materials"] if each["material"] == "photo"]
    assert copy["digest"] == kept.json["digest"]


def test_a_file_that_is_no_such_file_is_refused_with_a_reason(house: House, web: Any, chen: Visitor) -> None:
    journey = opened(house, "SBK", without=("photo",))
    at = f"/api/v1/cases/{journey.case_id}/materials/photo/content"

    answer = web("POST", at, b"MZ not a picture", caller="applicant-chen", Content_Type="image/png")

    assert 400 <= answer.status < 500
    assert answer.json["code"]
    assert journey.case()["missing"]


# 容缺 and 告知承诺


def test_what_is_declared_at_home_is_agreed_to_at_the_window_and_supplemented_from_home(
    house: House, web: Any, chen: Visitor
) -> None:
    journey = opened(house, "SBK", without=("photo",))
    case = f"/mine/{journey.case_id}"

    page = chen.send(f"{case}/terms", f"{case}/terms", 422, tolerate="photo")
    assert "勾选承诺" in page.body.decode()
    chen.send(f"{case}/terms", f"{case}/terms", tolerate="photo", signed="1")
    assert "等待大厅受理" in chen.get(case)
    assert "提交材料" not in chen.get(case)
    assert journey.case()["declared"]["tolerate"] == ["photo"]

    journey.clerk.command(AcceptItems(case_id=journey.case_id, tolerate=("photo",)))
    assert "补交容缺材料" in chen.get(case)
    at = f"/api/v1/cases/{journey.case_id}/materials/photo/content"
    kept = web("POST", at, a_picture(), caller="applicant-chen", Content_Type="image/png").json
    parts = {f"file.photo.{name}": str(value) for name, value in kept.items()}
    chen.send(f"{case}/give", f"{case}/give", **{"medium.photo": "digital", **parts})

    assert journey.case()["tolerances"] == {}
    assert "补交容缺材料" not in chen.get(case)


def test_what_is_not_waited_for_after_a_denial_is_not_asked_of_the_applicant(house: House, chen: Visitor) -> None:
    journey = journey_of(house, "SBK")
    lacking = journey.materials(without=("photo",))
    journey.register(applicant=CHEN, materials=lacking, tolerate=("photo",), signed=Signed("sha256:" + "5a" * 32))
    case = f"/mine/{journey.case_id}"
    assert "补交容缺材料" in chen.get(case)
    ((item, _),) = journey.case()["tolerances"].items()

    journey.patiently(lambda: journey.review(item)["state"] == "ready")
    journey._decide(item, (item,))
    journey.patiently(lambda: journey.case()["tolerances"][item]["rested"])

    shown = chen.get(case)
    assert "补交容缺材料" not in shown
    assert f"{case}/give" not in shown
    assert "容缺的材料不再等待补交" in shown


def test_a_main_material_is_not_offered_and_not_taken(house: House, chen: Visitor) -> None:
    journey = opened(house, "SBK", without=tuple(each.material for each in journey_of(house, "SBK").materials()))
    case = f"/mine/{journey.case_id}"
    main = next(each.id for item in CATALOGUE.theme("SBK").items for each in item.materials if each.role == "main")

    assert f'value="{main}"' not in chen.get(f"{case}/terms")
    refused = chen.send(f"{case}/terms", f"{case}/terms", 409, tolerate=main, signed="1")

    assert "not-tolerable" in refused.body.decode() or "容缺" in refused.body.decode()
    assert journey.case().get("declared") is None


def test_nobody_declares_for_somebody_else(house: House, web: Any) -> None:
    journey = opened(house, "SBK", without=("photo",))

    Visitor(web, "applicant-zhou").get(f"/mine/{journey.case_id}/terms", 403)


# the choice


def test_after_a_denial_the_rest_goes_on_or_is_taken_back(house: House, chen: Visitor) -> None:
    journey = accepted(house, "XSE")
    case = f"/mine/{journey.case_id}"
    assert 'name="choice"' not in chen.get(case)
    failed = journey.patiently(lambda: [i for i, each in journey.reviews().items() if each["state"] == "ready"])[0]
    journey._decide(failed, (failed,))
    journey.patiently(lambda: journey.review(failed)["status"] == "denied")

    chen.send(case, f"{case}/choice", 422, because=failed)
    chen.send(case, f"{case}/choice", choice="go_on", because=failed)

    assert journey.case()["choice"] == {"choice": "go_on", "because": [failed]}
    assert 'name="choice"' not in chen.get(case)


# withdrawing and rating


def test_an_item_is_taken_back_and_then_the_rest(house: House, chen: Visitor) -> None:
    journey = accepted(house, "XSE")
    case = f"/mine/{journey.case_id}"
    item = next(i for i, state in journey.case()["items"].items() if state == "accepted")

    chen.send(case, f"{case}/withdraw", item=item, reason="另有安排")
    journey.patiently(lambda: journey.item_state(item) == "withdrawn")
    assert "已撤回" in chen.get(case)
    chen.send(case, f"{case}/withdraw", reason="")

    assert journey.closed()["outcome"] == "withdrawn"


def test_a_handling_is_graded_once(house: House, chen: Visitor) -> None:
    journey = accepted(house, "SBK")
    case = f"/mine/{journey.case_id}"

    def handlings() -> list[str]:
        return re.findall(r'name="handling" value="([^"]+)"', chen.get(case))

    handling = journey.patiently(handlings)[0]
    chen.send(case, f"{case}/rate", 422, handling=handling)
    chen.send(case, f"{case}/rate", handling=handling, grade="1", comment="很快")

    assert handling not in handlings()
    assert "非常满意" in chen.get(case)


# drafts


def test_the_item_of_a_plate_survives_another_device(house: House, web: Any) -> None:
    theme = CATALOGUE.theme("XSE")
    answers = {f"answers.{name}": value for name, value in happy_answers(theme).items()}
    first, other = Visitor(web, "applicant-zhou"), Visitor(web, "applicant-zhou")
    started = first.send("/apply/XSE?entry=XSE01", "/apply/XSE/start", entry="XSE01", **answers)
    address = started.headers["Location"]
    assert address.partition("?")[2] == ""

    saved = other.send(
        address,
        address,
        applicant__kind="natural",
        applicant__name="周晓雨（虚构）",
        applicant__identifier="990102199202150022",
    )
    handed = other.send(saved.headers["Location"], f"{address}/check", hall=HALL)

    case_id = handed.headers["Location"].split("/")[2]
    assert house.client().ask(GetCase(case_id=case_id))["entry_item"] == "XSE01"
    with pytest.raises(Forbidden):
        house.client(Caller(by="stranger", roles=("applicant",))).ask(GetDraft(draft=address.rpartition("/")[2]))
    first.send(f"/mine/{case_id}", f"/mine/{case_id}/withdraw", reason="")


# appointments


def test_an_appointment_is_found_however_many_there_were_before(
    house: House, chen: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.client(MANAGER).command(
        ArrangeSlots(hall=HALL, rules=(SlotRule(opens="09:00", closes="11:00", minutes=60, capacity=1),))
    )
    day = (local_date(house.host("gateway").instance.backend.now()) + timedelta(days=2)).isoformat()
    page = f"/appointments/new?hall={HALL}&on={day}"
    monkeypatch.setattr(questions, "AT_ONCE", 1)

    for slot in ("09:00", "10:00"):
        booked = chen.send(page, "/appointments/new", hall=HALL, on=day, slot=slot).headers["Location"]
        assert f'href="{booked}"' in chen.get("/appointments")
        assert slot in chen.get(booked)
        chen.send(booked, f"{booked}/cancel", reason="有事")


def test_an_appointment_is_booked_moved_and_given_back(house: House, chen: Visitor) -> None:
    house.client(MANAGER).command(
        ArrangeSlots(hall=HALL, rules=(SlotRule(opens="09:00", closes="11:00", minutes=60, capacity=1),))
    )
    day = (local_date(house.host("gateway").instance.backend.now()) + timedelta(days=1)).isoformat()
    page = f"/appointments/new?hall={HALL}&on={day}"

    chen.send(page, "/appointments/new", 422, hall=HALL, on=day)
    booked = chen.send(page, "/appointments/new", hall=HALL, on=day, slot="09:00").headers["Location"]
    assert "<svg" in chen.get(booked)
    chen.send(booked, f"{booked}/move", on=day, slot="10:00")
    assert "10:00" in chen.get(booked)
    Visitor(chen.web, "applicant-zhou").get(booked, 404)
    chen.send(booked, f"{booked}/cancel", reason="有事")

    assert f'action="{booked}/cancel"' not in chen.get(booked)
    assert str(uuid.UUID(booked.rpartition("/")[2]))
