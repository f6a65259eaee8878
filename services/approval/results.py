"""Result codes: what became of an item, in each of the lists in which case systems report it.

The lists give other meanings to the same digits, so a code stands nowhere without the name of its list. Where a list
has no word for something, its code is None: nothing is reported as what it is not. ``转报`` (4 of the older list) is
never reached: a case is not passed on to a higher authority here.
"""

from msgspec import Struct

from approval.domain import Bundle
from approval.domain.review import Review, Status
from catalogue.model import Theme
from kernel.codes import Code, Conclusion, LicenceStatus


class OlderConclusion(Code):
    """办结结果 of the older list (Guangdong lineage)."""

    CERTIFICATE = "0", "出证办结"
    RETURNED = "1", "退回办结"
    VOIDED = "2", "作废办结(业务无效)"
    DELETED = "3", "删除办结(录入错误)"
    PASSED_ON = "4", "转报办结"
    NEVER_COMPLETED = "5", "补正不来办结"
    CONCLUDED = "6", "办结"


class VariantConclusion(Code):
    """办结结果 of a variant of the later list, which keeps 准予 and 不予 apart from the rest."""

    GRANTED = "6", "准予"
    DENIED = "7", "不予"


class ItemStatus(Code):
    """状态 of an item in engineering approval systems; 1 comes from another vendor's list."""

    RECEIVED = "1", "接件"
    RECALLED = "2", "撤件"
    ACCEPTED = "3", "部门受理"
    NOT_HANDLED = "4", "不受理"
    NOT_ACCEPTED = "5", "不予受理"
    CORRECTION_BEGUN = "6", "补正(开始)"
    CORRECTION_DONE = "7", "补正(结束)"
    BEGUN = "8", "部门开始办理"
    SPECIAL_BEGUN = "9", "特别程序(开始)"
    SPECIAL_DONE = "10", "特别程序(结束)"
    PASSED = "11", "办结(通过)"
    PASSED_TOLERANT = "12", "办结(容缺通过)"
    FAILED = "13", "办结(不通过)"
    WITHDRAWN = "14", "撤回"
    REVOKED = "15", "撤销"


class NodeResult(Code):
    """环节结果 of a step of approval."""

    DISAGREED = "0", "不同意"
    AGREED = "1", "同意"
    NOT_HANDLED = "2", "不受理"
    NOT_ACCEPTED = "3", "不予受理"
    ACCEPTED = "4", "受理"
    CORRECTION = "5", "补齐补正"
    SPECIAL = "6", "特别程序(挂起)"
    RETURNED = "7", "退回"


class Results(Struct, frozen=True, kw_only=True):
    """What became of an item, list by list."""

    older: OlderConclusion | None = None
    conclusion: Conclusion | None = None
    variant: VariantConclusion | None = None
    item_status: ItemStatus | None = None
    node: NodeResult | None = None
    licence: LicenceStatus | None = None
    shown: str = ""
    """What people are shown."""


