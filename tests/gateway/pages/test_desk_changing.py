"""The desk's pages for a case that stands: joining, withdrawing, returning, fees, offers, trips, originals."""

import re
from typing import Any
from urllib.parse import quote

import pytest

import catalogue
from catalogue.examples import happy_answers
from console.journey import Journey, a_person, furnish
from contracts.fees import GetBill
from contracts.intake import Applicant, CopyFault, FillForm, GetCase, OpenCase, ReceiveMaterials, RefuseCopies
from contracts.language import Caller
from contracts.offers import ListOffers
from contracts.routing import (
    DispatchPackets,
    GetDistribution,
    GetTrip,
    HandBack,
    ListPackets,
    ReceivePackets,
    ReturnOriginals,
)
from gateway.pages import questions
from gateway.pages.desk import carrying
from gateway.pages.desk.materials import beside_files
from intake.domain.material import WrongMediaType
from testkit.house import House, eventually
from testkit.lists import every

from .visiting import Visitor, leaves, whole

CATALOGUE = catalogue.load("990102")
ZHAO = Caller(by="clerk-zhao", org="zwzx", hall="yl-hall", window="yl-hall-a1", roles=("clerk",))
ELSEWHERE = "clerk-wang"
"""A clerk of another hall."""


@pytest.fixture(scope="module", autouse=True)
def _hall(house: House) -> None:
    furnish(house.client(), CATALOGUE, ZHAO)


@pytest.fixture
def clerk(web: Any) -> Visitor:
    return Visitor(web, ZHAO.by)


def begun(house: House, theme: str, *items: str, paper: tuple[str, ...] = ()) -> Journey:
    """A case at the desk's hall of which nothing is known but its items."""
    found = CATALOGUE.theme(theme)
    made = Journey(house.client(), CATALOGUE, found, happy_answers(found), paper=paper)
    made.clerk = house.client(ZHAO)
    opening = made.registration()
    if items:
        alone = found.select(made.answers, chosen=items)
        opening = made.registration(chosen=items, values=made.values(alone), materials=made.materials(alone))
    made.clerk.command(opening)
    return made


def opened(house: House, theme: str) -> Journey:
    found = CATALOGUE.theme(theme)
    made = Journey(house.client(), CATALOGUE, found, happy_answers(found))
    made.clerk = house.client(ZHAO)
    made.open()
    return made


