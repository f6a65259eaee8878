"""交接: packets of many cases that travel together, sealed and signed for."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.language import Command, Fact, Query
from contracts.routing.answers import ManifestAnswer, TripDeparture, TripDetail, TripPage
from contracts.routing.values import Cargo, CargoRef, Hop


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
    """A trip's packets were put into a locker, to be collected with a code (S75)."""

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
    """拒收视为移交: nobody would sign for a trip; before a witness it counts as handed over (S62d)."""

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


class DispatchTrip(Command, frozen=True, kw_only=True):
    """Give packets of several cases to a carrier in one go; all lie where the caller is. Its id begins ``trip-``."""

    SERVICE: ClassVar[str] = "routing"
    ANSWER: ClassVar[Any] = TripDeparture
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


class GetTrip(Query, frozen=True, kw_only=True):
    """A trip with its manifest as it is now, its signatures and what was struck from it."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /trips/{trip}"
    ANSWER: ClassVar[Any] = TripDetail
    trip: str


class GetManifest(Query, frozen=True, kw_only=True):
    """交接清单: the manifest of a trip as data, its digest, and as a text to print."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /trips/{trip}/manifest"
    ANSWER: ClassVar[Any] = ManifestAnswer
    trip: str


class ListTrips(Query, frozen=True, kw_only=True):
    """Trips from or to a place, newest first unless told otherwise, by cursor; a state named: only those in it."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /trips"
    ANSWER: ClassVar[Any] = TripPage
    place: str
    state: Literal["", "under_way", "stored", "received", "refused", "recalled", "returned"] = ""
    sort: Literal["newest", "oldest"] = "newest"
    """By when they left."""
    after: str = ""
    limit: int = 50
