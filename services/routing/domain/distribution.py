"""A distribution: the packets of one case, and the custody of every copy in it."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from msgspec.structs import replace

from catalogue.errors import UnknownItem
from catalogue.model import Catalogue
from contracts.intake import ItemsAccepted, MaterialCopy
from contracts.language import Act, Command
from contracts.routing import (
    DistributionPlanned,
    DistributionResumed,
    DistributionStopped,
    OutputWithdrawn,
    PlannedPacket,
    ReturnReason,
)
from eventing.aggregate import applies
from routing.domain.losing import Losing
from routing.domain.packets import Packet, PacketState, packet_of, plan_of
from routing.domain.planning import late_packets, needs_of, output_packet, plan_packets, renewed, scans_of
from routing.domain.reminding import Reminding
from routing.domain.replanning import Replanning
from routing.domain.setting import Setting


class PlanDistribution(Command, frozen=True, kw_only=True):
    """Plan the packets of the items that were accepted."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    accepted: ItemsAccepted


class TakeIn(Command, frozen=True, kw_only=True):
    """Take originals that were brought, and what replaces lost ones, into custody."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[MaterialCopy, ...]
    hall: str = ""


class SupplyLate(Command, frozen=True, kw_only=True):
    """Send on what was supplemented after an item's acceptance (补齐)."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    item: str
    copies: tuple[MaterialCopy, ...]
    hall: str


class SupplyOutput(Command, frozen=True, kw_only=True):
    """Bring a result of an item to the items that need it; the item itself is decided."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    item: str
    certificate: str
    issuer: str


class WithdrawOutput(Command, frozen=True, kw_only=True):
    """Tell those who got a result that it lost its force."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    certificate: str
    status: str
    ground: str
    replaced_by: str


class StopDistribution(Command, frozen=True, kw_only=True):
    """Send nothing more for an item that left the case."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    item: str


class ResumeDistribution(Command, frozen=True, kw_only=True):
    """Items that had left may come again."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    items: tuple[str, ...]


class ReopenItems(Command, frozen=True, kw_only=True):
    """Send after all what was called off for items that had come to their end: they are decided again."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    items: tuple[str, ...]


class ConcludeItems(Command, frozen=True, kw_only=True):
    """Send originals back: these items, or (none named) all of the case, came to their end."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    items: tuple[str, ...] = ()
    reason: ReturnReason = "decided"


