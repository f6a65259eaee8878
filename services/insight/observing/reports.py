"""What is counted of insight's own facts: numbers that were reported, and targets."""

from collections.abc import Iterator

from contracts.insight import NumbersReported, ReportedNumber, TargetDropped, TargetSet
from insight.observing.seen import Seen, observes

SCALE = 1_000_000
"""A target is kept in millionths."""


def name_of(number: ReportedNumber) -> str:
    """What is the same in all reports of the same number: the last of them counts."""
    said = (number.kind, number.theme, number.item, number.hall, number.channel, number.begins, number.ends)
    return "|".join(map(str, said))


@observes(NumbersReported)
def reported(_: str, fact: NumbersReported) -> Iterator[Seen]:
    """填报; a contact is like one that a place's code told of."""
    for number in fact.numbers:
        yield Seen(
            "contact" if number.kind == "contacts" else f"figure:{number.kind}",
            theme=number.theme,
            item=number.item,
            hall=number.hall,
            channel=number.channel,
            subject=name_of(number),
            label=fact.source,
            value=number.value,
            on=number.begins,
            due=number.ends,
            case_id="",
        )


@observes(TargetSet)
def target(_: str, fact: TargetSet) -> Iterator[Seen]:
    """What a figure is to come to."""
    yield Seen(
        "target",
        theme=fact.theme,
        subject=f"{fact.indicator}/{fact.figure}",
        label=fact.direction,
        value=round(fact.value * SCALE),
        case_id="",
    )


@observes(TargetDropped)
def dropped(_: str, fact: TargetDropped) -> Iterator[Seen]:
    """The target stands no longer."""
    yield Seen("target", theme=fact.theme, subject=f"{fact.indicator}/{fact.figure}", label="", case_id="")