TABLE: dict[str, Results] = {
    "not_needed": Results(shown="无需办理"),
    "awaited": Results(item_status=ItemStatus.RECEIVED, shown="待办"),
    "locked": Results(item_status=ItemStatus.ACCEPTED, node=NodeResult.ACCEPTED, shown="正常受理"),
    "open": Results(item_status=ItemStatus.BEGUN, node=NodeResult.ACCEPTED, shown="正常受理"),
    "suspended": Results(item_status=ItemStatus.SPECIAL_BEGUN, node=NodeResult.SPECIAL, shown="特别程序"),
    "granted": Results(
        older=OlderConclusion.CERTIFICATE,
        conclusion=Conclusion.GRANTED,
        variant=VariantConclusion.GRANTED,
        item_status=ItemStatus.PASSED,
        node=NodeResult.AGREED,
        licence=LicenceStatus.VALID,
        shown="办结通过",
    ),
    # granted, and nothing to take home
    "granted_without_certificate": Results(
        older=OlderConclusion.CONCLUDED,
        conclusion=Conclusion.GRANTED,
        variant=VariantConclusion.GRANTED,
        item_status=ItemStatus.PASSED,
        node=NodeResult.AGREED,
        shown="办结通过",
    ),
    # 容缺通过 is no conclusion: the certificate is held
    "granted_tolerant": Results(item_status=ItemStatus.PASSED_TOLERANT, node=NodeResult.AGREED, shown="容缺通过"),
    "denied": Results(
        older=OlderConclusion.RETURNED,
        conclusion=Conclusion.DENIED,
        variant=VariantConclusion.DENIED,
        item_status=ItemStatus.FAILED,
        node=NodeResult.DISAGREED,
        shown="不通过",
    ),
    # 退件 by code 5: the applicant gave up, or never completed the set
    "withdrawn": Results(
        older=OlderConclusion.NEVER_COMPLETED,
        conclusion=Conclusion.RETURNED,
        item_status=ItemStatus.WITHDRAWN,
        node=NodeResult.RETURNED,
        shown="不通过",
    ),
    "returned": Results(
        older=OlderConclusion.NEVER_COMPLETED,
        conclusion=Conclusion.RETURNED,
        item_status=ItemStatus.RECALLED,
        node=NodeResult.RETURNED,
        shown="不通过",
    ),
    "lapsed": Results(
        older=OlderConclusion.NEVER_COMPLETED,
        conclusion=Conclusion.RETURNED,
        item_status=ItemStatus.FAILED,
        node=NodeResult.RETURNED,
        shown="不通过",
    ),
    "not_accepted": Results(
        older=OlderConclusion.RETURNED,
        conclusion=Conclusion.NOT_ACCEPTED,
        item_status=ItemStatus.NOT_ACCEPTED,
        node=NodeResult.NOT_ACCEPTED,
        shown="不通过",
    ),
    # ended without a decision of its own: what it needed was lost, or its handling was terminated
    "blocked": Results(
        older=OlderConclusion.RETURNED, item_status=ItemStatus.FAILED, node=NodeResult.RETURNED, shown="不通过"
    ),
    "terminated": Results(
        older=OlderConclusion.CONCLUDED, item_status=ItemStatus.FAILED, node=NodeResult.RETURNED, shown="不通过"
    ),
    # the conclusion stays what it was; the licence has lost its force
    "revoked": Results(
        older=OlderConclusion.CERTIFICATE,
        conclusion=Conclusion.GRANTED,
        variant=VariantConclusion.GRANTED,
        item_status=ItemStatus.REVOKED,
        node=NodeResult.AGREED,
        licence=LicenceStatus.REVOKED,
        shown="办结通过",
    ),
    "cancelled": Results(
        older=OlderConclusion.CERTIFICATE,
        conclusion=Conclusion.GRANTED,
        variant=VariantConclusion.GRANTED,
        item_status=ItemStatus.PASSED,
        node=NodeResult.AGREED,
        licence=LicenceStatus.CANCELLED,
        shown="办结通过",
    ),
    # of the decision that fell; the item itself is open again
    "voided": Results(older=OlderConclusion.VOIDED, licence=LicenceStatus.LAPSED),
    "deleted": Results(older=OlderConclusion.DELETED, licence=LicenceStatus.LAPSED),
}
"""Our state of an item, or of a decision that fell → its code in each list. The mapping is ours [I]."""

CANCELLATION = frozenset({"holder_request", "ceased"})
"""Grounds on which a grant is cancelled (注销, 行政许可法 第70条) rather than revoked (撤销, 第69条)."""


def state(bundle: Bundle, theme: Theme, item: str) -> str:
    """The row of the table for an item of a case."""
    review: Review | None = bundle.reviews.get(item)
    if review is None:
        return "not_needed"
    match review.status:
        case Status.GRANTED if not theme.item(item).outputs:
            return "granted_without_certificate"
        case Status.GONE:
            return review.reason or "terminated"
        case Status.REVOKED:
            return "cancelled" if bundle.amendments[item][-1].detail in CANCELLATION else "revoked"
        case status:
            return status.value


def codes(results: Results) -> dict[str, dict[str, str] | str]:
    """List → code and name; lists that have no word for it are left out."""
    found: dict[str, dict[str, str] | str] = {"shown": results.shown} if results.shown else {}
    for name in ("older", "conclusion", "variant", "item_status", "node", "licence"):
        if (code := getattr(results, name)) is not None:
            found[name] = {"code": code.value, "name": code.label}
    return found
