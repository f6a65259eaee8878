"""A trip: packets of many cases that go one hop together, sealed, counted and signed for at both ends."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from catalogue.model import Catalogue
from contracts.language import Act, Command
from contracts.routing import (
    Cargo,
    CargoRef,
    DispatchTrip,
    Hop,
    ManifestCorrected,
    ReceiveTrip,
    StoreTrip,
    TripDispatched,
    TripRecalled,
    TripReceived,
    TripRefused,
    TripReturned,
    TripStored,
)
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Invalid, Refused
from routing.domain.crossings import End, crossings, place_end
from routing.domain.custody import RESERVED, ReservedPlace, SignatureMissing, places
from routing.domain.losing import CircumstancesMissing
from routing.domain.manifest import digest_of, manifest
from routing.domain.packets import CarrierMissing, PacketNotHere, UnknownPacket, WitnessMissing

PREFIX = "trip-"
"""How the ids of trips begin, so that no trip ever takes the place of a case."""


class TripMisnamed(Invalid):
    """The id of a trip begins with its prefix."""


class TripEmpty(Invalid):
    """A trip brings something."""


class TripExists(Refused):
    """A trip with this id and another content is on its way."""


class TripOver(Refused):
    """The trip has come to its end; nothing more happens to it."""


class TripCalledBack(Refused):
    """The trip was called back and goes to where it came from."""


class TripNotCalledBack(Refused):
    """A trip is returned only after it was called back."""


class TripElsewhere(Refused):
    """Only who is at the place that it is about does this to a trip."""


class NotForLocker(Refused):
    """The trip goes from hand to hand and not through a locker."""


class CellTaken(Refused):
    """There is another trip in the cell."""


class BarcodeTaken(Refused):
    """Another trip has this barcode."""


class WrongPickUpCode(Refused):
    """The locker does not open with this code."""


class NotInTrip(Refused):
    """The manifest does not name the packet."""


class StrikeCargo(Command, frozen=True, kw_only=True):
    """Strike packets from a trip's manifest that were not aboard."""

    SERVICE: ClassVar[str] = "routing"
    trip: str
    case_id: str
    packets: tuple[str, ...]


class TripState(StrEnum):
    """Where a trip is."""

    UNDER_WAY = "under_way"
    STORED = "stored"
    RECEIVED = "received"
    REFUSED = "refused"
    RECALLED = "recalled"
    RETURNED = "returned"


_OVER = dict.fromkeys(("store", "receive", "refuse", "recall", "return"), TripOver)
ALLOWED: dict[TripState, Mapping[str, type[Refused] | None]] = {
    TripState.UNDER_WAY: {
        "store": None,
        "receive": None,
        "refuse": None,
        "recall": None,
        "return": TripNotCalledBack,
    },
    TripState.STORED: {
        "store": TripExists,
        "receive": None,
        "refuse": None,
        "recall": None,
        "return": TripNotCalledBack,
    },
    TripState.RECALLED: {
        "store": TripCalledBack,
        "receive": TripCalledBack,
        "refuse": TripCalledBack,
        "recall": None,
        "return": None,
    },
    TripState.RECEIVED: _OVER,
    TripState.REFUSED: _OVER,
    TripState.RETURNED: _OVER,
}
"""What may happen to a trip in each state, or the refusal."""


class Signed(msgspec.Struct, frozen=True):
    """One end of a trip: who signed what, where and when."""

    at: datetime
    place: str
    by: str
    signature: str
    carrier_signature: str = ""
    witness: str = ""
    seal_intact: bool = True


class Cell(msgspec.Struct, frozen=True):
    """Where in a locker a trip lies."""

    cabinet: str
    cell: str
    barcode: str
    code_digest: str
    stored_by: str
    collect_by: datetime | None = None

    @property
    def place(self) -> str:
        """The cell as a place of custody."""
        return locker(self.cabinet, self.cell)


