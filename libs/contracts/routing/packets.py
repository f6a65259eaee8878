"""What travels to whom: planned, dispatched, received, replanned."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.language import Command, Fact, Query
from contracts.routing.answers import DistributionDetail, PacketPage
from contracts.routing.values import Need, PlannedPacket, Stage


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
    """What the selected items of the case get from each other, told with the first plan and when it changes."""
    renewed: bool = False
    """Whether ``needs`` replace those told before (接续: items were joined)."""
    outputs: dict[str, str] = {}
    """Copies among these that are results of items of the case: certificate → item."""
    catalogue: str = ""
    """The catalogue version by which was planned, told with the first plan, as are theme, region and hall."""
    theme: str = ""
    region: str = ""
    hall: str = ""
    reopened: tuple[str, ...] = ()
    """Items that had come to their end and are decided again: what was called off for them is planned anew."""
    kept_back: tuple[str, ...] = ()
    """Packets that were to take originals back from the departments of reopened items, and had not left: called off."""
    scans: dict[str, str] = {}
    """Paper originals of which a digital copy is there: original → digital copy. Where the department does not
    need the original it gets the digital copy, and the original stays at the hall."""
    transfer_by: datetime | None = None
    """Until when the originals have to leave the window."""


class PacketsDispatched(Fact, frozen=True, kw_only=True):
    """Packets left the place they were in. Digital ones arrive with the same act."""

    TOPIC: ClassVar[str] = "onething.packet.dispatched.v1"
    packets: tuple[str, ...]
    carrier: str = ""
    manifest: str = ""
    trip: str = ""
    """The trip that they travel in, if it is one."""
    receive_by: datetime | None = None
    """Until when they have to be signed for."""


class PacketsReceived(Fact, frozen=True, kw_only=True):
    """Packets arrived and were signed for."""

    TOPIC: ClassVar[str] = "onething.packet.received.v1"
    packets: tuple[str, ...]
    place: str = ""
    """Where they arrived; empty: each at the organisation that it was for."""
    signature: str = ""
    trip: str = ""
    signed_by: str = ""
    """Who signed, where it is not who recorded it: the receiver of a whole trip."""
    transfer_by: datetime | None = None
    """Until when originals that wait here for their way on have to leave."""


class PacketsArrived(Fact, frozen=True, kw_only=True):
    """Packets came one hop further: to a locker, or to a place that is not yet the one they are for."""

    TOPIC: ClassVar[str] = "onething.packet.arrived.v1"
    packets: tuple[str, ...]
    place: str
    trip: str = ""
    signature: str = ""
    signed_by: str = ""


class PacketsSentBack(Fact, frozen=True, kw_only=True):
    """Packets came back to the place from which they had left, and wait there again."""

    TOPIC: ClassVar[str] = "onething.packet.sent-back.v1"
    packets: tuple[str, ...]
    place: str
    trip: str = ""
    transfer_by: datetime | None = None


class PacketsLeftBehind(Fact, frozen=True, kw_only=True):
    """Packets were on a trip's manifest and not aboard: when it left or arrived they were elsewhere."""

    TOPIC: ClassVar[str] = "onething.packet.left-behind.v1"
    packets: dict[str, str]
    """packet → where it was, or how it stood."""
    trip: str


class PacketsAcknowledged(Fact, frozen=True, kw_only=True):
    """A person at the department took note of packets that had arrived."""

    TOPIC: ClassVar[str] = "onething.packet.acknowledged.v1"
    packets: tuple[str, ...]


class ReceiptRefused(Fact, frozen=True, kw_only=True):
    """拒收视为移交: the receiver would not sign; before a witness it counts as transferred (S62d)."""

    TOPIC: ClassVar[str] = "onething.packet.receipt-refused.v1"
    packets: tuple[str, ...]
    witness: str
    reason: str
    place: str = ""
    """Where they were to be received; empty: each at the organisation that it was for."""
    trip: str = ""


class HandoverOverdue(Fact, frozen=True, kw_only=True):
    """催办: a hand-over did not happen in time. Said once for each packet and stage."""

    TOPIC: ClassVar[str] = "onething.packet.overdue.v1"
    packet: str
    """For a search: the copy that is looked for."""
    item: str
    stage: Stage
    place: str
    """Who is responsible: who has it to give, who has it to sign for, or where it was seen last."""
    due: datetime
    carrier: str = ""


class ItemsSupplied(Fact, frozen=True, kw_only=True):
    """The department has every material that these items were planned to get."""

    TOPIC: ClassVar[str] = "onething.distribution.items-supplied.v1"
    items: tuple[str, ...]


class DistributionStopped(Fact, frozen=True, kw_only=True):
    """Items left the case: nothing more is sent for them, and nothing more comes from them."""

    TOPIC: ClassVar[str] = "onething.distribution.stopped.v1"
    items: tuple[str, ...]
    released: tuple[str, ...] = ()
    """Originals that were brought for these items."""


class DistributionResumed(Fact, frozen=True, kw_only=True):
    """Items that had left were joined to the case again; they are planned anew when they are accepted."""

    TOPIC: ClassVar[str] = "onething.distribution.resumed.v1"
    items: tuple[str, ...]


class DistributionReplanned(Fact, frozen=True, kw_only=True):
    """改派: what lies at a place, or is bound for it, goes to another one, because it closed or by order."""

    TOPIC: ClassVar[str] = "onething.distribution.replanned.v1"
    items: tuple[str, ...]
    packets: tuple[PlannedPacket, ...]
    """New packets from the one place to the other, and packets that have another destination now."""
    place: str
    to: str
    reason: str
    whole: bool = False
    """Whether the other place takes over altogether: what would come back here later comes back there."""
    transfer_by: datetime | None = None


class OutputWithdrawn(Fact, frozen=True, kw_only=True):
    """A result that was sent to other items lost its force; their handlers are told."""

    TOPIC: ClassVar[str] = "onething.distribution.output-withdrawn.v1"
    certificate: str
    item: str
    """Whose result it was."""
    holders: dict[str, str]
    """item that got it → its handler."""
    status: str
    ground: str
    replaced_by: str = ""


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


class AcknowledgePackets(Command, frozen=True, kw_only=True):
    """Take note, as a person, of packets that arrived at one's organisation."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    packets: tuple[str, ...]


class RefusePackets(Command, frozen=True, kw_only=True):
    """Record, as the carrier or the sender, that the receiver would not sign; a witness confirms it."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    packets: tuple[str, ...]
    witness: str
    reason: str = ""


class ReplanPackets(Command, frozen=True, kw_only=True):
    """Send what lies at a place, or is bound for it, to another place; packets named: only these."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    place: str
    to: str
    reason: str
    packets: tuple[str, ...] = ()


class GetDistribution(Query, frozen=True, kw_only=True):
    """Packets of a case with their trips, the custody of every copy and its history, returns and losses."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/distribution"
    ANSWER: ClassVar[Any] = DistributionDetail
    case_id: str


class ListPackets(Query, frozen=True, kw_only=True):
    """Packets that wait to be dispatched from, or received at, a place, in the order of case and packet."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /packets"
    ANSWER: ClassVar[Any] = PacketPage
    place: str
    state: Literal["planned", "dispatched"] = "dispatched"
    limit: int = 50
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    """The ``cursor`` of the last row of the page before."""
