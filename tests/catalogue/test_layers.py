"""Three layers, effective dates, and what a layer may and may not change."""

from datetime import date
from pathlib import Path

import pytest

from catalogue import InvalidCatalogue, Level, UnknownRegion, UnknownTheme, load

W1 = Path(__file__).parents[2] / "libs" / "console" / "w1" / "w1.yaml"


def amended(tmp_path: Path, text: str, *, name: str = "amendment") -> Path:
    (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_each_layer_adds_to_the_one_above() -> None:
    nation, province, county = (load(region) for region in ("000000", "990000", "990102"))

    assert [each.name for each in (nation, province, county)] == ["全国", "九九省（虚构）", "云岭县（虚构）"]
    assert [each.fictional for each in (nation, province, county)] == [False, True, True]
    assert len({each.version for each in (nation, province, county)}) == 3


def test_the_locality_overrides_named_values_only() -> None:
    nation, county = load("000000"), load("990102")
    before, after = nation.item("CY03"), county.item("CY03")

    assert before.promised is not None
    assert after.promised is not None
    assert (before.promised.days, before.promised.placeholder) == (7, True)
    assert (after.promised.days, after.promised.source) == (6, "云岭县承诺时限清单（虚构）")
    assert (after.name, after.statutory, after.when) == (before.name, before.statutory, before.when)
    assert (nation.item("CY04").level, county.item("CY04").level) == (Level.COUNTY, Level.STREET)
    assert (nation.theme("CJR").mouth, county.theme("CJR").mouth) == (Level.COUNTY, Level.STREET)


def test_the_locality_completes_the_organisations() -> None:
    nation, county = load("000000"), load("990102")

    assert nation.organisations["scjg"].uscc is None
    assert county.organisations["scjg"].uscc == "11990102MB00000357"
    assert county.organisations["scjg"].kind == nation.organisations["scjg"].kind
    assert county.organisations["sw-east"].serves == {"water": ("east",)}


def test_tolerance_needs_a_published_list() -> None:
    assert not any(item.tolerance.listed for t in load("000000").themes.values() for item in t.items)
    listed = load("990102").item("CY03").tolerance
    assert (listed.listed, listed.source) == (True, "云岭县容缺受理事项清单（第一批，虚构）")
    assert not load("990102").item("CY02").tolerance.listed


def test_links_of_the_chain_have_standard_times_with_exceptions_by_theme() -> None:
    county = load("990102")
    usual, special = ({each.link: each.minutes for each in county.theme(t).links} for t in ("CY", "CJR"))

    assert usual["distribution"] == 120
    assert special == {**usual, "distribution": 480}
    assert [pilot.id for pilot in county.theme("CY").pilots] == ["integrated_licence", "joint_inspection"]


def test_no_item_of_the_nation_is_missing_in_the_county() -> None:
    nation, county = load("000000"), load("990102")

    for theme in nation.themes.values():
        assert {item.id for item in theme.items} <= {item.id for item in county.theme(theme.id).items}


@pytest.mark.parametrize(
    "change",
    [
        "remove: {items: [CY04]}",
        "override: {items: {CY04: {when: {answer: {signboard: no}}}}}",
        "override: {items: {CY04: {materials: []}}}",
        "override: {items: {CY04: null}}",
        "items: []",
    ],
)
def test_a_layer_cannot_remove_an_item(tmp_path: Path, change: str) -> None:
    directory = amended(tmp_path, f"amends: CY\neffective: {{from: 2025-01-01}}\n{change}\n")

    with pytest.raises(InvalidCatalogue):
        load("990102", extra=[directory])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("override: {items: {CY44: {level: city}}}", "there is no CY44 to override"),
        ("override: {questions: {weather: {options: {a: 甲}}}}", "there is no weather to override"),
        ("adopt: [CY04]", "CY04 is no extension item"),
        (
            "add: {items: [{id: CY04, name: 又, department: cgj, level: city, type: other}]}",
            "CY04 is there already",
        ),
        (
            "add: {materials: {business_licence: {name: 又, source: shared}}}",
            "business_licence is there already",
        ),
    ],
)
def test_an_amendment_that_misses_its_aim_is_refused(tmp_path: Path, change: str, message: str) -> None:
    directory = amended(tmp_path, f"amends: CY\neffective: {{from: 2025-01-01}}\n{change}\n")

    with pytest.raises(InvalidCatalogue, match=message):
        load("990102", extra=[directory])


def test_an_amendment_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCatalogue, match="there is no theme NONE to amend"):
        load("990102", extra=[amended(tmp_path, "amends: NONE\neffective: {from: 2025-01-01}\n")])


