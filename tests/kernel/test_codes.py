"""Code tables."""

import msgspec
import pytest

from kernel import codes
from kernel.codes import Channel, Code, Satisfaction

TABLES = [table for table in Code.__subclasses__() if table.__module__ == codes.__name__]

# The tables as they are printed: code and name.
PRINTED = {
    "ItemType": "00行政权力 01行政许可 02行政处罚 03行政强制 04行政征收 05行政给付 06行政检查"
    " 07行政确认 08行政奖励 09行政裁决 10其他行政权力 20公共服务",
    "Level": "1国家 2省 3市 4县 5镇(乡、街道) 6村(社区) 7分级管理",
    "AuthorityKind": "1法定机关 2授权组织 3受委托组织 9其他",
    "ApplicantKind": "1自然人 2企业法人 3事业法人 4社会组织法人 5行政机关 6其他组织",
    "Channel": "1窗口 2电脑端 3移动端 4快递申请 9其他",
    "Handling": "1即办件 2承诺件 9其他",
    "SpecialProcedure": "1延长审批 2除延长审批之外",
    "Satisfaction": "1非常满意 2满意 3基本满意 4不满意 5非常不满意",
    "LicenceStatus": "01有效 02暂扣 03撤销 04注销 05失效 06办理转出 07吊销 99其他",
    "PowerSource": "1法定本级行使 2上级下放 3上级授权 4同级授权 5上级委托 6同级委托",
    "Conclusion": "0出证办结(准予) 1不予许可 5退件 6不予受理",
    "Sex": "1男 2女",
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_table_is_as_printed(name):
    table = getattr(codes, name)

    assert " ".join(f"{member.value}{member.label}" for member in table) == PRINTED[name]


def test_every_table_has_been_compared():
    assert {table.__name__ for table in TABLES} == PRINTED.keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_code_travels_as_its_value(table):
    for member in table:
        assert member == member.value == str(member)
        assert msgspec.json.decode(msgspec.json.encode(member), type=table) is member


def test_an_unknown_code_is_refused():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("8", Channel)


def test_the_last_two_ratings_are_bad():
    assert [rating for rating in Satisfaction if rating.is_bad] == ["4", "5"]