class Distribution(Losing, Replanning, Reminding):
    """The packets of one case, and the place of every copy: each is in exactly one place at every instant."""

    def plan(self, accepted: ItemsAccepted, catalogue: Catalogue, act: Act, setting: Setting | None = None) -> None:
        """Plans packets for the items that have none yet; what needs no carrier arrives at once."""
        fresh = [each for each in accepted.items if each.item not in self.handlers and each.item not in self.stopped]
        if not fresh:
            return
        first = not self.catalogue
        handlers = {each.item: each.handler for each in fresh}
        told = needs_of(accepted, catalogue)
        needs = told if first else renewed(self.needs, told, self.handlers)
        packets = self._without_absent(plan_packets(accepted, fresh, catalogue, len(self.packets) + 1))
        for certificate, producer in self.outputs.items():
            for need in dict.fromkeys(need.item for need in needs if producer in need.producers):
                if need in handlers and certificate not in self.withdrawn:
                    made_by = (producer, self.custody[certificate])
                    number = self._next(len(packets))
                    packets.append(output_packet(number, certificate, made_by, (need, handlers[need]), catalogue))
        scans = scans_of(catalogue.theme(accepted.theme), handlers, accepted.materials)
        entering = {copy for packet in packets for copy in packet.copies} | scans.keys()
        paper = any(packet.medium == "paper" for packet in packets)
        self.record(
            DistributionPlanned,
            act,
            items=tuple(handlers),
            packets=tuple(packets),
            copies={
                copy.copy: copy.hall or accepted.hall or accepted.region
                for copy in accepted.materials
                if copy.copy in entering and copy.copy not in self.custody
            },
            handlers=handlers,
            needs=needs if first or needs != self.needs else (),
            renewed=not first and needs != self.needs,
            catalogue=catalogue.version if first else "",
            theme=accepted.theme if first else "",
            region=accepted.region if first else "",
            hall=accepted.hall if first else "",
            scans={copy: scan for copy, scan in scans.items() if self.scans.get(copy) != scan},
            transfer_by=setting.transfer_by(act.at) if paper and setting is not None else None,
        )
        self._arrive_at_once(act)
        self._supply(act)

    def supply_late(self, cmd: SupplyLate, act: Act, setting: Setting) -> None:
        """Sends on what was tolerated as missing and came later; an item that left the case gets nothing more."""
        item, hall, catalogue = cmd.item, cmd.hall or self.hall, setting.catalogue
        sent = {copy for packet in self.packets.values() if packet.item == item for copy in packet.copies}
        late = [copy for copy in cmd.copies if copy.copy not in sent]
        if not late or not self.is_live(item):
            return
        needing = catalogue.theme(self.theme).item(item) if self.theme else catalogue.item(item)
        received = setting.window(hall, self.theme, self.region)
        packets = self._without_absent(
            late_packets(needing, self.handlers[item], late, received, catalogue, number=len(self.packets) + 1)
        )
        scans = scans_of(catalogue.theme(self.theme), (item,), late) if self.theme else {}
        entering = {copy for packet in packets for copy in packet.copies} | scans.keys()
        self._planned_more(
            packets,
            act,
            copies={
                copy.copy: copy.hall or hall for copy in late if copy.copy in entering and copy.copy not in self.custody
            },
            scans=scans,
            transfer_by=setting.transfer_by(act.at) if any(each.medium == "paper" for each in packets) else None,
        )

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
        self._planned_more(packets, act, copies={certificate: issuer}, outputs={certificate: item})

    def _without_absent(self, planned: Iterable[PlannedPacket]) -> list[PlannedPacket]:
        """The packets, with originals that are lost or back with the applicant in packets of their own."""
        if not self.homes:
            return list(planned)
        packets: list[PlannedPacket] = []
        for each in planned:
            absent = tuple(copy for copy in each.copies if self._is_absent(copy))
            present = tuple(copy for copy in each.copies if copy not in absent)
            for copies in (present, absent):
                if copies:
                    packets.append(replace(each, packet=self._next(len(packets)), copies=copies))
        return packets

    def _planned_more(self, packets: Iterable[PlannedPacket], act: Act, **body: object) -> None:
        self.record(DistributionPlanned, act, items=(), packets=tuple(packets), **body)
        self._arrive_at_once(act)
        self._supply(act)

    @applies(DistributionPlanned)
    def _planned(self, fact: DistributionPlanned) -> None:
        self.catalogue = fact.catalogue or self.catalogue
        self.theme = fact.theme or self.theme
        self.region = fact.region or self.region
        self.hall = fact.hall or self.hall
        self.handlers |= fact.handlers
        self.needs = fact.needs if fact.renewed else self.needs + fact.needs
        self.outputs |= fact.outputs
        self.scans |= fact.scans
        self.ended = tuple(item for item in self.ended if item not in fact.reopened)
        for packet in fact.kept_back:
            self.packets[packet] = self.packets[packet].with_(state=PacketState.CANCELLED, due=None)
        paper = (copy for packet in fact.packets if packet.medium == "paper" for copy in packet.copies)
        self._enter(fact.copies, (*paper, *fact.scans), fact)
        for planned in fact.packets:
            self.packets[planned.packet] = self._at_its_window(packet_of(planned), fact)

    def _at_its_window(self, packet: Packet, fact: DistributionPlanned) -> Packet:
        """Originals that lie at the hall that took them in have to leave it in time; what is absent is waited for."""
        if packet.medium != "paper":
            return packet
        if any(self._is_absent(copy) for copy in packet.copies):
            return packet.with_(state=PacketState.MISSING)
        if fact.transfer_by is None:
            return packet
        window = self.custody[packet.copies[0]]
        if all(self.custody[copy] == self.homes[copy] == window for copy in packet.copies):
            return packet.with_(window=window, due=fact.transfer_by)
        return packet

    def withdraw_output(self, certificate: str, status: str, ground: str, replaced_by: str, act: Act) -> None:
        """Marks a result that lost its force, with the items whose handlers hold it; one that nobody got is no news."""
        if certificate not in self.outputs or certificate in self.withdrawn:
            return
        holders = {
            packet.item: packet.to
            for packet in self.packets.values()
            if certificate in packet.copies and packet.state is not PacketState.CANCELLED
        }
        self.record(
            OutputWithdrawn,
            act,
            certificate=certificate,
            item=self.outputs[certificate],
            holders=holders,
            status=status,
            ground=ground,
            replaced_by=replaced_by,
        )

    @applies(OutputWithdrawn)
    def _output_withdrawn(self, fact: OutputWithdrawn) -> None:
        self.withdrawn[fact.certificate] = fact.status

    def stop(self, item: str, act: Act, setting: Setting | None = None) -> None:
        """Calls off what has not left yet for an item that left the case; nobody waits for its results."""
        if item in self.stopped:
            return
        self.record(DistributionStopped, act, items=(item,), released=self._brought_for(item, setting))
        self._plan_ways_back((), "stopped", act, setting)
        self._supply(act)

    def _brought_for(self, item: str, setting: Setting | None) -> tuple[str, ...]:
        """The originals of materials of an item, by the catalogue."""
        if setting is None or not self.homes:
            return ()
        try:
            materials = {material.id for material in setting.catalogue.item(item).materials}
        except UnknownItem:
            return ()
        return tuple(copy for copy in self.homes if self.materials.get(copy) in materials)

    @applies(DistributionStopped)
    def _stopped(self, fact: DistributionStopped) -> None:
        self.stopped += fact.items
        self.released = tuple(dict.fromkeys((*self.released, *fact.released)))
        for packet in list(self.packets.values()):
            if packet.item in fact.items and packet.state is PacketState.PLANNED and packet.purpose == "supply":
                self.packets[packet.packet] = packet.with_(state=PacketState.CANCELLED)

    def resume(self, items: Iterable[str], act: Act) -> None:
        """Items that had left were joined to the case again: they are planned anew when they are accepted."""
        back = tuple(item for item in dict.fromkeys(items) if item in self.stopped or item in self.ended)
        if back:
            self.record(DistributionResumed, act, items=back)

    @applies(DistributionResumed)
    def _resumed(self, fact: DistributionResumed) -> None:
        self.stopped = tuple(item for item in self.stopped if item not in fact.items)
        self.ended = tuple(item for item in self.ended if item not in fact.items)
        self.supplied = tuple(item for item in self.supplied if item not in fact.items)
        self.handlers = {item: handler for item, handler in self.handlers.items() if item not in fact.items}

    def reopen(self, items: Iterable[str], act: Act, setting: Setting) -> None:
        """Items that had come to their end are decided again.

        What was called off for them is sent after all, and what their departments have and were to send back stays.
        """
        back = tuple(item for item in dict.fromkeys(items) if item in self.ended and item not in self.stopped)
        if back:
            packets = self._without_absent(each for item in back for each in self._called_off(item))
            leave_by = setting.transfer_by(act.at) if packets else None
            kept_back: list[str] = []
            for packet, others in self._ways_back_kept(back):
                kept_back.append(packet.packet)
                if others:
                    way = plan_of(packet, packet=self._next(len(packets)), copies=others, item=self._brought(others[0]))
                    packets.append(way)
            self._planned_more(packets, act, reopened=back, transfer_by=leave_by, kept_back=tuple(kept_back))

    def _ways_back_kept(self, items: Iterable[str]) -> Iterator[tuple[Packet, tuple[str, ...]]]:
        """Ways back, not yet begun, of originals that lie where an item is decided, and what else is in them."""
        wanted = {
            copy
            for packet in self.packets.values()
            if packet.item in items and packet.purpose == "supply" and packet.state is not PacketState.CANCELLED
            for copy in packet.copies
            if self.custody[copy] == packet.to
        }
        for packet in self.packets.values():
            if (
                packet.purpose == "return"
                and packet.state is PacketState.PLANNED
                and not wanted.isdisjoint(packet.copies)
            ):
                yield packet, tuple(copy for copy in packet.copies if copy not in wanted)

    def _called_off(self, item: str) -> Iterator[PlannedPacket]:
        """Packets of the originals that were to go to an item's department, and neither did nor were replaced."""
        supply = [each for each in self.packets.values() if each.item == item and each.purpose == "supply"]
        settled = {copy for each in supply if each.state is not PacketState.CANCELLED for copy in each.copies}
        settled |= {copy for copy, loss in self.losses.items() if loss.replaced_by}
        for packet in supply:
            copies = tuple(copy for copy in packet.copies if copy not in settled)
            if copies:
                settled |= set(copies)
                yield plan_of(packet, copies=copies)
