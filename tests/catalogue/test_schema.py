"""What can be written in a theme at all: every key is known and explained, and none is for the channel."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import json

import catalogue
from catalogue import InvalidCatalogue, files, load

ROOT = Path(catalogue.__file__).parent
SCHEMAS = sorted((ROOT / "schema").glob("*.json"))
THEME: dict[str, Any] = {
    "theme": "ZZ",
    "name": "示例",
    "lead": "scjg",
    "applicant": "either",
    "mouth": "county",
    "effective": {"from": "2024-01-16"},
    "questions": [{"id": "size", "text": "多大？", "reason": "因为", "options": {"big": "大", "small": "小"}}],
    "materials": {"form": {"name": "申请表", "source": "applicant"}},
    "items": [
        {
            "id": "ZZ01",
            "name": "第一项",
            "department": "scjg",
            "level": "county",
            "type": "licence",
            "statutory": {"days": 20, "source": "K"},
            "when": {"answer": {"size": "big"}},
            "materials": [{"id": "form", "role": "main"}],
        },
        {"id": "ZZ02", "name": "第二项", "department": "scjg", "level": "county", "type": "other"},
    ],
}


def written(tmp_path: Path, *bodies: dict[str, Any]) -> Path:
    for number, body in enumerate(bodies):
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(body, allow_unicode=True), "utf-8")
    return tmp_path


def problems(tmp_path: Path, *bodies: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(InvalidCatalogue) as refusal:
        load("990102", extra=[written(tmp_path, *bodies)])
    return refusal.value.problems


def with_item(**values: object) -> dict[str, Any]:
    theme = deepcopy(THEME)
    theme["items"][0].update(values)
    return theme


def test_the_example_itself_is_accepted(tmp_path: Path) -> None:
    theme = load("990102", extra=[written(tmp_path, THEME)]).theme("ZZ")

    assert theme.select({"size": "big"}).selected == ("ZZ01", "ZZ02")


def nodes(value: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from nodes(each, f"{path}/{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from nodes(each, f"{path}/{number}")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_every_property_is_described_and_every_object_is_closed(path: Path) -> None:
    schema = json.decode(path.read_bytes())
    properties = [
        (f"{where}/properties/{name}", told)
        for where, node in nodes(schema)
        # A property that is forbidden has nothing to describe, and an `if` only looks at one.
        if isinstance(node.get("properties"), dict) and not where.endswith("/if")
        for name, told in node["properties"].items()
        if isinstance(told, dict) and "/then" not in where
    ]

    assert [where for where, told in properties if not told.get("description")] == []
    objects = [(where, node) for where, node in nodes(schema) if "object" in (node.get("type") or ())]
    # A nested required-list in oneOf closes nothing; whoever lists properties, or keys by name, closes them.
    assert [
        where for where, node in objects if "properties" in node and node.get("additionalProperties") is not False
    ] == []
    assert properties or objects


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "web"},
        {"when": {"channel": "web"}},
        {"when": {"answer": {"channel": "web"}}},
        {"when": {"answer": {"size": "online"}}},
        {"when": {"hour": 9}},
        {"statutory": {"days": 20, "source": "K", "when": {"answer": {"size": "big"}}}},
        {"promised": {"days": 3, "placeholder": True, "channel": "web"}},
        {"materials": [{"id": "form", "role": "main", "channels": ["web"]}]},
    ],
    ids=lambda change: "/".join(map(str, change)),
)
def test_no_rule_limit_or_material_can_depend_on_the_channel(tmp_path: Path, change: dict[str, Any]) -> None:
    (problem,) = problems(tmp_path, with_item(**change))

    assert problem.startswith(str(tmp_path / "0.yaml")), problem
    assert "items/0" in problem


@pytest.mark.parametrize("name", ["channel", "source_channel", "by_mobile", "is_online", "which_window", "kiosk"])
def test_no_question_can_ask_for_the_channel(tmp_path: Path, name: str) -> None:
    theme = deepcopy(THEME)
    theme["questions"].append({"id": name, "text": "?", "reason": "?", "options": {"a": "甲", "b": "乙"}})

    (problem,) = problems(tmp_path, theme)

    assert "questions/1/id" in problem
    assert "线上线下同标准" in problem


def test_no_question_can_offer_a_channel_as_an_answer(tmp_path: Path) -> None:
    theme = deepcopy(THEME)
    theme["questions"][0]["options"] = {"online": "网上", "window": "窗口"}

    assert len(problems(tmp_path, theme)) == 2


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "red"}, "items/0"),
        ({"level": "moon"}, "items/0/level"),
        ({"statutory": {"days": 20}}, "items/0/statutory"),
        ({"statutory": {"days": 20, "source": "K", "placeholder": True}}, "items/0/statutory"),
        ({"statutory": {"days": -1, "source": "K"}}, "items/0/statutory/days"),
        ({"depends_on": [{"one_of": ["ZZ02"]}]}, "items/0/depends_on/0/one_of"),
        ({"depends_on": [{"item": "ZZ02", "if_selected": "ZZ02"}]}, "items/0/depends_on/0"),
        ({"depends_on": [{"item": "ZZ02", "trigger": "issued"}]}, "items/0/depends_on/0/trigger"),
        ({"materials": [{"id": "form", "role": "main", "tolerable": True}]}, "items/0/materials/0/role"),
        ({"outputs": [{"id": "paper", "name": "证", "kind": "certificate"}]}, "items/0/outputs/0"),
        ({"when": {"all": [], "any": []}}, "items/0/when"),
        ({"when": "size == 'big'"}, "items/0/when"),
    ],
)
def test_a_mistake_is_named_with_file_and_path(tmp_path: Path, change: dict[str, Any], where: str) -> None:
    found = problems(tmp_path, with_item(**change))

    assert found
    assert all(each.startswith(f"{tmp_path / '0.yaml'}: {where}") for each in found), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    second = deepcopy(THEME) | {"theme": "YY", "mouth": "moon"}

    found = problems(tmp_path, with_item(colour="red", level="moon"), second)

    assert len(found) == 3
    assert {Path(each.split(": ")[0]).name for each in found} == {"0.yaml", "1.yaml"}


def test_a_key_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "twice.yaml").write_text("theme: ZZ\nname: 甲\nname: 乙\n", "utf-8")

    (problem,) = problems(tmp_path)

    assert "'name' is given twice" in problem


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("? [a]\n: b", "a key is no text"),
        ("theme: ZZ\nitems:\n  - ? {a: b}\n    : c", "a key is no text"),
        ("theme: &name ZZ\nname: *name", "an alias"),
        ("theme: ZZ\nname: &itself [*itself]", "an alias"),
        (f"theme: ZZ\nname: {'[' * 51}{']' * 51}", "deeper than 50 levels"),
        (f"theme: ZZ\nname: {'[' * 9000}{']' * 9000}", "deeper than 50 levels"),
    ],
)
def test_what_nobody_could_read_as_it_is_written_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "odd.yaml").write_text(text, "utf-8")

    (problem,) = problems(tmp_path)

    assert why in problem


def test_what_a_few_lines_would_make_without_end_is_refused_before_it_is_made(tmp_path: Path) -> None:
    lines = [f"q{n}: &q{n} [{', '.join([f'*q{n - 1}'] * 10)}]" for n in range(1, 20)]
    (tmp_path / "much.yaml").write_text("\n".join(["theme: ZZ", "q0: &q0 [x]", *lines, "name: *q19"]), "utf-8")

    (problem,) = problems(tmp_path)

    assert "an alias" in problem


@pytest.mark.parametrize("text", ["", "- a", "colour: red", "theme: [", "{"])
def test_a_file_that_is_none_of_the_three_kinds_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.yaml").write_text(text, "utf-8")

    assert len(problems(tmp_path)) == 1


def test_plain_words_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("theme: no\nname: 2024-01-16\nflow: 010\n", "utf-8")

    _, found = files.read_layer(tmp_path)

    # `no`, a date and a number with a leading zero are text; what is wrong here is the keys that are missing.
    assert not any("is not of type" in each for each in found), found
    assert any("'lead' is a required property" in each for each in found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"when": {"answer": {"weather": "fine"}}}, "there is no weather"),
        ({"when": {"answer": {"size": "huge"}}}, "question size has no option huge"),
        ({"when": {"selected": "ZZ09"}}, "there is no ZZ09"),
        ({"depends_on": ["ZZ09"]}, "there is no ZZ09"),
        ({"department": "nobody"}, "there is no nobody"),
        ({"area_question": "weather"}, "there is no weather"),
        (
            {"outputs": [{"id": "p", "name": "证", "kind": "certificate", "certificate": "none"}]},
            "there is no none",
        ),
        ({"depends_on": ["ZZ01"]}, "第一项 stands in a cycle"),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    (problem,) = problems(tmp_path, with_item(**change))

    assert message in problem
    assert problem.startswith(str(tmp_path / "0.yaml"))


def test_a_material_that_no_item_needs_is_refused(tmp_path: Path) -> None:
    theme = deepcopy(THEME)
    theme["materials"]["spare"] = {"name": "多余", "source": "applicant"}
    theme["materials"]["form"] = {"name": "前证", "source": "produced", "outputs": ["nothing"]}

    spare, form = sorted(problems(tmp_path, theme), reverse=True)

    assert "materials/spare: no item needs it" in spare
    assert "materials/form: nothing yields nothing" in form


def test_an_item_id_that_another_theme_has_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, with_item(id="CY01"))

    assert "CY01 is given twice" in problem


def test_a_question_cannot_depend_on_a_later_one(tmp_path: Path) -> None:
    theme = deepcopy(THEME)
    theme["questions"][0]["asked_when"] = {"answer": {"size": "big"}}

    (problem,) = problems(tmp_path, theme)

    assert "speaks of later questions" in problem
