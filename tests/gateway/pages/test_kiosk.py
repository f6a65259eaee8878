"""自助终端: what its forms do, and that it keeps nothing of whoever stood there."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import furnish
from console.services import service
from contracts.drafts import SaveDraft
from contracts.halls import ArrangeSlots, BookAppointment, GetQueues, SlotRule
from contracts.intake import Applicant, GetCase
from contracts.language import Caller
from gateway.pages.codes import carry
from gateway.pages.kiosk import COOKIE
from kernel.clock import SimulatedClock, local_date
from testkit.house import House, eventually

from .visiting import Browser, Visitor

CATALOGUE = catalogue.load("990102")
HALL = "yl-hall"
PATH = f"/kiosk/{HALL}"
DEVICE = "clerk-zhao"
MANAGER = Caller(by="manager-li", org="zwzx", hall=HALL, roles=("manager",))
CLERK = Caller(by="clerk-zhao", org="zwzx", hall=HALL, window="yl-hall-a1", roles=("clerk",))
SECRETS = ("陈建国（虚构）", "990102196403010110", "13900000000")
PERSON = Applicant(name=SECRETS[0], identifier=SECRETS[1], mobile=SECRETS[2])


@pytest.fixture(scope="module", autouse=True)
def hall(house: House) -> None:
    """The hall whose device it is, with a window."""
    furnish(house.client(), CATALOGUE, CLERK)


@pytest.fixture
def kiosk(web: Any) -> Visitor:
    return Visitor(Browser(web), DEVICE)


@pytest.fixture
def owner(house: House) -> Caller:
    """Whose draft it is."""
    subject = house.host("gateway").instance.backend.keyring.blind(PERSON.identifier)
    return Caller(by=f"citizen-{uuid.uuid4().hex[:8]}", subject=subject, roles=("applicant",))


def code_of(house: House, owner: Caller, *, theme: str = "TX", applicant: Applicant | None = PERSON) -> str:
    """The code that a phone shows for a draft of theirs."""
    draft = str(uuid.uuid4())
    answers = happy_answers(CATALOGUE.theme(theme))
    saving = SaveDraft(draft=draft, theme=theme, channel="mobile", answers=answers, applicant=applicant)
    house.client(owner).command(saving)
    return carry(house.host("gateway").instance.backend, draft, owner)


# numbers and appointments


def test_a_number_is_drawn_once_however_often_the_button_is_pressed(kiosk: Visitor) -> None:
    page = kiosk.get(f"{PATH}/draw")

    first = kiosk.send(page, f"{PATH}/draw", theme="SBK").headers["Location"]
    again = kiosk.send(page, f"{PATH}/draw", theme="SBK").headers["Location"]
    another = kiosk.send(f"{PATH}/draw", f"{PATH}/draw").headers["Location"]

    assert first == again != another
    assert re.search(r'class="ticket">[A-Z]*\d+<', kiosk.get(first))


def test_a_number_is_drawn_for_themes_that_there_are(kiosk: Visitor) -> None:
    answer = kiosk.web("GET", f"{PATH}/draw", caller=DEVICE, Accept="text/html")

    assert "SBK" in answer.body.decode()
    kiosk.get(f"{PATH}/tickets/{uuid.uuid4()}", 404)


def test_an_appointment_of_another_day_is_no_ticket_today(house: House, kiosk: Visitor) -> None:
    house.client(MANAGER).command(ArrangeSlots(hall=HALL, rules=(SlotRule("09:00", "10:00", 60, 1),)))
    day = local_date(house.host("gateway").instance.backend.now()) + timedelta(days=1)
    booked = str(uuid.uuid4())
    house.client(CLERK).command(
        BookAppointment(
            hall=HALL, appointment=booked, on=day, slot="09:00", identifier=PERSON.identifier, channel="phone"
        )
    )

    kiosk.send(f"{PATH}/check-in", f"{PATH}/check-in", 409, code=booked)
    kiosk.send(f"{PATH}/check-in", f"{PATH}/check-in", 422)
    unknown = kiosk.send(f"{PATH}/check-in", f"{PATH}/check-in", 404, code=str(uuid.uuid4()))

    assert 'class="kiosk"' in unknown.body.decode()


@pytest.fixture
def morning(tmp_path: Any) -> Iterator[House]:
    """The hall on a Monday at half past eight, as its clock says."""
    clock = SimulatedClock(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    of = [service(name) for name in ("intake", "halls", "delegation", "outreach", "casefile", "vault", "gateway")]
    with House(of, tmp_path, clock=clock, http_requests_per_second=0.0, http_requests_per_address=0.0) as opened:
        furnish(opened.client(), CATALOGUE, CLERK)
        yield opened


def test_who_comes_on_the_day_scans_the_appointment_and_has_a_number(morning: House, web_at: Any) -> None:
    morning.client(MANAGER).command(ArrangeSlots(hall=HALL, rules=(SlotRule("09:00", "11:00", 60, 2),)))
    day = local_date(morning.host("gateway").instance.backend.now()).isoformat()
    web = web_at(morning.host("gateway").instance.edge.address)
    chen, kiosk = Visitor(web, "applicant-chen"), Visitor(Browser(web), DEVICE)
    book = f"/appointments/new?hall={HALL}&on={day}"
    booked = chen.send(book, "/appointments/new", hall=HALL, on=day, slot="09:00").headers["Location"]
    code = f"{web.address}{booked}"

    page = kiosk.get(f"{PATH}/check-in")
    first = kiosk.send(page, f"{PATH}/check-in", code=code).headers["Location"]
    again = kiosk.send(f"{PATH}/check-in", f"{PATH}/check-in", code=booked.rpartition("/")[2]).headers["Location"]

    assert first == again, "an appointment is kept once, however often it is scanned"
    assert re.search(r'class="ticket">[A-Z]*\d+<', kiosk.get(first))
    assert [zone["waiting"] for zone in morning.client(CLERK).ask(GetQueues(hall=HALL))["zones"]] == [1]
    eventually(lambda: "已到场" in chen.get(booked))
    assert f'action="{booked}/cancel"' not in chen.get(booked)


# drafts


def test_a_draft_is_handed_in_for_its_owner_and_forgotten(house: House, kiosk: Visitor, owner: Caller) -> None:
    code = code_of(house, owner)

    kiosk.send(f"{PATH}/draft", f"{PATH}/draft", code=code)
    assert COOKIE in kiosk.web.cookies
    page = kiosk.get(f"{PATH}/draft/check")
    assert not [each for each in SECRETS if each in page]
    handed = kiosk.send(page, f"{PATH}/draft/check").headers["Location"]
    shown = kiosk.get(handed)

    assert COOKIE not in kiosk.web.cookies
    number = handed.rpartition("/")[2].partition(".")[0]
    assert number in shown
    case = house.client().ask(GetCase(case_id=number))
    assert (case["channel"], case["hall"]) == ("kiosk", HALL)
    kiosk.get(f"{PATH}/draft/check", 403)


def test_a_draft_that_was_handed_in_leads_to_its_receipt(house: House, web: Any, owner: Caller) -> None:
    code = code_of(house, owner, theme="CJR")
    first, second = Visitor(Browser(web), DEVICE), Visitor(Browser(web), DEVICE)
    for each in (first, second):
        each.send(f"{PATH}/draft", f"{PATH}/draft", code=code)
    page = first.get(f"{PATH}/draft/check")
    again = second.get(f"{PATH}/draft/check")

    held = second.web.cookies[COOKIE]
    handed = first.send(page, f"{PATH}/draft/check").headers["Location"]
    assert second.send(again, f"{PATH}/draft/check").headers["Location"] == handed

    def look() -> Any:
        return web("GET", f"{PATH}/draft/check", caller=DEVICE, Accept="text/html", Cookie=f"{COOKIE}={held}")

    eventually(lambda: look().status == 303)  # the draft follows its case
    led = look()
    assert (led.status, led.headers["Location"]) == (303, handed)


def test_a_draft_without_an_applicant_cannot_be_handed_in(house: House, kiosk: Visitor, owner: Caller) -> None:
    kiosk.send(f"{PATH}/draft", f"{PATH}/draft", code=code_of(house, owner, applicant=None))

    page = kiosk.get(f"{PATH}/draft/check")
    assert 'id="check"' not in page
    refused = kiosk.send(f"{PATH}/draft", f"{PATH}/draft/check", 409)
    assert 'class="kiosk"' in refused.body.decode()


@pytest.mark.parametrize("code", ["nonsense", "A" * 200, "https://example.org/x", ""])
def test_what_is_no_code_of_ours_opens_nothing(kiosk: Visitor, code: str) -> None:
    answer = kiosk.send(f"{PATH}/draft", f"{PATH}/draft", 422, code=code)

    assert 'class="kiosk"' in answer.body.decode()
    assert COOKIE not in kiosk.web.cookies
    kiosk.get(f"{PATH}/draft/check", 403)


def test_a_code_opens_nothing_without_the_form_of_the_kiosk(house: House, web: Any, owner: Caller) -> None:
    code = code_of(house, owner)
    body = f"code={code}".encode()
    form = "application/x-www-form-urlencoded"

    assert web("POST", f"{PATH}/draft", body, caller=DEVICE, Content_Type=form, Accept="text/html").status == 403
    assert web("POST", f"{PATH}/draft", body, caller=None, Content_Type=form, Accept="text/html").status in {303, 401}


def test_who_leaves_is_forgotten(house: House, web: Any, kiosk: Visitor, owner: Caller) -> None:
    kiosk.send(f"{PATH}/draft", f"{PATH}/draft", code=code_of(house, owner))

    left = web(
        "GET", f"{PATH}/leave", caller=DEVICE, Accept="text/html", Cookie=f"{COOKIE}={kiosk.web.cookies[COOKIE]}"
    )

    assert left.status == 303
    assert "storage" in left.headers["Clear-Site-Data"]
    assert any(each.startswith(f"{COOKIE}=;") or f'{COOKIE}="";' in each for each in left.headers.get_all("Set-Cookie"))


def test_another_site_has_nobodys_browser_forget_anything(web: Any) -> None:
    led = web("GET", f"{PATH}/leave", caller=None, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="image")

    assert led.status == 403
    assert "Clear-Site-Data" not in led.headers


# progress


def test_progress_is_read_by_the_code_and_by_nothing_else(house: House, kiosk: Visitor, owner: Caller) -> None:
    kiosk.send(f"{PATH}/draft", f"{PATH}/draft", code=code_of(house, owner, theme="SBK"))
    handed = kiosk.send(kiosk.get(f"{PATH}/draft/check"), f"{PATH}/draft/check").headers["Location"]
    code = handed.rpartition("/")[2]

    at = kiosk.send(f"{PATH}/progress", f"{PATH}/progress", code=f"https://example.org/r/{code}").headers["Location"]
    page = kiosk.get(at)
    assert code.partition(".")[0] in page
    assert not [each for each in SECRETS if each in page]
    for wrong in (code.partition(".")[0], code[:-1], ""):
        kiosk.send(f"{PATH}/progress", f"{PATH}/progress", 422, code=wrong)
    kiosk.get(f"{PATH}/progress/{code[:-1]}", 404)
