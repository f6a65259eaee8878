"""What can be asked about packets across cases: those that wait somewhere."""

from typing import Any

from eventing.views import Column, View
from routing.domain import Distribution, PacketState


def waiting_packets(distribution: Distribution) -> list[dict[str, Any]]:
    """The packets that somebody has to dispatch or receive, each at the place where that is."""
    return [
        {
            "case_id": distribution.stream,
            "packet": packet.packet,
            "place": packet.to if packet.state is PacketState.DISPATCHED else distribution.custody[packet.copies[0]],
            "state": str(packet.state),
            "item": packet.item,
            "recipient": packet.to,
            "carrier": packet.carrier,
            "manifest": packet.manifest,
            "copies": packet.copies,
            "crossings": packet.crossings,
        }
        for packet in distribution.packets.values()
        if packet.is_waiting
    ]


PACKETS = View(
    "packets_v1",
    of=Distribution,
    columns=(
        Column("case_id", "text", key=True),
        Column("packet", "text", key=True),
        Column("place", "text", index=True),
        Column("state", "text"),
        Column("item", "text"),
        Column("recipient", "text"),
        Column("carrier", "text"),
        Column("manifest", "text"),
        Column("copies", "json"),
        Column("crossings", "json"),
    ),
    rows=waiting_packets,
)
