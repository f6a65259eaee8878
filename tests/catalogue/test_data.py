"""The national catalogue holds what was compiled for it: 13 themes, 87 items, times as marked."""

import pytest

from catalogue import Catalogue, Role, Source, Theme, Trigger, check, load
from catalogue.conditions import holds
from catalogue.examples import happy_answers

# theme: items, material uses, outputs, known statutory limits, their sum, known promised limits, their sum
COUNTS = {
    "CY": (8, 22, 7, 7, 66, 8, 41),
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
    "CY05": ("S43,S44,S48", "S43,S44,S48"),
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
    assert sum(each.role is Role.MAIN for each in uses) == 116


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

    assert county.certificate_type(permit.certificate) == "11990100MB0000019L002"
    assert county.certificate_type(record.certificate) is None


def held(item_id: str, answers: dict[str, str]) -> list[str]:
    """The waits of an item under these answers."""
    return [wait.id for wait in load("990102").item(item_id).waits if holds(wait.when, answers)]


def test_a_fire_check_may_be_promised_and_is_verified_afterwards(nation: Catalogue) -> None:
    # on the promise 1 working day; verified within 20, looked at again within 3, otherwise revoked.
    promise = nation.item("CY05").commitment

    assert promise is not None
    assert promise.materials == ("fire_safety_rules", "fire_floor_plans")
    limits = (promise.promised, promise.verify_within, promise.recheck_within)
    assert [each.days for each in limits if each] == [1, 20, 3]
    assert promise.rectify_within is not None
    assert promise.rectify_within.placeholder
    assert (promise.verification, promise.excluded) == ("afterwards", "")


def test_the_tax_clearance_is_issued_at_once_on_a_promise(nation: Catalogue) -> None:
    # S26: 容缺即时办理
    promise = nation.item("QYZX02").commitment

    assert promise is not None
    assert promise.promised is not None
    assert (promise.promised.days, promise.promised.source) == (0, "S26")


def test_creditors_have_forty_five_days_and_a_simple_cancellation_twenty() -> None:
    # S27: 普通注销公告45日, 简易注销公示20日
    waits = [wait for item in ("QYZX01", "QYZX03") for wait in load("990102").item(item).waits]

    assert [(wait.days, wait.unit, wait.field, wait.holds) for wait in waits] == [
        (45, "calendar", "announced_on", "decision"),
        (20, "calendar", "announced_on", "decision"),
    ]
    assert held("QYZX01", {"method": "ordinary", "announced": "running"}) == ["creditors_notice"]
    assert held("QYZX03", {"method": "simple", "announced": "running"}) == ["simple_publicity"]
    assert held("QYZX03", {"method": "ordinary", "announced": "running"}) == []
    assert held("QYZX01", {"method": "ordinary", "announced": "elapsed"}) == []


@pytest.mark.parametrize(("severity", "months"), [("minor", []), ("general", [3]), ("serious", [12])])
def test_a_fault_stays_public_for_as_long_as_it_weighs(severity: str, months: list[int]) -> None:
    # S23, S24: 轻微不公示或≤3个月, 一般3个月, 严重1年
    item = load("990102").item("XYXF02")
    waits = [wait for wait in item.waits if holds(wait.when, {"penalty": "yes", "severity": severity})]

    assert [wait.days for wait in waits] == months
    assert all((wait.unit, wait.field, wait.holds) == ("months", "published_on", "acceptance") for wait in waits)


@pytest.mark.parametrize("theme", load("990102").themes.values(), ids=lambda theme: theme.id)
def test_the_plainest_case_of_a_theme_waits_for_nothing(theme: Theme) -> None:
    answers = happy_answers(theme)

    assert [wait.id for item in theme.select(answers).selected for wait in theme.item(item).waits
            if holds(wait.when, answers)] == []  # fmt: skip


def test_steps_that_no_limit_counts_are_named(nation: Catalogue) -> None:
    # excluded time; 1.3: 评定时间为特别程序, 制卡、邮寄时间不计入时限, 设计、施工时间不计入
    named = {
        item.id: [each.name for each in item.special_procedures]
        for theme in nation.themes.values()
        for item in theme.items
        if item.special_procedures
    }

    assert named == {
        "CJR01": ["残疾评定"],
        "XSE05": ["制卡、邮寄"],
        "SBK01": ["制卡、邮寄"],
        "SBK03": ["制卡、邮寄"],
        "SDQ10": ["外线设计、施工"],
    }


def test_what_is_compared_decides_itself(nation: Catalogue) -> None:
    # CY02 系统比对; JYRX02∥..∥JYRX05 数据比对, 比对失败→转线下人工核验
    compared = {item.id for theme in nation.themes.values() for item in theme.items if item.automatic == "compare"}

    assert compared == {"CY02", "JYRX02", "JYRX03", "JYRX04", "JYRX05"}


def test_pupils_are_enrolled_in_a_period_that_every_locality_announces() -> None:
    (period,) = load("990102").item("JYRX01").periods

    assert (period.begins <= "2026-03-02" <= period.ends, period.placeholder) == (True, True)


def test_utilities_are_handled_jointly_and_surveyed_together(nation: Catalogue) -> None:
    visits = {item.id for item in nation.theme("SDQ").items if item.joint_visit == "survey"}

    assert [theme.id for theme in nation.themes.values() if theme.joint] == ["SDQ"]
    assert visits == {"SDQ01", "SDQ02", "SDQ03", "SDQ04", "SDQ05"}


def test_the_county_tries_what_its_pilots_say() -> None:
    county = load("990102")
    licence = county.theme("CY").comprehensive

    assert licence is not None
    assert (licence.parts, licence.least) == (("CY03", "CY05", "CY06", "CY07"), 2)
    assert county.certificates[licence.certificate].name == "餐饮行业综合许可证"
    assert {item.id for item in county.theme("CY").items if item.joint_visit == "premises"} == {"CY03", "CY05"}
    assert load("000000").theme("CY").comprehensive is None
    assert [theme.id for theme in county.themes.values() if theme.qualification] == ["TX"]


def test_fees_are_examples_of_the_county_and_marked_so() -> None:
    fees = {
        (region, item.id): (item.fee.amount, item.fee.placeholder)
        for region in ("000000", "990102")
        for theme in load(region).themes.values()
        for item in theme.items
        if item.fee
    }

    assert fees == {("990102", "CY08"): ("200.00", True), ("990102", "SDQ06"): ("600.00", True)}


def test_no_silence_decides_and_no_hearing_is_invented(nation: Catalogue) -> None:
    items = [item for theme in nation.themes.values() for item in theme.items]

    assert nation.rules.tacit_decisions is False
    assert not any(item.tacit or item.hearing for item in items)


def test_some_themes_may_be_asked_for_from_elsewhere(nation: Catalogue) -> None:
    # 全程网办, 异地代收代办
    modes = {theme.id: theme.cross_region for theme in nation.themes.values() if theme.cross_region != ("local",)}

    assert modes == {
        "XSE": ("local", "online", "received_elsewhere"),
        "SBK": ("local", "online", "received_elsewhere"),
        "XYXF": ("local", "online"),
        "SSHC": ("local", "online"),
        "POCH": ("local", "online"),
    }


def test_the_nation_writes_down_what_the_law_says(nation: Catalogue) -> None:
    """The numbers of the law and the guides, typed from there."""
    law = {
        "answer": 5, "decision": 20, "prolongation": 10, "joint_decision": 45, "joint_prolongation": 15,
        "delivery": 10, "hearing_request": 5, "hearing_held": 20, "hearing_notice": 7, "tolerance_cap": 20,
        "tolerance_margin": 2, "grant_renewal": 15, "locker_collection": 5, "transfer": 1,
    }  # fmt: skip

    for name, days in law.items():
        limit = getattr(nation.rules, name)
        assert (limit.days, limit.placeholder, bool(limit.source)) == (days, False, True), name


def test_the_personal_file_is_asked_only_where_it_decides_the_review() -> None:
    """需审档时为主审要件: a main material, and never a condition without weight (TX01)."""
    (file,) = [each for each in load("990102").item("TX01").materials if each.id == "personal_file"]

    assert file.role is Role.MAIN
    assert holds(file.when, {"category": "normal", "file_review": "yes"})
    assert not holds(file.when, {"category": "normal", "file_review": "no"})
