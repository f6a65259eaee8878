"""Packets: how far each one is on its way, and what may happen to it there."""

from datetime import datetime
from enum import StrEnum

import msgspec

from contracts.intake import Medium
from contracts.routing import PlannedPacket, Purpose
from eventing.errors import Refused


class UnknownPacket(Refused):
    """The case has no such packet."""


class PacketNotHere(Refused):
    """The packet, or a copy that belongs in it, is somewhere else."""


class PacketNotDispatched(Refused):
    """A packet can be signed for only after it left."""


class PacketNotReceived(Refused):
    """Note is taken only of what has arrived."""


class PacketCancelled(Refused):
    """The packet was called off because its item left the case."""


class PacketMissing(Refused):
    """The packet is looked for; whoever has it says first that it was found."""


class AlreadyReceived(Refused):
    """Somebody signed for the packet before."""


class CarrierMissing(Refused):
    """A packet leaves in somebody's hands, never in nobody's."""


class WitnessMissing(Refused):
    """That a receiver would not sign counts only before a witness who is somebody else."""


class PacketState(StrEnum):
    """Where a packet is on its way."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    MISSING = "missing"


ALLOWED: dict[PacketState, dict[str, type[Refused] | None]] = {
    PacketState.PLANNED: {"dispatch": None, "receive": PacketNotDispatched, "acknowledge": PacketNotReceived},
    PacketState.DISPATCHED: {"dispatch": None, "receive": None, "acknowledge": PacketNotReceived},
    PacketState.RECEIVED: {"dispatch": AlreadyReceived, "receive": AlreadyReceived, "acknowledge": None},
    PacketState.CANCELLED: dict.fromkeys(("dispatch", "receive", "acknowledge"), PacketCancelled),
    PacketState.MISSING: dict.fromkeys(("dispatch", "receive", "acknowledge"), PacketMissing),
}
"""What may happen to a packet in each state, or the refusal. A dispatched packet may be passed on."""


class Packet(msgspec.Struct, frozen=True):
    """A packet as planned, and how far it came."""

    packet: str
    item: str
    to: str
    medium: Medium
    copies: tuple[str, ...]
    crossings: tuple[str, ...] = ()
    state: PacketState = PacketState.PLANNED
    carrier: str = ""
    manifest: str = ""
    signed_by: str = ""
    signature: str = ""
    purpose: Purpose = "supply"
    trip: str = ""
    sent_from: str = ""
    window: str = ""
    """Where it has to leave from in time; empty where no limit is set for that."""
    due: datetime | None = None
    """Until when it has to leave its window, or to be signed for."""
    reminded: tuple[str, ...] = ()
    """Stages that were overdue and said to be."""
    acknowledged_by: str = ""
    witness: str = ""
    """Before whom the receiver would not sign."""

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to dispatch or receive it."""
        return self.state in {PacketState.PLANNED, PacketState.DISPATCHED}

    @property
    def is_open(self) -> bool:
        """Whether what it brings is still to come."""
        return self.is_waiting or self.state is PacketState.MISSING

    def with_(self, **changes: object) -> "Packet":
        """The packet with other values."""
        return msgspec.structs.replace(self, **changes)

    def may(self, verb: str) -> None:
        """Raises the refusal where the packet's state does not allow it."""
        refusal = ALLOWED[self.state][verb]
        if refusal is not None:
            raise refusal(packet=self.packet, to=self.to)


def packet_of(planned: PlannedPacket) -> Packet:
    """A packet that was planned just now."""
    return Packet(
        planned.packet,
        planned.item,
        planned.to,
        planned.medium,
        planned.copies,
        planned.crossings,
        purpose=planned.purpose,
    )


def plan_of(packet: Packet, /, **changes: object) -> PlannedPacket:
    """The plan that a packet stands for, with other values."""
    plan = PlannedPacket(
        packet.packet, packet.item, packet.to, packet.medium, packet.copies, packet.crossings, packet.purpose
    )
    return msgspec.structs.replace(plan, **changes)
