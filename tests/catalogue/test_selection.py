"""From answers to the items, materials and fields of a case, each with the reason why."""

from itertools import islice

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from catalogue import (
    Catalogue,
    Dependency,
    Item,
    ItemType,
    Level,
    Limit,
    NotSelectable,
    Progress,
    Role,
    Source,
    Standing,
    Theme,
    UnansweredQuestions,
    UnknownAnswer,
    UnknownItem,
    UnknownTheme,
    critical_path,
    examples,
    join,
    load,
)

COUNTY = load("990102")
RESTAURANT = COUNTY.theme("CY")
LICENSED = {
    "licence": "held",
    "signboard": "yes",
    "public_venue": "no",
    "tobacco": "no",
    "drainage": "no",
    "agent": "no",
}
NEWBORN = {
    "birth": "local",
    "married": "yes",
    "maternity_insurance": "no",
    "card_photo": "no",
    "parenting_guidance": "no",
}
CANCELLED = {"barred": "no", "method": "simple", "announced": "elapsed", "tax_free": "no", "customs": "no"}
ANSWERS = {theme.id: list(islice(examples.answers_for(theme), 40)) for theme in COUNTY.themes.values()}
CASES = [
    pytest.param(theme, answers, id=f"{theme.id}-{number}")
    for theme in COUNTY.themes.values()
    for number, answers in enumerate(islice(examples.answers_for(theme), 300))
]


@pytest.mark.parametrize(("theme", "answers"), CASES)
def test_every_selection_can_be_explained_and_carried_out(theme: Theme, answers: dict[str, str]) -> None:
    selection = theme.select(answers)

    assert list(selection.standings) == [item.id for item in theme.items]
    assert all(selection.reasons[item.id] for item in theme.items)
    assert selection.selected
    assert {each for needed in selection.materials for each in needed.items} <= set(selection.selected)
    assert all(needed.reason for needed in selection.materials)
    assert all(set(field.items) <= set(selection.selected) for field in selection.fields)
    # Acyclic: whoever approves what is ready comes to the end.
    progress: dict[str, Progress] = {}
    while len(progress) < len(selection.selected):
        ready = [
            each
            for each in selection.selected
            if each not in progress and join(theme.item(each), selection.standings, progress).state == "ready"
        ]
        assert ready, f"nothing can start after {list(progress)}"
        progress.update(dict.fromkeys(ready, Progress.APPROVED))


@pytest.mark.parametrize(("theme", "answers"), CASES)
def test_what_a_case_needs_is_brought_by_somebody(theme: Theme, answers: dict[str, str]) -> None:
    selection = theme.select(answers)

    for needed in selection.materials:
        if needed.material.source is Source.PRODUCED:
            assert set(needed.material.produced_by) & set(selection.selected), needed
        else:
            assert needed.material.produced_by == (), needed


def test_happy_answers_select_as_many_items_as_can_be() -> None:
    selected = {theme.id: len(theme.select(examples.happy_answers(theme)).selected) for theme in COUNTY.themes.values()}

    # The three kinds of retirement exclude each other, and so do the states of a social security card.
    assert selected == {theme.id: len(theme.items) for theme in COUNTY.themes.values()} | {"TX": 8, "SBK": 3}


def test_a_held_licence_makes_registration_and_seal_superfluous() -> None:
    selection = RESTAURANT.select(LICENSED)

    assert selection.selected == ("CY02", "CY03", "CY04")
    assert selection.reasons["CY01"] == "“是否已经取得营业执照？”——已取得"
    assert selection.reasons["CY04"] == "“是否设置户外招牌？”——是"


def test_one_copy_of_the_licence_serves_all_items() -> None:
    licence = next(each for each in RESTAURANT.select(LICENSED).materials if each.material.id == "business_licence")

    assert licence.items == ("CY02", "CY03")
    assert licence.material.source is Source.SHARED


def test_a_licence_that_the_case_itself_yields_is_asked_of_nobody() -> None:
    selection = RESTAURANT.select({**LICENSED, "licence": "none"})
    licence = next(each for each in selection.materials if each.material.id == "business_licence")

    assert (licence.material.source, licence.material.produced_by) == (Source.PRODUCED, ("CY01",))


def test_the_mandate_is_needed_only_with_an_agent() -> None:
    alone, represented = (RESTAURANT.select({**LICENSED, "agent": each}) for each in ("no", "yes"))
    materials = [{needed.material.id for needed in each.materials} for each in (alone, represented)]
    required = [{field.key for field in each.fields if field.required} for each in (alone, represented)]

    assert materials[1] - materials[0] == {"power_of_attorney"}
    assert required[1] - required[0] == {"agent_name", "agent_id", "agent_phone"}


