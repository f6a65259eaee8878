"""A distribution: the packets of one case, and the custody of every copy in it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

import msgspec

from catalogue.model import Catalogue
from contracts.intake import ItemsAccepted, Medium
from contracts.language import Act, Command
from contracts.routing import (
    DistributionPlanned,
    DistributionStopped,
    ItemsSupplied,
    Need,
    PacketsDispatched,
    PacketsReceived,
    PlannedPacket,
)
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused
from routing.domain.planning import needs_of, output_packet, plan_packets


class UnknownPacket(Refused):
    """The case has no such packet."""


class PacketNotHere(Refused):
    """The packet, or a copy that belongs in it, is somewhere else."""


class PacketNotDispatched(Refused):
    """A packet can be signed for only after it left."""


class PacketCancelled(Refused):
    """The packet was called off because its item left the case."""


class AlreadyReceived(Refused):
    """Somebody signed for the packet before."""


class CarrierMissing(Refused):
    """A packet leaves in somebody's hands, never in nobody's."""


class PlanDistribution(Command, frozen=True, kw_only=True):
    """Plan the packets of the items that were accepted."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    accepted: ItemsAccepted


class SupplyOutput(Command, frozen=True, kw_only=True):
    """Bring a result of an item to the items that need it."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    item: str
    certificate: str
    issuer: str


class StopDistribution(Command, frozen=True, kw_only=True):
    """Send nothing more for an item that left the case."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    item: str


class PacketState(StrEnum):
    """Where a packet is on its way."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CANCELLED = "cancelled"


ALLOWED: dict[PacketState, dict[str, type[Refused] | None]] = {
    PacketState.PLANNED: {"dispatch": None, "receive": PacketNotDispatched},
    PacketState.DISPATCHED: {"dispatch": None, "receive": None},
    PacketState.RECEIVED: {"dispatch": AlreadyReceived, "receive": AlreadyReceived},
    PacketState.CANCELLED: {"dispatch": PacketCancelled, "receive": PacketCancelled},
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

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to dispatch or receive it."""
        return self.state in {PacketState.PLANNED, PacketState.DISPATCHED}


