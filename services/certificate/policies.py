"""What certificate does because of what approval decided."""

from certificate.domain import ConcludeOutput, IssueCertificates, PlanOutput
from contracts.approval import BundleConcluded, BundleOpened, ReviewGranted
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
def issue(fact: ReviewGranted) -> IssueCertificates:
    """准予 → the certificates of the item, whatever becomes of the other items."""
    return IssueCertificates(case_id=str(fact.case_id), item=fact.item, issuer=fact.handler)


@REACTIONS.on(BundleConcluded)
def conclude(fact: BundleConcluded) -> ConcludeOutput:
    """The verdict over the whole → no more results will come; an integrated package is complete."""
    return ConcludeOutput(case_id=str(fact.case_id), verdict=fact.verdict)
