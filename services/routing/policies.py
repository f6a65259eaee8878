"""What routing does because of what others did, and what a trip does to the packets in it: facts in, commands out."""

from collections.abc import Iterator

from contracts.certificate import CertificateIssued, CertificateRevoked, OutputCompleted, OutputReopened
from contracts.intake import (
    ItemNotAccepted,
    ItemsAccepted,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    MaterialsReceived,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.routing import (
    PacketsLeftBehind,
    TripDispatched,
    TripReceived,
    TripRefused,
    TripReturned,
    TripStored,
)
from eventing.policies import Reactions
from routing.domain import (
    CarryPackets,
    ConcludeItems,
    LandPackets,
    MissPackets,
    PlanDistribution,
    ReopenItems,
    ResumeDistribution,
    StopDistribution,
    StrikeCargo,
    SupplyLate,
    SupplyOutput,
    TakeIn,
    WithdrawOutput,
    locker,
)

REACTIONS = Reactions()

OF_ITEMS = frozenset({"certificate", "document", "object"})
"""Kinds of results that other items may need; a decision on paper and a comprehensive licence are for the applicant."""


@REACTIONS.on(MaterialsReceived)
def take_in(fact: MaterialsReceived) -> TakeIn | None:
    """Originals are in somebody's custody from the moment they were brought; files are not things."""
    things = tuple(copy for copy in fact.materials if copy.medium == "paper" or copy.replaces)
    return TakeIn(case_id=str(fact.case_id), copies=things) if things else None


@REACTIONS.on(ItemsAccepted)
def distribute(fact: ItemsAccepted) -> PlanDistribution:
    """Accepted items get their materials."""
    return PlanDistribution(case_id=str(fact.case_id), accepted=fact)


@REACTIONS.on(ToleranceSupplemented)
def send_on(fact: ToleranceSupplemented) -> SupplyLate:
    """补齐: what was tolerated as missing goes to the department when it comes."""
    return SupplyLate(case_id=str(fact.case_id), item=fact.item, copies=fact.materials, hall=fact.hall)


@REACTIONS.on(CertificateIssued)
def pass_on(fact: CertificateIssued) -> SupplyOutput | ConcludeItems | None:
    """The result of one item is a material of another; with the result, or the denial, the item is decided."""
    if fact.kind in OF_ITEMS:
        return SupplyOutput(case_id=str(fact.case_id), item=fact.item, certificate=fact.certificate, issuer=fact.issuer)
    return ConcludeItems(case_id=str(fact.case_id), items=(fact.item,)) if fact.kind == "decision" else None


@REACTIONS.on(OutputCompleted)
def end(fact: OutputCompleted) -> ConcludeItems:
    """Nothing is left to hand over → no original stays with a department."""
    return ConcludeItems(case_id=str(fact.case_id), items=fact.items, reason="completed")


# Trips: what happens to an envelope happens to the packets of each case in it


@REACTIONS.on(TripDispatched)
def carry(fact: TripDispatched) -> Iterator[CarryPackets]:
    """A trip left → the packets of each case are with its carrier."""
    packets: dict[str, list[str]] = {}
    for line in fact.cargo:
        packets.setdefault(line.case_id, []).append(line.packet)
    for case, names in packets.items():
        yield CarryPackets(case_id=case, trip=fact.trip, packets=tuple(names), origin=fact.origin, carrier=fact.carrier)


@REACTIONS.on(TripStored)
def store(fact: TripStored) -> Iterator[LandPackets]:
    """A trip was put into a locker → its packets lie there."""
    place = locker(fact.cabinet, fact.cell)
    for cargo in fact.cargo:
        yield LandPackets(
            case_id=cargo.case_id, trip=fact.trip, packets=cargo.packets, place=place, how="stored", by=fact.by
        )


@REACTIONS.on(TripReceived)
def land(fact: TripReceived) -> Iterator[LandPackets | MissPackets]:
    """A trip was counted and signed for → its packets arrived, and what was not there is missing."""
    for cargo in fact.cargo:
        yield LandPackets(
            case_id=cargo.case_id,
            trip=fact.trip,
            packets=cargo.packets,
            place=fact.place,
            how="received",
            by=fact.by,
            signature=fact.signature,
        )
    for cargo in fact.missing:
        yield MissPackets(
            case_id=cargo.case_id, trip=fact.trip, packets=cargo.packets, circumstances=fact.circumstances
        )


@REACTIONS.on(TripRefused)
def refuse(fact: TripRefused) -> Iterator[LandPackets]:
    """拒收视为移交 → so do the packets that were for that place."""
    for cargo in fact.cargo:
        yield LandPackets(
            case_id=cargo.case_id,
            trip=fact.trip,
            packets=cargo.packets,
            place=fact.place,
            how="refused",
            by=fact.by,
            witness=fact.witness,
            reason=fact.reason,
        )


# Compensation


@REACTIONS.on(TripReturned)
def send_back(fact: TripReturned) -> Iterator[LandPackets]:
    """A trip that was called back is where it came from → its packets wait there again."""
    for cargo in fact.cargo:
        yield LandPackets(
            case_id=cargo.case_id, trip=fact.trip, packets=cargo.packets, place=fact.place, how="returned", by=fact.by
        )


@REACTIONS.on(PacketsLeftBehind)
def correct(fact: PacketsLeftBehind) -> StrikeCargo:
    """What was not aboard is no longer on the manifest."""
    return StrikeCargo(trip=fact.trip, case_id=str(fact.case_id), packets=tuple(fact.packets))


@REACTIONS.on(ItemWithdrawn, ItemNotAccepted, ToleranceLapsed)
def stop(fact: ItemWithdrawn | ItemNotAccepted | ToleranceLapsed) -> StopDistribution:
    """An item that left the case gets nothing more, and gives nothing more; its originals go back."""
    return StopDistribution(case_id=str(fact.case_id), item=fact.item)


@REACTIONS.on(ItemsReturned)
def stop_returned(fact: ItemsReturned) -> Iterator[StopDistribution]:
    """退件: so do items that were never accepted."""
    for item in fact.items:
        yield StopDistribution(case_id=str(fact.case_id), item=item)


@REACTIONS.on(ItemsJoined)
def resume(fact: ItemsJoined) -> ResumeDistribution:
    """接续: an item that had left may come again."""
    return ResumeDistribution(case_id=str(fact.case_id), items=fact.items)


@REACTIONS.on(CertificateRevoked)
def withdraw(fact: CertificateRevoked) -> WithdrawOutput:
    """A result lost its force → those who got it are told."""
    return WithdrawOutput(
        case_id=str(fact.case_id),
        certificate=fact.certificate,
        status=fact.status,
        ground=fact.ground,
        replaced_by=fact.replaced_by,
    )


@REACTIONS.on(CertificateRevoked)
def take_up_again(fact: CertificateRevoked) -> ReopenItems | None:
    """作废: the item is decided again."""
    return ReopenItems(case_id=str(fact.case_id), items=(fact.item,)) if fact.status == "void" else None


@REACTIONS.on(OutputReopened)
def reopen(fact: OutputReopened) -> ReopenItems | None:
    """So are items that had come to their end without a result, as those that another's denial had blocked."""
    return ReopenItems(case_id=str(fact.case_id), items=fact.again) if fact.again else None
