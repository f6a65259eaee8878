"""The national catalogue holds what was compiled for it: 13 themes, 87 items, times as marked."""

import pytest

from catalogue import Catalogue, Role, Source, Trigger, check, load

# theme: items, material uses, outputs, known statutory limits, their sum, known promised limits, their sum
COUNTS = {
    "CY": (8, 22, 7, 7, 66, 8, 29),
    "XSE": (7, 16, 8, 3, 20, 7, 21),
    "SDQ": (10, 16, 10, 4, 80, 9, 23),
    "XYXF": (6, 11, 6, 5, 48, 6, 32),
    "QYBG": (8, 13, 9, 2, 4, 8, 9),
    "TX": (10, 15, 10, 6, 183, 10, 107),
    "QYZX": (8, 13, 8, 2, 13, 8, 16),
    "JYRX": (6, 6, 6, 1, 15, 6, 28),
    "CJR": (5, 8, 5, 1, 20, 5, 60),
    "SBK": (5, 4, 5, 0, 0, 5, 11),
    "YSQY": (4, 7, 2, 3, 20, 4, 6),
    "SSHC": (2, 2, 2, 0, 0, 2, 8),
    "POCH": (8, 11, 8, 0, 0, 8, 21),
}

# Items whose times have a source: statutory, promised (K: general knowledge, None: a placeholder or unknown).
SOURCED = {
    "CY05": ("S43,S44,S48", "S44,S45,S47"),
    "XSE02": ("K", "S10"),
    "SDQ01": (None, "S14"),
    "SDQ06": ("K", "S13"),
    "SDQ07": ("K", "S13"),
    "SDQ08": ("K", "S13"),
    "SDQ09": ("K", "S13"),
    "XYXF02": ("S22", None),
    "XYXF06": ("S21,S22", "S21,S22"),
    "TX01": ("S31", None),
    "QYZX02": ("K", "S25"),
    "QYZX03": ("K", "S25"),
    "QYZX04": (None, "S25"),
    "QYZX06": (None, "S25"),
    "QYZX07": (None, "S25"),
    "QYZX08": (None, "S25"),
    **{f"POCH0{number}": (None, "S39") for number in range(1, 8)},
}


@pytest.fixture(scope="module")
def nation() -> Catalogue:
    return load("000000")


def test_the_nation_has_thirteen_themes_with_eighty_seven_items(nation: Catalogue) -> None:
    assert set(nation.themes) == set(COUNTS)
    assert sum(len(theme.items) for theme in nation.themes.values()) == 87


@pytest.mark.parametrize("theme_id", COUNTS)
def test_a_theme_holds_what_was_compiled_for_it(nation: Catalogue, theme_id: str) -> None:
    items = nation.theme(theme_id).items
    statutory = [item.statutory.days for item in items if item.statutory]
    promised = [item.promised.days for item in items if item.promised]

    found = (
        len(items),
        sum(len(item.materials) for item in items),
        sum(len(item.outputs) for item in items),
        len(statutory),
        sum(statutory),
        len(promised),
        sum(promised),
    )

    assert found == COUNTS[theme_id]


def test_times_are_marked_as_sourced_known_or_placeholder(nation: Catalogue) -> None:
    for theme in nation.themes.values():
        for item in theme.items:
            statutory, promised = SOURCED.get(item.id, ("K", None))
            assert item.statutory is None or item.statutory.source == statutory, item.id
            assert item.promised is None or item.promised.source == promised, item.id
            assert item.promised is None or item.promised.placeholder == (promised is None), item.id


def test_materials_come_from_whom_the_guides_say(nation: Catalogue) -> None:
    uses = [each for theme in nation.themes.values() for item in theme.items for each in item.materials]

    # The business licence of the restaurant theme is shared data, unless the case itself yields it.
    licence = [each for each in uses if each.id == "business_licence" and each.produced_by == ("CY01",)]
    sources = [each.source for each in uses]

    assert len(licence) == 5
    assert all(each.otherwise is Source.SHARED for each in licence)
    assert sources.count(Source.APPLICANT) == 81
    assert sources.count(Source.SHARED) == 35 - len(licence)
    assert sources.count(Source.PRODUCED) == 28 + len(licence)
    assert sum(each.tolerable for each in uses) == 27
    assert sum(each.role is Role.MAIN for each in uses) == 115


@pytest.mark.parametrize("region", ["000000", "990000", "990102"])
def test_every_layer_is_sound(region: str) -> None:
    assert check(load(region)) == []


def test_the_extension_items_are_part_of_no_case_until_a_layer_adopts_them(nation: Catalogue) -> None:
    items = [item for theme in nation.themes.values() for item in theme.items]

    assert {item.id for item in items if item.extension} == {"CY06", "CY07", "XYXF05"}
    assert {item.id for item in items if not item.adopted} == {"CY06", "CY07", "XYXF05"}
    assert [load("990000").item(each).adopted for each in ("CY06", "CY07", "XYXF05")] == [True, False, True]
    assert [load("990102").item(each).adopted for each in ("CY06", "CY07", "XYXF05")] == [True, True, True]


def test_the_joint_survey_starts_when_the_utilities_have_accepted(nation: Catalogue) -> None:
    edges = nation.item("SDQ05").depends_on

    assert [(edge.any_of, edge.trigger, edge.optional) for edge in edges] == [
        (("SDQ01",), Trigger.ACCEPTED, True),
        (("SDQ02",), Trigger.ACCEPTED, True),
        (("SDQ03",), Trigger.ACCEPTED, True),
        (("SDQ04",), Trigger.ACCEPTED, True),
    ]


def test_retirement_needs_one_of_three_items_first(nation: Catalogue) -> None:
    deemed, pension = nation.item("TX05"), nation.item("TX06")

    assert [(edge.any_of, edge.optional) for edge in deemed.depends_on] == [(("TX01", "TX02", "TX03"), False)]
    assert [(edge.any_of, edge.optional) for edge in pension.depends_on] == [
        (("TX01", "TX02", "TX03"), False),
        (("TX05",), True),
    ]


def test_the_birth_certificate_is_made_by_the_first_item_and_used_by_the_later_ones(
    nation: Catalogue,
) -> None:
    users = {
        item.id: each.produced_by
        for item in nation.theme("XSE").items
        for each in item.materials
        if each.id == "birth_certificate"
    }

    assert users == dict.fromkeys(("XSE02", "XSE03", "XSE05", "XSE06"), ("XSE01",))
    assert next(m for m in nation.item("XSE04").materials if m.id == "newborn_household").produced_by == ("XSE03",)


def test_two_water_companies_share_the_county() -> None:
    county = load("990102")
    water, power, road = (county.item(each) for each in ("SDQ01", "SDQ02", "SDQ06"))

    assert county.handler(water, "east") == "sw-east"
    assert county.handler(water, "west") == "sw-west"
    assert county.handler(power, "west") == "gd-yunling"
    assert county.handler(power, None) == "gd-yunling"
    assert county.handler(road, "west") == "xzsp"


def test_who_recognised_a_fault_repairs_it() -> None:
    county = load("990102")

    assert county.handler(county.item("XYXF02"), "fire") == "xfdd"
    assert county.handler(county.item("XYXF04"), "tax") == "swj"


def test_certificates_have_a_type_code_of_their_own() -> None:
    county = load("990102")
    (permit,) = county.item("CY03").outputs
    (record,) = county.item("CY04").outputs

    assert county.certificate_type(permit) == "11990100MB0000019L002"
    assert county.certificate_type(record) is None
