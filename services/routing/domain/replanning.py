"""改派: a hall closes, or a manager orders it: what lies there or is bound for it goes to another place."""

from collections.abc import Iterable, Mapping

from contracts.language import Act
from contracts.routing import DistributionReplanned, PlannedPacket, ReplanPackets
from eventing.aggregate import applies
from eventing.errors import Refused
from routing.domain.crossings import End, crossings, place_end
from routing.domain.custody import RESERVED, ReservedPlace, places
from routing.domain.handover import Handover
from routing.domain.packets import Packet, PacketState, packet_of, plan_of
from routing.domain.setting import Setting

OWN_ACTS = "service:"
"""How the names begin by which services act themselves."""


class NotInCharge(Refused):
    """Only who works at one of the two places, or routing itself, sends from the one to the other."""


class SamePlace(Refused):
    """What is sent elsewhere goes to another place."""


class Replanning(Handover):
    """Another way for what had one."""

    def replan(self, cmd: ReplanPackets, act: Act, setting: Setting, halls: Mapping[str, End]) -> None:
        """Originals that lie at a place go over to the other one; ways back that lead to it lead there now.

        Packets named: only these, and what is in them. Hand-offs to departments stay as they are planned: they
        leave from the other place when the originals have come there.
        """
        place, to = cmd.place, cmd.to
        if to == place:
            raise SamePlace(place=to)
        if to in RESERVED:
            raise ReservedPlace(place=to)
        if not act.by.startswith(OWN_ACTS) and not places(act) & {place, to}:
            raise NotInCharge(place=place, to=to)
        named = self._named(cmd.packets)
        bound = [each for each in named or self.packets.values() if self._leads_to(each, place)]
        changed = [self._led_to(each, to, setting, halls) for each in bound]
        over = self._over(place, to, {copy for each in named for copy in each.copies} if named else set(self.homes))
        if over:
            ends = (place_end(each, halls, setting.catalogue) for each in (place, to))
            changed.append(
                PlannedPacket(
                    packet=self._next(),
                    item="",
                    to=to,
                    medium="paper",
                    copies=over,
                    crossings=crossings(*ends),
                    purpose="transfer",
                )
            )
        if changed:
            self.record(
                DistributionReplanned,
                act,
                items=tuple(dict.fromkeys(item for each in changed for item in self._concerned_by(each))),
                packets=tuple(changed),
                place=place,
                to=to,
                reason=cmd.reason,
                whole=not named,
                transfer_by=setting.transfer_by(act.at),
            )
            self._settle(act, setting)

    @staticmethod
    def _leads_to(packet: Packet, place: str) -> bool:
        return packet.purpose != "supply" and packet.is_open and packet.to == place

    def _led_to(self, packet: Packet, to: str, setting: Setting, halls: Mapping[str, End]) -> PlannedPacket:
        origin = packet.sent_from or self.custody[packet.copies[0]]
        ends = (place_end(each, halls, setting.catalogue) for each in (origin, to))
        return plan_of(packet, to=to, crossings=crossings(*ends))

    def _over(self, place: str, to: str, copies: set[str]) -> tuple[str, ...]:
        """What of the copies lies at the place, in no packet that travels or is to take it over already."""
        aboard = self.aboard()
        planned = {
            copy
            for packet in self.packets.values()
            if packet.purpose != "supply" and packet.is_waiting and packet.to == to
            for copy in packet.copies
        }
        return tuple(
            copy
            for copy in self.homes
            if copy in copies and self.custody[copy] == place and copy not in aboard and copy not in planned
        )

    def _concerned_by(self, packet: PlannedPacket) -> Iterable[str]:
        return [packet.item] if packet.item else [item for copy in packet.copies for item in self.claims(copy)]

    @applies(DistributionReplanned)
    def _replanned(self, fact: DistributionReplanned) -> None:
        if fact.whole:
            self.homes = {copy: fact.to if home == fact.place else home for copy, home in self.homes.items()}
        for planned in fact.packets:
            known = self.packets.get(planned.packet)
            if known is not None:
                self.packets[planned.packet] = known.with_(to=planned.to, crossings=planned.crossings)
                continue
            for other in list(self.packets.values()):
                if other.purpose != "supply" and other.state is PacketState.PLANNED:
                    self._drop(other, planned.copies)
            self.packets[planned.packet] = packet_of(planned).with_(window=fact.place, due=fact.transfer_by)