def test_a_theme_is_written_once(tmp_path: Path) -> None:
    text = (
        "theme: CY\nname: 又\nlead: scjg\napplicant: legal\nmouth: city\neffective: {from: 2025-01-01}\n"
        "items: [{id: CY01, name: 甲, department: scjg, level: city, type: other}]\n"
    )

    with pytest.raises(InvalidCatalogue, match="theme CY is there already"):
        load("990102", extra=[amended(tmp_path, text)])


def test_a_customer_adds_an_item_with_its_question_and_material(tmp_path: Path) -> None:
    directory = amended(
        tmp_path,
        """
amends: CY
effective: {from: 2025-01-01}
add:
  questions: [{id: terrace, text: 是否设露天餐位？, reason: 露天餐位须备案, options: {yes: 是, no: 否}}]
  materials: {terrace_plan: {name: 露天餐位图, source: applicant}}
  fields: [{key: terrace_area, label: 露天面积, type: number, personal: false, items: [CY09]}]
  items:
    - id: CY09
      name: 露天餐位备案
      department: cgj
      level: county
      type: public_service
      when: {answer: {terrace: yes}}
      depends_on: [CY03]
      materials: [{id: terrace_plan, role: main}]
""",
    )

    theme = load("990102", extra=[directory]).theme("CY")
    selection = theme.select(
        dict.fromkeys(("signboard", "public_venue", "tobacco", "drainage", "agent"), "no")
        | {"licence": "held", "terrace": "yes"}
    )

    assert selection.selected == ("CY02", "CY03", "CY09")
    assert "terrace_plan" in {needed.material.id for needed in selection.materials}
    assert "terrace_area" in {field.key for field in selection.fields}
    assert load("990102").theme("CY").items != theme.items


def test_a_layer_that_kubernetes_mounts_is_read_once(tmp_path: Path) -> None:
    """A ConfigMap's files lie in a hidden directory of their own, and are linked to where they are looked for."""
    hidden = tmp_path / "..2026_11_29_12_00_00.1234"
    hidden.mkdir()
    (hidden / "w1.yaml").write_text(W1.read_text("utf-8"), "utf-8")
    (tmp_path / "..data").symlink_to(hidden.name)
    (tmp_path / "w1.yaml").symlink_to("..data/w1.yaml")

    assert "WA" in load("990102", extra=[tmp_path]).themes


def test_editions_follow_the_day(tmp_path: Path) -> None:
    text = (
        "amends: CY\neffective: {{{effective}}}\n"
        "override: {{items: {{CY03: {{promised: {{days: {days}, source: X}}}}}}}}\n"
    )
    amended(tmp_path, text.format(effective="from: 2025-01-01, until: 2025-12-31", days=5), name="old")
    amended(tmp_path, text.format(effective="from: 2026-01-01", days=4), name="new")

    def promised(on: date | None) -> int:
        limit = load("990102", on=on, extra=[tmp_path]).item("CY03").promised
        assert limit is not None
        return limit.days

    assert promised(date(2024, 12, 31)) == 6
    assert promised(date(2025, 1, 1)) == 5
    assert promised(date(2025, 12, 31)) == 5
    assert promised(date(2026, 1, 1)) == 4
    assert promised(None) == 4


def test_two_editions_of_the_same_thing_cannot_overlap(tmp_path: Path) -> None:
    amended(tmp_path, "amends: CY\neffective: {from: 2025-01-01}\n", name="old")
    amended(tmp_path, "amends: CY\neffective: {from: 2026-01-01}\n", name="new")

    with pytest.raises(InvalidCatalogue, match="in force at the same time"):
        load("990102", extra=[tmp_path])


@pytest.mark.parametrize("effective", ["{from: 2025-02-30}", "{from: 2025-01-01, until: 2024-01-01}"])
def test_an_edition_has_days_that_exist_and_follow(tmp_path: Path, effective: str) -> None:
    with pytest.raises(InvalidCatalogue, match="effective"):
        load("990102", extra=[amended(tmp_path, f"amends: CY\neffective: {effective}\n")])


def test_before_the_first_list_there_are_no_themes() -> None:
    assert load("000000", on=date(2024, 1, 15)).themes == {}
    assert len(load("000000", on=date(2024, 1, 16)).themes) == 13
    with pytest.raises(UnknownTheme):
        load("990102", on=date(2024, 1, 15)).theme("CY")


def test_layers_come_into_force_one_after_the_other() -> None:
    spring, summer, later = (load("990102", on=day) for day in (date(2024, 5, 1), date(2024, 6, 15), date(2024, 8, 1)))

    assert [each.item("CY06").adopted for each in (spring, summer, later)] == [False, True, True]
    assert [each.item("CY07").adopted for each in (spring, summer, later)] == [False, False, True]


@pytest.mark.parametrize("region", ["990103", "110101", "", "county"])
def test_a_region_without_a_layer_is_refused(region: str) -> None:
    with pytest.raises(UnknownRegion):
        load(region)