def items_of(journey: Journey) -> dict[str, str]:
    return dict(journey.clerk.ask(GetCase(case_id=journey.case_id))["items"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_are_there_in_both_languages_and_for_the_halls_of_the_case_alone(
    house: House, web: Any, clerk: Visitor, language: str
) -> None:
    case = opened(house, "SBK").case_id

    for path in ("change", "fees", "form/marks", "ways"):
        clerk.get(f"/desk/cases/{case}/{path}?lang={language}")
        Visitor(web, ELSEWHERE).get(f"/desk/cases/{case}/{path}", 403)
    for path in ("offers", "trips/new", "packets"):
        clerk.get(f"/desk/{path}?lang={language}")


# joining


def test_an_item_is_joined_once_however_often_the_form_is_sent(house: House, clerk: Visitor) -> None:
    journey = begun(house, "CJR", "CJR01")
    page = f"/desk/cases/{journey.case_id}/change"
    shown = clerk.get(page)
    assert 'value="CJR02"' in shown

    for _ in range(2):
        clerk.send(shown, f"/desk/cases/{journey.case_id}/join", items=["CJR02"])

    assert items_of(journey)["CJR02"] == "pending"
    assert 'id="f-items-CJR02"' not in clerk.get(page)


def test_joining_nothing_is_told_beside_the_items(house: House, clerk: Visitor) -> None:
    case = opened(house, "CJR").case_id

    assert "items" in clerk.errors(f"/desk/cases/{case}/change", f"/desk/cases/{case}/join")


def test_an_item_that_was_done_before_counts_with_its_evidence_alone(house: House, clerk: Visitor) -> None:
    journey = begun(house, "CJR", "CJR01")
    page, path = (f"/desk/cases/{journey.case_id}/{name}" for name in ("change", "join"))
    licence = {"origins__CJR02__outcome": "granted", "origins__CJR02__valid_until": "2099-12-31"}

    assert set(clerk.errors(page, path, **licence)) == {"origins.CJR02.number"}
    assert set(clerk.errors(page, path, origins__CJR02__number="证1")) == {"origins.CJR02.outcome"}
    undated = {"origins__CJR02__outcome": "granted", "origins__CJR02__number": "证1"}
    assert set(clerk.errors(page, path, **undated)) == {"origins.CJR02.concluded_on"}
    assert "origins.CJR02.concluded_on" in clerk.errors(page, path, **undated, origins__CJR02__concluded_on="昨天")
    past = {**undated, "origins__CJR02__valid_until": "2001-01-01"}
    assert clerk.send(page, path, 409, by_script=True, **past).json["code"] == "origin-expired"
    assert items_of(journey)["CJR02"] == "not_needed"

    clerk.send(page, path, **licence, origins__CJR02__number="证1", origins__CJR02__issuer="残联")

    (origin,) = journey.clerk.ask(GetCase(case_id=journey.case_id))["origins"]
    assert (origin["item"], origin["number"], origin["issuer"]) == ("CJR02", "证1", "残联")
    assert items_of(journey)["CJR02"] == "satisfied"
    assert "证1" in clerk.get(f"/desk/cases/{journey.case_id}")


def test_an_item_that_is_underway_elsewhere_is_waited_for_and_has_its_result_recorded(
    house: House, clerk: Visitor
) -> None:
    journey = begun(house, "CJR", "CJR01")
    page, path = (f"/desk/cases/{journey.case_id}/{name}" for name in ("change", "origin"))
    assert f'action="{path}"' not in clerk.get(page)
    clerk.send(
        page, f"/desk/cases/{journey.case_id}/join", origins__CJR02__outcome="underway", origins__CJR02__number="受1"
    )
    assert items_of(journey)["CJR02"] == "underway"

    assert set(clerk.errors(page, path, item="CJR02")) == {"outcome", "number"}
    shown = clerk.get(page)
    for _ in range(2):
        clerk.send(shown, path, item="CJR02", outcome="granted", number="证2", concluded_on="2026-01-05")

    assert items_of(journey)["CJR02"] == "satisfied"


def test_a_case_is_opened_with_what_was_done_begun_and_denied_before(house: House, clerk: Visitor) -> None:
    theme = CATALOGUE.theme("CJR")
    said = {f"answers__{name}": value for name, value in happy_answers(theme).items()}
    said |= {"origins__CJR01__outcome": "granted", "origins__CJR01__number": "证3"}
    person = {"applicant__kind": "natural", "applicant__name": "赵六", "applicant__identifier": a_person(4711)}

    outlook = clerk.send("/desk/new/CJR", "/desk/new/CJR/outlook", 200, **said).body.decode()
    assert "证3" in outlook
    errors = clerk.errors("/desk/new/CJR", "/desk/new/CJR/open", **said, **person)
    assert set(errors) == {"origins.CJR01.concluded_on"}
    opened = clerk.send(
        "/desk/new/CJR", "/desk/new/CJR/open", **said, **person, origins__CJR01__valid_until="2099-12-31"
    )

    case_id = opened.headers["Location"].rpartition("/")[2]
    case = house.client(ZHAO).ask(GetCase(case_id=case_id))
    assert (case["mode"], case["items"]["CJR01"]) == ("continuation", "satisfied")


# withdrawing and returning


def test_one_item_is_withdrawn_and_then_the_whole_case_after_the_clerk_looked(house: House, clerk: Visitor) -> None:
    journey = opened(house, "CJR")
    page, path = (f"/desk/cases/{journey.case_id}/{name}" for name in ("change", "withdraw"))

    assert "item" in clerk.errors(page, path)
    clerk.send(page, path, item="CJR02", reason="以后再办")
    assert items_of(journey)["CJR02"] == "withdrawn"
    assert items_of(journey)["CJR01"] == "pending"

    assert "shown" in clerk.errors(page, path, whole="1")
    clerk.send(page, path, whole="1", shown="1")
    assert set(items_of(journey).values()) <= {"withdrawn", "not_needed"}
    assert clerk.get(page).count("<form") < 4, "a closed case offers nothing"


def test_what_was_received_goes_back_with_a_notice(house: House, clerk: Visitor) -> None:
    journey = opened(house, "SBK")
    page, path = (f"/desk/cases/{journey.case_id}/{name}" for name in ("change", "return"))
    item = next(iter(items_of(journey)))
    problem = clerk.send(page, path, 409, by_script=True, items=[item], reason="given_up").json
    assert problem["code"] == "nothing-received"
    journey.clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=journey.materials()))

    assert {"items", "reason"} <= clerk.errors(page, path).keys()
    clerk.send(page, path, items=[item], reason="given_up")

    assert items_of(journey)[item] == "returned"
    assert "退件" in clerk.get(f"/desk/cases/{journey.case_id}/papers")


