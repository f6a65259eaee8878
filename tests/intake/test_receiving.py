"""一表一套: filling the form, taking materials in, and asking once for what is missing."""

from datetime import UTC, datetime

import pytest

from contracts.intake import BroughtMaterial
from contracts.language import Act
from intake.domain.material import ProvenanceUnclear
from intake.domain.refusals import (
    FormInvalid,
    NoHall,
    NothingMissing,
    NothingReceived,
    NotNow,
    UnrelatedMaterial,
)
from testkit.facts import NOON, an_act, facts, names, refused

from .mothers import (
    CALENDAR,
    FROM_NOTHING,
    a_complete_case,
    an_accepted_case,
    an_open_case,
    at,
    sealed,
)


def end_of(day: int, month: int = 7) -> datetime:
    """The end of a day in China, as UTC."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


# the form


def test_filling_records_fields_with_their_provenance_and_sealed_values() -> None:
    case = an_open_case().filled("name", "seats").case

    ((name, body),) = facts(case)
    assert name == "FormFilled"
    assert body["fields"] == {"name": "entered", "seats": "entered"}
    assert case.fields == {"name": "entered", "seats": "entered"}


def test_later_values_are_laid_over_earlier_ones() -> None:
    here = an_open_case().filled("name", "seats")
    here.case.fill(here.outline, sealed("form"), {"seats": "", "uscc": "shared:x"}, calendar=CALENDAR, act=an_act())

    assert here.case.fields == {"name": "entered", "uscc": "shared:x"}
    assert len(here.case.forms) == 2


def test_filling_nothing_is_no_news() -> None:
    here = an_open_case()

    here.case.fill(here.outline, sealed("form"), {}, calendar=CALENDAR, act=an_act())

    assert facts(here.case) == []


def test_a_field_that_an_accepted_item_relies_on_stands() -> None:
    here = a_complete_case().accepted("SP03").now()

    with refused(FormInvalid, fields={"seats": "accepted"}):
        here.filled("seats")
    assert facts(here.case) == []
    assert names(here.filled("venue").case) == ["FormFilled"]


def test_the_form_of_an_accepted_case_stands() -> None:
    here = an_accepted_case()

    with refused(NotNow, verb="fill", status="accepted"):
        here.filled("mobile")


# materials


def test_receiving_records_copies_with_ids_of_their_own() -> None:
    here = an_open_case().received("food_form", "business_licence")

    ((name, body),) = facts(here.case)
    assert name == "MaterialsReceived"
    assert list(body["materials"]) == [
        {"copy": "food_form-1", "material": "food_form", "medium": "paper", "hall": "county"},
        {
            "copy": "business_licence-1",
            "material": "business_licence",
            "medium": "shared",
            "provenance": "shared:market-register",
        },
    ]
    assert here.case.status == "received"


def test_the_same_material_again_is_no_news() -> None:
    here = an_open_case().received("food_form").now()

    assert facts(here.received("food_form").case) == []


def test_another_copy_of_a_material_has_its_own_id() -> None:
    here = an_open_case().received("food_form")
    scan = BroughtMaterial(material="food_form", medium="digital", digest="sha256:1", size=7, media_type="image/png")

    here.case.receive(here.outline, [scan, scan], calendar=CALENDAR, act=an_act())

    assert [copy.copy for copy in here.case.copies] == ["food_form-1", "food_form-2"]


def test_materials_that_no_item_needs_may_not_be_taken_in() -> None:
    here = an_open_case()

    with refused(UnrelatedMaterial, materials=["diploma", "reg_form"]):
        here.received("food_form", "reg_form", "diploma")
    assert facts(here.case) == []


def test_what_the_house_produces_itself_may_not_be_asked_for() -> None:
    with refused(UnrelatedMaterial, materials=["business_licence"]):
        an_open_case(FROM_NOTHING).received("business_licence")


def test_materials_of_items_that_ended_may_not_be_taken_in() -> None:
    here = an_open_case().withdrawn("SP04").now()

    with refused(UnrelatedMaterial, materials=["fire_plans"]):
        here.received("fire_plans")


@pytest.mark.parametrize(
    "unclear",
    [
        BroughtMaterial(material="business_licence", medium="shared"),
        BroughtMaterial(material="business_licence", medium="shared", provenance="shared:"),
        BroughtMaterial(material="business_licence", medium="digital"),
        BroughtMaterial(material="business_licence", provenance="somewhere"),
    ],
)
def test_a_copy_says_where_it_comes_from_and_what_its_bytes_are(unclear: BroughtMaterial) -> None:
    here = an_open_case()

    with refused(ProvenanceUnclear, materials=["business_licence"]):
        here.case.receive(here.outline, [unclear], calendar=CALENDAR, act=an_act())
    assert facts(here.case) == []


def test_receiving_needs_a_hall_but_no_grant() -> None:
    here = an_open_case()

    with refused(NoHall):
        here.received("food_form", act=Act(at=NOON, by="somebody"))


# the answer that is owed


@pytest.mark.parametrize(
    ("received_on", "overdue_on"),
    [
        # Counted by hand in the calendar of 2026: the day itself is not counted, five working days follow.
        (at(23), end_of(30)),  # Thursday: 24, 27, 28, 29, 30 July
        (at(24, hour=23), end_of(31)),  # 07:00 on Saturday the 25th in China: 27 to 31 July
        (
            at(28, month=9),
            end_of(10, month=10),
        ),  # Monday: 29, 30 September, 8, 9 and the make-up Saturday 10 October
    ],
)
def test_an_answer_is_owed_until_the_end_of_the_fifth_working_day(received_on: Act, overdue_on: datetime) -> None:
    case = an_open_case().received("food_form", act=received_on).case

    assert case.timers() == {"deemed": overdue_on}


def test_an_answer_is_owed_only_for_items_that_something_was_brought_for() -> None:
    case = an_open_case().received("food_form").case

    # SP05 asks for nothing: it is applied for with the first materials of the case.
    assert list(case.awaited) == ["SP03", "SP05"]


def test_a_later_receipt_does_not_put_off_an_earlier_answer() -> None:
    here = an_open_case().received("food_form", act=at(23)).received("fire_plans", "premises", act=at(27))

    assert here.case.timers() == {"deemed": end_of(30)}
    assert here.case.awaited["SP04"].until == end_of(3, month=8)


# correction


def test_a_correction_tells_everything_that_is_missing() -> None:
    here = an_open_case(FROM_NOTHING).filled("name").received("food_form").now().corrected()

    ((name, body),) = facts(here.case)
    assert name == "CorrectionRequested"
    assert body["missing"] == {
        "SP01": ("reg_form", "premises"),
        "SP03": ("premises",),
        "SP04": ("fire_plans", "fire_rules"),
    }
    assert body["fields"] == ("seats", "venue")
    assert here.case.status == "correcting"


def test_a_correction_is_an_answer() -> None:
    assert "deemed" not in an_open_case().received("food_form").corrected().case.timers()


def test_a_correction_before_anything_was_received_is_refused() -> None:
    with refused(NothingReceived):
        an_open_case().filled().corrected()


def test_a_complete_set_is_accepted_and_not_corrected() -> None:
    with refused(NothingMissing):
        a_complete_case().corrected()


def test_asking_again_for_the_same_is_no_news() -> None:
    here = an_open_case().received("food_form").corrected().now()

    assert facts(here.corrected().case) == []


def test_a_supplement_must_be_answered_again() -> None:
    here = an_open_case().received("food_form", act=at(23)).corrected().received("premises", act=at(27))

    assert here.case.status == "received"
    assert here.case.timers() == {"deemed": end_of(3, month=8)}
    assert list(here.case.awaited) == ["SP03", "SP05"]


def test_a_form_that_was_asked_for_must_be_answered_again() -> None:
    here = an_open_case().received(act=at(23)).corrected(act=at(23))
    assert "deemed" not in here.case.timers()

    assert "deemed" not in here.filled("mobile", act=at(24)).case.timers()
    assert here.filled("uscc", act=at(27)).case.timers() == {"deemed": end_of(3, month=8)}


def test_an_applicant_is_never_asked_for_more_than_was_told_first() -> None:
    here = an_open_case().filled().received("food_form").corrected()
    first = dict(here.case.correction)

    here.received("fire_plans").corrected()

    assert all(set(needs) < set(first[item]) for item, needs in here.case.correction.items() if item == "SP04")
    assert here.case.correction.keys() <= first.keys()
