"""From hand to hand: packets leave, travel hop by hop, arrive, are signed for, refused or acknowledged."""

from collections.abc import Iterable
from typing import ClassVar, Literal, Protocol

from contracts.language import Act, Command
from contracts.routing import (
    ItemsSupplied,
    PacketsAcknowledged,
    PacketsArrived,
    PacketsDispatched,
    PacketsLeftBehind,
    PacketsReceived,
    PacketsSentBack,
    ReceiptRefused,
)
from eventing.aggregate import applies
from routing.domain.custody import RESERVED, ReservedPlace, places
from routing.domain.packets import CarrierMissing, Packet, PacketNotHere, PacketState, WitnessMissing
from routing.domain.returning import Returning
from routing.domain.setting import Setting


class CarryPackets(Command, frozen=True, kw_only=True):
    """Let packets of a case leave in a trip."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    trip: str
    packets: tuple[str, ...]
    origin: str
    carrier: str


class LandPackets(Command, frozen=True, kw_only=True):
    """Let packets of a case be where their trip has brought them, or left them."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    trip: str
    packets: tuple[str, ...]
    place: str
    how: Literal["received", "stored", "refused", "returned"]
    by: str
    signature: str = ""
    witness: str = ""
    reason: str = ""


class OfTrip(Protocol):
    """Something that happened to packets of a case in a trip."""

    @property
    def trip(self) -> str: ...
    @property
    def packets(self) -> tuple[str, ...]: ...


