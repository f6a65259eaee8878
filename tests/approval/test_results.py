"""Result codes are kept apart, list by list; the tables are typed here once more."""

import msgspec
import pytest

from approval.domain import Bundle, Review, Status
from approval.results import TABLE, ItemStatus, NodeResult, OlderConclusion, VariantConclusion, codes, state
from catalogue.model import Output
from contracts.approval import EndReason
from kernel.codes import Conclusion, LicenceStatus

from .mothers import Office, a_theme, an_item

LISTS = {
    OlderConclusion: {
        "0": "出证办结",
        "1": "退回办结",
        "2": "作废办结(业务无效)",
        "3": "删除办结(录入错误)",
        "4": "转报办结",
        "5": "补正不来办结",
        "6": "办结",
    },
    Conclusion: {"0": "出证办结(准予)", "1": "不予许可", "5": "退件", "6": "不予受理"},
    VariantConclusion: {"6": "准予", "7": "不予"},
    ItemStatus: {
        "1": "接件",
        "2": "撤件",
        "3": "部门受理",
        "4": "不受理",
        "5": "不予受理",
        "6": "补正(开始)",
        "7": "补正(结束)",
        "8": "部门开始办理",
        "9": "特别程序(开始)",
        "10": "特别程序(结束)",
        "11": "办结(通过)",
        "12": "办结(容缺通过)",
        "13": "办结(不通过)",
        "14": "撤回",
        "15": "撤销",
    },
    NodeResult: {
        "0": "不同意",
        "1": "同意",
        "2": "不受理",
        "3": "不予受理",
        "4": "受理",
        "5": "补齐补正",
        "6": "特别程序(挂起)",
        "7": "退回",
    },
    LicenceStatus: {
        "01": "有效",
        "02": "暂扣",
        "03": "撤销",
        "04": "注销",
        "05": "失效",
        "06": "办理转出",
        "07": "吊销",
        "99": "其他",
    },
}


@pytest.mark.parametrize(("found", "expected"), LISTS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_list_is_the_published_one(found, expected):
    assert {code.value: code.label for code in found} == expected


@pytest.mark.parametrize(
    ("ours", "codes"),
    {
        # ours: (older list, later list, variant, item status, what people are shown)
        "granted": ("0", "0", "6", "11", "办结通过"),
        "granted_tolerant": (None, None, None, "12", "容缺通过"),
        "denied": ("1", "1", "7", "13", "不通过"),
        "voided": ("2", None, None, None, ""),
        "deleted": ("3", None, None, None, ""),
        "returned": ("5", "5", None, "2", "不通过"),
        "lapsed": ("5", "5", None, "13", "不通过"),
        "withdrawn": ("5", "5", None, "14", "不通过"),
        "granted_without_certificate": ("6", "0", "6", "11", "办结通过"),
        "not_accepted": ("1", "6", None, "5", "不通过"),
        "revoked": ("0", "0", "6", "15", "办结通过"),
        "suspended": (None, None, None, "9", "特别程序"),
        "not_needed": (None, None, None, None, "无需办理"),
    }.items(),
)
def test_what_became_of_an_item_has_its_code_in_each_list(ours, codes):
    results = TABLE[ours]

    assert (results.older, results.conclusion, results.variant, results.item_status, results.shown) == codes


@pytest.mark.parametrize(
    ("ours", "licence"), [("revoked", "03"), ("cancelled", "04"), ("voided", "05"), ("granted", "01")]
)
def test_a_licence_has_the_status_that_its_decision_gives_it(ours, licence):
    assert TABLE[ours].licence == licence


def test_nothing_is_reported_as_passed_on():
    assert OlderConclusion.PASSED_ON not in {results.older for results in TABLE.values()}


def test_every_state_that_an_item_can_have_is_in_the_table():
    ended = set(EndReason.__args__)
    reached = {status.value for status in Status} - {"gone"} | ended

    assert reached <= TABLE.keys()


def test_the_state_of_an_item_says_more_than_its_status():
    theme = a_theme(an_item("ONE"), an_item("TWO"))
    paper = Output(id="paper", name="paper", kind="document")
    licensed = a_theme(*(msgspec.structs.replace(item, outputs=(paper,)) for item in theme.items))
    office = Office(theme).accepts("ONE").supplies().grants("ONE")

    assert state(office.bundle, theme, "ONE") == "granted_without_certificate"
    assert state(office.bundle, licensed, "ONE") == "granted"
    assert state(office.loses("TWO").bundle, theme, "TWO") == "withdrawn"


def test_an_item_that_is_no_part_of_the_case_is_not_needed():
    bundle = Bundle("case-1")
    bundle.reviews["ONE"] = Review()

    assert state(bundle, a_theme(an_item("ONE"), an_item("TWO")), "TWO") == "not_needed"


def test_codes_stand_with_the_name_of_their_list():
    assert codes(TABLE["denied"])["older"] == {"code": "1", "name": "退回办结"}
    assert "licence" not in codes(TABLE["denied"])
