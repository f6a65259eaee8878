"""What routing does because of what others did: facts in, commands out."""

from contracts.certificate import CertificateIssued
from contracts.intake import ItemNotAccepted, ItemsAccepted, ItemWithdrawn
from eventing.policies import Reactions
from routing.domain import PlanDistribution, StopDistribution, SupplyOutput

REACTIONS = Reactions()


@REACTIONS.on(ItemsAccepted)
def distribute(fact: ItemsAccepted) -> PlanDistribution:
    """Accepted items get their materials."""
    return PlanDistribution(case_id=str(fact.case_id), accepted=fact)


@REACTIONS.on(CertificateIssued)
def pass_on(fact: CertificateIssued) -> SupplyOutput:
    """The result of one item is a material of another."""
    return SupplyOutput(case_id=str(fact.case_id), item=fact.item, certificate=fact.certificate, issuer=fact.issuer)


# Compensation


@REACTIONS.on(ItemWithdrawn, ItemNotAccepted)
def stop(fact: ItemWithdrawn | ItemNotAccepted) -> StopDistribution:
    """An item that left the case gets nothing more, and gives nothing more."""
    return StopDistribution(case_id=str(fact.case_id), item=fact.item)