class Distribution(Aggregate):
    """The packets of one case, and the place of every copy: each is in exactly one place at every instant."""

    catalogue: str
    handlers: dict[str, str]
    needs: tuple[Need, ...]
    outputs: dict[str, str]
    packets: dict[str, Packet]
    custody: dict[str, str]
    supplied: tuple[str, ...]
    stopped: tuple[str, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.catalogue = ""
        self.handlers = {}
        self.needs = ()
        self.outputs = {}
        self.packets = {}
        self.custody = {}
        self.supplied = ()
        self.stopped = ()

    def plan(self, accepted: ItemsAccepted, catalogue: Catalogue, act: Act) -> None:
        """Plans packets for the items that have none yet; what needs no carrier arrives at once."""
        fresh = [each for each in accepted.items if each.item not in self.handlers and each.item not in self.stopped]
        if not fresh:
            return
        handlers = {each.item: each.handler for each in fresh}
        needs = needs_of(accepted, catalogue) if not self.catalogue else ()
        packets = list(plan_packets(accepted, fresh, catalogue, len(self.packets) + 1))
        for certificate, producer in self.outputs.items():
            for need in dict.fromkeys(need.item for need in (*self.needs, *needs) if producer in need.producers):
                if need in handlers:
                    number = f"p{len(self.packets) + len(packets) + 1}"
                    made_by = (producer, self.custody[certificate])
                    packets.append(output_packet(number, certificate, made_by, (need, handlers[need]), catalogue))
        entering = {copy for packet in packets for copy in packet.copies} - self.custody.keys()
        self.record(
            DistributionPlanned,
            act,
            items=tuple(handlers),
            packets=tuple(packets),
            copies={
                copy.copy: copy.hall or accepted.hall or accepted.region
                for copy in accepted.materials
                if copy.copy in entering
            },
            handlers=handlers,
            needs=needs,
            catalogue=catalogue.version if not self.catalogue else "",
        )
        self._arrive_at_once(act)
        self._supply(act)

    def supply_output(self, item: str, certificate: str, issuer: str, catalogue: Catalogue | None, act: Act) -> None:
        """Takes a result into custody and sends it to the accepted items that need it.

        A result that no item of the case can need is no matter of distribution. One that comes before the
        first plan is kept in mind (``catalogue`` is None then).
        """
        if certificate in self.custody:
            return
        users = dict.fromkeys(need.item for need in self.needs if item in need.producers)
        if self.catalogue and not users:
            return
        packets = [
            output_packet(f"p{number}", certificate, (item, issuer), (user, self.handlers[user]), catalogue)
            for number, user in enumerate(
                (user for user in users if user in self.handlers and user not in self.stopped),
                start=len(self.packets) + 1,
            )
            if catalogue is not None
        ]
        self.record(
            DistributionPlanned,
            act,
            items=(),
            packets=tuple(packets),
            copies={certificate: issuer},
            outputs={certificate: item},
        )
        self._arrive_at_once(act)
        self._supply(act)

    @applies(DistributionPlanned)
    def _planned(self, fact: DistributionPlanned) -> None:
        self.catalogue = fact.catalogue or self.catalogue
        self.handlers |= fact.handlers
        self.needs += fact.needs
        self.outputs |= fact.outputs
        self.custody |= fact.copies
        self.packets |= {each.packet: _packet(each) for each in fact.packets}

    def dispatch(self, packets: Iterable[str], carrier: str, manifest: str, act: Act) -> None:
        """Gives packets to a carrier, all or none; whoever does it is where they are."""
        if not carrier:
            raise CarrierMissing
        here, aboard = _places(act), self._aboard()
        leaving: list[str] = []
        taken: set[str] = set()
        for packet in self._named(packets):
            if packet.state is PacketState.DISPATCHED and packet.carrier == carrier:
                continue
            _check("dispatch", packet)
            elsewhere = {self.custody[copy] for copy in packet.copies} - here
            if packet.state is PacketState.PLANNED:
                elsewhere |= {self.custody[copy] for copy in packet.copies if copy in aboard or copy in taken}
            if elsewhere:
                raise PacketNotHere(packet=packet.packet, place=min(elsewhere))
            taken.update(packet.copies)
            leaving.append(packet.packet)
        if leaving:
            self.record(PacketsDispatched, act, packets=tuple(leaving), carrier=carrier, manifest=manifest)

    @applies(PacketsDispatched)
    def _dispatched(self, fact: PacketsDispatched) -> None:
        for name in fact.packets:
            packet = self.packets[name]
            self.packets[name] = msgspec.structs.replace(
                packet, state=PacketState.DISPATCHED, carrier=fact.carrier, manifest=fact.manifest
            )
            if packet.medium == "paper":
                self.custody |= dict.fromkeys(packet.copies, fact.carrier)

    def receive(self, packets: Iterable[str], signature: str, act: Act) -> None:
        """Signs for packets, all or none, at the place that they were sent to."""
        here = _places(act)
        arriving: list[Packet] = []
        for packet in self._named(packets):
            if packet.state is PacketState.RECEIVED and packet.signed_by == act.by:
                continue
            _check("receive", packet)
            if packet.to not in here:
                raise PacketNotHere(packet=packet.packet, place=packet.to)
            arriving.append(packet)
        if not arriving:
            return
        places = {packet.to for packet in arriving}
        self.record(
            PacketsReceived,
            act,
            packets=tuple(packet.packet for packet in arriving),
            place=places.pop() if len(places) == 1 else "",
            signature=signature,
        )
        self._arrive_at_once(act)
        self._supply(act)

    def _arrive_at_once(self, act: Act) -> None:
        """What needs no carrier: data, and originals that lie where they are needed already."""
        planned = [each for each in self.packets.values() if each.state is PacketState.PLANNED]
        sent = [each.packet for each in planned if each.medium != "paper"]
        aboard = self._aboard()
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
            self.packets[name] = msgspec.structs.replace(
                packet, state=PacketState.RECEIVED, signed_by=fact.by, signature=fact.signature
            )
            if packet.medium == "paper":
                self.custody |= dict.fromkeys(packet.copies, packet.to)

    def _supply(self, act: Act) -> None:
        """Says once of each item that everything it was to get has arrived."""
        complete = tuple(
            item
            for item in self.handlers
            if item not in self.supplied and item not in self.stopped and self._is_complete(item)
        )
        if complete:
            self.record(ItemsSupplied, act, items=complete)

    @applies(ItemsSupplied)
    def _supplied(self, fact: ItemsSupplied) -> None:
        self.supplied += fact.items

    def stop(self, item: str, act: Act) -> None:
        """Calls off what has not left yet for an item that left the case; nobody waits for its results."""
        if item in self.stopped:
            return
        self.record(DistributionStopped, act, items=(item,))
        self._supply(act)

    @applies(DistributionStopped)
    def _stopped(self, fact: DistributionStopped) -> None:
        self.stopped += fact.items
        for packet in list(self.packets.values()):
            if packet.item in fact.items and packet.state is PacketState.PLANNED:
                self.packets[packet.packet] = msgspec.structs.replace(packet, state=PacketState.CANCELLED)

    def awaits(self, item: str) -> tuple[str, ...]:
        """The items whose results this one needs and has not got."""
        here = set(self.outputs.values())
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
            packet.state is PacketState.RECEIVED for packet in self.packets.values() if packet.item == item
        )

    def _aboard(self) -> set[str]:
        """The originals that are on their way in a packet."""
        return {
            copy
            for packet in self.packets.values()
            if packet.medium == "paper" and packet.state is PacketState.DISPATCHED
            for copy in packet.copies
        }

    def _named(self, packets: Iterable[str]) -> list[Packet]:
        named = list(dict.fromkeys(packets))
        if unknown := [name for name in named if name not in self.packets]:
            raise UnknownPacket(packet=unknown[0])
        return [self.packets[name] for name in named]


def _packet(planned: PlannedPacket) -> Packet:
    return Packet(planned.packet, planned.item, planned.to, planned.medium, planned.copies, planned.crossings)


def _check(verb: str, packet: Packet) -> None:
    refusal = ALLOWED[packet.state][verb]
    if refusal is not None:
        raise refusal(packet=packet.packet, to=packet.to)


def _places(act: Act) -> set[str]:
    """Where somebody is: at a hall, at an organisation, or on the way with what they carry."""
    if act.caller is None:
        return {act.by}
    return {act.by, act.caller.org, act.caller.hall} - {""}
