"""What the law says can be written by the layer that it belongs to, and arrives in the model as it was written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec import json

import catalogue
from catalogue import Catalogue, InvalidCatalogue, Item, Limit, Theme, load, rules
from catalogue.conditions import ALWAYS, Answer
from catalogue.model import Tolerance
from catalogue.rules import (
    GENERAL,
    Commitment,
    Comprehensive,
    Fee,
    Period,
    Retention,
    Route,
    Rules,
    SpecialProcedure,
    Verification,
    Wait,
)

SCHEMA = Path(catalogue.__file__).parent / "schema"


def written(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def amended(tmp_path: Path, text: str, theme: str = "CY") -> Catalogue:
    head = f"amends: {theme}\neffective: {{from: 2025-01-01}}\n"
    return load("990102", extra=[written(tmp_path, amendment=head + text)])


def county_layer(**values: Any) -> str:
    body = {"layer": "local", "region": "990102", "name": "某县", "effective": {"from": "2025-01-01"}, **values}
    return yaml.safe_dump(body, allow_unicode=True)


def limit(days: int) -> Limit:
    return Limit(days=days, source="X")


OVERRIDES: dict[str, tuple[str, Any]] = {
    "commitment": (
        "{materials: [food_safety_rules], promised: {days: 1, source: X}, verify_within: {days: 20, source: X}}",
        Commitment(materials=("food_safety_rules",), promised=limit(1), verify_within=limit(20)),
    ),
    "routes": (
        "[{when: {answer: {licence: held}}, promised: {days: 2, source: X}}]",
        (Route(when=Answer("licence", ("held",)), promised=limit(2)),),
    ),
    "waits": (
        "[{id: publicity, name: 公示, days: 7, unit: working, after: accepted, suspends: false, source: X}]",
        (Wait(id="publicity", name="公示", days=7, unit="working", after="accepted", suspends=False, source="X"),),
    ),
    "special_procedures": (
        "[{id: expert, name: 专家评审, longest: {days: 15, source: X}}]",
        (SpecialProcedure(id="expert", name="专家评审", longest=limit(15)),),
    ),
    "periods": (
        "[{begins: 2026-07-01, ends: 2026-07-31}]",
        (Period(begins="2026-07-01", ends="2026-07-31"),),
    ),
    "prolongation": ("{days: 0, source: X}", limit(0)),
    "delivery": ("{days: 3, source: X}", limit(3)),
    "verification": (
        "{within: {days: 30, source: X}, when: {answer: {licence: held}}}",
        Verification(within=limit(30), when=Answer("licence", ("held",))),
    ),
    "hearing": ("true", True),
    "tacit": ("granted", "granted"),
    "automatic": ("compare", "compare"),
    "joint_visit": ("kitchen", "kitchen"),
    "personal_appearance": ("true", True),
    "fee": (
        '{amount: "12.50", basis: 某标准, payee: scjg, when: {answer: {licence: none}}}',
        Fee(amount="12.50", basis="某标准", payee="scjg", when=Answer("licence", ("none",))),
    ),
    "correctable": ("false", False),
    "retention": (
        "{years: 15, counted_from: expiry, validity: 5, source: X}",
        Retention(years=15, counted_from="expiry", validity=5, source="X"),
    ),
}


@pytest.mark.parametrize("key", OVERRIDES)
def test_a_layer_writes_it_for_an_item(tmp_path: Path, key: str) -> None:
    text, expected = OVERRIDES[key]

    county = amended(tmp_path, f"override: {{items: {{CY03: {{{key}: {text}}}}}}}\n")

    assert getattr(county.item("CY03"), key) == expected
    assert county.version != load("990102").version
    assert Catalogue.from_document(county.document()).version == county.version


def test_every_part_of_the_law_that_an_item_has_can_be_written() -> None:
    common = json.decode((SCHEMA / "common.json").read_bytes())["$defs"]
    amendment = json.decode((SCHEMA / "amendment.json").read_bytes())
    here = amendment["properties"]["override"]["properties"]["items"]["additionalProperties"]["properties"]
    told = {"type": "item_type"}  # `type` in the file
    made = {"tolerance", "adopted"}  # from the tolerance list, and from `adopt`

    assert {told.get(key, key) for key in common["item"]["properties"]} | made == set(Item.__struct_fields__)
    assert set(OVERRIDES) <= set(here)
    for name in (
        "Fee",
        "Commitment",
        "Wait",
        "SpecialProcedure",
        "Route",
        "Period",
        "Verification",
        "Comprehensive",
        "Retention",
    ):
        struct = getattr(rules, name)
        entry = common["special_procedure" if name == "SpecialProcedure" else name.lower()]
        assert set(entry["properties"]) == set(struct.__struct_fields__), name


def test_every_general_rule_can_be_written_by_a_layer() -> None:
    layer = json.decode((SCHEMA / "layer.json").read_bytes())

    assert set(layer["properties"]["rules"]["properties"]) == set(Rules.__struct_fields__)


def test_what_a_theme_says_as_a_whole_is_written_by_the_layer_too(tmp_path: Path) -> None:
    county = amended(
        tmp_path,
        """
