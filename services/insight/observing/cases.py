"""What is counted of cases: opened, brought, corrected, accepted, given back, closed; and offers of a theme."""

from collections.abc import Iterator

import msgspec

from contracts.intake import (
    CaseClosed,
    CaseOpened,
    CorrectionRequested,
    FurtherRequested,
    ItemNotAccepted,
    ItemsAccepted,
    ItemsHeld,
    ItemsJoined,
    ItemsReturned,
    ItemWithdrawn,
    MaterialsReceived,
    ToleranceLapsed,
    ToleranceSupplemented,
)
from contracts.offers import OfferAnswered, OfferMade, OfferTaken
from insight.observing.seen import Seen, observes

AT_A_COUNTER = ("window", "kiosk")
"""Channels whose applicant comes to a hall."""


@observes(CaseOpened)
def opened(_: str, fact: CaseOpened) -> Iterator[Seen]:
    """登记: what all else of the case is counted by; at a counter it is a visit, too."""
    yield Seen(
        "opened",
        theme=fact.theme,
        hall=fact.hall,
        window=fact.window,
        channel=fact.channel,
        item=fact.entry_item,
        label=fact.mode,
        subject=fact.offer,
    )
    yield Seen("scenario", label=scenario(fact))
    if fact.channel in AT_A_COUNTER:
        yield Seen("visit", hall=fact.hall, window=fact.window)


def scenario(fact: CaseOpened) -> str:
    """What decides which materials the case needs; the same for all cases alike."""
    items = {
        standing: sorted(planned.item for planned in fact.plan if planned.standing == standing)
        for standing in ("selected", "satisfied", "underway")
    }
    told = {"catalogue": fact.catalogue, "theme": fact.theme, "answers": fact.answers, **items}
    return msgspec.json.encode(told, order="deterministic").decode()


@observes(ItemsJoined)
def joined(_: str, fact: ItemsJoined) -> Iterator[Seen]:
    """接续: items that came later."""
    for item in fact.items:
        yield Seen("joined", item=item, subject=fact.offer)


@observes(MaterialsReceived)
def brought(_: str, fact: MaterialsReceived) -> Iterator[Seen]:
    """收件: so many copies, of which so many were shared or made by the case itself and asked of nobody."""
    spared = sum(
        copy.medium == "shared" or copy.provenance.startswith(("shared:", "prior:")) for copy in fact.materials
    )
    yield Seen("brought", value=len(fact.materials), base=spared)
    for item in fact.items:
        yield Seen("received", item=item)


@observes(CorrectionRequested)
def corrected(_: str, fact: CorrectionRequested) -> Iterator[Seen]:
    """补正: for each item, and for each material that was missing; for the form alone without an item."""
    if not fact.missing:
        yield Seen("correction")
    for item, materials in fact.missing.items():
        yield Seen("correction", item=item, value=len(materials))
        for material in materials:
            yield Seen("lacking", item=item, subject=material)


@observes(ItemsHeld)
def held(_: str, fact: ItemsHeld) -> Iterator[Seen]:
    """容缺收件."""
    for each in fact.items:
        yield Seen("held", item=each.item)


@observes(ItemsAccepted)
def accepted(_: str, fact: ItemsAccepted) -> Iterator[Seen]:
    """受理: the day may be an earlier one than that of the act; ``value`` tells a deemed one."""
    for each in fact.items:
        yield Seen(
            "accepted",
            item=each.item,
            theme=fact.theme,
            hall=fact.hall,
            window=fact.window,
            channel=fact.channel,
            org=each.handler,
            label="tolerant" if each.tolerated else "whole",
            value=int(fact.deemed),
            on=each.accepted_on,
        )


@observes(ToleranceSupplemented)
def supplemented(_: str, fact: ToleranceSupplemented) -> Iterator[Seen]:
    """容缺补齐: only what settles it."""
    if fact.settled:
        yield Seen("supplemented", item=fact.item)


@observes(ToleranceLapsed)
def lapsed(_: str, fact: ToleranceLapsed) -> Iterator[Seen]:
    """容缺逾期."""
    yield Seen("lapsed", item=fact.item)


@observes(ItemNotAccepted)
def not_accepted(_: str, fact: ItemNotAccepted) -> Iterator[Seen]:
    """不予受理."""
    yield Seen("not_accepted", item=fact.item, label=fact.ground)


@observes(ItemsReturned)
def returned(_: str, fact: ItemsReturned) -> Iterator[Seen]:
    """退件."""
    for item in fact.items:
        yield Seen("returned", item=item, label=fact.reason)


@observes(ItemWithdrawn)
def withdrawn(_: str, fact: ItemWithdrawn) -> Iterator[Seen]:
    """撤回."""
    yield Seen("withdrawn", item=fact.item)


@observes(FurtherRequested)
def further(_: str, fact: FurtherRequested) -> Iterator[Seen]:
    """超出告知索要."""
    yield Seen("further", item=fact.item)


@observes(CaseClosed)
def closed(_: str, fact: CaseClosed) -> Iterator[Seen]:
    """办结: how it ended. A case that went into another one is not concluded."""
    yield Seen("merged" if fact.outcome == "merged" else "closed", label=fact.outcome)


@observes(OfferMade)
def offered(stream: str, fact: OfferMade) -> Iterator[Seen]:
    """导入: somebody who came for a single item was offered its theme."""
    yield Seen(
        "offered",
        subject=stream,
        theme=fact.theme,
        item=fact.item,
        hall=fact.hall,
        window=fact.window,
        channel=fact.channel,
        case_id="",
    )


@observes(OfferAnswered)
def answered(stream: str, fact: OfferAnswered) -> Iterator[Seen]:
    """Yes or no."""
    yield Seen("answered", subject=stream, label=fact.answer, case_id="")


@observes(OfferTaken)
def taken(stream: str, fact: OfferTaken) -> Iterator[Seen]:
    """A case came of it."""
    yield Seen("taken", subject=stream, case_id=fact.taken_by)