# fields that are wrong


def test_a_field_is_sent_back_with_its_reason_and_the_form_says_so(house: House, clerk: Visitor) -> None:
    journey = opened(house, "SBK")
    journey.clerk.command(FillForm(case_id=journey.case_id, values=journey.values()))
    page = f"/desk/cases/{journey.case_id}/form/marks"
    key = re.findall(r'name="fields\.([a-z_0-9]+)"', clerk.get(page))[0]

    assert f"fields.{key}" in clerk.errors(page, page, **{f"fields__{key}": " "})
    clerk.send(page, page, **{f"fields__{key}": "与<身份证>不一致"})

    form = clerk.get(f"/desk/cases/{journey.case_id}/form")
    assert "与&lt;身份证&gt;不一致" in form
    assert key not in re.findall(r'name="fields\.([a-z_0-9]+)"', clerk.get(page))


# the cash desk


def test_a_fee_is_paid_at_the_cash_desk_under_a_receipt_once(house: House, clerk: Visitor) -> None:
    journey = begun(house, "CY")
    page = f"/desk/cases/{journey.case_id}/fees"
    bill = journey.patiently(lambda: (found := journey.clerk.ask(GetBill(case_id=journey.case_id)))["order"] and found)
    payee = next(iter(bill["payees"]))
    due = {"payee": payee, "amount": bill["outstanding"], "method": "cash"}

    assert "receipt" in clerk.errors(page, page, **due)
    assert "method" in clerk.errors(page, page, **{**due, "method": "online", "receipt": "票1"})
    wrong = clerk.send(page, page, 422, by_script=True, **{**due, "amount": "1.00", "receipt": "票1"}).json
    assert wrong["code"] == "amount-differs"
    shown = clerk.get(page)
    for _ in range(2):
        clerk.send(shown, page, **due, receipt=f"票-{journey.case_id[:8]}")

    paid = journey.clerk.ask(GetBill(case_id=journey.case_id))
    assert paid["outstanding"] == "0.00"
    assert len(paid["payments"]) == 1
    assert f"票-{journey.case_id[:8]}" in clerk.get(page)


# offers


def offers(house: House) -> set[str]:
    """Those that were made at the desk's hall."""
    return {each["offer"] for each in every(house.client(ZHAO), ListOffers(hall=ZHAO.hall))}


def test_a_theme_is_offered_once_declined_with_a_reason_and_then_taken(house: House, clerk: Visitor) -> None:
    before = offers(house)
    page = "/desk/offers?item=XSE01"
    shown = clerk.get(page)
    assert "新生儿出生" in shown
    for _ in range(2):
        clerk.send(shown, "/desk/offers", act="offer", theme="XSE", item="XSE01", identifier=a_person(7))
    (offer,) = eventually(lambda: offers(house) - before)
    named = {"act": "declined", "offer": offer}

    assert "reason" in clerk.errors("/desk/offers", "/desk/offers", **named)
    assert "words" in clerk.errors("/desk/offers", "/desk/offers", **named, reason="other")
    clerk.send("/desk/offers", "/desk/offers", **named, reason="no_time")
    said = clerk.send("/desk/offers", "/desk/offers", act="accepted", offer=offer, theme="XSE", origin="")

    assert said.headers["Location"] == f"/desk/new/XSE?offer={offer}"
    assert f'name="offer" value="{offer}"' in clerk.get(said.headers["Location"])


def test_who_came_for_one_item_alone_is_found_with_an_offer(house: House, clerk: Visitor) -> None:
    journey = begun(house, "CJR", "CJR01")
    person = a_person(journey.number)

    found = clerk.send("/desk", "/desk/find", 200, wanted=person).body.decode()

    assert f'href="/desk/offers?item=CJR01&amp;origin={journey.case_id}"' in found
    assert person not in re.findall(r'href="([^"]+)"', found)


