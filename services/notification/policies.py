"""What an applicant must learn because of what happened; nothing here is personal."""

from collections.abc import Iterable, Iterator

from contracts.approval import (
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    HearingRightTold,
    HearingScheduled,
    JointExtended,
    RectificationOrdered,
    ReviewDenied,
    ReviewExtended,
    ReviewsBlocked,
    ReviewSuspended,
    WithdrawalRefused,
)
from contracts.certificate import CollectionReminded, PackageAssembled, PackageDispatched, PackageRecalled
from contracts.drafts import DraftExpiring
from contracts.intake import (
    CaseOpened,
    CorrectionRequested,
    FieldsSentBack,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsHeld,
    ItemsReturned,
    ToleranceExtended,
    ToleranceLapsed,
    ToleranceResumed,
)
from contracts.language import Fact
from contracts.notification import MessageKind
from eventing.policies import Reactions
from kernel.clock import local_date
from notification.domain import PrepareMessage

REACTIONS = Reactions()


def _tell(fact: Fact, kind: MessageKind, **data: str) -> PrepareMessage:
    return PrepareMessage(case_id=str(fact.case_id), kind=kind, data=_of(**data))


def _of(**data: str) -> dict[str, str]:
    return {key: value for key, value in data.items() if value}


def _listed(ids: Iterable[str]) -> str:
    return ",".join(ids)


@REACTIONS.on(CaseOpened)
def noticed(fact: CaseOpened) -> PrepareMessage | None:
    """Who did not stand at the window gets the notice sent; at the window it was handed over in print."""
    return None if fact.channel == "window" else _tell(fact, "notice")


@REACTIONS.on(CorrectionRequested)
def correction(fact: CorrectionRequested) -> PrepareMessage:
    """补正告知."""
    return _tell(fact, "correction", document=fact.notice, items=_listed(fact.missing))


@REACTIONS.on(FieldsSentBack)
def sent_back(fact: FieldsSentBack) -> PrepareMessage:
    """Fields of the form are wrong."""
    return _tell(fact, "sent_back", fields=_listed(fact.fields))


@REACTIONS.on(ItemsHeld)
def held(fact: ItemsHeld) -> Iterator[PrepareMessage]:
    """容缺收件: what has still to come before anything is accepted."""
    for each in fact.items:
        yield _tell(
            fact,
            "tolerance_held",
            items=each.item,
            materials=_listed(one.material for one in each.tolerated),
            until=str(min(one.due_on for one in each.tolerated)),
        )


@REACTIONS.on(ItemsAccepted)
def accepted(fact: ItemsAccepted) -> Iterator[PrepareMessage]:
    """受理通知 for who did not get it at the window (行政许可法 第32条末款), and what has still to come."""
    if fact.deemed or fact.channel != "window":
        yield _tell(fact, "accepted", items=_listed(each.item for each in fact.items))
    for each in fact.items:
        if each.tolerated:
            yield _tell(
                fact,
                "tolerance_due",
                items=each.item,
                materials=_listed(one.material for one in each.tolerated),
                until=str(min(one.due_on for one in each.tolerated)),
            )


@REACTIONS.on(ToleranceExtended, ToleranceResumed)
def extended(fact: ToleranceExtended | ToleranceResumed) -> PrepareMessage:
    """The supplement may come later, or again after all."""
    return _tell(fact, "tolerance_extended", items=fact.item, until=str(fact.due_on))


@REACTIONS.on(ReviewsBlocked)
def choice(fact: ReviewsBlocked) -> PrepareMessage:
    """Partial failure: the applicant chooses whether the rest goes on."""
    return _tell(fact, "choice", items=_listed(fact.items), because=_listed(fact.because))


@REACTIONS.on(PackageAssembled)
def ready(fact: PackageAssembled) -> PrepareMessage:
    """Results lie ready at the exit."""
    return _tell(fact, "ready", results=fact.package)


@REACTIONS.on(PackageDispatched)
def on_the_way(fact: PackageDispatched) -> PrepareMessage:
    """By post, or into a locker."""
    return _tell(fact, "on_the_way", results=fact.package, document=fact.tracking or f"{fact.cabinet} {fact.cell}")


@REACTIONS.on(CollectionReminded, PackageRecalled)
def uncollected(fact: CollectionReminded | PackageRecalled) -> PrepareMessage:
    """Results wait, at the window or back at it."""
    return _tell(fact, "uncollected", results=fact.package)


