"""What is counted of people who ask and rate."""

from collections.abc import Iterator

from msgspec.structs import replace

from contracts.outreach import (
    ConsultationFollowedUp,
    ConsultationLinked,
    ConsultationRecorded,
    PlaceVisited,
    RatingFedBack,
    RatingGiven,
    RectificationClosed,
    RectificationOpened,
)
from insight.observing.seen import Seen, observes


@observes(ConsultationRecorded)
def consulted(stream: str, fact: ConsultationRecorded) -> Iterator[Seen]:
    """咨询; ``label`` is the same for all that one person asks on one day."""
    asked = Seen(
        "consulted",
        theme=fact.theme,
        hall=fact.hall,
        channel=fact.channel,
        subject=stream,
        label=fact.person_day or stream,
        on=fact.on,
        case_id="",
    )
    yield asked
    if fact.intention == "intends":
        yield replace(asked, kind="intended")


@observes(ConsultationFollowedUp)
def followed_up(stream: str, fact: ConsultationFollowedUp) -> Iterator[Seen]:
    """Called back, and found to intend it."""
    if fact.intention == "intends":
        yield Seen("intended", subject=stream, case_id="")


@observes(ConsultationLinked)
def linked(stream: str, fact: ConsultationLinked) -> Iterator[Seen]:
    """A case came of it."""
    yield Seen("linked", subject=stream, case_id=fact.led_to)


@observes(PlaceVisited)
def contacted(stream: str, fact: PlaceVisited) -> Iterator[Seen]:
    """触达: the code of a place was read."""
    yield Seen(
        "contact", subject=stream, theme=fact.theme, channel="place", label=fact.place, value=1, on=fact.on, case_id=""
    )


@observes(RatingGiven)
def rated(stream: str, fact: RatingGiven) -> Iterator[Seen]:
    """好差评: the grade, from 1, the best, to 5."""
    yield Seen(
        "rated",
        hall=fact.hall,
        window=fact.window,
        subject=f"{stream}/{fact.handling}",
        value=fact.grade,
        case_id=stream,
    )


@observes(RectificationOpened)
def rectifying(stream: str, fact: RectificationOpened) -> Iterator[Seen]:
    """差评: it has to be put right until a day."""
    yield Seen("rectifying", subject=f"{stream}/{fact.handling}", hall=fact.hall, due=fact.due_on, case_id=stream)


@observes(RatingFedBack)
def fed_back(stream: str, fact: RatingFedBack) -> Iterator[Seen]:
    """回访: who rated was reached."""
    if fact.reached:
        yield Seen("fed_back", subject=f"{stream}/{fact.handling}", case_id=stream)


@observes(RectificationClosed)
def rectified(stream: str, fact: RectificationClosed) -> Iterator[Seen]:
    """整改办结: in time or not; one that was struck counts for nothing."""
    kind = "struck" if fact.outcome == "struck" else "rectified"
    yield Seen(kind, subject=f"{stream}/{fact.handling}", label="in_time" if fact.in_time else "late", case_id=stream)
