"""遗失: what goes missing is looked for, found or declared lost by two people, and replaced."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.intake import MaterialCopy
from contracts.language import Act, Command
from contracts.routing import (
    LossDeclared,
    LossReplaced,
    LossReported,
    LostFound,
    OriginalsTakenIn,
    PlannedPacket,
    ReplacementRequested,
)
from eventing.aggregate import applies
from eventing.errors import Refused
from routing.domain.custody import APPLICANT, LOST, RESERVED, Loss, ReservedPlace, UnknownOriginal, places, post
from routing.domain.handover import Handover
from routing.domain.packets import Packet, PacketNotHere, PacketState, packet_of, plan_of
from routing.domain.setting import Setting


class CircumstancesMissing(Refused):
    """Who reports a loss says how it came about."""


class NotMissing(Refused):
    """The original is where it should be; nobody has reported it missing."""


class NotDeclaredLost(Refused):
    """An original is replaced only after it was declared lost."""


class SearchGoesOn(Refused):
    """The time for which it is looked for has not passed."""


class SecondPersonForLoss(Refused):
    """Another person than the one who reported it missing declares an original lost."""


class ApologyMissing(Refused):
    """The applicant is asked for a document again only with a letter of apology."""


class NoDigitalCopy(Refused):
    """The case has no digital copy of the lost original."""


class MissPackets(Command, frozen=True, kw_only=True):
    """Report packets of a case missing that were not there when their trip was counted."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    trip: str
    packets: tuple[str, ...]
    circumstances: str


