"""一表申请: fields that speak of each other, wrong ones sent back, known ones filled in."""

from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

import catalogue
from catalogue.conditions import NEVER
from catalogue.model import Field
from contracts.drafts import SaveDraft
from contracts.intake import FillForm, GetCase, PrefillForm, ReceiveMaterials, RequestCorrection, SendBack
from contracts.language import Act, Caller
from eventing.scoping import OutOfScope
from intake.domain import outline_of
from intake.domain.crossfields import PERSONS, RULES, check_together, companions, looks_back
from intake.domain.draft import DraftWithheld
from intake.domain.refusals import FormIncomplete, FormInvalid, NoOffice, NotNow
from intake.domain.sendback import NothingMarked
from intake.forms import NoSource
from kernel.identifiers import birth_date
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import (
    ANSWERS,
    FROM_NOTHING,
    FULL_FORM,
    PERSON,
    a_complete_case,
    an_open_case,
    brought,
    catalogue_of,
    theme,
)
from .neighbours import CLERK, STRANGER, Office, citizen, opening, registering

TODAY = date(2026, 7, 23)
WOMAN, MAN = "990102199202150022", "990102199001010015"


def form(**types: str) -> dict[str, Field]:
    return {key: Field(key=key, label=key, type=type_, personal=False, items=("SP03",)) for key, type_ in types.items()}


FORM = form(
    person_id="citizen_id",
    born_on="date",
    mother_id="citizen_id",
    father_id="citizen_id",
    period_from="date",
    period_until="date",
    working_since="date",
    announced_on="date",
    pickup="choice",
    delivery_address="address",
)


def wrong_in(values: dict[str, str], changed: Any = None, on: date = TODAY) -> dict[str, str]:
    try:
        check_together(FORM, values, changed=values if changed is None else changed, on=on)
    except FormInvalid as refusal:
        return dict(refusal.data["fields"])
    return {}


@cache
def shipped() -> Any:
    return catalogue.load("990102", on=TODAY)


# the table


def test_every_rule_is_about_fields_that_a_theme_has() -> None:
    forms = [{field.key: field.type for field in each.fields} for each in shipped().themes.values()]

    for rule in RULES:
        needed = {rule.wrong, rule.other} - {""}
        assert any(needed <= form.keys() for form in forms), rule
        for of_theme in forms:
            kind = of_theme.get(rule.wrong)
            if kind and rule.kind == "sex":
                assert kind == "citizen_id"
            if kind and rule.kind in {"birth-date", "order", "future"}:
                assert kind == "date"
    for person in PERSONS:
        assert any(len(form.keys() & set(person)) > 1 for form in forms), person


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"person_id": MAN, "born_on": "1990-01-01"}, {}),
        ({"person_id": MAN, "born_on": "1990-01-02"}, {"born_on": "birth-date"}),
        ({"born_on": "1990-01-02"}, {}),
        ({"mother_id": WOMAN, "father_id": MAN}, {}),
        ({"mother_id": MAN, "father_id": WOMAN}, {"mother_id": "sex", "father_id": "sex"}),
        ({"period_from": "2024-01-01", "period_until": "2024-01-01"}, {}),
        ({"period_from": "2024-01-02", "period_until": "2024-01-01"}, {"period_until": "order"}),
        ({"period_until": "2024-01-01"}, {}),
        ({"announced_on": "2026-07-23"}, {}),
        ({"announced_on": "2026-07-24"}, {"announced_on": "future"}),
        ({"born_on": "1990-01-01", "working_since": "1989-12-31"}, {"working_since": "order"}),
        ({"pickup": "post"}, {"delivery_address": "required"}),
        ({"pickup": "post", "delivery_address": "桃花巷8号"}, {}),
        ({"pickup": "desk"}, {}),
    ],
)
def test_fields_that_disagree_are_told_all_at_once(values: dict[str, str], wrong: dict[str, str]) -> None:
    assert wrong_in(values) == wrong


def test_what_was_filled_before_is_judged_together_with_what_is_new() -> None:
    before = {"person_id": MAN}

    assert wrong_in(before | {"born_on": "1990-01-02"}, changed={"born_on"}) == {"born_on": "birth-date"}
    assert looks_back({"born_on"})
    assert looks_back({"person_id"})
    assert not looks_back({"announced_on", "name"})


