"""The checks find what is wrong; each is shown one fault and has to name it."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from catalogue import (
    Catalogue,
    Dependency,
    Item,
    Limit,
    Material,
    Question,
    Source,
    Theme,
    Tolerance,
    check,
    load,
)
from catalogue.conditions import ALWAYS, NEVER, Answer
from catalogue.model import Option

COUNTY = load("990102")


def with_theme(theme: Theme) -> Catalogue:
    return replace(COUNTY, themes={**COUNTY.themes, theme.id: theme})


def with_item(item_id: str, **values: Any) -> Catalogue:
    theme = next(each for each in COUNTY.themes.values() if any(item.id == item_id for item in each.items))
    items = tuple(replace(item, **values) if item.id == item_id else item for item in theme.items)
    return with_theme(replace(theme, items=items))


def with_organisation(organisation: str, **values: Any) -> Catalogue:
    changed = replace(COUNTY.organisations[organisation], **values)
    return replace(COUNTY, organisations={**COUNTY.organisations, organisation: changed})


def first_material(item_id: str, **values: Any) -> tuple[Material, ...]:
    first, *rest = COUNTY.item(item_id).materials
    return (replace(first, **values), *rest)


def unused_question() -> Catalogue:
    theme = COUNTY.theme("CJR")
    question = Question(id="weather", text="天气？", reason="闲谈", options=(Option("fine", "晴"),))
    return with_theme(replace(theme, questions=(*theme.questions, question)))


FAULTS: dict[str, tuple[Callable[[], Catalogue], str, str]] = {
    "promise over law": (
        lambda: with_item("CY03", promised=Limit(days=11, source="X")),
        "CY/CY03",
        "exceeds the statutory 10",
    ),
    "main material tolerated": (
        lambda: with_item("CY03", materials=first_material("CY03", tolerable=True)),
        "CY/CY03/food_application",
        "cannot be tolerated",
    ),
    "listed without a tolerable material": (
        lambda: with_item("CY02", tolerance=Tolerance(listed=True)),
        "CY/CY02",
        "no tolerable material",
    ),
    "nobody yields it": (
        lambda: with_item("XSE02", materials=first_material("XSE02", produced_by=())),
        "XSE/XSE02/birth_certificate",
        "no item yields it",
    ),
    "produced too late": (
        lambda: with_item("XSE02", materials=first_material("XSE02", produced_by=("XSE04",))),
        "XSE/XSE02/birth_certificate",
        "does not come before",
    ),
    "unreachable item": (lambda: with_item("CY04", when=NEVER), "CY/CY04", "no answers ever select"),
    "material that is never needed": (
        lambda: with_item("CY04", materials=first_material("CY04", when=NEVER)),
        "CY/CY04/signboard_rendering",
        "no answers ever need",
    ),
    "required edge into nothing": (
        lambda: with_item("CY03", depends_on=(Dependency(any_of=("CY04",)),)),
        "CY/CY03",
        "depends on CY04",
    ),
    "one-of of the same": (
        lambda: with_item("TX05", depends_on=(Dependency(any_of=("TX06", "TX06")),)),
        "TX/TX05",
        "",
    ),
    "cycle": (
        lambda: with_item("CY02", depends_on=(Dependency(any_of=("CY03",)),)),
        "CY/CY02",
        "stands in a cycle",
    ),
    "unused question": (unused_question, "CJR/questions/weather", "no rule uses"),
    "unknown department": (lambda: with_item("CY03", department="nobody"), "CY/CY03", "no nobody"),
    "option that does not exist": (
        lambda: with_item("CY04", when=Answer("signboard", ("huge",))),
        "CY/CY04",
        "no option huge",
    ),
    "code that does not check": (
        lambda: with_organisation("scjg", uscc="11990102MB00000358"),
        "organisations/scjg",
        "no valid unified",
    ),
    "no code": (lambda: with_organisation("scjg", uscc=None), "organisations/scjg", "has no unified"),
    "area without provider": (
        lambda: with_organisation("sw-west", serves={}),
        "SDQ/SDQ01",
        "nobody handles it in area west",
    ),
    "area with two providers": (
        lambda: with_organisation("sw-west", serves={"water": ("*",)}),
        "SDQ/SDQ01",
        "more than one",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named(fault: str) -> None:
    broken, where, message = FAULTS[fault]

    found = [each for each in check(broken()) if each.where == where and message in each.message_en]

    assert found, check(broken())
    assert all(each.message_zh for each in found)


def test_a_sound_catalogue_has_no_findings() -> None:
    assert check(COUNTY) == []


def test_a_tolerable_material_may_be_produced_while_the_review_runs() -> None:
    road = COUNTY.item("SDQ06")
    permit = next(each for each in road.materials if each.source is Source.PRODUCED)
    assert (permit.produced_by, permit.tolerable) == (("SDQ08",), True)

    strict = tuple(replace(each, tolerable=False) for each in road.materials)

    broken = with_item("SDQ06", materials=strict, tolerance=Tolerance())

    assert [each.where for each in check(broken)] == ["SDQ/SDQ06/planning_permit_copy"]


def test_outputs_have_ids_of_their_own() -> None:
    outputs = COUNTY.item("XSE05").outputs

    found = check(with_item("SBK03", outputs=outputs))

    assert [(each.severity, each.where) for each in found] == [("error", outputs[0].id)]


def test_a_large_theme_is_tried_only_so_far() -> None:
    questions = tuple(
        Question(id=f"q{n}", text=f"{n}？", reason="因为", options=(Option("a", "甲"), Option("b", "乙")))
        for n in range(13)
    )
    items = tuple(
        Item(
            id=f"ZZ{n:02}",
            name=str(n),
            department="scjg",
            level=COUNTY.item("CY03").level,
            item_type=COUNTY.item("CY03").item_type,
            when=Answer(f"q{n}", ("a",)) if n < 13 else ALWAYS,
        )
        for n in range(14)
    )
    large = replace(COUNTY.theme("CJR"), id="ZZ", questions=questions, items=items, fields=())

    found = check(replace(COUNTY, themes={"ZZ": large}))

    assert [(each.severity, each.where) for each in found] == [("warning", "ZZ")]
