"""催办: hand-overs that do not happen in time are said to be overdue, once for each packet and stage."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from contracts.language import Act
from contracts.routing import HandoverOverdue, Stage
from eventing.aggregate import applies
from routing.domain.custody import LOST, Custody
from routing.domain.packets import Packet, PacketState

STAGES: dict[PacketState, Stage] = {PacketState.PLANNED: "transfer", PacketState.DISPATCHED: "receipt"}
"""What is waited for in each state."""


class Reminding(Custody):
    """The limits of hand-overs."""

    def timers(self) -> Mapping[str, datetime]:
        """`transfer:` and `receipt:` of packets, `search:` of missing originals; none where nothing is on paper."""
        if not self.homes:
            return {}
        standing = {
            f"{STAGES[packet.state]}:{packet.packet}": packet.due
            for packet in self.packets.values()
            if packet.due is not None and self._is_expected(packet)
        }
        searches = {
            f"search:{copy}": loss.search_until
            for copy, loss in self.losses.items()
            if loss.search_until is not None
            and not loss.reminded
            and not loss.declared_by
            and self.custody[copy] == LOST
        }
        return standing | searches

    def _is_expected(self, packet: Packet) -> bool:
        """Whether somebody is to act now: originals leave the window that they wait at, and no place after it."""
        stage = STAGES.get(packet.state)
        if stage is None or stage in packet.reminded:
            return False
        return stage == "receipt" or all(self.custody[copy] == packet.window for copy in packet.copies)

    def remind(self, timer: str, act: Act) -> None:
        """A limit has passed: whose it was is told."""
        stage, _, name = timer.partition(":")
        if stage == "search":
            loss = self.losses[name]
            items = self.claims(name)
            body = {"packet": name, "item": items[0] if items else "", "place": loss.place, "due": loss.search_until}
        else:
            packet = self.packets[name]
            place = packet.to if stage == "receipt" else packet.window
            body = {
                "packet": name,
                "item": packet.item,
                "place": place,
                "due": packet.due,
                "carrier": packet.carrier,
            }
        self.record(HandoverOverdue, act, stage=stage, **body)

    @applies(HandoverOverdue)
    def _reminded(self, fact: HandoverOverdue) -> None:
        if fact.stage == "search":
            self.losses[fact.packet] = msgspec.structs.replace(self.losses[fact.packet], reminded=True)
            return
        packet = self.packets[fact.packet]
        self.packets[fact.packet] = packet.with_(reminded=(*packet.reminded, fact.stage))