def test_fields_are_those_of_the_selected_items() -> None:
    without = {field.key for field in RESTAURANT.select({**LICENSED, "signboard": "no"}).fields}

    assert {field.key for field in RESTAURANT.select(LICENSED).fields} - without == {"signboard_plan"}


def test_a_child_born_elsewhere_starts_with_the_household_register() -> None:
    selection = COUNTY.theme("XSE").select({**NEWBORN, "birth": "elsewhere"})
    certificate = next(each for each in selection.materials if each.material.id == "birth_certificate")

    assert selection.standings["XSE01"] is Standing.NOT_NEEDED
    assert certificate.material.source is Source.APPLICANT
    assert join(COUNTY.item("XSE03"), selection.standings, {}).state == "ready"


def test_an_item_done_before_is_satisfied_with_its_evidence() -> None:
    selection = COUNTY.theme("XSE").select(NEWBORN, satisfied={"XSE01": "出生证号A"})

    assert selection.standings["XSE01"] is Standing.SATISFIED
    assert "出生证号A" in selection.reasons["XSE01"]
    assert join(COUNTY.item("XSE02"), selection.standings, {}).state == "ready"


def test_an_item_underway_elsewhere_is_part_of_the_case_and_asks_for_nothing() -> None:
    # the first item keeps its own case; the others wait for its result
    theme = COUNTY.theme("XSE")
    alone, begun = theme.select(NEWBORN), theme.select(NEWBORN, underway={"XSE01"})
    certificate = next(each for each in begun.materials if each.material.id == "birth_certificate")

    assert begun.standings["XSE01"] is Standing.UNDERWAY
    assert begun.reasons["XSE01"] == "此前已在别处受理，尚未办结；本次不再申请，等待其结果"
    assert begun.selected == alone.selected[1:]
    assert {"birth_registration"} == {each.material.id for each in alone.materials} - {
        each.material.id for each in begun.materials
    }
    # What is made elsewhere comes with its result: nobody is asked for what does not exist yet.
    assert (certificate.material.source, certificate.material.produced_by) == (Source.PRODUCED, ("XSE01",))


def test_what_waits_for_an_item_underway_follows_its_progress() -> None:
    selection = COUNTY.theme("XSE").select(NEWBORN, underway={"XSE01"})
    vaccination = COUNTY.item("XSE02")

    assert join(vaccination, selection.standings, {}).waiting_for == ("XSE01",)
    assert join(vaccination, selection.standings, {"XSE01": Progress.APPROVED}).state == "ready"
    assert join(COUNTY.item("XSE04"), selection.standings, {"XSE03": Progress.DENIED}).blocked_by == ("XSE03",)


def test_evidence_outweighs_an_item_being_underway() -> None:
    selection = COUNTY.theme("XSE").select(NEWBORN, satisfied={"XSE01": "出生证号A"}, underway={"XSE01"})

    assert selection.standings["XSE01"] is Standing.SATISFIED


@pytest.mark.parametrize(("theme_id", "item"), [("CY", "XSE01"), ("CY", "CY99"), ("XSE", "CY03")])
def test_an_item_of_another_theme_is_not_underway_in_this_one(theme_id: str, item: str) -> None:
    theme = COUNTY.theme(theme_id)

    with pytest.raises(NotSelectable):
        theme.select(examples.happy_answers(theme), underway={item})


def test_the_path_of_a_case_does_not_know_how_long_another_hall_takes() -> None:
    theme = COUNTY.theme("QYZX")

    path = critical_path(theme, theme.select(CANCELLED, underway={"QYZX02"}))

    assert (path.days, path.items, path.unknown) == (2, ("QYZX03", "QYZX04"), ("QYZX02",))


