"""What is counted of reviews: their clocks, pauses and ends, and comparisons of data."""

from collections.abc import Iterator
from datetime import timedelta

from contracts.approval import (
    ClocksRederived,
    DataCompared,
    FellBackToPerson,
    ReviewDenied,
    ReviewExtended,
    ReviewGranted,
    ReviewResumed,
    ReviewsSupplied,
    ReviewsUnlocked,
    ReviewSuspended,
    Unlocked,
)
from insight.observing.seen import Seen, observes


def clock(clocks: Unlocked) -> Seen:
    """Both limits as they stand from now on; limits that there are not count no days and have no last day."""
    promised, statutory = clocks.promised_days, clocks.statutory_days
    return Seen(
        "clock",
        item=clocks.item,
        label="one" if promised is None or statutory is None else "both",
        value=-1 if promised is None else promised,
        base=-1 if statutory is None else statutory,
        due=clocks.promised_due,
        law_due=clocks.statutory_due,
    )


@observes(ReviewsUnlocked)
def unlocked(_: str, fact: ReviewsUnlocked) -> Iterator[Seen]:
    """The clocks run. A wait that stops them is a pause like any other."""
    for clocks in fact.reviews:
        yield clock(clocks)
        yield Seen("unlocked", item=clocks.item, on=clocks.started_on)
        for wait in clocks.waits:
            if wait.suspends:
                yield Seen("paused", item=clocks.item, subject=wait.wait, on=wait.since)
                yield Seen("went_on", item=clocks.item, subject=wait.wait, on=wait.until + timedelta(days=1))


@observes(ReviewSuspended)
def suspended(_: str, fact: ReviewSuspended) -> Iterator[Seen]:
    """特别程序: from this day on no time is counted."""
    yield clock(fact.clocks)
    yield Seen("paused", item=fact.item, subject=fact.procedure, on=fact.started_on)


@observes(ReviewResumed)
def resumed(_: str, fact: ReviewResumed) -> Iterator[Seen]:
    """From this day on time is counted again."""
    yield clock(fact.clocks)
    yield Seen("went_on", item=fact.item, subject=fact.procedure, on=fact.resumed_on)


@observes(ReviewExtended)
def extended(_: str, fact: ReviewExtended) -> Iterator[Seen]:
    """延长审批."""
    yield clock(fact.clocks)


@observes(ClocksRederived)
def rederived(_: str, fact: ClocksRederived) -> Iterator[Seen]:
    """By another calendar."""
    for clocks in fact.clocks:
        yield clock(clocks)


@observes(ReviewsSupplied)
def supplied(_: str, fact: ReviewsSupplied) -> Iterator[Seen]:
    """The department has what it needs."""
    for item in fact.items:
        yield Seen("supplied", item=item)


@observes(ReviewGranted)
def granted(_: str, fact: ReviewGranted) -> Iterator[Seen]:
    """准予; ``value`` tells one that no person decided."""
    yield Seen("decided", item=fact.item, org=fact.handler, label="granted", value=int(fact.automatic))


@observes(ReviewDenied)
def denied(_: str, fact: ReviewDenied) -> Iterator[Seen]:
    """不予许可."""
    yield Seen("decided", item=fact.item, org=fact.handler, label="denied", value=int(fact.automatic))


@observes(DataCompared)
def compared(_: str, fact: DataCompared) -> Iterator[Seen]:
    """数据比对: the source answered, and it agreed or not."""
    label = "matched" if fact.matched else "differed"
    yield Seen("compared", item=fact.item, org=fact.handler, subject=fact.source, label=label)


@observes(FellBackToPerson)
def fell_back(_: str, fact: FellBackToPerson) -> Iterator[Seen]:
    """The data did not decide."""
    yield Seen("fell_back", item=fact.item, org=fact.handler, subject=fact.source)
