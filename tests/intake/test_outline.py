"""What a case consists of, from answers and choice."""

from itertools import product

import catalogue as shipped
from catalogue.examples import answers_for, happy_answers
from catalogue.model import Source
from contracts.intake import PlannedItem
from intake.domain import outline_of
from intake.domain.refusals import (
    EvidenceMissing,
    HandlerUnclear,
    NothingSelected,
    NotSelectable,
    UnansweredQuestions,
    UnknownAnswer,
    UnknownTheme,
)
from testkit.facts import refused

from .mothers import ANSWERS, FROM_NOTHING, an_open_case, catalogue, outline


def test_answers_select_items_and_each_has_a_handler() -> None:
    assert outline().plan == (
        PlannedItem("SP01", "not_needed"),
        PlannedItem("SP02", "selected", "scjg"),
        PlannedItem("SP03", "selected", "scjg"),
        PlannedItem("SP04", "selected", "xfdd"),
        PlannedItem("SP05", "selected", "water-east"),
        PlannedItem("SP06", "not_needed"),
    )


def test_the_provider_of_the_area_decides() -> None:
    west = outline({**ANSWERS, "area": "west"})

    assert west.handler("SP05") == "water-west"
    assert west.area == "west"


def test_an_area_that_nobody_serves_is_refused() -> None:
    with refused(HandlerUnclear, item="SP05", area="north", candidates=()):
        outline({**ANSWERS, "area": "north"})


def test_open_questions_are_named() -> None:
    with refused(UnansweredQuestions, questions=("fire", "area")):
        outline({"licence": "held"})


def test_an_answer_that_is_no_option_is_refused() -> None:
    with refused(UnknownAnswer, question="fire", value="perhaps"):
        outline({**ANSWERS, "fire": "perhaps"})


def test_an_unknown_theme_is_refused() -> None:
    with refused(UnknownTheme, theme="XX"):
        outline_of(catalogue(), "XX", {})


def test_the_applicant_may_choose_some_of_the_items() -> None:
    chosen = outline(chosen=("SP03",))

    assert [each.item for each in chosen.plan if each.standing == "selected"] == ["SP02", "SP03"]


def test_an_item_that_the_answers_rule_out_cannot_be_chosen() -> None:
    with refused(NotSelectable, item="SP01"):
        outline(chosen=("SP01", "SP03"))


def test_an_item_that_the_locality_has_not_adopted_cannot_be_chosen() -> None:
    with refused(NotSelectable, item="SP06"):
        outline(chosen=("SP06",))


def test_an_item_done_before_is_satisfied_by_its_evidence() -> None:
    planned = outline(FROM_NOTHING, satisfied={"SP01": "91990102MA0000015T"}).plan[0]

    assert planned == PlannedItem("SP01", "satisfied", "", "91990102MA0000015T")


def test_done_before_without_evidence_is_refused() -> None:
    with refused(EvidenceMissing, items=["SP01"]):
        outline(FROM_NOTHING, satisfied={"SP01": " "})


def test_a_case_without_items_is_refused() -> None:
    done = dict.fromkeys(("SP02", "SP03", "SP04", "SP05"), "已办")

    with refused(NothingSelected, theme="SP"):
        outline(satisfied=done)


def test_what_an_earlier_item_produces_is_not_asked() -> None:
    assert "business_licence" in outline(ANSWERS).asked(["SP02", "SP03"])
    assert "business_licence" not in outline(FROM_NOTHING).asked(["SP01", "SP02", "SP03"])


def test_what_an_earlier_item_would_produce_is_asked_when_it_was_done_before() -> None:
    assert "business_licence" in outline(FROM_NOTHING, satisfied={"SP01": "证"}).asked(["SP02"])


def test_only_secondary_materials_of_listed_items_are_tolerable() -> None:
    tolerable = {
        item: [need.material for need in needs if need.tolerable] for item, needs in outline(FROM_NOTHING).needs.items()
    }

    assert tolerable == {"SP01": [], "SP02": [], "SP03": ["premises"], "SP04": [], "SP05": []}


def test_a_field_is_required_by_the_items_that_use_it() -> None:
    here = outline()

    assert here.unfilled(["SP05"], ["name"]) == ("uscc",)
    assert here.unfilled(["SP03", "SP04"], []) == ("name", "uscc", "seats", "venue")
    assert "uscc" not in outline(FROM_NOTHING).unfilled(["SP03"], [])


def test_the_outline_of_a_case_is_the_one_it_was_opened_with() -> None:
    for answers, chosen, done in product(
        (ANSWERS, FROM_NOTHING, {**ANSWERS, "fire": "no"}),
        (None, ("SP03",), ("SP02", "SP05"), ("SP05",)),
        ({}, {"SP02": "核验记录1"}),
    ):
        at = an_open_case(answers, chosen=chosen, satisfied=done)
        again = outline_of(catalogue(), "SP", at.case.answers, chosen=at.case.selected, satisfied=at.case.satisfied)

        assert again.plan == at.outline.plan
        assert again.digest == at.outline.digest


def test_every_theme_of_the_shipped_catalogue_makes_cases() -> None:
    here = shipped.load("990102")

    for theme in here.themes.values():
        for answers in answers_for(theme, bound=64):
            try:
                made = outline_of(here, theme.id, answers)
            except NothingSelected:
                continue
            asked = made.asked(made.needs)
            produced = {m.material for m in made.notice.materials if m.source == Source.PRODUCED}
            assert asked | produced == {m.material for m in made.notice.materials}
            assert asked.isdisjoint(produced)
            assert all(each.handler in here.organisations for each in made.plan if each.standing == "selected")
        assert outline_of(here, theme.id, happy_answers(theme)).needs
