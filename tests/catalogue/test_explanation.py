"""Why am I asked this? Whatever a case asks for has an answer, and the answers name the entrance."""

from itertools import islice

import pytest
from msgspec.structs import replace

from catalogue import Theme, UnansweredQuestions, UnknownAnswer, entry_points_for, examples, explain, load
from catalogue.errors import UnknownName

COUNTY = load("990102")
RESTAURANT = COUNTY.theme("CY")
NEWBORN = COUNTY.theme("XSE")
OPEN = examples.happy_answers(RESTAURANT)
CASES = [
    pytest.param(theme, answers, id=f"{theme.id}-{number}")
    for theme in COUNTY.themes.values()
    for number, answers in enumerate(islice(examples.answers_for(theme), 12))
]


@pytest.mark.parametrize(("theme", "answers"), CASES)
def test_everything_that_is_asked_for_is_explained(theme: Theme, answers: dict[str, str]) -> None:
    selection = theme.select(answers)

    asked = {each.key for each in selection.fields} | {each.material.id for each in selection.materials}
    for key in {*asked, *selection.standings, *(question.id for question in theme.questions)}:
        assert explain(theme, answers, key), key


def test_a_question_is_explained_by_its_reason_and_by_what_it_decides() -> None:
    assert explain(RESTAURANT, {}, "licence") == (
        "已有营业执照的接续办理，只核验执照；没有的从设立登记办起；"
        "用于确定是否办理企业/个体工商户设立登记、公章刻制备案"
    )


def test_a_question_that_follows_from_another_names_the_answer() -> None:
    text = explain(COUNTY.theme("SDQ"), {"area": "east", "external_line": "short"}, "digs_road")

    assert text.startswith("占用、挖掘城市道路须经审批；")
    assert "“是否需要建筑区划红线外管线工程？”——外线不超过200米" in text
    assert "占用、挖掘城市道路审批" in text


def test_a_field_is_explained_by_its_items_and_by_the_answer_that_requires_it() -> None:
    assert explain(RESTAURANT, OPEN, "seats") == "办理食品经营许可核发需要填写"
    assert explain(RESTAURANT, OPEN, "agent_name").endswith("需要填写；“是否委托他人代办？”——是")
    assert explain(RESTAURANT, OPEN, "delivery_address").endswith("需要填写；选填；选择邮寄时填写")


def test_a_material_and_an_item_are_explained_as_the_selection_does() -> None:
    selection = RESTAURANT.select(OPEN)
    licence = next(each for each in selection.materials if each.material.id == "business_licence")

    assert explain(RESTAURANT, OPEN, "business_licence") == licence.reason
    assert explain(RESTAURANT, OPEN, "CY04") == selection.reasons["CY04"]


def test_what_this_case_does_not_ask_for_is_told_so() -> None:
    alone = {**OPEN, "agent": "no"}

    assert explain(RESTAURANT, alone, "power_of_attorney") == "本次办理不涉及"
    assert explain(RESTAURANT, OPEN, "signboard_plan", chosen={"CY01", "CY08"}) == "本次办理不涉及"
    assert explain(RESTAURANT, OPEN, "CY01", satisfied={"CY01": "执照A"}) == "此前已经办结（依据：执照A）"
    assert explain(RESTAURANT, OPEN, "CY01", underway={"CY01"}).startswith("此前已在别处受理")


def test_one_name_for_two_things_gets_both_explanations() -> None:
    field = replace(RESTAURANT.fields[0], key="agent", label="经办情况")
    theme = replace(RESTAURANT, fields=(*RESTAURANT.fields, field))

    both = explain(theme, OPEN, "agent")

    assert both.startswith(explain(RESTAURANT, OPEN, "agent"))
    assert both.endswith("需要填写")


def test_fields_and_materials_need_all_the_answers_and_a_question_needs_none() -> None:
    with pytest.raises(UnansweredQuestions):
        explain(RESTAURANT, {}, "seats")
    with pytest.raises(UnknownAnswer):
        explain(RESTAURANT, {"licence": "perhaps"}, "tobacco")
    with pytest.raises(UnknownName):
        explain(RESTAURANT, OPEN, "grandmother")


@pytest.mark.parametrize(
    ("birth", "name", "item", "reason"),
    [
        # newborn: local → hospital birth certificate; non-local → hukou registration
        (
            "local",
            "医院产科/出生医学证明窗口(本地出生)",
            "XSE01",
            "“新生儿是否在本地助产机构出生并首次签发出生医学证明？”——本地出生、首次签发",
        ),
        (
            "elsewhere",
            "派出所户籍大厅(非本地出生)",
            "XSE03",
            "“新生儿是否在本地助产机构出生并首次签发出生医学证明？”——非本地出生、已有出生医学证明",
        ),
    ],
)
def test_the_answers_name_the_hall_where_a_child_is_registered(birth: str, name: str, item: str, reason: str) -> None:
    answers = {**examples.happy_answers(NEWBORN), "birth": birth}

    first, *others = entry_points_for(NEWBORN, answers)

    assert (first.point.name, first.point.item, first.reason) == (name, item, reason)
    assert [each.point.name for each in others] == ["区县政务大厅医保社保窗口", "街道便民服务中心", "线上专区"]
    assert {each.reason for each in others} == {"各种情形均可由此办理"}
    assert item in NEWBORN.select(answers).selected


def test_an_entrance_needs_all_the_answers() -> None:
    with pytest.raises(UnansweredQuestions):
        entry_points_for(NEWBORN, {"birth": "local"})


@pytest.mark.parametrize("theme", COUNTY.themes.values(), ids=lambda theme: theme.id)
def test_every_case_has_an_entrance(theme: Theme) -> None:
    for answers in islice(examples.answers_for(theme), 50):
        assert entry_points_for(theme, answers)