class Handover(Returning):
    """Packets on their way."""

    def dispatch(
        self, packets: Iterable[str], carrier: str, manifest: str, act: Act, setting: Setting | None = None
    ) -> None:
        """Gives packets to a carrier, all or none; whoever does it is where they are."""
        if not carrier:
            raise CarrierMissing
        if carrier in RESERVED:
            raise ReservedPlace(place=carrier)
        here, leaving, taken = places(act), list[Packet](), set[str]()
        for packet in self._named(packets):
            if packet.state is PacketState.DISPATCHED and packet.carrier == carrier:
                continue
            packet.may("dispatch")
            elsewhere = self._elsewhere(packet, here, taken)
            if elsewhere:
                raise PacketNotHere(packet=packet.packet, place=min(elsewhere))
            taken.update(packet.copies)
            leaving.append(packet)
        if leaving:
            self._leave(leaving, carrier, act, setting, manifest=manifest)

    def carry(self, cmd: CarryPackets, act: Act, setting: Setting | None = None) -> None:
        """Packets leave in a trip. What is not where the trip left from stays behind, and is said to."""
        leaving, left, taken = list[Packet](), dict[str, str](), set[str]()
        for packet in self._named(cmd.packets):
            if not packet.is_waiting:
                left[packet.packet] = str(packet.state)
            elif elsewhere := self._elsewhere(packet, {cmd.origin}, taken):
                left[packet.packet] = min(elsewhere)
            else:
                taken.update(packet.copies)
                leaving.append(packet)
        if leaving:
            self._leave(leaving, cmd.carrier, act, setting, manifest=cmd.trip, trip=cmd.trip)
        if left:
            self.record(PacketsLeftBehind, act, packets=left, trip=cmd.trip)

    def _elsewhere(self, packet: Packet, here: set[str], taken: set[str]) -> set[str]:
        """Where the originals of a packet are that cannot leave from here with it."""
        elsewhere = {self.custody[copy] for copy in packet.copies} - here
        if packet.state is PacketState.PLANNED:
            aboard = self.aboard()
            elsewhere |= {self.custody[copy] for copy in packet.copies if copy in aboard or copy in taken}
        return elsewhere

    def _leave(
        self,
        leaving: list[Packet],
        carrier: str,
        act: Act,
        setting: Setting | None,
        *,
        manifest: str,
        trip: str = "",
    ) -> None:
        first = any(packet.state is PacketState.PLANNED for packet in leaving)
        self.record(
            PacketsDispatched,
            act,
            packets=tuple(packet.packet for packet in leaving),
            carrier=carrier,
            manifest=manifest,
            trip=trip,
            receive_by=setting.receive_by(act.at) if setting is not None and first else None,
        )

    @applies(PacketsDispatched)
    def _dispatched(self, fact: PacketsDispatched) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            sent = packet.with_(
                state=PacketState.DISPATCHED, carrier=fact.carrier, manifest=fact.manifest, trip=fact.trip
            )
            if packet.medium == "paper" and packet.state is PacketState.PLANNED:
                sent = sent.with_(sent_from=self.custody[packet.copies[0]], due=fact.receive_by, reminded=())
            self.packets[name] = sent
            if packet.medium == "paper":
                self._move(packet.copies, fact.carrier, fact, packet=name, trip=fact.trip)

    @applies(PacketsLeftBehind)
    def _left_behind(self, fact: PacketsLeftBehind) -> None:
        """They are where they were; the trip's manifest is corrected."""

    def receive(self, packets: Iterable[str], signature: str, act: Act, setting: Setting | None = None) -> None:
        """Signs for packets, all or none, at the place that they were sent to."""
        here = places(act)
        arriving: list[Packet] = []
        for packet in self._named(packets):
            if packet.state is PacketState.RECEIVED and packet.signed_by == act.by:
                continue
            packet.may("receive")
            if packet.to not in here:
                raise PacketNotHere(packet=packet.packet, place=packet.to)
            arriving.append(packet)
        if arriving:
            self._arrive(arriving, signature, act, setting)
            self._settle(act, setting)

    def land(self, cmd: LandPackets, act: Act, setting: Setting | None = None) -> None:
        """A trip came somewhere, and the packets with it: of the case, what was aboard still."""
        aboard = self._of_trip(cmd, act)
        there = [packet for packet in aboard if packet.to == cmd.place]
        further = [packet for packet in aboard if packet.to != cmd.place]
        match cmd.how:
            case "received":
                if there:
                    self._arrive(there, cmd.signature, act, setting, trip=cmd.trip, by=cmd.by)
                self._come_to(further, cmd, act)
            case "stored":
                self._come_to(aboard, cmd, act)
            case "refused":  # what was not for that place stays with the carrier
                if there:
                    self._refuse(there, cmd.witness, cmd.reason, act, trip=cmd.trip)
            case "returned":
                self._go_back(aboard, cmd, act, setting)
        self._settle(act, setting)

    def _of_trip(self, cmd: OfTrip, act: Act) -> list[Packet]:
        """The packets that are in the trip still; of others it is said that they were not aboard."""
        named = self._named(cmd.packets)
        aboard = [packet for packet in named if packet.trip == cmd.trip and packet.state is PacketState.DISPATCHED]
        left = {
            packet.packet: self.custody[packet.copies[0]] if packet.is_waiting else str(packet.state)
            for packet in named
            if packet not in aboard and not (packet.trip == cmd.trip and packet.state is PacketState.RECEIVED)
        }
        if left:
            self.record(PacketsLeftBehind, act, packets=left, trip=cmd.trip)
        return aboard

    def _come_to(self, packets: list[Packet], cmd: LandPackets, act: Act) -> None:
        """They are one hop further: in a locker, or where they change carriers."""
        if packets:
            self.record(
                PacketsArrived,
                act,
                packets=tuple(packet.packet for packet in packets),
                place=cmd.place,
                trip=cmd.trip,
                signature=cmd.signature,
                signed_by=cmd.by,
            )

    @applies(PacketsArrived)
    def _arrived(self, fact: PacketsArrived) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            self.packets[name] = packet.with_(carrier=fact.place)
            self._move(packet.copies, fact.place, fact, packet=name, trip=fact.trip)

    def _go_back(self, packets: list[Packet], cmd: LandPackets, act: Act, setting: Setting | None) -> None:
        """They are where they came from, and wait there to be sent again."""
        if packets:
            self.record(
                PacketsSentBack,
                act,
                packets=tuple(packet.packet for packet in packets),
                place=cmd.place,
                trip=cmd.trip,
                transfer_by=setting.transfer_by(act.at) if setting is not None else None,
            )

    @applies(PacketsSentBack)
    def _sent_back(self, fact: PacketsSentBack) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            off = packet.purpose == "supply" and not self.is_live(packet.item)
            self.packets[name] = packet.with_(
                state=PacketState.CANCELLED if off else PacketState.PLANNED,
                carrier="",
                manifest="",
                trip="",
                window=fact.place if fact.transfer_by is not None else "",
                due=fact.transfer_by,
                reminded=(),
            )
            self._move(packet.copies, fact.place, fact, packet=name, trip=fact.trip)

    def refuse(
        self, packets: Iterable[str], witness: str, reason: str, act: Act, setting: Setting | None = None
    ) -> None:
        """The receiver would not sign: before a witness the packets count as transferred (S62d)."""
        here = places(act)
        refused: list[Packet] = []
        for packet in self._named(packets):
            if packet.state is PacketState.RECEIVED and packet.witness and packet.witness == witness:
                continue
            packet.may("receive")
            if not here & {packet.sent_from, *(self.custody[copy] for copy in packet.copies)}:
                raise PacketNotHere(packet=packet.packet, place=self.custody[packet.copies[0]])
            refused.append(packet)
        if refused:
            if witness in {"", act.by}:
                raise WitnessMissing(witness=witness)
            self._refuse(refused, witness, reason, act)
            self._settle(act, setting)

    def _refuse(self, refused: list[Packet], witness: str, reason: str, act: Act, *, trip: str = "") -> None:
        self.record(
            ReceiptRefused,
            act,
            packets=tuple(packet.packet for packet in refused),
            place=_common(refused),
            witness=witness,
            reason=reason,
            trip=trip,
        )

    @applies(ReceiptRefused)
    def _refused(self, fact: ReceiptRefused) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            self.packets[name] = packet.with_(state=PacketState.RECEIVED, witness=fact.witness, due=None)
            self._move(packet.copies, packet.to, fact, packet=name, trip=fact.trip)

    def acknowledge(self, packets: Iterable[str], act: Act) -> None:
        """A person at the department took note; the first who does counts."""
        noted: list[str] = []
        here = places(act)
        for packet in self._named(packets):
            packet.may("acknowledge")
            if packet.to not in here:
                raise PacketNotHere(packet=packet.packet, place=packet.to)
            if not packet.acknowledged_by:
                noted.append(packet.packet)
        if noted:
            self.record(PacketsAcknowledged, act, packets=tuple(noted))

    @applies(PacketsAcknowledged)
    def _acknowledged(self, fact: PacketsAcknowledged) -> None:
        for name in fact.packets:
            self.packets[name] = self.packets[name].with_(acknowledged_by=fact.by)

    def _arrive(
        self,
        arriving: list[Packet],
        signature: str,
        act: Act,
        setting: Setting | None,
        *,
        trip: str = "",
        by: str = "",
    ) -> None:
        over = any(packet.purpose == "transfer" for packet in arriving)
        self.record(
            PacketsReceived,
            act,
            packets=tuple(packet.packet for packet in arriving),
            place=_common(arriving),
            signature=signature,
            trip=trip,
            signed_by=by,
            transfer_by=setting.transfer_by(act.at) if over and setting is not None else None,
        )

    def _arrive_at_once(self, act: Act) -> None:
        """What needs no carrier: data, and originals that lie where they are needed already."""
        planned = [each for each in self.packets.values() if each.state is PacketState.PLANNED]
        sent = [each.packet for each in planned if each.medium != "paper"]
        aboard = self.aboard() if self.homes else {}
        there = [
            each.packet
            for each in planned
            if each.medium == "paper"
            and all(self.custody[copy] == each.to and copy not in aboard for copy in each.copies)
        ]
        if sent:
            self.record(PacketsDispatched, act, packets=tuple(sent))
        if sent or there:
            self.record(PacketsReceived, act, packets=(*sent, *there))

    @applies(PacketsReceived)
    def _received(self, fact: PacketsReceived) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            self.packets[name] = packet.with_(
                state=PacketState.RECEIVED, signed_by=fact.signed_by or fact.by, signature=fact.signature, due=None
            )
            if packet.medium == "paper":
                self._move(packet.copies, packet.to, fact, packet=name, trip=fact.trip)
        if fact.transfer_by is not None:
            self._wait_here({self.packets[name].to for name in fact.packets}, fact)

    def _wait_here(self, here: set[str], fact: PacketsReceived) -> None:
        """Originals that came from another hall have to leave this one in time."""
        for packet in list(self.packets.values()):
            lies = {self.custody[copy] for copy in packet.copies}
            if packet.medium == "paper" and packet.state is PacketState.PLANNED and len(lies) == 1 and lies <= here:
                self.packets[packet.packet] = packet.with_(window=min(lies), due=fact.transfer_by, reminded=())

    def _settle(self, act: Act, setting: Setting | None) -> None:
        """What follows at once from originals having come somewhere."""
        self._arrive_at_once(act)
        self._plan_ways_back((), "", act, setting)
        self._supply(act)

    def _supply(self, act: Act) -> None:
        """Says once of each item that everything it was to get has arrived."""
        complete = tuple(
            item
            for item in self.handlers
            if item not in self.supplied and self.is_live(item) and self._is_complete(item)
        )
        if complete:
            self.record(ItemsSupplied, act, items=complete)

    @applies(ItemsSupplied)
    def _supplied(self, fact: ItemsSupplied) -> None:
        self.supplied += fact.items

    def awaits(self, item: str) -> tuple[str, ...]:
        """The items whose results this one needs and has not got."""
        here = {producer for certificate, producer in self.outputs.items() if certificate not in self.withdrawn}
        return tuple(
            dict.fromkeys(
                producer
                for need in self.needs
                if need.item == item and need.required and here.isdisjoint(need.producers)
                for producer in need.producers
                if producer not in self.stopped
            )
        )

    def _is_complete(self, item: str) -> bool:
        return not self.awaits(item) and all(
            packet.state in {PacketState.RECEIVED, PacketState.CANCELLED}
            for packet in self.packets.values()
            if packet.item == item and packet.purpose == "supply"
        )


def _common(packets: list[Packet]) -> str:
    """The place that all of them are for; empty where there are several."""
    found = {packet.to for packet in packets}
    return found.pop() if len(found) == 1 else ""
