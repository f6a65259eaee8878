"""Originals go back: from departments to the hall, and from there to the applicant, against identity and signature."""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from contracts.language import Act
from contracts.routing import (
    HandBack,
    OriginalsHandedBack,
    OriginalState,
    PlannedPacket,
    ReturnReason,
    ReturnsPlanned,
)
from eventing.aggregate import applies
from eventing.errors import Refused
from routing.domain.custody import (
    APPLICANT,
    LOST,
    RESERVED,
    Custody,
    OriginalElsewhere,
    SignatureMissing,
    StillNeeded,
    places,
)
from routing.domain.packets import PacketState, packet_of
from routing.domain.setting import Setting


class TakerUnchecked(Refused):
    """Originals are given to somebody whose identity was checked."""


class Standing(msgspec.Struct, frozen=True):
    """How an original stands, and whose turn it is: a place; empty where nobody has to do anything with it."""

    state: OriginalState
    turn: str = ""
    trip: str = ""


class Returning(Custody):
    """The way back of originals that nobody needs any more."""

    def conclude(self, items: Iterable[str], reason: ReturnReason, act: Act, setting: Setting | None = None) -> None:
        """Items came to their end: what was on paper for them goes back. Without paper there is nothing to tell."""
        if not self.homes:
            return
        ending = tuple(item for item in dict.fromkeys(items) if self.is_live(item) and self._has_paper(item))
        if ending:
            self._plan_ways_back(ending, reason, act, setting)

    def return_originals(self, copies: Iterable[str], act: Act, setting: Setting | None = None) -> None:
        """The department that has them does not need these originals any more (none named: all that it has)."""
        here, aboard = places(act), self.aboard()
        named = self._originals(copies)
        for copy in named:
            if copy in aboard or self.custody[copy] not in here:
                raise OriginalElsewhere(copy=copy, place=self.custody[copy])
            if items := self.awaited_by(copy):
                raise StillNeeded(copy=copy, items=items)
        chosen = named or [
            copy
            for copy in self.homes
            if copy not in aboard and self.custody[copy] in here and not self.awaited_by(copy)
        ]
        packets = tuple(self._ways_back(chosen, setting))
        if packets:
            self.record(ReturnsPlanned, act, items=(), packets=packets, reason="released")

    def _plan_ways_back(
        self, ending: tuple[str, ...], reason: ReturnReason | Literal[""], act: Act, setting: Setting | None
    ) -> None:
        """Plans the way of all that no live item claims, with these items' end; says nothing where there is nothing."""
        free = [copy for copy in self.homes if not set(self.claims(copy)) - set(ending)]
        packets = tuple(self._ways_back(free, setting))
        if packets or ending:
            why = reason or ("stopped" if self.stopped else "decided")
            self.record(ReturnsPlanned, act, items=ending, packets=packets, reason=why)

    def _ways_back(self, copies: Iterable[str], setting: Setting | None) -> Iterator[PlannedPacket]:
        """Packets for those of the copies that lie away from home and are in no packet back yet, one a place."""
        aboard = self.aboard()
        planned = {
            copy
            for packet in self.packets.values()
            if packet.purpose != "supply" and packet.is_open
            for copy in packet.copies
        }
        ways: dict[tuple[str, str], list[str]] = {}
        for copy in copies:
            place, home = self.custody[copy], self.homes[copy]
            if place not in RESERVED and place != home and copy not in aboard and copy not in planned:
                ways.setdefault((place, home), []).append(copy)
        for number, ((place, home), back) in enumerate(ways.items()):
            item = self._brought(back[0])
            yield PlannedPacket(
                packet=self._next(number),
                item=item,
                to=home,
                medium="paper",
                copies=tuple(back),
                crossings=setting.back(place, item, self.theme, self.region, home) if setting is not None else (),
                purpose="return",
            )

    @applies(ReturnsPlanned)
    def _returns_planned(self, fact: ReturnsPlanned) -> None:
        self.ended += fact.items
        for packet in list(self.packets.values()):
            if (
                packet.item in fact.items
                and packet.medium == "paper"
                and packet.purpose == "supply"
                and packet.state is PacketState.PLANNED
            ):
                self.packets[packet.packet] = packet.with_(state=PacketState.CANCELLED, due=None)
        self.packets |= {planned.packet: packet_of(planned) for planned in fact.packets}

    def hand_back(self, cmd: HandBack, act: Act) -> None:
        """退还 where they lie: nobody waits for them, the taker's identity was checked, and the taker signed."""
        here, aboard = places(act), self.aboard()
        given = [copy for copy in self._originals(cmd.copies) if self.custody[copy] != APPLICANT]
        if not given:
            return
        for copy in given:
            if copy in aboard or self.custody[copy] not in here or self.custody[copy] != self.custody[given[0]]:
                raise OriginalElsewhere(copy=copy, place=self.custody[copy])
            if items := self.awaited_by(copy):
                raise StillNeeded(copy=copy, items=items)
        if not cmd.identity_check:
            raise TakerUnchecked
        if not cmd.signature:
            raise SignatureMissing
        self.record(
            OriginalsHandedBack,
            act,
            copies=tuple(given),
            place=self.custody[given[0]],
            method=cmd.method,
            identity_check=cmd.identity_check,
            signature=cmd.signature,
            receipt=cmd.receipt,
        )

    @applies(OriginalsHandedBack)
    def _handed_back(self, fact: OriginalsHandedBack) -> None:
        self._move(fact.copies, APPLICANT, fact)

    def is_free(self, copy: str) -> bool:
        """Whether an original waits to be handed back: it is at rest, and who needed it, if anybody did, does no more.

        One that was brought for an item that is not accepted yet is not meant; the applicant may have it all the same.
        """
        at_rest = self.custody[copy] not in RESERVED and copy not in self.aboard()
        used = (
            copy in self.released
            or copy in self.scans
            or any(copy in packet.copies and packet.purpose == "supply" for packet in self.packets.values())
        )
        return at_rest and used and not self.claims(copy)

    def standing(self, copy: str) -> Standing:
        """How an original stands.

        Who is to have it signs for what is on its way; the hall that took it in answers for what is lost; all else is
        done where it lies.
        """
        place = self.custody[copy]
        if place == APPLICANT:
            return Standing("given_back")
        if place == LOST:
            return Standing("lost", self.homes[copy])
        if (aboard := self.aboard().get(copy)) is not None:
            packet = self.packets[aboard]
            return Standing("under_way", packet.to, packet.trip)
        if any(packet.state is PacketState.PLANNED and copy in packet.copies for packet in self.packets.values()):
            return Standing("packed", place)
        return Standing("free" if self.is_free(copy) else "held", place)

    def _brought(self, copy: str) -> str:
        """The item that an original was brought to where it lies."""
        return next(
            (
                packet.item
                for packet in reversed(self.packets.values())
                if copy in packet.copies and packet.purpose == "supply" and packet.to == self.custody[copy]
            ),
            "",
        )

    def _has_paper(self, item: str) -> bool:
        return any(
            packet.item == item and packet.medium == "paper" and packet.purpose == "supply"
            for packet in self.packets.values()
        )