def test_an_item_that_no_theme_has_is_told(clerk: Visitor) -> None:
    clerk.send("/desk/offers", "/desk/offers", 422, act="offer", theme="XSE", item="CY01")


# trips and originals


@pytest.fixture
def papers(house: House) -> Journey:
    """A case whose originals lie at the desk's hall, packed for the departments."""
    made = begun(house, "QYBG", paper=("old_licence",))
    made.patiently(
        lambda: [each for each in waiting(house) if each["case_id"] == made.case_id] or None,
    )
    return made


def waiting(house: House) -> list[dict[str, Any]]:
    return list(every(house.client(ZHAO), ListPackets(place=ZHAO.hall, state="planned")))


def test_every_packet_can_be_chosen_for_a_trip_page_by_page(
    house: House, clerk: Visitor, papers: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "LISTED", 1)
    chosen = {f"{each['case_id']}|{each['packet']}" for each in waiting(house)}

    singly = [re.findall(r'name="packets"[^>]* value="([^"]+)"', shown) for shown in leaves(clerk, "/desk/trips/new")]

    assert max(map(len, singly)) == 1
    assert {each for found in singly for each in found} == chosen


def test_packets_leave_in_one_trip_with_a_manifest_once(house: House, clerk: Visitor, papers: Journey) -> None:
    (packet, *_) = [each for each in waiting(house) if each["case_id"] == papers.case_id]
    chosen = f"{packet['case_id']}|{packet['packet']}"
    new = "/desk/trips/new"
    (shown,) = (each for each in leaves(clerk, new) if f'value="{chosen}"' in each)
    signed = {"to": packet["recipient"], "carrier": "courier-1", "signature": "赵明", "carrier_signature": "邮递员"}

    assert {"packets", "carrier"} <= clerk.errors(new, new, to="x", signature="x", carrier_signature="x").keys()
    sent = [clerk.send(shown, new, packets=[chosen], hop="courier", seal="F-1", **signed) for _ in range(2)]

    (where,) = {each.headers["Location"] for each in sent}
    manifest = clerk.get(where)
    assert packet["packet"] in manifest
    assert "F-1" in manifest
    assert "reason" in clerk.errors(where, where, act="recall")
    clerk.send(where, where, act="recall", reason="送错了")
    clerk.send(where, where, act="back", signature="赵明")
    assert house.client(ZHAO).ask(GetTrip(trip=where.rpartition("/")[2]))["state"] == "returned"


def test_an_original_goes_back_to_who_was_looked_at_and_signed(house: House, clerk: Visitor, papers: Journey) -> None:
    page = f"/desk/cases/{papers.case_id}/ways"
    copies = re.findall(r'name="copies" value="([^"]+)"', clerk.get(page))
    assert copies

    assert {"identity_check", "signature"} <= clerk.errors(page, page, copies=copies).keys()
    needed = clerk.send(
        page, page, 409, by_script=True, copies=copies, identity_check="身份证", signature="林某", method="window"
    ).json
    assert needed["code"] == "still-needed"

    clerk.send(f"/desk/cases/{papers.case_id}/change", f"/desk/cases/{papers.case_id}/withdraw", whole="1", shown="1")

    def free() -> Any:
        ways = house.client(ZHAO).ask(GetDistribution(case_id=papers.case_id))
        return all(ways["originals"][copy]["free"] for copy in copies)

    eventually(free)
    clerk.send(page, page, copies=copies, identity_check="身份证", signature="林某", method="window")
    ways = house.client(ZHAO).ask(GetDistribution(case_id=papers.case_id))
    assert {ways["custody"][copy] for copy in copies} == {"applicant"}