@REACTIONS.on(ReviewSuspended)
def suspended(fact: ReviewSuspended) -> PrepareMessage:
    """特别程序: how long is told in writing (行政许可法 第45条)."""
    return _tell(
        fact,
        "suspended",
        items=fact.item,
        procedure=fact.procedure,
        days=str(fact.expected_days),
        document=fact.notice,
    )


@REACTIONS.on(ReviewExtended)
def prolonged(fact: ReviewExtended) -> PrepareMessage:
    """延长审批: the reasons are told (行政许可法 第42条)."""
    return _tell(
        fact,
        "extended",
        items=fact.item,
        days=str(fact.days),
        until=str(fact.clocks.statutory_due or ""),
        document=fact.notice,
    )


@REACTIONS.on(JointExtended)
def jointly_prolonged(fact: JointExtended) -> PrepareMessage:
    """联合办理延长."""
    return _tell(fact, "jointly_extended", days=str(fact.days), document=fact.notice)


@REACTIONS.on(HearingRightTold)
def hearing_right(fact: HearingRightTold) -> PrepareMessage | None:
    """听证权利 (行政许可法 第47条); other parties are told by the department itself."""
    if "applicant" not in fact.parties:
        return None
    return _tell(fact, "hearing_right", items=fact.item, until=str(fact.until), document=fact.notice)


@REACTIONS.on(HearingScheduled)
def hearing_set(fact: HearingScheduled) -> PrepareMessage:
    """Time and place (行政许可法 第48条)."""
    return _tell(fact, "hearing_set", items=fact.item, date=str(fact.on), place=fact.place)


@REACTIONS.on(RectificationOrdered)
def rectification(fact: RectificationOrdered) -> PrepareMessage:
    """责令限期改正."""
    return _tell(fact, "rectification", items=fact.item, until=str(fact.due_on))


@REACTIONS.on(DraftExpiring)
def draft_expiring(fact: DraftExpiring) -> PrepareMessage | None:
    """A draft ends soon; what is told of it stands under the draft's id."""
    if not fact.draft:
        return None
    return PrepareMessage(case_id=fact.draft, kind="draft_expiring", data=_of(until=str(local_date(fact.expires_at))))


# refusals, ends, and what was taken back


@REACTIONS.on(ItemNotAccepted)
def not_accepted(fact: ItemNotAccepted) -> PrepareMessage:
    """不予受理."""
    return _tell(fact, "not_accepted", items=fact.item, document=fact.notice, authority=fact.competent_authority)


@REACTIONS.on(ItemsReturned)
def returned(fact: ItemsReturned) -> PrepareMessage:
    """退件."""
    return _tell(fact, "returned", items=_listed(fact.items), document=fact.notice)


@REACTIONS.on(ToleranceLapsed)
def lapsed(fact: ToleranceLapsed) -> PrepareMessage:
    """容缺逾期."""
    return _tell(fact, "tolerance_lapsed", items=fact.item)


@REACTIONS.on(WithdrawalRefused)
def not_withdrawn(fact: WithdrawalRefused) -> PrepareMessage:
    """The decision was faster."""
    return _tell(fact, "withdrawal_refused", items=fact.item, document=fact.decision)


@REACTIONS.on(ReviewDenied)
def denied(fact: ReviewDenied) -> PrepareMessage:
    """不予许可 (行政许可法 第38条第2款)."""
    return _tell(fact, "denied", items=fact.item, document=fact.decision)


@REACTIONS.on(DecisionCorrected)
def corrected(fact: DecisionCorrected) -> PrepareMessage:
    """更正."""
    return _tell(fact, "corrected", items=fact.item, document=fact.decision)


@REACTIONS.on(DecisionVoided)
def voided(fact: DecisionVoided) -> PrepareMessage:
    """作废."""
    return _tell(fact, "voided", items=fact.item, document=fact.decision)


@REACTIONS.on(DecisionRevoked)
def revoked(fact: DecisionRevoked) -> PrepareMessage:
    """撤销 takes an approval back (行政许可法 第69条); 注销 strikes off what has ended (第70条)."""
    if fact.ground in {"holder_request", "ceased"}:
        return _tell(fact, "cancelled", items=fact.item, document=fact.decision)
    return _tell(fact, "revoked", items=fact.item, document=fact.decision)
