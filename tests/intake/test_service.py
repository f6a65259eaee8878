"""intake as it is asked and commanded: sealing, numbers, delegation, the list, and what others made known."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from contracts.certificate import OutputCompleted, OutputReopened
from contracts.delegation import AuthorityRequest
from contracts.intake import (
    AcceptItems,
    Applicant,
    BroughtMaterial,
    FillForm,
    FindCases,
    GetCase,
    GetHolder,
    GetNotice,
    ListCases,
    NotAcceptItem,
    ReceiveMaterials,
    RequestCorrection,
    WithdrawItem,
)
from contracts.language import Caller
from eventing.errors import Invalid, NotFound, Unavailable
from eventing.scoping import OutOfScope
from intake.domain.refusals import (
    DuplicateCase,
    FormInvalid,
    MaterialsMissing,
    NoAuthority,
    NoHall,
    NotNow,
    PersonalDataWithheld,
)
from kernel.numbers import check_case_number
from testkit.facts import NOON, refused

from .mothers import ANSWERS, FULL_FORM, FULL_SET, PERSON, brought, catalogue_of, outline, theme
from .neighbours import CLERK, FOOD, STRANGER, Office, opening, person, registering


def test_one_visit_opens_fills_receives_and_accepts(office: Office) -> None:
    answer = office.send(registering())

    number = check_case_number(answer["number"])
    assert (number.region, number.theme, str(number.day)) == ("990102", "SP", "2026-07-23")
    assert answer["status"] == "accepted"
    assert answer["items"] == {
        "SP01": "not_needed",
        "SP02": "accepted",
        "SP03": "accepted",
        "SP04": "accepted",
        "SP05": "accepted",
        "SP06": "not_needed",
    }
    assert answer["notice"] == {
        "number": "临水县市场监督管理局告字〔2026〕1号",
        "digest": outline().digest,
    }
    assert office.topics() == [
        "opened",
        "notice-issued",
        "form-filled",
        "materials-received",
        "items-accepted",
    ]
    assert office.running.store.due(NOON + timedelta(days=99), range(16), 10) == []


def test_a_visit_happens_wholly_or_not_at_all(office: Office) -> None:
    with refused(MaterialsMissing, missing={"SP04": ["fire_rules"]}):
        office.send(registering(materials=brought(*FULL_SET[:-1])))
    with refused(FormInvalid, fields={"seats": "number"}):
        office.send(registering("c2", values={**FULL_FORM, "seats": "many"}))
    assert office.running.log() == []


def test_the_same_case_may_take_many_steps(office: Office) -> None:
    office.send(opening())
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form", "business_licence")))
    corrected = office.send(RequestCorrection(case_id="c1"))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("premises", "fire_plans", "fire_rules")))
    answer = office.send(AcceptItems(case_id="c1"))

    assert corrected["correction"] == {
        "notice": "临水县市场监督管理局补字〔2026〕1号",
        "missing": {"SP03": ["premises"], "SP04": ["fire_plans", "fire_rules"]},
        "fields": [],
    }
    assert answer["status"] == "accepted"


def test_many_cases_need_one_question_to_delegation(office: Office) -> None:
    office.send(*(registering(f"c{n}", applicant=person(n)) for n in range(8)))

    assert len(office.delegation.asked) == 1
    assert office.delegation.asked[0] == (
        AuthorityRequest("county", "SP02", "scjg", "accept", window="w1"),
        AuthorityRequest("county", "SP03", "scjg", "accept", window="w1"),
        AuthorityRequest("county", "SP04", "xfdd", "accept", window="w1"),
        AuthorityRequest("county", "SP05", "water-east", "accept", window="w1"),
    )


def test_numbers_are_never_given_twice(office: Office) -> None:
    answers = office.send(*(registering(f"c{n}", applicant=person(n)) for n in range(30)))

    cases = [office.ask(GetCase(case_id=f"c{n}")) for n in range(30)]
    notices = [plan["acceptance_notice"] for case in cases for plan in case["plan"] if plan["state"] == "accepted"]
    assert len({answer["number"] for answer in answers}) == 30
    assert len({answer["notice"]["number"] for answer in answers}) == 30
    assert len(set(notices)) == len(notices) == 120
    assert "东区供水公司受字〔2026〕1号" in notices


def test_one_refusal_does_not_hold_up_the_others(office: Office) -> None:
    good, bad = registering("c1"), registering("c2", applicant=person(2), answers={})

    with pytest.raises(Invalid):
        office.send(good, bad)
    assert office.ask(GetCase(case_id="c1"))["status"] == "accepted"
    with refused(NotFound):
        office.ask(GetCase(case_id="c2"))


def test_a_hall_without_a_grant_receives_and_the_owner_accepts(office: Office) -> None:
    street = Caller(by="clerk-1", org="zwzx", hall="street", window="w9", roles=("clerk",))
    with refused(NoAuthority, refusals=dict.fromkeys(("SP02", "SP03", "SP04", "SP05"), "no-grant")):
        office.send(registering(), by=street)

    office.send(opening(), by=street)
    office.send(FillForm(case_id="c1", values=FULL_FORM), by=street)
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)), by=street)
    assert office.send(AcceptItems(case_id="c1"))["status"] == "accepted"


def test_nobody_acts_without_a_hall(office: Office) -> None:
    nowhere = Caller(by="clerk-1", roles=("clerk",))

    with refused(NoHall):
        office.send(registering(), by=nowhere)
    office.send(opening())
    with refused(NoHall):
        office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")), by=nowhere)


# the same applicant and theme


def test_an_applicant_has_one_open_case_of_a_theme(office: Office) -> None:
    number = office.send(opening())["number"]

    with refused(DuplicateCase, number=number):
        office.send(registering("c2"))
    assert office.send(registering("c2", allow_duplicate=True))["status"] == "accepted"


def test_another_applicant_or_theme_is_no_duplicate(office: Office) -> None:
    office.send(opening())

    office.send(opening("c2", applicant=person(2)))
    company = Applicant(name="临水公司", identifier="91990102MA0000015T", kind="legal")
    office.send(opening("c3", applicant=company), opening("c4", applicant=company, theme="SQ"))


def test_a_closed_case_stands_in_nobodys_way(office: Office) -> None:
    office.send(opening())
    for item in ("SP02", "SP03", "SP04", "SP05"):
        office.send(WithdrawItem(case_id="c1", item=item))

    assert office.send(opening("c2"))["status"] == "opened"


def test_of_two_that_come_at_once_the_first_that_succeeds_wins(office: Office) -> None:
    incomplete = registering("c1", materials=())

    with pytest.raises(MaterialsMissing):
        office.send(incomplete, registering("c2"), registering("c3"))

    assert [case["case_id"] for case in office.ask(ListCases())["cases"]] == ["c2"]


# personal data


def test_personal_data_is_stored_sealed_and_read_only_where_it_is_needed(office: Office) -> None:
    office.send(registering(values={**FULL_FORM, "mobile": "13900000009"}))
    office.send(WithdrawItem(case_id="c1", item="SP04"))

    stored = b"".join(fact.state for fact in office.running.log())
    for secret in (PERSON.name, PERSON.identifier, PERSON.mobile, "13900000009", FULL_FORM["name"]):
        assert secret.encode() not in stored
        assert secret not in str(office.running.store.select(intake_rows()))

    for caller in (CLERK, FOOD):
        seen = office.ask(GetCase(case_id="c1", personal=True), caller)
        assert seen["applicant"]["identifier"] == PERSON.identifier
        assert seen["form"] == {**FULL_FORM, "mobile": "13900000009"}
    for personal in (True, False):
        with refused(OutOfScope):
            office.ask(GetCase(case_id="c1", personal=personal), STRANGER)
    for role in ("hotline", "auditor", "operator"):
        elsewhere = Caller(by="x", roles=(role,))
        assert "applicant" not in office.ask(GetCase(case_id="c1"), elsewhere)
        with refused(PersonalDataWithheld):
            office.ask(GetCase(case_id="c1", personal=True), elsewhere)


def test_a_form_is_all_its_parts_laid_over_each_other(office: Office) -> None:
    office.send(opening())
    office.send(FillForm(case_id="c1", values={"name": "小馆", "seats": "40"}))
    office.send(FillForm(case_id="c1", values={"seats": "", "venue": "mall", "name": "大馆"}))

    assert office.ask(GetCase(case_id="c1", personal=True), CLERK)["form"] == {
        "name": "大馆",
        "venue": "mall",
    }


def test_the_holder_is_given_out_sealed(office: Office) -> None:
    office.send(opening())

    holder = office.ask(GetHolder(case_id="c1"))

    assert holder["key_id"] == holder["applicant"][0]
    assert holder["applicant"][1] == "applicant"


# catalogue versions


def test_a_case_keeps_its_catalogue_version(office: Office) -> None:
    office.send(opening())
    before = office.ask(GetNotice(case_id="c1"))
    office.shelf.publish(catalogue_of(theme(name="开新店", items=theme().items[:3])))

    assert office.ask(GetNotice(case_id="c1")) == before
    assert before["digest"] == office.ask(GetCase(case_id="c1"))["notice"]["digest"]
    assert office.ask(GetNotice(theme="SP", answers=ANSWERS))["notice"]["name"] == "开新店"
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought(*FULL_SET)))
    assert office.send(AcceptItems(case_id="c1"))["items"]["SP05"] == "accepted"


def test_a_version_that_has_not_arrived_yet_is_waited_for(office: Office) -> None:
    office.send(opening())
    office.shelf.versions.clear()

    with refused(Unavailable, what="catalogue"):
        office.send(AcceptItems(case_id="c1"))


def test_a_notice_can_be_had_before_any_case_exists(office: Office) -> None:
    told = office.ask(GetNotice(theme="SP", answers=ANSWERS))

    assert told["digest"] == outline().digest
    assert told["notice"]["text"] == outline().notice.text


# what ends items and cases


def test_declining_is_numbered_by_the_authority_that_declines(office: Office) -> None:
    office.send(opening())

    answer = office.send(NotAcceptItem(case_id="c1", item="SP04", reason="不属于本机关职权"))

    assert answer["items"]["SP04"] == "not_accepted"
    declined = office.running.log()[-1]
    assert "临水县消防救援大队拒字〔2026〕1号" in declined.state.decode()
    assert '"in_name_of":"xfdd"' in declined.state.decode()


def test_nobody_answers_in_time_and_the_items_count_as_accepted(office: Office) -> None:
    office.send(opening())
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))

    office.clock.advance(timedelta(days=7))
    due = office.running.store.due(office.clock.now(), range(16), 10)
    assert office.running.engine.fire(due) == 0

    office.clock.advance(timedelta(days=1))
    due = office.running.store.due(office.clock.now(), range(16), 10)
    assert office.running.engine.fire(due) == 1
    assert office.ask(GetCase(case_id="c1"))["items"]["SP03"] == "accepted"
    assert office.running.store.due(office.clock.now() + timedelta(days=99), range(16), 10) == []


def test_a_case_closes_when_everything_was_handed_over(office: Office) -> None:
    office.send(registering())
    completed = OutputCompleted(case_id="c1", at=NOON, by="system", verdict="partly")

    office.running.follow("certificate", ("c1", 9, completed))

    case = office.ask(GetCase(case_id="c1"))
    assert (case["status"], case["outcome"]) == ("closed", "partly")
    with refused(NotNow, status="closed"):
        office.send(WithdrawItem(case_id="c1", item="SP03"))


def test_a_decision_that_falls_while_its_last_results_leave_opens_the_case_again(office: Office) -> None:
    office.send(registering())
    completed = OutputCompleted(case_id="c1", at=NOON, by="system", verdict="denied", items=("SP03",))
    again = OutputReopened(case_id="c1", at=NOON, by="system", items=("SP03",), again=("SP03",))
    others = completed.items + tuple(each for each in office.ask(GetCase(case_id="c1"))["items"])

    office.running.follow("certificate", ("c1", 9, msgspec.structs.replace(completed, items=others)), ("c1", 10, again))

    case = office.ask(GetCase(case_id="c1"))
    assert (case["status"], case["outcome"]) == ("accepted", None)
    assert office.topics()[-2:] == ["closed", "reopened"]
    (row,) = office.ask(ListCases())["cases"]
    assert (row["status"], row["outcome"]) == ("accepted", "")


# asking


def test_a_case_is_found_by_id_and_by_number(office: Office) -> None:
    number = office.send(opening())["number"]

    assert office.ask(GetCase(case_id=number.lower()))["case_id"] == "c1"
    assert office.ask(GetCase(case_id="c1"))["number"] == number


@pytest.mark.parametrize("name", ["c9", "YJS-990102-SP-20260723-000099-0", "YJS-1"])
def test_what_is_not_there_is_not_found(office: Office, name: str) -> None:
    with refused(NotFound):
        office.ask(GetCase(case_id=name))


def test_a_case_tells_what_it_lacks_and_until_when_an_answer_is_owed(office: Office) -> None:
    office.send(opening())
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))

    case = office.ask(GetCase(case_id="c1"))

    assert case["missing"] == {
        "SP02": ["business_licence"],
        "SP03": ["business_licence", "premises"],
        "SP04": ["fire_plans", "fire_rules"],
    }
    assert case["unfilled"] == ["name", "uscc", "seats", "venue"]
    assert {plan["item"]: plan["answer_due_at"] for plan in case["plan"]}["SP03"] == "2026-07-31T00:00:00+08:00"


def test_cases_of_one_applicant_are_found_by_the_identifier_at_their_hall_and_nowhere_else(office: Office) -> None:
    for n in range(2):
        office.send(opening(f"c{n}", applicant=person(n)))
    elsewhere = Caller(by="x", hall="elsewhere", window="e1", roles=("clerk",))

    found = office.ask(FindCases(identifier=f" {person(1).identifier} "))

    assert [case["case_id"] for case in found["cases"]] == ["c1"]
    (one,) = found["cases"]
    for fits, narrowed in ((True, {"theme": one["theme"]}), (True, {"status": one["status"]}), (False, {"theme": "?"})):
        again = office.ask(FindCases(identifier=person(1).identifier, **narrowed))["cases"]
        assert again == ([one] if fits else [])
    assert office.ask(FindCases(identifier=person(1).identifier), elsewhere)["cases"] == []


def test_the_list_is_filtered_and_goes_on_from_page_to_page(office: Office) -> None:
    for n in range(5):
        office.send(opening(f"c{n}", applicant=person(n)))
        office.clock.advance(timedelta(seconds=n % 2))
    office.send(registering("c9", applicant=person(9)), by=Caller(by="x", hall="county", window="w2", roles=("clerk",)))

    first = office.ask(ListCases(status="opened", limit=3))
    second = office.ask(ListCases(status="opened", limit=3, after=first["after"]))

    assert [case["case_id"] for case in first["cases"] + second["cases"]] == ["c4", "c3", "c2", "c1", "c0"]
    assert second["after"] == ""
    assert [case["case_id"] for case in office.ask(ListCases(status="accepted"))["cases"]] == ["c9"]
    newest = [case["case_id"] for case in office.ask(ListCases(limit=200))["cases"]]
    assert [case["case_id"] for case in office.ask(ListCases(limit=200, sort="oldest"))["cases"]] == newest[::-1]
    assert office.ask(ListCases(hall="street"))["cases"] == []
    assert office.ask(ListCases(theme="SQ"))["cases"] == []
    assert "applicant_index" not in first["cases"][0]
    with refused(Invalid):
        office.ask(ListCases(after="nowhere"))


def test_a_digital_material_names_its_bytes(office: Office) -> None:
    scan = BroughtMaterial(material="food_form", medium="digital", digest="sha256:ab", size=9, media_type="image/png")
    office.send(opening())
    office.send(ReceiveMaterials(case_id="c1", materials=(scan,)))

    (copy,) = office.ask(GetCase(case_id="c1"))["materials"]
    assert copy == {
        "copy": "food_form-1",
        "material": "food_form",
        "medium": "digital",
        "digest": "sha256:ab",
        "size": 9,
        "media_type": "image/png",
    }


def intake_rows() -> Any:
    from intake.projections import CASES

    return CASES.table.select()
