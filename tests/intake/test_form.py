"""What may be written into the one form."""

import pytest

import catalogue as shipped
from contracts.intake import Applicant
from intake.domain import check_applicant, check_form
from intake.domain.form import TYPES, Wrong
from intake.domain.refusals import FormInvalid
from kernel.identifiers import InvalidIdentifier
from testkit.facts import refused

from .mothers import COMPANY, FULL_FORM, PERSON, outline

FIELDS = outline().fields


def test_good_values_pass_and_say_where_they_come_from() -> None:
    values, fields = check_form(FIELDS, FULL_FORM, {"uscc": "shared:market-register"})

    assert values == FULL_FORM
    assert fields == {
        "name": "entered",
        "uscc": "shared:market-register",
        "seats": "entered",
        "venue": "entered",
    }


def test_all_wrong_fields_are_told_at_once_and_no_value_is_repeated() -> None:
    wrong = {
        "uscc": "91990102MA0000015A",
        "seats": "forty",
        "venue": "boat",
        "mobile": "12345",
        "name": "x" * 501,
        "colour": "red",
    }

    with pytest.raises(FormInvalid) as refusal:
        check_form(FIELDS, wrong, {})

    assert refusal.value.data["fields"] == {
        "uscc": "check",
        "seats": "number",
        "venue": "choice",
        "mobile": "format",
        "name": "too-long",
        "colour": "unknown",
    }
    assert not [value for value in wrong.values() if value in str(refusal.value.as_data())]


@pytest.mark.parametrize("provenance", ["", "guessed", "shared:", "shared: "])
def test_a_provenance_that_leads_nowhere_is_refused(provenance: str) -> None:
    with refused(FormInvalid, fields={"name": "provenance"}):
        check_form(FIELDS, {"name": "小馆"}, {"name": provenance})


def test_provenance_of_nothing_is_refused() -> None:
    with refused(FormInvalid, fields={"seats": "unknown"}):
        check_form(FIELDS, {"name": "小馆"}, {"seats": "entered"})


def test_an_empty_value_empties_its_field() -> None:
    assert check_form(FIELDS, {"seats": " "}, {}) == ({"seats": ""}, {"seats": ""})


def test_identifiers_and_numbers_take_their_normal_form_but_names_stay_as_written() -> None:
    written = {
        "name": " 临水（东）小馆 ",
        "uscc": "９1990102ma0000015t",
        "seats": "４０",
        "mobile": "139 0000-0001",
    }

    assert check_form(FIELDS, written, {})[0] == {
        "name": "临水（东）小馆",
        "uscc": "91990102MA0000015T",
        "seats": "40",
        "mobile": "13900000001",
    }


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("citizen_id", "11010519491231002X", "110105194912310021"),
        ("uscc", "91350100M000100Y43", "91350100M000100Y4A"),
        ("mobile", "13900000001", "23900000001"),
        ("date", "2026-07-23", "2026-02-30"),
        ("number", "12.5", "-1"),
        ("number", "0", "NaN"),
        ("bank_account", "6222020200112233445", "62220202X0112233445"),
    ],
)
def test_a_type_tells_good_from_bad(kind: str, good: str, bad: str) -> None:
    assert TYPES[kind](good) == good
    with pytest.raises((Wrong, InvalidIdentifier)):
        TYPES[kind](bad)


def test_every_field_of_the_shipped_catalogue_has_a_type_that_can_be_checked() -> None:
    themes = shipped.load("990102").themes.values()

    assert {field.type for theme in themes for field in theme.fields} <= TYPES.keys()


def test_the_applicant_is_a_citizen_or_an_organisation() -> None:
    assert check_applicant(PERSON) == PERSON
    assert check_applicant(COMPANY) == COMPANY


def test_an_applicant_is_told_all_that_is_wrong_but_never_the_number() -> None:
    nobody = Applicant(name=" ", identifier="990102199001010016", mobile="1")

    with pytest.raises(FormInvalid) as refusal:
        check_applicant(nobody)

    assert refusal.value.data["fields"] == {
        "applicant.name": "required",
        "applicant.identifier": "check",
        "applicant.mobile": "format",
    }
    assert "990102199001010016" not in str(refusal.value.as_data())


def test_a_credit_code_is_no_citizen() -> None:
    with refused(FormInvalid, fields={"applicant.identifier": "format"}):
        check_applicant(Applicant(name="林某", identifier=COMPANY.identifier))