def test_a_written_promise_shortens_the_path() -> None:
    answers = examples.happy_answers(RESTAURANT)
    selection = RESTAURANT.select(answers, chosen={"CY05"}, satisfied={"CY01": "执照"})

    assert critical_path(RESTAURANT, selection).days == 13
    assert critical_path(RESTAURANT, selection, committed={"CY05"}).days == 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_choice_evidence_and_items_underway_never_ask_for_too_much(data: st.DataObject) -> None:
    theme = data.draw(st.sampled_from(list(COUNTY.themes.values())))
    answers = data.draw(st.sampled_from(ANSWERS[theme.id]))
    adopted = [item.id for item in theme.items if item.adopted]
    satisfied = dict.fromkeys(data.draw(st.sets(st.sampled_from(adopted), max_size=2)), "证明")
    underway = data.draw(st.sets(st.sampled_from(adopted), max_size=2))
    chosen = data.draw(st.none() | st.sets(st.sampled_from(adopted)))

    try:
        selection = theme.select(answers, chosen=chosen, satisfied=satisfied, underway=underway)
    except NotSelectable:
        event("refused")
        return

    of = {standing: {i for i, each in selection.standings.items() if each is standing} for standing in Standing}
    assert of[Standing.SATISFIED] == set(satisfied)
    assert of[Standing.UNDERWAY] == underway - set(satisfied)
    if chosen is not None:
        assert {i for i in of[Standing.SELECTED] if not theme.item(i).is_internal} <= chosen
    part = of[Standing.SELECTED] | of[Standing.SATISFIED] | of[Standing.UNDERWAY]
    for item in selection.selected:
        assert all(edge.optional or part & set(edge.any_of) for edge in theme.item(item).depends_on)
    for needed in selection.materials:
        assert set(needed.items) <= of[Standing.SELECTED]
        assert set(needed.material.produced_by) <= of[Standing.SELECTED] | of[Standing.UNDERWAY]
        assert (needed.material.source is Source.PRODUCED) == bool(needed.material.produced_by)
    assert all(set(field.items) <= of[Standing.SELECTED] for field in selection.fields)


def test_the_heaviest_use_of_a_material_counts_for_the_set() -> None:
    married = COUNTY.theme("XSE").select(NEWBORN)
    certificate = next(each for each in married.materials if each.material.id == "marriage_certificate").material

    # Tolerable for the household register, but not for the birth certificate.
    assert (certificate.role, certificate.tolerable) == (Role.SECONDARY, False)


def test_main_materials_stay_main_in_a_case() -> None:
    heavy = {
        needed.material.id for needed in RESTAURANT.select(LICENSED).materials if needed.material.role is Role.MAIN
    }

    assert heavy == {"business_licence", "food_application", "layout_and_process", "signboard_rendering"}


def test_the_applicant_may_choose_some_of_the_items() -> None:
    selection = RESTAURANT.select(LICENSED, chosen={"CY03"})

    assert selection.selected == ("CY02", "CY03")
    assert selection.reasons["CY04"] == "申请人本次未选择办理"


def test_steps_among_offices_follow_what_they_serve() -> None:
    theme = COUNTY.theme("JYRX")

    assert theme.select({"migrant": "no", "property": "yes"}, chosen={"JYRX01"}).selected == (
        "JYRX01",
        "JYRX02",
        "JYRX04",
    )


@pytest.mark.parametrize(
    ("chosen", "refused", "missing"),
    [
        ({"CY01"}, "CY01", ()),
        ({"CY99"}, "CY99", ()),
        ({"XSE03"}, "XSE03", ()),
    ],
)
def test_an_item_that_the_answers_rule_out_cannot_be_chosen(
    chosen: set[str], refused: str, missing: tuple[str, ...]
) -> None:
    with pytest.raises(NotSelectable) as refusal:
        RESTAURANT.select(LICENSED, chosen=chosen)

    assert (refusal.value.item, refusal.value.missing) == (refused, missing)


def test_an_item_cannot_be_chosen_without_what_it_requires() -> None:
    theme = COUNTY.theme("XSE")

    with pytest.raises(NotSelectable) as refusal:
        theme.select(NEWBORN, chosen={"XSE04"})

    assert (refusal.value.item, refusal.value.missing) == ("XSE04", ("XSE03",))
    assert theme.select(NEWBORN, chosen={"XSE04"}, satisfied={"XSE03": "户口簿"}).selected == ("XSE04",)


def test_an_extension_that_the_locality_has_not_adopted_cannot_be_chosen() -> None:
    nation = load("000000").theme("CY")
    answers = {key: value for key, value in LICENSED.items() if key not in {"tobacco", "drainage"}}

    assert nation.select(answers).reasons["CY06"] == "地方扩展事项，本地未纳入"
    with pytest.raises(NotSelectable):
        nation.select(answers, chosen={"CY06"})


def test_all_unanswered_questions_are_named_at_once() -> None:
    with pytest.raises(UnansweredQuestions) as refusal:
        RESTAURANT.select({"licence": "held", "signboard": "no", "agent": "no"})

    assert refusal.value.questions == ("public_venue", "tobacco", "drainage")


