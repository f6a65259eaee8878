"""What intake does because of what happened elsewhere."""

from collections.abc import Iterable

from contracts.approval import (
    DecisionRevoked,
    DecisionVoided,
    ReviewDenied,
    ReviewEnded,
    ReviewsBlocked,
    ReviewsRelocked,
    WithdrawalRefused,
)
from contracts.certificate import OutputCompleted, OutputReopened
from contracts.credit import FalsePromiseFound
from contracts.halls import HandOverAccepted
from contracts.intake import CaseMerged, CaseOpened, ItemsAccepted, ItemsJoined, ItemWithdrawn, ToleranceLapsed
from eventing.policies import Reactions
from intake.domain import CloseCase, ConfirmWithdrawal, FailWithdrawal, ReopenCase, TakeIn
from intake.domain.admitting import AdmitHall
from intake.domain.bill import AssessFees, ReleaseFee
from intake.domain.credit import BarCredit, NoteFalsePromise
from intake.domain.draft import UseDraft
from intake.domain.offer import TakeOffer
from intake.domain.tolerance import RestTolerance, ResumeTolerance

REACTIONS = Reactions()


@REACTIONS.on(OutputCompleted)
def close(fact: OutputCompleted) -> CloseCase:
    """出件完毕 → 办结."""
    return CloseCase(case_id=str(fact.case_id), outcome=fact.verdict, items=fact.items, again=bool(fact.again))


@REACTIONS.on(OutputReopened)
def reopen(fact: OutputReopened) -> ReopenCase | None:
    """Items are decided again whose ends a completion had covered → the case that it closed is open again.

    It is told in the order of the completions. A decision that falls while its last results are handed over is heard
    here before the completion as likely as after it.
    """
    return ReopenCase(case_id=str(fact.case_id), items=fact.again) if fact.again else None


@REACTIONS.on(ReviewEnded)
def confirm_withdrawal(fact: ReviewEnded) -> ConfirmWithdrawal | None:
    """Nothing had been decided → 撤回."""
    return ConfirmWithdrawal(case_id=str(fact.case_id), item=fact.item) if fact.reason == "withdrawn" else None


@REACTIONS.on(WithdrawalRefused)
def fail_withdrawal(fact: WithdrawalRefused) -> FailWithdrawal:
    """A decision stands."""
    return FailWithdrawal(case_id=str(fact.case_id), item=fact.item, decision=fact.decision)


@REACTIONS.on(ReviewDenied)
def rest_tolerance(fact: ReviewDenied) -> RestTolerance:
    """不予许可 → no supplement is waited for."""
    return RestTolerance(case_id=str(fact.case_id), item=fact.item, decision=fact.decision)


@REACTIONS.on(ReviewsBlocked)
def rest_blocked(fact: ReviewsBlocked) -> Iterable[RestTolerance]:
    """Items that cannot be granted because others failed → no supplement is waited for."""
    return [RestTolerance(case_id=str(fact.case_id), item=item) for item in fact.items]


@REACTIONS.on(DecisionRevoked)
def rest_revoked(fact: DecisionRevoked) -> RestTolerance:
    """撤销, 注销 of a tolerant pass → no supplement is waited for."""
    return RestTolerance(case_id=str(fact.case_id), item=fact.item, decision=fact.decision)


@REACTIONS.on(ReviewsRelocked)
def resume_relocked(fact: ReviewsRelocked) -> Iterable[ResumeTolerance]:
    """What they failed by fell → it may come again."""
    return [ResumeTolerance(case_id=str(fact.case_id), item=item) for item in fact.items]


@REACTIONS.on(DecisionVoided)
def resume_tolerance(fact: DecisionVoided) -> ResumeTolerance:
    """作废 → it may come again."""
    return ResumeTolerance(case_id=str(fact.case_id), item=fact.item)


@REACTIONS.on(HandOverAccepted)
def admit(fact: HandOverAccepted) -> AdmitHall | None:
    """接受移交 → the hall that goes on with the case reaches it; between windows of one hall nothing changes."""
    if fact.hall == fact.from_hall:
        return None
    return AdmitHall(case_id=str(fact.case_id), hall=fact.hall, from_hall=fact.from_hall)


# from one stream of intake to another


@REACTIONS.on(CaseMerged)
def take_in(fact: CaseMerged) -> TakeIn:
    """合并: the other case takes over what it lacks."""
    return TakeIn(
        case_id=fact.into,
        items=fact.items,
        answers=fact.answers,
        satisfied=fact.satisfied,
        origins=fact.origins,
    )


@REACTIONS.on(CaseOpened)
def use_draft(fact: CaseOpened) -> UseDraft | None:
    """A draft became a case."""
    return UseDraft(draft=fact.draft, used_by=str(fact.case_id)) if fact.draft else None


@REACTIONS.on(CaseOpened, ItemsJoined)
def take_offer(fact: CaseOpened | ItemsJoined) -> TakeOffer | None:
    """An offered theme was taken up."""
    return TakeOffer(offer=fact.offer, taken_by=str(fact.case_id)) if fact.offer else None


@REACTIONS.on(ItemsAccepted)
def assess_fees(fact: ItemsAccepted) -> AssessFees | None:
    """What was accepted may cost something."""
    return AssessFees(case_id=str(fact.case_id), items=fact.charged) if fact.charged else None


@REACTIONS.on(ItemWithdrawn)
def release_fee(fact: ItemWithdrawn) -> ReleaseFee:
    """What left before its decision costs nothing."""
    return ReleaseFee(case_id=str(fact.case_id), item=fact.item)


@REACTIONS.on(ToleranceLapsed)
def bar_after_lapse(fact: ToleranceLapsed) -> BarCredit | None:
    """容缺逾期 → 失信."""
    if not fact.applicant_index:
        return None
    return BarCredit(
        record=fact.applicant_index,
        bar=f"{fact.case_id}/{fact.item}/tolerance",
        ground="tolerance_lapsed",
        source=str(fact.case_id),
        document=fact.notice,
        item=fact.item,
    )


@REACTIONS.on(DecisionRevoked)
def note_false_promise(fact: DecisionRevoked) -> NoteFalsePromise | None:
    """承诺不实."""
    if fact.ground != "false_promise":
        return None
    return NoteFalsePromise(case_id=str(fact.case_id), item=fact.item, handler=fact.handler, decision=fact.decision)


@REACTIONS.on(FalsePromiseFound)
def bar_after_false_promise(fact: FalsePromiseFound) -> BarCredit:
    """承诺不实 → 失信."""
    return BarCredit(
        record=fact.applicant_index,
        bar=f"{fact.case_id}/{fact.item}/promise",
        ground="false_promise",
        source=str(fact.case_id),
        document=fact.decision,
        item=fact.item,
        finder=fact.handler,
    )
