"""Custody: every original is in exactly one place at every instant, and every move of it is an entry with two sides."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from contracts.language import Act, Fact
from contracts.routing import LossReported, Need
from contracts.scopes import Reach
from eventing.aggregate import Aggregate
from eventing.errors import Refused
from routing.domain.packets import Packet, PacketState, UnknownPacket

OUTSIDE = "outside"
"""The account that every original comes from: minus one for each that was ever taken in."""

APPLICANT = "applicant"
LOST = "lost"

RESERVED = frozenset({OUTSIDE, APPLICANT, LOST})
"""Places that nobody works at, and from which nothing can be sent."""


class UnknownOriginal(Refused):
    """The case has no such original in custody."""


class OriginalElsewhere(Refused):
    """The original is somewhere else, or on its way."""


class StillNeeded(Refused):
    """An item still waits for the original."""


class ReservedPlace(Refused):
    """A word that says where an original is not: nobody works there."""


class SignatureMissing(Refused):
    """What changes hands is signed for."""


class Movement(msgspec.Struct, frozen=True):
    """One original went from one place to another."""

    at: datetime
    copy: str
    origin: str
    place: str
    packet: str = ""
    trip: str = ""


class Loss(msgspec.Struct, frozen=True):
    """An original that went missing: where it was seen last, who says so, and what became of it."""

    place: str
    by: str
    circumstances: str
    search_until: datetime | None = None
    declared_by: str = ""
    apology: str = ""
    replaced_by: str = ""
    found_at: str = ""
    reminded: bool = False

    @classmethod
    def of(cls, fact: LossReported, copy: str) -> "Loss":
        """The loss of one of the copies that were reported missing."""
        return cls(fact.copies[copy], fact.by, fact.circumstances, fact.search_until)


class Custody(Aggregate):
    """What is known of the material of one case: packets, the place of every copy, and the way of every original.

    What is digital lies in the contents store and does not move: a packet gives sight of it. An original is a
    thing: ``homes`` names the hall that gives each back in the end, ``movements`` are its way so far.
    """

    catalogue: str
    theme: str
    region: str
    hall: str
    handlers: dict[str, str]
    needs: tuple[Need, ...]
    outputs: dict[str, str]
    withdrawn: dict[str, str]
    packets: dict[str, Packet]
    custody: dict[str, str]
    homes: dict[str, str]
    materials: dict[str, str]
    scans: dict[str, str]
    movements: tuple[Movement, ...]
    losses: dict[str, Loss]
    supplied: tuple[str, ...]
    stopped: tuple[str, ...]
    ended: tuple[str, ...]
    released: tuple[str, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.catalogue = ""
        self.theme = ""
        self.region = ""
        self.hall = ""
        self.handlers = {}
        self.needs = ()
        self.outputs = {}
        self.withdrawn = {}
        self.packets = {}
        self.custody = {}
        self.homes = {}
        self.materials = {}
        self.scans = {}
        self.movements = ()
        self.losses = {}
        self.supplied = ()
        self.stopped = ()
        self.ended = ()
        self.released = ()

    def reach(self) -> Reach:
        """Wherever its copies are or go, and who handles its items; the applicant is known to intake."""
        ends = {end for packet in self.packets.values() for end in (packet.to, packet.carrier)}
        places = frozenset({self.hall, *self.custody.values(), *self.homes.values(), *ends}) - RESERVED - {""}
        departments = frozenset(self.handlers.values())
        return Reach(
            halls=places - departments | {self.hall, *self.homes.values()},
            items=self.handlers,
            orgs=places | departments,
            subjects=None,
            people=places,
        )

    # what stands

    def is_live(self, item: str) -> bool:
        """Whether an item is still being handled."""
        return item in self.handlers and item not in self.stopped and item not in self.ended

    def claims(self, copy: str) -> tuple[str, ...]:
        """The live items that get an original, or have got it."""
        return self._claimed(copy, open_only=False)

    def awaited_by(self, copy: str) -> tuple[str, ...]:
        """The live items that still wait for an original."""
        return self._claimed(copy, open_only=True)

    def aboard(self) -> dict[str, str]:
        """The originals that are on their way, and the packet that each is in."""
        return {
            copy: packet.packet
            for packet in self.packets.values()
            if packet.medium == "paper" and packet.state is PacketState.DISPATCHED
            for copy in packet.copies
        }

    def _claimed(self, copy: str, *, open_only: bool) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                packet.item
                for packet in self.packets.values()
                if copy in packet.copies
                and packet.purpose == "supply"
                and packet.state is not PacketState.CANCELLED
                and (packet.is_open or not open_only)
                and self.is_live(packet.item)
            )
        )

    def _named(self, packets: Iterable[str]) -> list[Packet]:
        named = list(dict.fromkeys(packets))
        if unknown := [name for name in named if name not in self.packets]:
            raise UnknownPacket(packet=unknown[0])
        return [self.packets[name] for name in named]

    def _originals(self, copies: Iterable[str]) -> list[str]:
        named = list(dict.fromkeys(copies))
        if unknown := [copy for copy in named if copy not in self.homes]:
            raise UnknownOriginal(copy=unknown[0])
        return named

    def _is_absent(self, copy: str) -> bool:
        """Whether an original is in nobody's hands who could send it: lost, or back with the applicant."""
        return self.custody.get(copy) in RESERVED

    def _next(self, ahead: int = 0) -> str:
        """The name of the next packet, or of one that comes so many after it."""
        return f"p{len(self.packets) + ahead + 1}"

    # what happened

    def _enter(self, copies: dict[str, str], originals: Iterable[str], fact: Fact) -> None:
        """Copies come into custody; those that are originals begin their way."""
        paper = set(originals)
        for copy, place in copies.items():
            if copy in paper:
                self.homes[copy] = place
                self._move((copy,), place, fact)
            else:
                self.custody[copy] = place

    def _move(self, copies: Iterable[str], place: str, fact: Fact, *, packet: str = "", trip: str = "") -> None:
        """Originals go to a place. Planned ways back or over that they were to take do not wait for them."""
        moved = [copy for copy in copies if copy in self.homes and self.custody.get(copy) != place]
        self.movements += tuple(
            Movement(fact.at, copy, self.custody.get(copy, OUTSIDE), place, packet, trip) for copy in moved
        )
        self.custody |= dict.fromkeys(moved, place)
        for planned in list(self.packets.values()) if moved else ():
            if planned.purpose != "supply" and planned.state is PacketState.PLANNED and planned.packet != packet:
                self._drop(planned, moved)

    def _drop(self, packet: Packet, copies: Iterable[str]) -> None:
        """Copies are no longer part of a packet; one that is left empty is called off."""
        rest = tuple(copy for copy in packet.copies if copy not in copies)
        if rest != packet.copies:
            state = packet.state if rest else PacketState.CANCELLED
            self.packets[packet.packet] = packet.with_(copies=rest, state=state)


def places(act: Act) -> set[str]:
    """Where somebody is: at a hall, at an organisation, or on the way with what they carry."""
    if act.caller is None:
        return {act.by} - RESERVED
    return {act.by, act.caller.org, act.caller.hall} - RESERVED - {""}


def post(act: Act) -> str:
    """The place that somebody speaks for: their hall, else their organisation, else themselves."""
    if act.caller is None:
        return act.by
    return act.caller.hall or act.caller.org or act.by
