"""What certificate does because of what approval decided."""

from certificate.domain import (
    ConcludeOutput,
    CorrectCertificates,
    IssueCertificates,
    IssueDenial,
    PlanOutput,
    ReopenOutput,
    RevokeCertificates,
    VoidCertificates,
)
from contracts.approval import (
    BundleConcluded,
    BundleExtended,
    BundleOpened,
    DecisionCorrected,
    DecisionRevoked,
    DecisionVoided,
    ReviewConfirmed,
    ReviewDenied,
    ReviewGranted,
    ReviewsRelocked,
)
from eventing.policies import Reactions

REACTIONS = Reactions()


@REACTIONS.on(BundleOpened)
def plan(fact: BundleOpened) -> PlanOutput:
    """The departments took up the case → its results will leave here, in the way agreed."""
    return PlanOutput(
        case_id=str(fact.case_id),
        number=fact.number,
        theme=fact.theme,
        catalogue=fact.catalogue,
        region=fact.region,
        mode=fact.output_mode,
        items=fact.expected,
        hall=fact.hall,
    )


@REACTIONS.on(ReviewGranted)
def issue(fact: ReviewGranted) -> IssueCertificates | None:
    """准予 → the certificates of the item, whatever becomes of the others; 容缺通过 → they are held."""
    if fact.tolerant:
        return None
    return IssueCertificates(case_id=str(fact.case_id), item=fact.item, issuer=fact.handler, decision=fact.decision)


@REACTIONS.on(ReviewConfirmed)
def release(fact: ReviewConfirmed) -> IssueCertificates:
    """Everything that was tolerated is here → the certificates that were held."""
    return IssueCertificates(case_id=str(fact.case_id), item=fact.item, issuer=fact.handler, decision=fact.decision)


@REACTIONS.on(ReviewDenied)
def deny(fact: ReviewDenied) -> IssueDenial:
    """不予许可 → the document of the denial, with its reasons and remedies."""
    return IssueDenial(
        case_id=str(fact.case_id),
        item=fact.item,
        issuer=fact.handler,
        decision=fact.decision,
        reasons=fact.reasons,
        remedy=fact.remedy,
    )


@REACTIONS.on(BundleConcluded)
def conclude(fact: BundleConcluded) -> ConcludeOutput:
    """The verdict over the whole → no more results will come; what was kept back leaves."""
    return ConcludeOutput(
        case_id=str(fact.case_id),
        verdict=fact.verdict,
        items=(*fact.granted, *fact.denied, *fact.gone, *fact.blocked, *fact.revoked),
    )


@REACTIONS.on(BundleExtended)
def reopen(fact: BundleExtended) -> ReopenOutput | None:
    """接续: items were joined → results may come again, until the next verdict; without new reviews none comes."""
    return ReopenOutput(case_id=str(fact.case_id), items=fact.expected) if fact.expected else None


@REACTIONS.on(ReviewsRelocked)
def await_again(fact: ReviewsRelocked) -> ReopenOutput:
    """Reviews that had come to an end wait again → results may come again; before the verdict that is no news."""
    return ReopenOutput(case_id=str(fact.case_id), items=fact.items, again=fact.items)


# after the decision


@REACTIONS.on(DecisionCorrected)
def correct(fact: DecisionCorrected) -> CorrectCertificates:
    """更正 → the next edition."""
    return CorrectCertificates(
        case_id=str(fact.case_id), item=fact.item, decision=fact.decision, correction=fact.correction
    )


@REACTIONS.on(DecisionVoided)
def void(fact: DecisionVoided) -> VoidCertificates:
    """作废 → what was issued is void, and another decision will come."""
    return VoidCertificates(case_id=str(fact.case_id), item=fact.item, ground=fact.ground)


@REACTIONS.on(DecisionRevoked)
def revoke(fact: DecisionRevoked) -> RevokeCertificates:
    """撤销, 注销 → what was issued has lost its force; dependants get decisions of their own."""
    return RevokeCertificates(case_id=str(fact.case_id), item=fact.item, ground=fact.ground)
