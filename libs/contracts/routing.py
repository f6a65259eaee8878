"""材料流转: which material goes to whom, whose hands it is in, and what travels together."""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from contracts.intake import Medium
from contracts.language import Command, Fact, Query

Purpose = Literal["supply", "return", "transfer"]
"""To the organisation that decides · back to the hall, for the applicant · from one hall to another."""

Stage = Literal["transfer", "receipt", "search"]
"""Leaving the window · being signed for · being looked for."""

Hop = Literal["window", "courier", "locker", "department"]
"""Who or what brings a packet one hop further: a window's own staff, a courier, a locker, a department's staff."""

ReturnReason = Literal["decided", "stopped", "completed", "released"]
"""The item was decided · it left the case · the case came to its end · the department needs the original no longer."""

HandBackMethod = Literal["window", "post", "locker"]


class PlannedPacket(msgspec.Struct, frozen=True, omit_defaults=True):
    """One delivery: the copies that one item needs, to the organisation that decides it; or the way back."""

    packet: str
    item: str
    to: str
    medium: Medium
    copies: tuple[str, ...]
    crossings: tuple[str, ...] = ()
    """五跨: level, system, department, business, region — those this hand-off crosses."""
    purpose: Purpose = "supply"


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material that an item gets from the items before it: any one of the producers brings it."""

    item: str
    producers: tuple[str, ...]
    required: bool = True
    """Without it the item is not supplied; else it is sent on when it comes (并联审批)."""


class OriginalsTakenIn(Fact, frozen=True, kw_only=True):
    """Paper originals came into the custody of the hall that took them in; from here on each is in one place."""

    TOPIC: ClassVar[str] = "onething.original.taken-in.v1"
    copies: dict[str, str]
    """copy → hall."""
    materials: dict[str, str] = {}
    """copy → the material that it is a copy of."""
    packets: tuple[PlannedPacket, ...] = ()
    """Packets that waited for originals which the applicant had back and has brought again."""
    transfer_by: datetime | None = None


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
    """拒收视为移交: the receiver would not sign; before a witness it counts as transferred (dossier 2.8, S62d)."""

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


class ReturnsPlanned(Fact, frozen=True, kw_only=True):
    """Originals that nobody needs any more go back to the hall that gives them back to the applicant."""

    TOPIC: ClassVar[str] = "onething.return.planned.v1"
    items: tuple[str, ...]
    """Items that came to their end with this."""
    packets: tuple[PlannedPacket, ...]
    reason: ReturnReason


class OriginalsHandedBack(Fact, frozen=True, kw_only=True):
    """退还: the applicant has originals back, after a check of who took them."""

    TOPIC: ClassVar[str] = "onething.original.handed-back.v1"
    copies: tuple[str, ...]
    place: str
    method: HandBackMethod
    identity_check: str
    signature: str
    receipt: str = ""


class LossReported(Fact, frozen=True, kw_only=True):
    """Originals are missing: they are looked for until an instant, and are meanwhile in one place, which is: lost."""

    TOPIC: ClassVar[str] = "onething.loss.reported.v1"
    copies: dict[str, str]
    """copy → where it was seen last."""
    circumstances: str
    packets: tuple[PlannedPacket, ...] = ()
    """Packets that are missing as a whole, and what is missing of others as packets of their own."""
    search_until: datetime | None = None


class LostFound(Fact, frozen=True, kw_only=True):
    """Missing originals were found; their packets can travel again."""

    TOPIC: ClassVar[str] = "onething.loss.found.v1"
    copies: tuple[str, ...]
    place: str
    packets: tuple[PlannedPacket, ...] = ()
    transfer_by: datetime | None = None


class LossDeclared(Fact, frozen=True, kw_only=True):
    """A second person declared originals lost after the search; the items that need them are flagged."""

    TOPIC: ClassVar[str] = "onething.loss.declared.v1"
    copies: tuple[str, ...]
    reported_by: tuple[str, ...]
    items: tuple[str, ...]


class ReplacementRequested(Fact, frozen=True, kw_only=True):
    """The applicant was asked to bring lost originals again, with an apology."""

    TOPIC: ClassVar[str] = "onething.loss.replacement-requested.v1"
    copies: tuple[str, ...]
    apology: str
    """Number of the letter of apology."""
    items: tuple[str, ...]


class LossReplaced(Fact, frozen=True, kw_only=True):
    """Another copy takes the place of a lost original."""

    TOPIC: ClassVar[str] = "onething.loss.replaced.v1"
    copies: dict[str, str]
    """lost copy → the copy that takes its place."""
    packets: tuple[PlannedPacket, ...]
    entered: dict[str, str] = {}
    """Digital copies among these that were not in custody before: copy → place."""
    transfer_by: datetime | None = None


class CargoRef(msgspec.Struct, frozen=True):
    """Packets of one case."""

    case_id: str
    packets: tuple[str, ...]


class Cargo(msgspec.Struct, frozen=True):
    """A line of a trip's manifest: one packet, what it is for, and the originals in it."""

    case_id: str
    packet: str
    item: str
    to: str
    copies: tuple[str, ...]


