"""What the facts of custody are made of: packets, needs, cargo."""

from typing import Literal

import msgspec

from contracts.intake import Medium

Purpose = Literal["supply", "return", "transfer"]
"""To the organisation that decides · back to the hall, for the applicant · from one hall to another."""

Stage = Literal["transfer", "receipt", "search"]
"""Leaving the window · being signed for · being looked for."""

Hop = Literal["window", "courier", "locker", "department"]
"""Who or what brings a packet one hop further: a window's own staff, a courier, a locker, a department's staff."""

ReturnReason = Literal["decided", "stopped", "completed", "released"]
"""The item was decided · it left the case · the case came to its end · the department needs the original no longer."""

OriginalState = Literal["held", "packed", "under_way", "free", "lost", "given_back"]
"""Lies where somebody needs it · waits to be sent on · is on its way · waits to be handed back · is looked for ·
the applicant has it."""

HandBackMethod = Literal["window", "post", "locker"]


class PlannedPacket(msgspec.Struct, frozen=True, omit_defaults=True):
    """One delivery: the copies that one item needs, to the organisation that decides it; or the way back."""

    packet: str
    item: str
    to: str
    medium: Medium
    copies: tuple[str, ...]
    crossings: tuple[str, ...] = ()
    """五跨: level, system, department, business, region — those this hand-off crosses."""
    purpose: Purpose = "supply"


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """A material that an item gets from the items before it: any one of the producers brings it."""

    item: str
    producers: tuple[str, ...]
    required: bool = True
    """Without it the item is not supplied; else it is sent on when it comes (并联审批)."""


class CargoRef(msgspec.Struct, frozen=True):
    """Packets of one case."""

    case_id: str
    packets: tuple[str, ...]


class Cargo(msgspec.Struct, frozen=True):
    """A line of a trip's manifest: one packet, what it is for, and the originals in it."""

    case_id: str
    packet: str
    item: str
    to: str
    copies: tuple[str, ...]


class LedgerFault(msgspec.Struct, frozen=True, order=True):
    """By how much the ledger of custody is off for a copy at a place; every sum has to be zero."""

    case_id: str
    copy: str
    place: str
    amount: int
