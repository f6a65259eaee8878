"""The code tables in which cases are reported: the code is the value, its Chinese name the label.

GB/T 39046-2020 annex A unless a table says otherwise.
"""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A coded value; `label` is its official Chinese name."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Keep the name beside the code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class ItemType(Code):
    """What kind of power or service an item is (事项类型, A.1)."""

    POWER = "00", "行政权力"
    LICENCE = "01", "行政许可"
    PENALTY = "02", "行政处罚"
    COERCION = "03", "行政强制"
    LEVY = "04", "行政征收"
    BENEFIT = "05", "行政给付"
    INSPECTION = "06", "行政检查"
    CONFIRMATION = "07", "行政确认"
    REWARD = "08", "行政奖励"
    RULING = "09", "行政裁决"
    OTHER_POWER = "10", "其他行政权力"
    PUBLIC_SERVICE = "20", "公共服务"


class Level(Code):
    """The level of government that exercises an item (行使层级, A.2)."""

    NATION = "1", "国家"
    PROVINCE = "2", "省"
    CITY = "3", "市"
    COUNTY = "4", "县"
    TOWN = "5", "镇(乡、街道)"
    VILLAGE = "6", "村(社区)"
    SHARED = "7", "分级管理"


class AuthorityKind(Code):
    """By what title an authority acts (实施主体性质, A.3)."""

    STATUTORY = "1", "法定机关"
    AUTHORISED = "2", "授权组织"
    ENTRUSTED = "3", "受委托组织"
    OTHER = "9", "其他"


class ApplicantKind(Code):
    """Whom an item serves (服务对象, A.4)."""

    PERSON = "1", "自然人"
    ENTERPRISE = "2", "企业法人"
    INSTITUTION = "3", "事业法人"
    SOCIAL_ORGANISATION = "4", "社会组织法人"
    AUTHORITY = "5", "行政机关"
    OTHER_ORGANISATION = "6", "其他组织"


class Channel(Code):
    """How an application came in (办理形式, A.5)."""

    WINDOW = "1", "窗口"
    COMPUTER = "2", "电脑端"
    MOBILE = "3", "移动端"
    COURIER = "4", "快递申请"
    OTHER = "9", "其他"


class Handling(Code):
    """Whether an item is decided on the spot or within a promised limit (办件类型, A.6)."""

    IMMEDIATE = "1", "即办件"
    PROMISED = "2", "承诺件"
    OTHER = "9", "其他"


class SpecialProcedure(Code):
    """Why an item's limit moves (特别程序, A.7)."""

    EXTENSION = "1", "延长审批"
    OTHER = "2", "除延长审批之外"


class Satisfaction(Code):
    """How an applicant rates the service (满意度, A.8); the last two are bad ratings (差评)."""

    VERY_SATISFIED = "1", "非常满意"
    SATISFIED = "2", "满意"
    BASICALLY_SATISFIED = "3", "基本满意"
    DISSATISFIED = "4", "不满意"
    VERY_DISSATISFIED = "5", "非常不满意"

    @property
    def is_bad(self) -> bool:
        """Whether the rating has to be followed up (差评)."""
        return self in {Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED}


class LicenceStatus(Code):
    """Whether an electronic licence may be relied on (证照状态, as electronic licence systems report it)."""

    VALID = "01", "有效"
    SUSPENDED = "02", "暂扣"
    REVOKED = "03", "撤销"
    CANCELLED = "04", "注销"
    LAPSED = "05", "失效"
    TRANSFERRED = "06", "办理转出"
    WITHDRAWN = "07", "吊销"
    OTHER = "99", "其他"


class PowerSource(Code):
    """Where an authority's power over an item comes from (权力来源, as item catalogues report it)."""

    STATUTORY = "1", "法定本级行使"
    DEVOLVED = "2", "上级下放"
    AUTHORISED_BY_SUPERIOR = "3", "上级授权"
    AUTHORISED_BY_PEER = "4", "同级授权"
    ENTRUSTED_BY_SUPERIOR = "5", "上级委托"
    ENTRUSTED_BY_PEER = "6", "同级委托"


class Conclusion(Code):
    """How an item ended (办结结果).

    The later provincial list; the older one gives other meanings to the same digits, so a report names its
    list.
    """

    GRANTED = "0", "出证办结(准予)"
    DENIED = "1", "不予许可"
    RETURNED = "5", "退件"
    NOT_ACCEPTED = "6", "不予受理"


class Sex(Code):
    """Sex as a citizen identity number tells it (GB/T 2261.1)."""

    MALE = "1", "男"
    FEMALE = "2", "女"