def test_an_original_that_a_department_gave_back_is_brought_again(
    house: House, clerk: Visitor, papers: Journey
) -> None:
    page, path = (f"/desk/cases/{papers.case_id}/{name}" for name in ("ways", "originals"))
    (packet, *_) = [each for each in waiting(house) if each["case_id"] == papers.case_id]
    named = {"case_id": papers.case_id, "packets": (packet["packet"],)}
    papers.clerk.command(DispatchPackets(**named, carrier="F-2"))
    officer = house.client(Caller(by="li", org=packet["recipient"], roles=("reviewer", "approver")))
    officer.command(ReceivePackets(**named, signature="李"))
    officer.command(ReturnOriginals(case_id=papers.case_id))
    ways = house.client(ZHAO).ask(GetDistribution(case_id=papers.case_id))
    copies = tuple(copy for copy, each in ways["originals"].items() if each["place"] == packet["recipient"])
    assert copies
    assert f'action="{path}"' not in clerk.get(page)
    officer.command(HandBack(case_id=papers.case_id, copies=copies, identity_check="身份证", signature="林某"))
    shown = clerk.get(page)
    assert "copies" in clerk.errors(page, path)

    for _ in range(2):
        clerk.send(shown, path, copies=list(copies))

    custody = house.client(ZHAO).ask(GetDistribution(case_id=papers.case_id))["custody"]
    assert {custody[copy] for copy in copies} == {ZHAO.hall}
    assert f'action="{path}"' not in clerk.get(page)


def test_packets_go_on_from_page_to_page(house: House, clerk: Visitor, papers: Journey) -> None:
    listed = house.client(ZHAO).ask(ListPackets(place=ZHAO.hall, state="planned", limit=1))
    (first,) = listed["packets"]

    beyond = clerk.get(f"/desk/packets?after={quote(listed['after'])}")

    assert f"carrier-{first['case_id']}{first['packet']}" not in beyond
    assert f"carrier-{first['case_id']}{first['packet']}" in clerk.get("/desk/packets")
    assert '<a href="?">' in beyond


# what is wrong with a material


def test_a_fault_of_a_file_is_told_beside_its_file_and_nothing_is_taken_in(house: House, clerk: Visitor) -> None:
    journey = opened(house, "SBK")
    page = f"/desk/cases/{journey.case_id}/materials"
    wrong, right = re.findall(r'name="file\.([a-z_0-9]+)"', clerk.get(page))[:2]
    brought = {f"medium__{wrong}": "digital", f"medium__{right}": "paper"}
    file = {f"file__{wrong}__digest": "sha256:" + "ab" * 32, f"file__{wrong}__size": "9"}

    assert clerk.errors(page, page, **brought).keys() == {f"file.{wrong}"}
    never_sent = clerk.errors(page, page, 409, **brought, **file, **{f"file__{wrong}__receipt": "not a receipt"})

    assert never_sent.keys() == {f"file.{wrong}"}
    assert "上传" in never_sent[f"file.{wrong}"]
    assert journey.clerk.ask(GetCase(case_id=journey.case_id))["materials"] == []


@pytest.mark.parametrize(
    ("named", "told"),
    [({"photo": ["image/png", "image/jpeg"]}, "photo"), (["photo"], "photo")],
    ids=["with-what-may-come", "alone"],
)
def test_each_material_that_a_refusal_names_has_its_own_words(named: Any, told: str) -> None:
    error = beside_files(WrongMediaType(materials=named), "zh", {"photo": "照片"}.__getitem__)

    assert error.data["errors"].keys() == {f"file.{told}"}
    assert "照片" in error.data["errors"][f"file.{told}"]


def test_a_copy_that_does_not_serve_is_marked_beside_its_material_once(house: House, clerk: Visitor) -> None:
    journey = opened(house, "SBK")
    journey.clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=journey.materials()))
    page = f"/desk/cases/{journey.case_id}/materials"
    shown = clerk.get(page)
    copy = re.findall(r'name="copy" value="([^"]+)"', shown)[0]

    assert "kind" in clerk.errors(page, f"{page}/fault", copy=copy)
    for _ in range(2):
        clerk.send(shown, f"{page}/fault", copy=copy, kind="seal_missing", note="第<2>页")

    again = clerk.get(page)
    assert "缺少签章：第&lt;2&gt;页" in again
    assert f'name="copy" value="{copy}"' not in again
    assert copy in journey.clerk.ask(GetCase(case_id=journey.case_id))["faults"]
    clerk.send(page, f"{page}/fault", 404, copy="nothing-1", kind="illegible")