def test_a_rule_that_nothing_changed_for_is_not_asked() -> None:
    assert wrong_in({"announced_on": "2026-07-24", "pickup": "desk"}, changed={"pickup"}) == {}


@over(st.integers(1000, 9999), st.dates(date(1980, 1, 1), date(2000, 1, 1)))
@settings(max_examples=40, deadline=None)
def test_the_day_of_birth_is_the_one_in_the_number(n: int, born_on: date) -> None:
    number = citizen(n)

    assert (wrong_in({"person_id": number, "born_on": born_on.isoformat()}) == {}) is (birth_date(number) == born_on)


@over(st.sets(st.sampled_from(["agent_name", "agent_id", "agent_phone", "father_name", "name"])))
def test_of_a_person_who_is_named_all_that_the_form_asks_is_required(filled: set[str]) -> None:
    asked = ["agent_name", "agent_id", "agent_phone", "father_name", "name"]
    agent = {"agent_name", "agent_id", "agent_phone"}

    assert set(companions(asked, filled)) == (agent - filled if agent & filled else set())


def test_a_half_named_agent_keeps_the_form_incomplete() -> None:
    extra = form(agent_name="text", agent_id="citizen_id")
    fields = (*theme().fields, *(replace(each, required_when=NEVER) for each in extra.values()))
    outline = outline_of(catalogue_of(theme(fields=fields)), "SP", ANSWERS)

    filled = {*FULL_FORM, "agent_name"}
    assert outline.unfilled(("SP03",), filled) == ("agent_id",)
    assert outline.unfilled(("SP04",), filled) == ()
    assert outline.unfilled(("SP03",), FULL_FORM) == ()


# sending back


def test_what_is_sent_back_counts_as_empty_until_it_is_filled_again() -> None:
    here = a_complete_case()
    here.case.send_back(here.outline, {"seats": "与平面图不符"}, act=an_act())

    assert facts(here.case) == [("FieldsSentBack", {"fields": {"seats": "与平面图不符"}})]
    with refused(FormIncomplete, fields=("seats",)):
        here.accepted("SP03")
    here.now().accepted("SP04").filled("seats")
    assert here.case.sent_back == {}
    assert names(here.accepted().case)[-1] == "ItemsAccepted"


def test_the_same_again_is_no_news_and_another_reason_is() -> None:
    here = a_complete_case()
    for reason in ("看不清", "看不清", "与证照不符"):
        here.case.send_back(here.outline, {"name": reason}, act=an_act())

    assert [body["fields"] for _, body in facts(here.case)] == [{"name": "看不清"}, {"name": "与证照不符"}]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"shoe_size": "x"}, {"shoe_size": "unknown"}),
        ({"mobile": "x"}, {"mobile": "empty"}),
        ({"seats": "x", "name": "x"}, {"seats": "accepted", "name": "accepted"}),
    ],
)
def test_only_what_is_filled_and_not_relied_on_is_sent_back(fields: dict[str, str], wrong: dict[str, str]) -> None:
    here = a_complete_case().accepted("SP03").now()

    with refused(FormInvalid, fields=wrong):
        here.case.send_back(here.outline, fields, act=an_act())
    assert facts(here.case) == []


@pytest.mark.parametrize("fields", [{}, {"seats": " "}])
def test_a_wrong_field_is_named_with_its_reason(fields: dict[str, str]) -> None:
    here = a_complete_case()

    with refused(NothingMarked):
        here.case.send_back(here.outline, fields, act=an_act())


def test_a_field_is_sent_back_by_an_office() -> None:
    here = a_complete_case()

    with refused(NoOffice):
        here.case.send_back(here.outline, {"seats": "x"}, act=Act(at=NOON, by="x"))


def test_after_the_correction_was_told_nothing_more_is_marked() -> None:
    """行政许可法 第32条第1款第4项: what needs correcting is told once."""
    here = an_open_case(FROM_NOTHING).filled("name").received("food_form").corrected()

    with refused(NotNow, verb="send_back"):
        here.case.send_back(here.outline, {"name": "x"}, act=an_act())


# the service