class Losing(Handover):
    """What becomes of originals that cannot be found: they count as lost, in that one place, until they are found."""

    def report_loss(
        self, packet: str, copies: Iterable[str], circumstances: str, act: Act, setting: Setting | None = None
    ) -> None:
        """Says that originals cannot be found: who had to give them away, to carry them or to receive them."""
        inside = [copy for each in self._named((packet,) if packet else ()) for copy in each.copies]
        named = self._originals((*inside, *copies))
        if not named:
            raise UnknownOriginal(copy="")
        missing = [copy for copy in named if self.custody[copy] != LOST]
        if not missing:
            return
        here = places(act)
        for copy in missing:
            if self.custody[copy] == APPLICANT or not here & self._concerned(copy):
                raise PacketNotHere(packet=packet or copy, place=self.custody[copy])
        if not circumstances:
            raise CircumstancesMissing
        self._miss(missing, circumstances, act, setting)

    def miss(self, cmd: MissPackets, act: Act, setting: Setting | None = None) -> None:
        """Packets were not there when their trip was counted; those that were never aboard are not missing."""
        aboard = self._of_trip(cmd, act)
        if aboard:
            self._miss([copy for packet in aboard for copy in packet.copies], cmd.circumstances, act, setting)

    def _miss(self, missing: list[str], circumstances: str, act: Act, setting: Setting | None) -> None:
        self.record(
            LossReported,
            act,
            copies={copy: self.custody[copy] for copy in missing},
            circumstances=circumstances,
            packets=self._parted(missing, {PacketState.PLANNED, PacketState.DISPATCHED}),
            search_until=setting.search_until(act.at) if setting is not None else None,
        )

    def _concerned(self, copy: str) -> set[str]:
        """Who can know that an original is missing."""
        underway = [
            packet
            for packet in self.packets.values()
            if copy in packet.copies and packet.state is PacketState.DISPATCHED
        ]
        return {self.custody[copy], *(place for packet in underway for place in (packet.to, packet.sent_from))}

    def _parted(self, copies: Iterable[str], states: set[PacketState]) -> tuple[PlannedPacket, ...]:
        """Packets in these states that hold the copies: whole ones by name, and parts of others as new packets.

        A way back or over that has not begun is not waited for.
        """
        wanted = set(copies)
        parts: list[PlannedPacket] = []
        fresh = 0
        for packet in self.packets.values():
            if packet.state not in states or packet.medium != "paper":
                continue
            if packet.purpose != "supply" and packet.state is PacketState.PLANNED:
                continue
            mine = tuple(copy for copy in packet.copies if copy in wanted)
            if mine == packet.copies:
                parts.append(plan_of(packet))
            elif mine:
                parts.append(plan_of(packet, packet=self._next(fresh), copies=mine))
                fresh += 1
        return tuple(parts)

    @applies(LossReported)
    def _reported(self, fact: LossReported) -> None:
        self._part(fact.packets, PacketState.MISSING)
        self._move(fact.copies, LOST, fact)
        self.losses |= {copy: Loss.of(fact, copy) for copy in fact.copies}

    def _part(self, planned: Iterable[PlannedPacket], state: PacketState, **changes: object) -> None:
        """Packets come into a state: those that are known as a whole, others as parts that leave their packets."""
        for each in planned:
            known = self.packets.get(each.packet)
            if known is None:
                for whole in list(self.packets.values()):
                    if whole.item == each.item and whole.purpose == each.purpose and whole.is_open:
                        self._drop(whole, each.copies)
                known = packet_of(each)
            self.packets[each.packet] = known.with_(
                state=state, carrier="", manifest="", trip="", reminded=(), **{"due": None, "window": "", **changes}
            )

    def found(self, copies: Iterable[str], place: str, act: Act, setting: Setting | None = None) -> None:
        """Missing originals are here after all; what travelled with them can travel again."""
        at = place or post(act)
        if at in RESERVED:
            raise ReservedPlace(place=at)
        named = self._originals(copies)
        back = [copy for copy in named if self.custody[copy] == LOST]
        for copy in named:
            if copy not in back and (copy not in self.losses or self.losses[copy].found_at != at):
                raise NotMissing(copy=copy, place=self.custody[copy])
        if not back:
            return
        if at not in places(act):
            raise PacketNotHere(packet=back[0], place=at)
        self.record(
            LostFound,
            act,
            copies=tuple(back),
            place=at,
            packets=self._parted(back, {PacketState.MISSING}),
            transfer_by=setting.transfer_by(act.at) if setting is not None else None,
        )
        self._settle(act, setting)

    @applies(LostFound)
    def _found(self, fact: LostFound) -> None:
        self._travel_again(fact.packets, fact.place, fact.transfer_by)
        for copy in fact.copies:
            loss = self.losses[copy]
            self.losses[copy] = _with(loss, found_at=fact.place)
        self._move(fact.copies, fact.place, fact)

    def _travel_again(self, packets: Iterable[PlannedPacket], place: str, leave_by: datetime | None) -> None:
        """Packets can leave from a place; those whose items are over are called off."""
        live = [each for each in packets if each.purpose != "supply" or self.is_live(each.item)]
        self._part(live, PacketState.PLANNED, window=place if leave_by is not None else "", due=leave_by)
        self._part([each for each in packets if each not in live], PacketState.CANCELLED)

    def declare_lost(self, copies: Iterable[str], act: Act) -> None:
        """Another person gives up the search, after its time; the items that are without the original are flagged."""
        named = self._lost(copies)
        fresh = [copy for copy in named if not self.losses[copy].declared_by]
        for copy in fresh:
            loss = self.losses[copy]
            if loss.by == act.by:
                raise SecondPersonForLoss(copy=copy, by=act.by)
            if loss.search_until is not None and act.at < loss.search_until:
                raise SearchGoesOn(copy=copy, until=loss.search_until)
        if fresh:
            self.record(
                LossDeclared,
                act,
                copies=tuple(fresh),
                reported_by=tuple(dict.fromkeys(self.losses[copy].by for copy in fresh)),
                items=tuple(dict.fromkeys(item for copy in fresh for item in self.claims(copy))),
            )

    @applies(LossDeclared)
    def _declared(self, fact: LossDeclared) -> None:
        for copy in fact.copies:
            self.losses[copy] = _with(self.losses[copy], declared_by=fact.by)

    def request_replacement(self, copies: Iterable[str], apology: str, act: Act) -> None:
        """The applicant is asked to bring lost originals again, with an apology and never as a matter of course."""
        named = self._declared_lost(copies)
        fresh = [copy for copy in named if not self.losses[copy].apology and not self.losses[copy].replaced_by]
        if not fresh:
            return
        if not apology:
            raise ApologyMissing
        self.record(
            ReplacementRequested,
            act,
            copies=tuple(fresh),
            apology=apology,
            items=tuple(dict.fromkeys(item for copy in fresh for item in self.claims(copy))),
        )

    @applies(ReplacementRequested)
    def _requested(self, fact: ReplacementRequested) -> None:
        for copy in fact.copies:
            self.losses[copy] = _with(self.losses[copy], apology=fact.apology)

    def replace_by_scan(self, copy: str, act: Act, setting: Setting | None = None) -> None:
        """The digital copy of a lost original takes its place, where the case has one."""
        self._declared_lost((copy,))
        if self.losses[copy].replaced_by:
            return
        scan = self.scans.get(copy, "")
        if not scan:
            raise NoDigitalCopy(copy=copy)
        entered = {} if scan in self.custody else {scan: self.homes[copy]}
        self._replace({copy: scan}, digital=True, entered=entered, act=act, setting=setting)

    def take_in(self, brought: Iterable[MaterialCopy], act: Act, setting: Setting | None = None) -> None:
        """Paper that was brought comes into custody; what replaces a lost original goes where that was to go."""
        copies = list(brought)
        paper = [copy for copy in copies if copy.medium == "paper" and copy.copy not in self.custody]
        if paper:
            self.record(
                OriginalsTakenIn,
                act,
                copies={copy.copy: copy.hall or post(act) for copy in paper},
                materials={copy.copy: copy.material for copy in paper},
            )
        for copy in copies:
            lost = self._replaced_by(copy)
            if lost:
                digital = copy.medium != "paper"
                entered = {copy.copy: self.homes[lost]} if digital and copy.copy not in self.custody else {}
                self._replace({lost: copy.copy}, digital=digital, entered=entered, act=act, setting=setting)

    def take_in_again(self, copies: Iterable[str], act: Act, setting: Setting | None = None) -> None:
        """Originals that the applicant had back are here once more; what waited for them can travel."""
        named = self._originals(copies)
        back = [copy for copy in named if self.custody[copy] == APPLICANT]
        if not back:
            return
        self.record(
            OriginalsTakenIn,
            act,
            copies=dict.fromkeys(back, post(act)),
            packets=self._parted(back, {PacketState.MISSING}),
            transfer_by=setting.transfer_by(act.at) if setting is not None else None,
        )
        self._settle(act, setting)

    @applies(OriginalsTakenIn)
    def _taken_in(self, fact: OriginalsTakenIn) -> None:
        self.materials |= fact.materials
        self._travel_again(fact.packets, min(fact.copies.values()), fact.transfer_by)
        self._enter(fact.copies, fact.copies, fact)

    def _replaced_by(self, copy: MaterialCopy) -> str:
        """The lost original that the applicant was asked for and that this copy takes the place of."""
        asked = {lost: loss for lost, loss in self.losses.items() if loss.apology and not loss.replaced_by}
        if copy.replaces in asked:
            return copy.replaces
        return next((lost for lost in asked if self.materials.get(lost) == copy.material), "")

    def _replace(
        self,
        copies: dict[str, str],
        *,
        digital: bool,
        entered: Mapping[str, str],
        act: Act,
        setting: Setting | None,
    ) -> None:
        packets: list[PlannedPacket] = []
        for lost, copy in copies.items():
            for packet in self.packets.values():
                if lost in packet.copies and self._is_without(packet, lost):
                    medium = "digital" if digital else "paper"
                    name = self._next(len(packets))
                    packets.append(plan_of(packet, packet=name, copies=(copy,), medium=medium))
        self.record(
            LossReplaced,
            act,
            copies=copies,
            packets=tuple(packets),
            entered=dict(entered),
            transfer_by=setting.transfer_by(act.at) if setting is not None and not digital and packets else None,
        )
        self._settle(act, setting)

    def _is_without(self, packet: Packet, lost: str) -> bool:
        """Whether a live item did not get the original, or has lost it."""
        had = packet.state is PacketState.RECEIVED and packet.to == self.losses[lost].place
        return packet.purpose == "supply" and self.is_live(packet.item) and (had or packet.state is PacketState.MISSING)

    @applies(LossReplaced)
    def _was_replaced(self, fact: LossReplaced) -> None:
        self._enter(fact.entered, (), fact)
        for lost, copy in fact.copies.items():
            self.losses[lost] = _with(self.losses[lost], replaced_by=copy)
            for packet in list(self.packets.values()):
                if packet.state is PacketState.MISSING:
                    self._drop(packet, (lost,))
        for planned in fact.packets:
            packet = packet_of(planned)
            if fact.transfer_by is not None:
                packet = packet.with_(window=self.custody[planned.copies[0]], due=fact.transfer_by)
            self.packets[planned.packet] = packet
        self._resume_whole()

    def _resume_whole(self) -> None:
        """What is left of a missing packet, and was found before, travels again."""
        for packet in list(self.packets.values()):
            if packet.state is PacketState.MISSING and not any(map(self._is_absent, packet.copies)):
                self.packets[packet.packet] = packet.with_(state=PacketState.PLANNED)

    def _lost(self, copies: Iterable[str]) -> list[str]:
        named = self._originals(copies)
        for copy in named:
            if self.custody[copy] != LOST:
                raise NotMissing(copy=copy, place=self.custody[copy])
        return named

    def _declared_lost(self, copies: Iterable[str]) -> list[str]:
        named = self._originals(copies)
        for copy in named:
            if copy not in self.losses or not self.losses[copy].declared_by:
                raise NotDeclaredLost(copy=copy)
        return named


def _with(loss: Loss, **changes: object) -> Loss:
    return msgspec.structs.replace(loss, **changes)