@pytest.mark.parametrize(("question", "value"), [("licence", "perhaps"), ("weather", "fine")])
def test_an_answer_to_nothing_is_refused(question: str, value: str) -> None:
    with pytest.raises(UnknownAnswer) as refusal:
        RESTAURANT.select({**LICENSED, question: value})

    assert (refusal.value.question, refusal.value.value) == (question, value)


def test_an_answer_to_a_question_that_is_not_asked_does_not_count() -> None:
    theme = COUNTY.theme("SDQ")
    stale = {"area": "east", "external_line": "none", "digs_road": "yes"}

    selection = theme.select(stale)

    assert selection.answers == {"area": "east", "external_line": "none"}
    assert selection.standings["SDQ06"] is Standing.NOT_NEEDED
    assert selection.reasons["SDQ06"] == "“是否需要建筑区划红线外管线工程？”——无外线工程"


def test_the_same_question_is_answered_once_and_remembered() -> None:
    assert RESTAURANT.select(LICENSED) is RESTAURANT.select(dict(reversed(LICENSED.items())))
    assert RESTAURANT.select(LICENSED) is not RESTAURANT.select(LICENSED, chosen={"CY03"})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownTheme):
        COUNTY.theme("NO")
    with pytest.raises(UnknownItem):
        COUNTY.item("CY99")
    with pytest.raises(UnknownItem):
        RESTAURANT.item("XSE01")


@pytest.mark.parametrize(
    ("theme_id", "answers", "days", "items"),
    [
        # 税务注销10 → 登记注销1 → 其余并联1 (兴隆): 12 working days.
        ("QYZX", CANCELLED, 12, ("QYZX02", "QYZX03", "QYZX04")),
        # Who never had to do with taxes gets the clearance at once (即时办理).
        ("QYZX", {**CANCELLED, "tax_free": "yes"}, 2, ("QYZX02", "QYZX03", "QYZX04")),
        ("YSQY", {"light": "no"}, 6, ("YSQY01", "YSQY02", "YSQY03")),
        ("POCH", {}, 3, ("POCH00", "POCH01")),
        # One-of: only the kind of retirement that is part of the case counts.
        (
            "TX",
            {
                "category": "illness",
                "worker": "flexible",
                "deemed_years": "no",
                "housing_fund": "no",
                "only_child": "no",
            },
            45,
            ("TX03", "TX06", "TX07"),
        ),
    ],
)
def test_the_critical_path_is_the_longest_chain_of_promises(
    theme_id: str, answers: dict[str, str], days: int, items: tuple[str, ...]
) -> None:
    theme = COUNTY.theme(theme_id)

    path = critical_path(theme, theme.select(answers))

    assert (path.days, path.items, path.unknown) == (days, items, ())


def test_an_item_that_waits_for_an_acceptance_does_not_wait_for_the_decision() -> None:
    theme = COUNTY.theme("SDQ")
    selection = theme.select({"area": "east", "external_line": "none"})

    path = critical_path(theme, selection)

    # Power takes 5 working days; the survey of 1 begins beside it, and connecting has no known limit.
    assert (path.days, path.items, path.unknown) == (5, ("SDQ02",), ("SDQ10",))


def test_two_catalogues_do_not_share_their_answers() -> None:
    copy = Catalogue.from_document(COUNTY.document())

    assert copy.theme("CY").select(LICENSED) is not RESTAURANT.select(LICENSED)
    assert copy.theme("CY").select(LICENSED) == RESTAURANT.select(LICENSED)


def test_of_several_alternatives_the_fastest_unlocks() -> None:
    fast, slow, after = (
        Item(
            id=each,
            name=each,
            department="scjg",
            level=Level.COUNTY,
            item_type=ItemType.LICENCE,
            promised=Limit(days=days, source="X"),
            depends_on=edges,
        )
        for each, days, edges in (
            ("ZZ01", 2, ()),
            ("ZZ02", 5, ()),
            ("ZZ03", 4, (Dependency(any_of=("ZZ02", "ZZ01")),)),
        )
    )
    theme = Theme(
        id="ZZ",
        name="示例",
        lead="scjg",
        applicant="either",
        mouth=Level.COUNTY,
        items=(fast, slow, after),
    )

    path = critical_path(theme, theme.select({}))

    assert (path.days, path.items) == (6, ("ZZ01", "ZZ03"))