class LedgerFault(msgspec.Struct, frozen=True, order=True):
    """By how much the ledger of custody is off for a copy at a place; every sum has to be zero."""

    case_id: str
    copy: str
    place: str
    amount: int


class TripDispatched(Fact, frozen=True, kw_only=True):
    """交接: packets of any number of cases left together, sealed, with one manifest signed by giver and carrier."""

    TOPIC: ClassVar[str] = "onething.trip.dispatched.v1"
    trip: str
    origin: str
    to: str
    hop: Hop
    carrier: str
    cargo: tuple[Cargo, ...]
    digest: str
    """Of the manifest, as canonical JSON."""
    seal: str = ""
    signature: str = ""
    """Of who gave it away; ``carrier_signature`` is that of who took it along."""
    carrier_signature: str = ""
    crossings: tuple[str, ...] = ()
    """五跨 of this hop, from its two ends."""


class ManifestCorrected(Fact, frozen=True, kw_only=True):
    """Packets were struck from a trip's manifest because they were not aboard."""

    TOPIC: ClassVar[str] = "onething.trip.manifest-corrected.v1"
    trip: str
    struck: CargoRef
    digest: str
    """Of the manifest as it is now."""


class TripStored(Fact, frozen=True, kw_only=True):
    """A trip's packets were put into a locker, to be collected with a code (dossier 2.8, S75)."""

    TOPIC: ClassVar[str] = "onething.trip.stored.v1"
    trip: str
    cabinet: str
    cell: str
    barcode: str
    code_digest: str
    """A keyed digest of the pick-up code; the code itself is kept nowhere."""
    cargo: tuple[CargoRef, ...]
    collect_by: datetime | None = None


class TripReceived(Fact, frozen=True, kw_only=True):
    """A trip arrived: its packets were counted against the manifest and signed for."""

    TOPIC: ClassVar[str] = "onething.trip.received.v1"
    trip: str
    place: str
    signature: str
    cargo: tuple[CargoRef, ...]
    """What was there."""
    missing: tuple[CargoRef, ...] = ()
    seal_intact: bool = True
    circumstances: str = ""
    """What was found where something was missing or the seal was broken."""


class TripRefused(Fact, frozen=True, kw_only=True):
    """拒收视为移交: nobody would sign for a trip; before a witness it counts as handed over (dossier 2.8, S62d)."""

    TOPIC: ClassVar[str] = "onething.trip.refused.v1"
    trip: str
    place: str
    witness: str
    reason: str
    cargo: tuple[CargoRef, ...]


class TripRecalled(Fact, frozen=True, kw_only=True):
    """A trip was called back, by its sender or because nobody collected it: it can only be returned now."""

    TOPIC: ClassVar[str] = "onething.trip.recalled.v1"
    trip: str
    reason: str
    overdue: bool = False


class TripReturned(Fact, frozen=True, kw_only=True):
    """A trip that was called back is where it came from."""

    TOPIC: ClassVar[str] = "onething.trip.returned.v1"
    trip: str
    place: str
    signature: str
    cargo: tuple[CargoRef, ...]
    seal_intact: bool = True


class LedgerImbalance(Fact, frozen=True, kw_only=True):
    """ALARM: in a segment of the ledger of custody copies are nowhere, twice, or elsewhere than it is said."""

    TOPIC: ClassVar[str] = "onething.ledger.imbalance.v1"
    segment: int
    faults: tuple[LedgerFault, ...]


class LedgerBalanced(Fact, frozen=True, kw_only=True):
    """The ledger of custody sums to zero again in a segment."""

    TOPIC: ClassVar[str] = "onething.ledger.balanced.v1"
    segment: int


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


class ReturnOriginals(Command, frozen=True, kw_only=True):
    """Release originals that lie here (none named: all) before their item ended: they go back to the hall."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...] = ()


class TakeInAgain(Command, frozen=True, kw_only=True):
    """Take originals in again that the applicant had back and brings once more, at the caller's hall."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]


