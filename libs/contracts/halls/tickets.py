"""Tickets: drawn, called, served, transferred, missed."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.halls.values import TicketChannel, TicketState
from contracts.language import Answer, Command, Fact, Query


class TicketDrawn(Fact, frozen=True, kw_only=True):
    """Somebody waits, under a number of this hall and day."""

    TOPIC: ClassVar[str] = "onething.ticket.drawn.v1"
    hall: str
    ticket: str
    number: str
    zone: str
    theme: str
    item: str
    priority: str
    channel: TicketChannel
    since: datetime
    """Since when the person waits: earlier than the draw where another hall sent them here."""
    person: str = ""
    """Blind index of the person's identifier; empty: nobody asked who it is."""
    first_from: datetime | None = None
    """From when on it goes before those without priority; None: never."""
    appointment: str = ""
    window: str = ""
    """The one window that is to call it; empty: any that can."""
    case: str = ""
    from_hall: str = ""
    from_ticket: str = ""


class TicketCalled(Fact, frozen=True, kw_only=True):
    """A window calls the number, for the first time or again."""

    TOPIC: ClassVar[str] = "onething.ticket.called.v1"
    hall: str
    ticket: str
    number: str
    window: str
    staff: str
    times: int
    zone: str = ""
    """The window's."""


class TicketServed(Fact, frozen=True, kw_only=True):
    """The person stands at the window, and is being served."""

    TOPIC: ClassVar[str] = "onething.ticket.served.v1"
    hall: str
    ticket: str
    window: str
    case: str = ""


class TicketBound(Fact, frozen=True, kw_only=True):
    """What is being served is this case."""

    TOPIC: ClassVar[str] = "onething.ticket.bound.v1"
    hall: str
    ticket: str
    window: str
    case: str


class TicketFinished(Fact, frozen=True, kw_only=True):
    """The person was served."""

    TOPIC: ClassVar[str] = "onething.ticket.finished.v1"
    hall: str
    ticket: str
    window: str
    theme: str
    seconds: int
    """From the beginning of serving."""
    waited: int
    """Seconds from when the person began to wait until they were served."""


class TicketSkipped(Fact, frozen=True, kw_only=True):
    """Nobody came when the number was called: it goes behind those who wait."""

    TOPIC: ClassVar[str] = "onething.ticket.skipped.v1"
    hall: str
    ticket: str
    window: str


class TicketMissed(Fact, frozen=True, kw_only=True):
    """Nobody came, however often the number was called: it is given up."""

    TOPIC: ClassVar[str] = "onething.ticket.missed.v1"
    hall: str
    ticket: str
    window: str
    times: int


class TicketTransferred(Fact, frozen=True, kw_only=True):
    """The person goes to another window or zone of the hall, or to another hall; the wait so far counts."""

    TOPIC: ClassVar[str] = "onething.ticket.transferred.v1"
    hall: str
    ticket: str
    window: str
    """Where it was; empty: it waited."""
    reason: str
    to_hall: str
    to_zone: str
    to_window: str
    theme: str
    item: str
    priority: str
    since: datetime
    person: str = ""
    case: str = ""


class TicketReturned(Fact, frozen=True, kw_only=True):
    """The window closed with the ticket at it: the person waits again, as long as before."""

    TOPIC: ClassVar[str] = "onething.ticket.returned.v1"
    hall: str
    ticket: str
    window: str


class TicketCancelled(Fact, frozen=True, kw_only=True):
    """The person does not wait any more."""

    TOPIC: ClassVar[str] = "onething.ticket.cancelled.v1"
    hall: str
    ticket: str
    reason: str


class TicketNumber(Answer, frozen=True, kw_only=True):
    """A ticket that was drawn or called."""

    ticket: str
    number: str
    zone: str
    window: str
    theme: str
    case: str
    called: int
    secret: str = ""
    """For whoever drew it, and nobody else: with it the ticket is seen and given back, by whomever it stands for."""


class DrawTicket(Command, frozen=True, kw_only=True):
    """Take a number (取号). The identifier is kept as a blind index only."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = TicketNumber
    hall: str
    zone: str = ""
    theme: str = ""
    item: str = ""
    priority: str = ""
    channel: Literal["window", "kiosk", "phone", "web"] = "kiosk"
    identifier: str = ""

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class CheckIn(Command, frozen=True, kw_only=True):
    """Come to an appointment: it becomes a ticket, first in line from its slot on."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = TicketNumber
    hall: str
    appointment: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class CallNext(Command, frozen=True, kw_only=True):
    """Call whoever is next for this window (叫号); the answer says whom."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = TicketNumber
    hall: str
    window: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class CallTicket(Command, frozen=True, kw_only=True):
    """Call one ticket, whoever else waits."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = TicketNumber
    hall: str
    window: str
    ticket: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class RecallTicket(Command, frozen=True, kw_only=True):
    """Call it again."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = TicketNumber
    hall: str
    ticket: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class ServeTicket(Command, frozen=True, kw_only=True):
    """Begin to serve whoever was called."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str
    case: str = ""

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class BindTicket(Command, frozen=True, kw_only=True):
    """Say which case is being served."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str
    case: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class FinishTicket(Command, frozen=True, kw_only=True):
    """End serving."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class SkipTicket(Command, frozen=True, kw_only=True):
    """Send a ticket that nobody answered for behind those who wait (过号)."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class MissTicket(Command, frozen=True, kw_only=True):
    """Give a ticket up as a no-show, after it was called often enough."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class TransferTicket(Command, frozen=True, kw_only=True):
    """Send somebody to another window or zone of the hall, or to another hall."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str
    reason: str
    to_hall: str = ""
    to_zone: str = ""
    to_window: str = ""

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class CancelTicket(Command, frozen=True, kw_only=True):
    """Give a ticket back."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    ticket: str
    reason: str = ""
    secret: str = ""
    """What was handed out with it, where it was drawn without a name."""

    @property
    def queue(self) -> str:
        """The stream of the hall's queue."""
        return f"{self.hall}.queue"


class TicketAnswer(Answer, frozen=True, kw_only=True):
    """A ticket as it stands."""

    ticket: str
    hall: str
    number: str
    state: TicketState
    zone: str
    theme: str
    item: str
    priority: str
    channel: TicketChannel
    since: datetime
    window: str
    case: str
    called: int
    called_at: datetime | None
    served_at: datetime | None
    ended_at: datetime | None
    ahead: int | None = None
    """How many are called before it; None: it does not wait."""
    estimate: int | None = None
    """Seconds until it is called, as far as can be told; None: unknown."""
    to_hall: str = ""
    absent: bool = False
    """Whether it was called often enough, and nobody came: it may be given up now (``MissTicket``)."""


class GetTicket(Query, frozen=True, kw_only=True):
    """A ticket with its place and the estimate of its wait."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/tickets/{ticket}"
    ANSWER: ClassVar[Any] = TicketAnswer
    hall: str
    ticket: str
    secret: str = ""
    """What was handed out with it, where it was drawn without a name."""


class TicketPage(Answer, frozen=True, kw_only=True):
    """A page of tickets."""

    tickets: tuple[TicketAnswer, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListTickets(Query, frozen=True, kw_only=True):
    """Tickets of a hall today, in the order in which they began to wait."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /tickets"
    ANSWER: ClassVar[Any] = TicketPage
    hall: str
    state: TicketState | Literal[""] = ""
    zone: str = ""
    theme: str = ""
    window: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 100
