"""What routing decides: the plan (``planning``), what it crosses (``crossings``), the ``distribution``."""

from routing.domain.distribution import (
    AlreadyReceived,
    CarrierMissing,
    Distribution,
    Packet,
    PacketCancelled,
    PacketNotDispatched,
    PacketNotHere,
    PacketState,
    PlanDistribution,
    StopDistribution,
    SupplyOutput,
    UnknownPacket,
)

__all__ = [
    "AlreadyReceived",
    "CarrierMissing",
    "Distribution",
    "Packet",
    "PacketCancelled",
    "PacketNotDispatched",
    "PacketNotHere",
    "PacketState",
    "PlanDistribution",
    "StopDistribution",
    "SupplyOutput",
    "UnknownPacket",
]
