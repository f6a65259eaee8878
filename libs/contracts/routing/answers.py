"""What routing answers of packets, originals, trips and the ledger."""

from datetime import datetime

from contracts.intake import Medium
from contracts.language import Answer
from contracts.routing.values import Cargo, Hop, LedgerFault, OriginalState, Purpose


class PacketStanding(Answer, frozen=True, kw_only=True):
    """A packet as planned, and how far it came."""

    packet: str
    item: str
    to: str
    medium: Medium
    copies: tuple[str, ...]
    crossings: tuple[str, ...]
    state: str
    carrier: str
    manifest: str
    signed_by: str
    signature: str
    purpose: Purpose
    trip: str
    sent_from: str
    window: str
    due: datetime | None
    reminded: tuple[str, ...]
    acknowledged_by: str
    witness: str


class OriginalStanding(Answer, frozen=True, kw_only=True):
    """Where an original is, and whose it is next."""

    place: str
    home: str
    material: str
    aboard: str
    items: tuple[str, ...]
    free: bool


class MovementStanding(Answer, frozen=True, kw_only=True):
    """One original went from one place to another."""

    at: datetime
    copy: str
    origin: str
    place: str
    packet: str
    trip: str


class LossStanding(Answer, frozen=True, kw_only=True):
    """An original that went missing, and what became of it."""

    place: str
    by: str
    circumstances: str
    search_until: datetime | None
    declared_by: str
    apology: str
    replaced_by: str
    found_at: str
    reminded: bool


class SupplyStanding(Answer, frozen=True, kw_only=True):
    """What an item has, and what it still waits for."""

    handler: str
    supplied: bool
    stopped: bool
    ended: bool
    awaits: tuple[str, ...]
    without: tuple[str, ...]
    """Lost originals that nothing replaced."""


class DistributionDetail(Answer, frozen=True, kw_only=True):
    """Packets to departments, ways back, the custody of every copy, the way of every original, losses, items."""

    case_id: str
    packets: tuple[PacketStanding, ...]
    returns: tuple[PacketStanding, ...]
    trips: tuple[str, ...]
    custody: dict[str, str]
    originals: dict[str, OriginalStanding]
    history: tuple[MovementStanding, ...]
    losses: dict[str, LossStanding]
    withdrawn: dict[str, str]
    """Results that lost their force: certificate → how."""
    items: dict[str, SupplyStanding]


class PacketRow(Answer, frozen=True, kw_only=True):
    """A packet that somebody has to dispatch or to receive."""

    case_id: str
    packet: str
    segment: int
    place: str
    lies: str
    state: str
    purpose: Purpose
    item: str
    recipient: str
    carrier: str
    manifest: str
    trip: str
    due: datetime | None
    copies: tuple[str, ...]
    crossings: tuple[str, ...]


class PacketPage(Answer, frozen=True, kw_only=True):
    """A page of packets."""

    packets: tuple[PacketRow, ...]
    after: str


class OriginalRow(Answer, frozen=True, kw_only=True):
    """An original that lies somewhere."""

    case_id: str
    copy: str
    segment: int
    place: str
    home: str
    material: str
    aboard: str
    onward: str
    items: tuple[str, ...]
    free: bool
    state: OriginalState
    turn: str
    """Who has to do the next thing with it: a hall, an organisation; empty: nobody has to."""
    trip: str
    """In which it is on its way."""


class OriginalPage(Answer, frozen=True, kw_only=True):
    """A page of originals."""

    originals: tuple[OriginalRow, ...]
    after: str


class LossRow(Answer, frozen=True, kw_only=True):
    """An original of a hall that is missing or lost."""

    case_id: str
    copy: str
    home: str
    material: str
    items: tuple[str, ...]
    """The items that it was brought for and that are not over."""
    loss: LossStanding


class LossPage(Answer, frozen=True, kw_only=True):
    """A page of losses."""

    losses: tuple[LossRow, ...]
    after: str


class ManifestLine(Answer, frozen=True, kw_only=True):
    """A line of a manifest."""

    line: int
    case_id: str
    packet: str
    item: str
    to: str
    copies: tuple[str, ...]


class ManifestData(Answer, frozen=True, kw_only=True):
    """交接清单 as data: what is digested and signed."""

    trip: str
    origin: str
    to: str
    hop: Hop
    carrier: str
    seal: str
    lines: tuple[ManifestLine, ...]
    packets: int
    originals: int


class TripEnd(Answer, frozen=True, kw_only=True):
    """One end of a trip: who signed what, where and when."""

    at: datetime
    place: str
    by: str
    signature: str
    carrier_signature: str
    witness: str
    seal_intact: bool


class LockerStanding(Answer, frozen=True, kw_only=True):
    """Where in a locker a trip lies; the code is told to nobody."""

    cabinet: str
    cell: str
    barcode: str
    stored_by: str
    collect_by: datetime | None


class TripDeparture(Answer, frozen=True, kw_only=True):
    """The digest of a trip's manifest, and how many packets it has."""

    digest: str
    packets: int


class TripDetail(Answer, frozen=True, kw_only=True):
    """A trip as it stands."""

    trip: str
    state: str
    crossings: tuple[str, ...]
    digest: str
    manifest: ManifestData
    struck: tuple[Cargo, ...]
    missing: tuple[Cargo, ...]
    departure: TripEnd | None
    arrival: TripEnd | None
    locker: LockerStanding | None
    reason: str
    overdue: bool


class ManifestAnswer(Answer, frozen=True, kw_only=True):
    """交接清单: as data, and as the text that is printed."""

    digest: str
    manifest: ManifestData
    text: str


class TripRow(Answer, frozen=True, kw_only=True):
    """A trip in the list."""

    trip: str
    origin: str
    destination: str
    state: str
    hop: Hop
    carrier: str
    seal: str
    packets: int
    cell: str
    barcode: str
    dispatched_at: datetime
    collect_by: datetime | None
    overdue: bool


class TripPage(Answer, frozen=True, kw_only=True):
    """A page of trips."""

    trips: tuple[TripRow, ...]
    after: str


class CustodyCheck(Answer, frozen=True, kw_only=True):
    """Whether every original is in exactly one place."""

    balanced: bool
    entries: int
    originals: int
    lost: int
    faults: tuple[LedgerFault, ...]