def test_a_field_sent_back_stands_in_the_correction(office: Office) -> None:
    office.send(opening())
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))

    answer = office.send(SendBack(case_id="c1", fields={"seats": "与平面图不符"}))
    assert (answer["sent_back"], answer["unfilled"]) == ({"seats": "与平面图不符"}, ["seats"])
    corrected = office.send(RequestCorrection(case_id="c1"))

    assert corrected["correction"]["fields"] == ["seats"]
    assert "seats" not in office.ask(GetCase(case_id="c1"))["fields"]


def test_the_form_is_judged_with_what_was_filled_before(office: Office) -> None:
    extra = form(person_id="citizen_id", born_on="date")
    office.shelf.publish(catalogue_of(theme(fields=(*theme().fields, *extra.values()))))
    office.send(opening())
    office.send(FillForm(case_id="c1", values={"person_id": MAN}))

    with refused(FormInvalid, fields={"born_on": "birth-date"}):
        office.send(FillForm(case_id="c1", values={"born_on": "1990-01-02"}))
    with refused(FormInvalid, fields={"born_on": "birth-date"}):
        values = {**FULL_FORM, "person_id": MAN, "born_on": "1990-01-02"}
        office.send(registering("c2", values=values, allow_duplicate=True))
    office.send(FillForm(case_id="c1", values={"born_on": "1990-01-01"}))


def prefilling(**more: Any) -> PrefillForm:
    return PrefillForm(**{"theme": "SP", "answers": ANSWERS, **more})


def test_a_new_form_is_filled_from_an_earlier_case_with_where_it_comes_from(office: Office) -> None:
    office.send(registering(values={**FULL_FORM, "mobile": "13900000009"}, provenance={"uscc": "shared:register"}))

    known = office.ask(prefilling(case_id="c1"), CLERK)

    assert known["values"] == {**FULL_FORM, "mobile": "13900000009"}
    assert known["provenance"] == {
        "name": "case:c1",
        "uscc": "shared:register",
        "seats": "case:c1",
        "venue": "case:c1",
        "mobile": "case:c1",
    }
    assert known["unfilled"] == []
    assert known["applicant"]["identifier"] == PERSON.identifier
    # what was known may be handed in again as it is
    office.send(registering("c2", values=known["values"], provenance=known["provenance"], allow_duplicate=True))


def test_only_fields_of_this_form_come_along(office: Office) -> None:
    office.send(registering())
    narrow = {**ANSWERS, "fire": "no"}

    known = office.ask(prefilling(answers=narrow, case_id="c1"), CLERK)

    assert known["values"].keys() == FULL_FORM.keys() - {"venue"}


def test_what_is_missing_is_asked_and_what_was_wrong_is_asked_again(office: Office) -> None:
    office.send(opening())
    office.send(FillForm(case_id="c1", values=FULL_FORM))
    office.send(ReceiveMaterials(case_id="c1", materials=brought("food_form")))
    office.send(SendBack(case_id="c1", fields={"seats": "不符"}))

    assert office.ask(prefilling(case_id="c1"), CLERK)["unfilled"] == ["seats"]


def test_an_earlier_case_is_read_at_its_hall_or_for_its_applicant(office: Office) -> None:
    office.send(registering())

    with refused(OutOfScope):
        office.ask(prefilling(case_id="c1"), STRANGER)
    with refused(OutOfScope):
        office.ask(prefilling(case_id="c1", identifier=WOMAN), STRANGER)
    assert office.ask(prefilling(case_id="c1", identifier=PERSON.identifier), STRANGER)["values"] == FULL_FORM


def test_a_draft_fills_what_of_it_is_right(office: Office) -> None:
    me = Caller(by="citizen-1", roles=("applicant",))
    values = {"name": "小馆", "seats": "四十", "mobile": "13900000009"}
    office.send(SaveDraft(draft="d1", theme="SP", values=values, provenance={"name": "prior:X1"}), by=me)

    known = office.ask(prefilling(draft="d1"), me)

    assert known["values"] == {"name": "小馆", "mobile": "13900000009"}
    assert known["provenance"] == {"name": "prior:X1", "mobile": "entered"}
    assert known["unfilled"] == ["uscc", "seats", "venue"]
    with refused(DraftWithheld):
        office.ask(prefilling(draft="d1"), STRANGER)


def test_a_form_is_filled_from_one_place(office: Office) -> None:
    for more in ({}, {"case_id": "c1", "draft": "d1"}):
        with refused(NoSource):
            office.ask(prefilling(**more), CLERK)
