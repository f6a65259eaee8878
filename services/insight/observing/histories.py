"""What is counted of histories of other systems: the same as of ours, each under a kind of its own."""

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from contracts.insight import HistoryImported, ImportedEvent
from insight.measuring.sets import IMPORTED
from insight.observing.seen import Seen, observes
from kernel.clock import local_date

SAME = {
    "opened": "opened",
    "received": "received",
    "corrected": "correction",
    "accepted": "accepted",
    "not_accepted": "not_accepted",
    "supplied": "supplied",
    "started": "unlocked",
    "paused": "paused",
    "resumed": "went_on",
    "granted": "decided",
    "denied": "decided",
    "withdrawn": "withdrawn",
    "returned": "returned",
    "ready": "assembled",
    "handed_over": "handed_over",
    "visited": "visit",
    "closed": "closed",
}
"""Meaning → the kind under which the same is counted of ours; what means something else is not counted."""

LABELS = {"granted": "granted", "denied": "denied", "accepted": "whole"}


@observes(HistoryImported)
def imported(stream: str, fact: HistoryImported) -> Iterator[Seen]:
    """Each event counts for the day on which it happened, in its case of the other system."""
    for event in fact.events:
        for item in event.items or ("",):
            for seen in _seen(event, item):
                yield replace(
                    seen,
                    kind=IMPORTED + seen.kind,
                    theme=fact.theme,
                    hall=event.hall or fact.hall,
                    channel=fact.channel,
                    org=event.department,
                    on=local_date(event.at),
                    at=event.at,
                    case_id=stream,
                )


def _seen(event: ImportedEvent, item: str) -> Iterator[Seen]:
    if item and _limits(event):
        promised, statutory = event.promised_days, event.statutory_days
        yield Seen(
            "clock",
            item=item,
            label="one" if promised is None or statutory is None else "both",
            value=-1 if promised is None else promised,
            base=-1 if statutory is None else statutory,
            due=event.promised_due,
            law_due=event.statutory_due,
        )
    if kind := SAME.get(event.means):
        yield Seen(kind, item=item, subject=item, label=LABELS.get(event.means, ""))


def _limits(event: ImportedEvent) -> list[int | date]:
    """What is said of the item's limits."""
    said = (event.promised_days, event.statutory_days, event.promised_due, event.statutory_due)
    return [each for each in said if each is not None]