joint: true
import_window: {days: 30, source: X}
qualification: catering-window
cross_region: [local, several_places]
comprehensive: {id: food, name: 综合许可证, certificate: food_permit, parts: [CY03, CY05], least: 2, issuer: xzsp}
entry_points:
  - {name: 夜市管理处, kind: street, when: {answer: {licence: none}}, item: CY01}
""",
    )
    theme = county.theme("CY")

    assert (theme.joint, theme.qualification) == (True, "catering-window")
    assert theme.import_window == limit(30)
    assert theme.cross_region == ("local", "several_places")
    assert theme.comprehensive == Comprehensive(
        id="food", name="综合许可证", certificate="food_permit", parts=("CY03", "CY05"), issuer="xzsp"
    )
    assert (theme.entry_points[-1].item, theme.entry_points[-1].when) == ("CY01", Answer("licence", ("none",)))
    assert theme.entry_points[0].when == ALWAYS


def test_rules_are_merged_from_the_nation_down(tmp_path: Path) -> None:
    layer = county_layer(
        rules={
            "collection": {"days": 7, "source": "本县办法"},
            "retention": {"years": 10, "source": "本县办法"},
            "amber_percent": 70,
            "largest_file": 1000,
            "media_types": ["application/pdf"],
            "tacit_decisions": True,
        }
    )

    mine, usual = load("990102", extra=[written(tmp_path, layer=layer)]).rules, load("990102").rules

    assert mine.collection == Limit(days=7, source="本县办法")
    assert (mine.amber_percent, mine.largest_file, mine.media_types) == (70, 1000, ("application/pdf",))
    assert mine.tacit_decisions
    assert mine.retention == Retention(years=10, source="本县办法")
    changed = {"collection", "retention", "amber_percent", "largest_file", "media_types", "tacit_decisions"}
    for name in set(Rules.__struct_fields__) - changed:
        assert getattr(mine, name) == getattr(usual, name)


def test_a_further_file_of_a_fictional_region_does_not_make_it_real(tmp_path: Path) -> None:
    """Only a fictional region may run on a simulated clock."""
    assert load("990102", extra=[written(tmp_path, layer=county_layer())]).fictional
    elsewhere = county_layer(region="110101")
    assert not load("990102", extra=[written(tmp_path, layer=elsewhere)]).fictional


def test_the_general_rules_of_the_nation_are_those_of_the_house() -> None:
    assert load("000000").rules == GENERAL


def test_the_tolerance_list_says_how_each_item_is_tolerated(tmp_path: Path) -> None:
    entries = ["CY03", {"item": "CY04", "mode": "hold"}, {"item": "SDQ06", "within": {"days": 1, "source": "X"}}]
    layer = county_layer(tolerance_list={"source": "第二批", "items": entries})

    county = load("990102", extra=[written(tmp_path, layer=layer)])

    assert county.item("CY03").tolerance == Tolerance(listed=True, source="第二批")
    assert county.item("CY04").tolerance == Tolerance(listed=True, source="第二批", mode="hold")
    assert county.item("SDQ06").tolerance == Tolerance(listed=True, source="第二批", within=limit(1))
    assert county.item("CY02").tolerance == Tolerance()


def test_a_locality_says_what_a_copy_of_a_material_may_be(tmp_path: Path) -> None:
    county = amended(
        tmp_path,
        "override: {materials: {business_licence: "
        "{confidentiality: public, largest_file: 5000, media_types: [image/png]}}}\n",
    )
    uses = [each for item in county.theme("CY").items for each in item.materials if each.id == "business_licence"]

    assert len(uses) == 5
    assert {(each.confidentiality, each.largest_file, each.media_types) for each in uses} == {
        ("public", 5000, ("image/png",))
    }


def test_an_original_is_asked_for_as_soon_as_one_item_needs_it(tmp_path: Path) -> None:
    theme = """
theme: ZZ
name: 示例
lead: scjg
applicant: either
mouth: county
effective: {from: 2024-01-16}
materials: {deed: {name: 房产证, source: applicant}, plan: {name: 平面图, source: applicant}}
items:
  - {id: ZZ01, name: 甲, department: scjg, level: county, type: other,
     materials: [{id: deed, role: main}, {id: plan, role: main}]}
  - {id: ZZ02, name: 乙, department: scjg, level: county, type: other,
     materials: [{id: deed, role: secondary, original: true}]}