class HandBack(Command, frozen=True, kw_only=True):
    """Give originals back to the applicant where they lie."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    identity_check: str
    signature: str
    method: HandBackMethod = "window"
    receipt: str = ""


class ReportLoss(Command, frozen=True, kw_only=True):
    """Say that a packet, or single originals, cannot be found."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    circumstances: str
    packet: str = ""
    copies: tuple[str, ...] = ()


class FoundAgain(Command, frozen=True, kw_only=True):
    """Say that missing originals are here after all (no place named: the caller's hall or organisation)."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    place: str = ""


class DeclareLost(Command, frozen=True, kw_only=True):
    """Give up the search for originals, as another person than the one who reported them missing."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]


class RequestReplacement(Command, frozen=True, kw_only=True):
    """Ask the applicant to bring lost originals again; only with a letter of apology."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    apology: str


class ReplaceLost(Command, frozen=True, kw_only=True):
    """Let the digital copy of a lost original take its place."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copy: str


class ReplanPackets(Command, frozen=True, kw_only=True):
    """Send what lies at a place, or is bound for it, to another place; packets named: only these."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    place: str
    to: str
    reason: str
    packets: tuple[str, ...] = ()


class DispatchTrip(Command, frozen=True, kw_only=True):
    """Give packets of several cases to a carrier in one go; all lie where the caller is. Its id begins ``trip-``."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    to: str
    carrier: str
    cargo: tuple[CargoRef, ...]
    signature: str
    carrier_signature: str
    hop: Hop = "courier"
    seal: str = ""


class StoreTrip(Command, frozen=True, kw_only=True):
    """Put a trip's packets into a cell of a locker, as their carrier."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    cabinet: str
    cell: str
    barcode: str
    code: str
    """The pick-up code; only a digest of it is kept."""


class ReceiveTrip(Command, frozen=True, kw_only=True):
    """Sign for a trip at its destination; from a locker with the pick-up code."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    signature: str
    code: str = ""
    missing: tuple[CargoRef, ...] = ()
    seal_intact: bool = True
    circumstances: str = ""


class RefuseTrip(Command, frozen=True, kw_only=True):
    """Record, as the carrier or the sender, that nobody would sign for a trip; a witness confirms it."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    witness: str
    reason: str = ""


class RecallTrip(Command, frozen=True, kw_only=True):
    """Call a trip back, as its sender."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    reason: str


class ReturnTrip(Command, frozen=True, kw_only=True):
    """Take a trip that was called back in again where it came from."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    signature: str
    seal_intact: bool = True


class ReportImbalance(Command, frozen=True, kw_only=True):
    """What routing's own keeper found in a segment of the ledger; nothing: it is balanced again."""

    SERVICE: ClassVar[str] = "routing"
    ledger: str
    segment: int
    faults: tuple[LedgerFault, ...] = ()


class GetDistribution(Query, frozen=True, kw_only=True):
    """Packets of a case with their trips, the custody of every copy and its history, returns and losses."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str


class ListPackets(Query, frozen=True, kw_only=True):
    """Packets that wait to be dispatched from, or received at, a place, in the order of case and packet."""

    SERVICE: ClassVar[str] = "routing"
    place: str
    state: Literal["planned", "dispatched"] = "dispatched"
    limit: int = 50
    after: str = ""
    """The ``cursor`` of the last row of the page before."""


class ListOriginals(Query, frozen=True, kw_only=True):
    """The originals that lie at a place, by cursor; those to hand back alone, or all."""

    SERVICE: ClassVar[str] = "routing"
    place: str
    free: bool = False
    """Only those that nobody needs any more."""
    after: str = ""
    limit: int = 50


class GetTrip(Query, frozen=True, kw_only=True):
    """A trip with its manifest as it is now, its signatures and what was struck from it."""

    SERVICE: ClassVar[str] = "routing"
    trip: str


class GetManifest(Query, frozen=True, kw_only=True):
    """交接清单: the manifest of a trip as data, its digest, and as a text to print."""

    SERVICE: ClassVar[str] = "routing"
    trip: str


class ListTrips(Query, frozen=True, kw_only=True):
    """Trips from or to a place, newest first, by cursor; a state named: only those in it."""

    SERVICE: ClassVar[str] = "routing"
    place: str
    state: Literal["", "under_way", "stored", "received", "refused", "recalled", "returned"] = ""
    after: str = ""
    limit: int = 50


class CheckCustody(Query, frozen=True, kw_only=True):
    """Whether every original is in exactly one place: in one case, by replay; none named: in the whole ledger."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str = ""
