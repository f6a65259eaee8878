"""What is counted of halls: the tree, tickets, windows that open, pause and close."""

from collections.abc import Iterator

from contracts.halls import (
    HallRegistered,
    TicketBound,
    TicketDrawn,
    TicketFinished,
    TicketMissed,
    TicketServed,
    WindowClosed,
    WindowOpened,
    WindowPaused,
)
from insight.observing.seen import Seen, observes


@observes(HallRegistered)
def hall(stream: str, fact: HallRegistered) -> Iterator[Seen]:
    """Of which kind a hall is."""
    yield Seen("hall", hall=stream, label=fact.kind)


@observes(TicketDrawn)
def drawn(_: str, fact: TicketDrawn) -> Iterator[Seen]:
    """取号."""
    yield Seen("drawn", hall=fact.hall, theme=fact.theme, channel=fact.channel, subject=fact.ticket, case_id="")


@observes(TicketServed, TicketBound)
def visited(_: str, fact: TicketServed | TicketBound) -> Iterator[Seen]:
    """Somebody stands at the window for a case: a visit."""
    if fact.case:
        yield Seen("visit", hall=fact.hall, window=fact.window, subject=fact.ticket, case_id=fact.case)


@observes(TicketFinished)
def finished(_: str, fact: TicketFinished) -> Iterator[Seen]:
    """Seconds of serving, and of waiting before it."""
    yield Seen(
        "finished",
        hall=fact.hall,
        window=fact.window,
        theme=fact.theme,
        subject=fact.ticket,
        value=fact.seconds,
        base=fact.waited,
        case_id="",
    )


@observes(TicketMissed)
def missed(_: str, fact: TicketMissed) -> Iterator[Seen]:
    """过号."""
    yield Seen("missed", hall=fact.hall, window=fact.window, subject=fact.ticket, case_id="")


@observes(WindowOpened, WindowPaused, WindowClosed)
def window(stream: str, fact: WindowOpened | WindowPaused | WindowClosed) -> Iterator[Seen]:
    """A window opened, paused or closed."""
    label = {WindowOpened: "open", WindowPaused: "paused", WindowClosed: "closed"}[type(fact)]
    yield Seen("window", hall=fact.hall, window=fact.window or stream, label=label, case_id="")