def test_the_applicant_reads_what_is_wrong_and_is_asked_for_another_copy(house: House, web: Any) -> None:
    journey = Journey(house.client(), CATALOGUE, CATALOGUE.theme("CJR"), happy_answers(CATALOGUE.theme("CJR")))
    applicant = Applicant(name="周晓雨（虚构）", identifier="990102199202150022")
    clerk = house.client(ZHAO)
    opening: Any = {"case_id": journey.case_id, "theme": "CJR", "answers": journey.answers}
    clerk.command(OpenCase(**opening, applicant=applicant, allow_duplicate=True))
    clerk.command(ReceiveMaterials(case_id=journey.case_id, materials=journey.materials()[:1]))
    case_id = journey.case_id
    (copy,) = clerk.ask(GetCase(case_id=case_id))["materials"]
    marked = {copy["copy"]: CopyFault("illegible", "<看不清>")}
    clerk.command(RefuseCopies(case_id=case_id, copies=marked))

    shown = Visitor(web, "applicant-zhou").get(f"/mine/{case_id}/give")

    assert "不清晰、无法辨认：&lt;看不清&gt;" in shown
    assert "请重新提交" in shown


# lockers and losses


def test_a_trip_goes_through_a_locker_and_is_put_in_by_who_carries_it(
    house: House, clerk: Visitor, papers: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "AT_ONCE", 1)
    (packet, *_) = [each for each in waiting(house) if each["case_id"] == papers.case_id]
    signed = {"to": packet["recipient"], "carrier": ZHAO.by, "signature": "赵明", "carrier_signature": "赵明"}
    new, chosen = "/desk/trips/new", f"{packet['case_id']}|{packet['packet']}"
    trip = clerk.send(new, new, packets=[chosen], hop="locker", **signed).headers["Location"]
    another = begun(house, "QYBG", paper=("old_licence",))
    (later, *_) = another.patiently(lambda: [each for each in waiting(house) if each["case_id"] == another.case_id])
    by_courier = {**signed, "to": later["recipient"], "packets": [f"{later['case_id']}|{later['packet']}"]}
    clerk.send(new, new, **by_courier, hop="courier")
    assert f'href="{trip}"' in whole(clerk, "/desk/lockers")

    assert clerk.errors(trip, trip, act="store").keys() == {"cabinet", "cell", "barcode", "code"}
    cell = {"cabinet": "东门", "cell": papers.case_id[:8], "barcode": f"B-{papers.case_id[:8]}"}
    clerk.send(trip, trip, act="store", **cell, code="4711")

    assert house.client(ZHAO).ask(GetTrip(trip=trip.rpartition("/")[2]))["state"] == "stored"
    shown = whole(clerk, "/desk/lockers?lang=en")
    assert cell["barcode"] in shown
    assert "4711" not in shown + clerk.get(trip)


def test_a_loss_is_reported_looked_for_and_found(house: House, web: Any, clerk: Visitor, papers: Journey) -> None:
    page, losses = f"/desk/cases/{papers.case_id}/ways", f"/desk/cases/{papers.case_id}/losses"
    (copy,) = re.findall(r'id="lost-([^"]+)"', clerk.get(page))

    assert clerk.errors(page, f"{losses}/report").keys() == {"copies", "circumstances"}
    shown = clerk.get(page)
    for _ in range(2):
        clerk.send(shown, f"{losses}/report", copies=[copy], circumstances="交接时<清点>不见")

    assert f'href="{page}#losses"' in whole(clerk, "/desk/losses")
    assert "交接时&lt;清点&gt;不见" in clerk.get(page)
    assert page not in whole(Visitor(web, ELSEWHERE), "/desk/losses")
    early = clerk.send(page, f"{losses}/declare", 409, by_script=True, copies=[copy]).json
    assert early["code"] == "second-person-for-loss"
    undeclared = clerk.send(page, f"{losses}/replace", 409, by_script=True, copy=copy).json
    assert undeclared["code"] == "not-declared-lost"

    clerk.send(page, f"{losses}/found", copies=[copy])
    assert house.client(ZHAO).ask(GetDistribution(case_id=papers.case_id))["custody"][copy] == ZHAO.hall
    assert f'href="{page}#losses"' not in whole(clerk, "/desk/losses")
    clerk.send(page, f"{losses}/forget", 404, copies=[copy])
