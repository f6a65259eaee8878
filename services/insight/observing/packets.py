"""What is counted of materials on their way: planned, sent, signed for, late, back, lost."""

from collections.abc import Iterator

from contracts.routing import (
    DistributionPlanned,
    HandoverOverdue,
    LedgerImbalance,
    LossReported,
    OriginalsHandedBack,
    PacketsAcknowledged,
    PacketsDispatched,
    PacketsLeftBehind,
    PacketsReceived,
    PacketsSentBack,
)
from insight.observing.seen import Seen, observes


@observes(DistributionPlanned)
def planned(_: str, fact: DistributionPlanned) -> Iterator[Seen]:
    """材料分发: what the routing plan of the theme asks for. Paper is signed for; a file arrives as it leaves.

    A way back is not of it.
    """
    for packet in fact.packets:
        if packet.purpose != "supply":
            continue
        label = "paper" if packet.medium == "paper" else "file"
        yield Seen("packet", item=packet.item, org=packet.to, subject=packet.packet, label=label)


@observes(PacketsDispatched)
def dispatched(_: str, fact: PacketsDispatched) -> Iterator[Seen]:
    """They left."""
    for packet in fact.packets:
        yield Seen("dispatched", subject=packet)


@observes(PacketsReceived)
def signed(_: str, fact: PacketsReceived) -> Iterator[Seen]:
    """They were signed for."""
    for packet in fact.packets:
        yield Seen("signed", subject=packet)


@observes(PacketsAcknowledged)
def acknowledged(_: str, fact: PacketsAcknowledged) -> Iterator[Seen]:
    """A person at the department took note."""
    for packet in fact.packets:
        yield Seen("acknowledged", subject=packet)


@observes(HandoverOverdue)
def overdue(_: str, fact: HandoverOverdue) -> Iterator[Seen]:
    """A hand-over did not happen in time, or what is looked for was not found."""
    yield Seen("overdue", subject=fact.packet, label=fact.stage)


@observes(PacketsSentBack)
def sent_back(_: str, fact: PacketsSentBack) -> Iterator[Seen]:
    """They came back."""
    for packet in fact.packets:
        yield Seen("sent_back", subject=packet)


@observes(LossReported)
def lost(_: str, fact: LossReported) -> Iterator[Seen]:
    """Originals are missing: each a gap in custody."""
    for copy in fact.copies:
        yield Seen("lost", subject=copy)


@observes(PacketsLeftBehind)
def left_behind(_: str, fact: PacketsLeftBehind) -> Iterator[Seen]:
    """On a manifest and not aboard: a gap in custody."""
    for packet in fact.packets:
        yield Seen("gap", subject=packet, label="left_behind")


@observes(LedgerImbalance)
def imbalanced(_: str, fact: LedgerImbalance) -> Iterator[Seen]:
    """The ledger of custody has copies nowhere, twice or elsewhere: a gap for each copy."""
    for case_id, copy in sorted({(fault.case_id, fault.copy) for fault in fact.faults}):
        yield Seen("gap", subject=copy, label="imbalance", case_id=case_id)


@observes(OriginalsHandedBack)
def handed_back(_: str, fact: OriginalsHandedBack) -> Iterator[Seen]:
    """At a window it is a visit."""
    if fact.method == "window":
        yield Seen("visit")