class Trip(Aggregate):
    """An envelope around packets: what left together, and how it arrived. The packets' custody is their cases'."""

    case_bound = False
    trip_state: TripState
    origin: str
    to: str
    hop: Hop
    carrier: str
    seal: str
    digest: str
    crossings: tuple[str, ...]
    cargo: tuple[Cargo, ...]
    struck: tuple[Cargo, ...]
    missing: tuple[CargoRef, ...]
    departure: Signed | None
    arrival: Signed | None
    cell: Cell | None
    reason: str
    overdue: bool

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.trip_state = TripState.UNDER_WAY
        self.origin = ""
        self.to = ""
        self.hop = "courier"
        self.carrier = ""
        self.seal = ""
        self.digest = ""
        self.crossings = ()
        self.cargo = ()
        self.struck = ()
        self.missing = ()
        self.departure = None
        self.arrival = None
        self.cell = None
        self.reason = ""
        self.overdue = False

    def reach(self) -> Reach:
        """Where it comes from and goes to, and who carries it."""
        ends = frozenset((self.origin, self.to, self.carrier)) - {""}
        return Reach(halls=ends, orgs=ends, people=ends)

    def timers(self) -> Mapping[str, datetime]:
        """`collection`: until when what lies in a locker is collected."""
        if self.trip_state is TripState.STORED and self.cell is not None and self.cell.collect_by is not None:
            return {"collection": self.cell.collect_by}
        return {}

    def manifest(self) -> dict[str, Any]:
        """What is in the trip now, without what was struck."""
        return self._manifest(self.cargo)

    def _manifest(self, cargo: Sequence[Cargo]) -> dict[str, Any]:
        return manifest(self.stream, self.origin, self, cargo)

    def dispatch(
        self,
        cmd: DispatchTrip,
        found: Mapping[tuple[str, str], tuple[Cargo, str]],
        halls: Mapping[str, End],
        catalogue: Catalogue,
        act: Act,
    ) -> None:
        """Seals and signs for packets that lie together where the caller is.

        ``found`` says of each (case, packet) that waits: its line, and the place where it lies. ``halls`` and
        ``catalogue`` know the two ends.
        """
        wanted = list(dict.fromkeys((each.case_id, packet) for each in cmd.cargo for packet in each.packets))
        if self.departure is not None:
            same = (self.to, self.hop, self.carrier, self.seal) == (cmd.to, cmd.hop, cmd.carrier, cmd.seal)
            if same and {(line.case_id, line.packet) for line in (*self.cargo, *self.struck)} == set(wanted):
                return
            raise TripExists(trip=self.stream)
        if not self.stream.startswith(PREFIX):
            raise TripMisnamed(trip=self.stream, prefix=PREFIX)
        if not wanted:
            raise TripEmpty(trip=self.stream)
        if not cmd.carrier:
            raise CarrierMissing
        if reserved := {cmd.carrier, cmd.to} & RESERVED:
            raise ReservedPlace(place=min(reserved))
        if not cmd.signature or not cmd.carrier_signature:
            raise SignatureMissing
        here = places(act)
        for case, packet in wanted:
            if (case, packet) not in found:
                raise UnknownPacket(packet=packet, case=case)
        lie = {found[each][1] for each in wanted}
        elsewhere = lie - here
        if elsewhere or len(lie) > 1:
            place = min(elsewhere or lie)
            packet = next(packet for case, packet in wanted if found[case, packet][1] == place)
            raise PacketNotHere(packet=packet, place=place)
        origin = lie.pop()
        cargo = tuple(found[each][0] for each in wanted)
        self.record(
            TripDispatched,
            act,
            trip=self.stream,
            origin=origin,
            to=cmd.to,
            hop=cmd.hop,
            carrier=cmd.carrier,
            cargo=cargo,
            digest=digest_of(manifest(self.stream, origin, cmd, cargo)),
            seal=cmd.seal,
            signature=cmd.signature,
            carrier_signature=cmd.carrier_signature,
            crossings=crossings(place_end(origin, halls, catalogue), place_end(cmd.to, halls, catalogue)),
        )

    @applies(TripDispatched)
    def _dispatched(self, fact: TripDispatched) -> None:
        self.origin, self.to, self.hop = fact.origin, fact.to, fact.hop
        self.carrier, self.seal, self.digest = fact.carrier, fact.seal, fact.digest
        self.crossings, self.cargo = fact.crossings, fact.cargo
        self.departure = Signed(fact.at, fact.origin, fact.by, fact.signature, fact.carrier_signature)

    def strike(self, case: str, packets: Iterable[str], act: Act) -> None:
        """Packets were not aboard: the manifest is corrected, and says so."""
        names = tuple(line.packet for line in self.cargo if line.case_id == case and line.packet in set(packets))
        if names:
            rest = [line for line in self.cargo if line.case_id != case or line.packet not in names]
            digest = digest_of(self._manifest(rest))
            self.record(ManifestCorrected, act, trip=self.stream, struck=CargoRef(case, names), digest=digest)

    @applies(ManifestCorrected)
    def _corrected(self, fact: ManifestCorrected) -> None:
        gone = {(fact.struck.case_id, packet) for packet in fact.struck.packets}
        self.struck += tuple(line for line in self.cargo if (line.case_id, line.packet) in gone)
        self.cargo = tuple(line for line in self.cargo if (line.case_id, line.packet) not in gone)
        self.digest = fact.digest

    def store(self, cmd: StoreTrip, code_digest: str, taken: Refused | None, collect_by: datetime, act: Act) -> None:
        """Puts the packets into a cell; ``taken`` is the refusal where the cell or the barcode is another trip's."""
        if self.hop != "locker":
            raise NotForLocker(trip=self.stream)
        cell = Cell(cmd.cabinet, cmd.cell, cmd.barcode, code_digest, act.by, collect_by)
        if self.cell is not None and self.trip_state is TripState.STORED and _same(self.cell, cell):
            return
        self._may("store")
        self._at(self.carrier, act)
        for name in ("cabinet", "cell", "barcode", "code"):
            if not getattr(cmd, name):
                raise Invalid(field=name, reason="missing")
        if taken is not None:
            raise taken
        self.record(
            TripStored,
            act,
            trip=self.stream,
            cabinet=cmd.cabinet,
            cell=cmd.cell,
            barcode=cmd.barcode,
            code_digest=code_digest,
            cargo=self._loaded(),
            collect_by=collect_by,
        )

    @applies(TripStored)
    def _stored(self, fact: TripStored) -> None:
        self.trip_state = TripState.STORED
        self.cell = Cell(fact.cabinet, fact.cell, fact.barcode, fact.code_digest, fact.by, fact.collect_by)

    def receive(self, cmd: ReceiveTrip, code_digest: str, act: Act) -> None:
        """Counts what is there against the manifest, and signs for it at the destination."""
        if self._ended_by(TripState.RECEIVED, act.by):
            return
        self._may("receive")
        self._at(self.to, act)
        if self.trip_state is TripState.STORED and self.cell is not None and code_digest != self.cell.code_digest:
            raise WrongPickUpCode(trip=self.stream)
        if not cmd.signature:
            raise SignatureMissing
        missing = {(each.case_id, packet) for each in cmd.missing for packet in each.packets}
        for case, packet in missing:
            if (case, packet) not in {(line.case_id, line.packet) for line in self.cargo}:
                raise NotInTrip(packet=packet, case=case, trip=self.stream)
        if (missing or not cmd.seal_intact) and not cmd.circumstances:
            raise CircumstancesMissing
        self.record(
            TripReceived,
            act,
            trip=self.stream,
            place=self.to,
            signature=cmd.signature,
            cargo=self._loaded(without=missing),
            missing=_by_case(line for line in self.cargo if (line.case_id, line.packet) in missing),
            seal_intact=cmd.seal_intact,
            circumstances=cmd.circumstances,
        )

    @applies(TripReceived)
    def _received(self, fact: TripReceived) -> None:
        self.trip_state = TripState.RECEIVED
        self.missing = fact.missing
        self.arrival = Signed(fact.at, fact.place, fact.by, fact.signature, seal_intact=fact.seal_intact)

    def refuse(self, witness: str, reason: str, act: Act) -> None:
        """Nobody would sign: before a witness it counts as handed over (S62d)."""
        if self._ended_by(TripState.REFUSED, act.by):
            return
        self._may("refuse")
        self._at_one_of({self.carrier, self.origin}, act)
        if witness in {"", act.by}:
            raise WitnessMissing(witness=witness)
        self.record(
            TripRefused, act, trip=self.stream, place=self.to, witness=witness, reason=reason, cargo=self._loaded()
        )

    @applies(TripRefused)
    def _refused(self, fact: TripRefused) -> None:
        self.trip_state = TripState.REFUSED
        self.reason = fact.reason
        self.arrival = Signed(fact.at, fact.place, fact.by, "", witness=fact.witness)

    def recall(self, reason: str, act: Act) -> None:
        """The sender wants it back."""
        self._may("recall")
        self._at(self.origin, act)
        if self.trip_state is not TripState.RECALLED:
            self.record(TripRecalled, act, trip=self.stream, reason=reason)

    def call_back_uncollected(self, act: Act) -> None:
        """Nobody collected it from the locker in time: its code opens nothing any more (S75)."""
        self.record(TripRecalled, act, trip=self.stream, reason="uncollected", overdue=True)

    @applies(TripRecalled)
    def _recalled(self, fact: TripRecalled) -> None:
        self.trip_state = TripState.RECALLED
        self.reason = fact.reason
        self.overdue = fact.overdue

    def give_back(self, signature: str, seal_intact: bool, act: Act) -> None:
        """It is back where it came from."""
        if self._ended_by(TripState.RETURNED, act.by):
            return
        self._may("return")
        self._at(self.origin, act)
        if not signature:
            raise SignatureMissing
        self.record(
            TripReturned,
            act,
            trip=self.stream,
            place=self.origin,
            signature=signature,
            cargo=self._loaded(),
            seal_intact=seal_intact,
        )

    @applies(TripReturned)
    def _returned(self, fact: TripReturned) -> None:
        self.trip_state = TripState.RETURNED
        self.arrival = Signed(fact.at, fact.place, fact.by, fact.signature, seal_intact=fact.seal_intact)

    def _may(self, verb: str) -> None:
        refusal = ALLOWED[self.trip_state][verb]
        if refusal is not None:
            raise refusal(trip=self.stream, state=str(self.trip_state))

    def _ended_by(self, state: TripState, by: str) -> bool:
        """Whether the same person said the same before."""
        return self.trip_state is state and self.arrival is not None and self.arrival.by == by

    def _at(self, place: str, act: Act) -> None:
        self._at_one_of({place}, act)

    def _at_one_of(self, allowed: set[str], act: Act) -> None:
        if not allowed & places(act):
            raise TripElsewhere(trip=self.stream, place=", ".join(sorted(allowed)))

    def _loaded(self, without: Iterable[tuple[str, str]] = ()) -> tuple[CargoRef, ...]:
        left = set(without)
        return _by_case(line for line in self.cargo if (line.case_id, line.packet) not in left)


def locker(cabinet: str, cell: str) -> str:
    """A cell of a locker, as a place."""
    return f"{cabinet}/{cell}"


def _by_case(lines: Iterable[Cargo]) -> tuple[CargoRef, ...]:
    packets: dict[str, list[str]] = {}
    for line in lines:
        packets.setdefault(line.case_id, []).append(line.packet)
    return tuple(CargoRef(case, tuple(names)) for case, names in packets.items())


def _same(one: Cell, other: Cell) -> bool:
    return msgspec.structs.replace(one, collect_by=None) == msgspec.structs.replace(other, collect_by=None)