"""
    selection = load("990102", extra=[written(tmp_path, theme=theme)]).theme("ZZ").select({})

    assert {each.material.id: each.material.original for each in selection.materials} == {"deed": True, "plan": False}


def test_a_local_route_goes_before_those_of_the_nation(tmp_path: Path) -> None:
    nation = load("990102").item("SDQ01").routes
    county = amended(
        tmp_path,
        "override: {items: {SDQ01: {routes: "
        "[{when: {answer: {external_line: [short, long]}}, promised: {days: 4, source: X}}]}}}\n",
        theme="SDQ",
    )

    assert county.item("SDQ01").routes[1:] == nation
    assert county.item("SDQ01").routes[0].promised == limit(4)


def test_a_local_wait_takes_the_place_of_the_one_of_its_name_and_no_wait_is_lost(tmp_path: Path) -> None:
    county = amended(
        tmp_path,
        "override: {items: {QYZX01: {waits: [{id: creditors_notice, name: 债权人公告, days: 50, source: X},"
        " {id: objections, name: 异议期, days: 5, unit: working, source: X}]}, QYZX03: {waits: [{id: objections,"
        " name: 异议期, days: 5, source: X}]}}}\n",
        theme="QYZX",
    )

    assert [(wait.id, wait.days) for wait in county.item("QYZX01").waits] == [
        ("creditors_notice", 50),
        ("objections", 5),
    ]
    assert [wait.id for wait in county.item("QYZX03").waits] == ["simple_publicity", "objections"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("override: {items: {CY03: {tacit: maybe}}}", "maybe"),
        ("override: {items: {CY03: {waits: []}}}", "non-empty"),
        ("override: {items: {CY03: {waits: [{id: w, name: 公示, days: 7}]}}}", "not valid under any"),
        ("override: {items: {CY03: {waits: [{id: w, name: 公示, days: 7, after: field, source: X}]}}}", "'field'"),
        ("override: {items: {CY03: {waits: [{id: w, name: 公示, days: 7, field: f, source: X}]}}}", "not allow 'f'"),
        (
            "override: {items: {CY03: {waits: [{id: w, name: 公示, days: 7, holds: acceptance, source: X}]}}}",
            "'after'",
        ),
        ("override: {items: {CY03: {routes: [{when: {answer: {licence: held}}}]}}}", "not valid under any"),
        ("override: {items: {CY03: {fee: {amount: 200, basis: X}}}}", "200 is not of type 'string'"),
        ('override: {items: {CY03: {fee: {amount: "1.999", basis: X}}}}', "1.999"),
        ('override: {items: {CY03: {fee: {amount: "200"}}}}', "'basis'"),
        ("override: {items: {CY03: {commitment: {promised: {days: 1, source: X}}}}}", "'materials'"),
        ("override: {materials: {spoon: {largest_file: 5}}}", "there is no spoon to override"),
        ("comprehensive: {id: c, name: 证, certificate: food_permit, parts: [CY03, CY05], least: 1}", "minimum"),
        ("comprehensive: {id: c, name: 证, certificate: food_permit, parts: [CY03]}", "too short"),
        ("cross_region: [moon]", "moon"),
    ],
)
def test_what_cannot_be_meant_cannot_be_written(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidCatalogue, match=message):
        amended(tmp_path, f"{text}\n")


@pytest.mark.parametrize(
    "values",
    [
        {"rules": {"decision": {"days": 20}}},
        {"rules": {"decisions": {"days": 20, "source": "X"}}},
        {"rules": {"amber_percent": 100}},
        {"tolerance_list": {"source": "X", "items": [{"mode": "hold"}]}},
        {"tolerance_list": {"source": "X", "items": [{"item": "CY03", "mode": "never"}]}},
    ],
)
def test_a_rule_has_a_name_and_a_source(tmp_path: Path, values: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidCatalogue):
        load("990102", extra=[written(tmp_path, layer=county_layer(**values))])


def test_a_default_that_is_written_down_changes_nothing_that_is_read(tmp_path: Path) -> None:
    county = amended(
        tmp_path,
        "cross_region: [local]\njoint: false\noverride: {items: {CY03: {correctable: true, hearing: false, "
        "waits: [{id: w, name: 公示, days: 7, unit: calendar, after: unlocked, holds: decision, suspends: true, "
        "source: X}]}}, materials: {business_licence: {confidentiality: personal}}}\n",
    )

    copy = Catalogue.from_document(county.document())

    assert copy.version == county.version
    assert msgspec.to_builtins(copy) == msgspec.to_builtins(county)
    assert isinstance(copy.theme("CY"), Theme)
