"""材料流转: which material goes to whom, and whose hands it is in."""

from typing import ClassVar, Literal

import msgspec

from contracts.intake import Medium
from contracts.language import Command, Fact, Query


class PlannedPacket(msgspec.Struct, frozen=True, omit_defaults=True):
    """One delivery: the copies that one item needs, to the organisation that decides it."""

    packet: str
    item: str
    to: str
    medium: Medium
    copies: tuple[str, ...]
    crossings: tuple[str, ...] = ()
    """五跨: level, system, department, business, region — those this hand-off crosses."""


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material that an item gets from the items before it: any one of the producers brings it."""

    item: str
    producers: tuple[str, ...]
    required: bool = True
    """Without it the item is not supplied; else it is sent on when it comes (并联审批)."""


class DistributionPlanned(Fact, frozen=True, kw_only=True):
    """The packets of these items were planned from the catalogue, least necessary."""

    TOPIC: ClassVar[str] = "onething.distribution.planned.v1"
    items: tuple[str, ...]
    packets: tuple[PlannedPacket, ...]
    copies: dict[str, str] = {}
    """Copies that entered custody with this plan: copy → place (an organisation, hall or carrier)."""
    handlers: dict[str, str] = {}
    """item → the organisation that decides it."""
    needs: tuple[Need, ...] = ()
    """What the selected items of the case get from each other, told with the first plan."""
    outputs: dict[str, str] = {}
    """Copies among these that are results of items of the case: certificate → item."""
    catalogue: str = ""
    """The catalogue version by which was planned, told with the first plan."""


class PacketsDispatched(Fact, frozen=True, kw_only=True):
    """Packets left the place they were in. Digital ones arrive with the same act."""

    TOPIC: ClassVar[str] = "onething.packet.dispatched.v1"
    packets: tuple[str, ...]
    carrier: str = ""
    manifest: str = ""


class PacketsReceived(Fact, frozen=True, kw_only=True):
    """Packets arrived and were signed for."""

    TOPIC: ClassVar[str] = "onething.packet.received.v1"
    packets: tuple[str, ...]
    place: str = ""
    """Where they arrived; empty: each at the organisation that it was for."""
    signature: str = ""


class ItemsSupplied(Fact, frozen=True, kw_only=True):
    """The department has every material that these items were planned to get."""

    TOPIC: ClassVar[str] = "onething.distribution.items-supplied.v1"
    items: tuple[str, ...]


class DistributionStopped(Fact, frozen=True, kw_only=True):
    """Items left the case: nothing more is sent for them, and nothing more comes from them."""

    TOPIC: ClassVar[str] = "onething.distribution.stopped.v1"
    items: tuple[str, ...]


class DispatchPackets(Command, frozen=True, kw_only=True):
    """Give packets to a carrier (a courier, a locker, a colleague), with a manifest."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    packets: tuple[str, ...]
    carrier: str
    manifest: str = ""


class ReceivePackets(Command, frozen=True, kw_only=True):
    """Sign for packets at the place they were sent to."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    packets: tuple[str, ...]
    signature: str = ""


class GetDistribution(Query, frozen=True, kw_only=True):
    """Packets of a case and the custody of every copy."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str


class ListPackets(Query, frozen=True, kw_only=True):
    """Packets that wait to be dispatched from, or received at, a place."""

    SERVICE: ClassVar[str] = "routing"
    place: str
    state: Literal["planned", "dispatched"] = "dispatched"
    limit: int = 50
