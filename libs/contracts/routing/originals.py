"""Paper originals: taken in, given back, lost and replaced."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.language import Command, Fact, Query
from contracts.routing.answers import LossPage, OriginalPage
from contracts.routing.values import HandBackMethod, OriginalState, PlannedPacket, ReturnReason


class OriginalsTakenIn(Fact, frozen=True, kw_only=True):
    """Paper originals came into the custody of the hall that took them in; from here on each is in one place."""

    TOPIC: ClassVar[str] = "onething.original.taken-in.v1"
    copies: dict[str, str]
    """copy → hall."""
    materials: dict[str, str] = {}
    """copy → the material that it is a copy of."""
    packets: tuple[PlannedPacket, ...] = ()
    """Packets that waited for originals which the applicant had back and has brought again."""
    transfer_by: datetime | None = None


class ReturnsPlanned(Fact, frozen=True, kw_only=True):
    """Originals that nobody needs any more go back to the hall that gives them back to the applicant."""

    TOPIC: ClassVar[str] = "onething.return.planned.v1"
    items: tuple[str, ...]
    """Items that came to their end with this."""
    packets: tuple[PlannedPacket, ...]
    reason: ReturnReason


class OriginalsHandedBack(Fact, frozen=True, kw_only=True):
    """退还: the applicant has originals back, after a check of who took them."""

    TOPIC: ClassVar[str] = "onething.original.handed-back.v1"
    copies: tuple[str, ...]
    place: str
    method: HandBackMethod
    identity_check: str
    signature: str
    receipt: str = ""


class LossReported(Fact, frozen=True, kw_only=True):
    """Originals are missing: they are looked for until an instant, and are meanwhile in one place, which is: lost."""

    TOPIC: ClassVar[str] = "onething.loss.reported.v1"
    copies: dict[str, str]
    """copy → where it was seen last."""
    circumstances: str
    packets: tuple[PlannedPacket, ...] = ()
    """Packets that are missing as a whole, and what is missing of others as packets of their own."""
    search_until: datetime | None = None


class LostFound(Fact, frozen=True, kw_only=True):
    """Missing originals were found; their packets can travel again."""

    TOPIC: ClassVar[str] = "onething.loss.found.v1"
    copies: tuple[str, ...]
    place: str
    packets: tuple[PlannedPacket, ...] = ()
    transfer_by: datetime | None = None


class LossDeclared(Fact, frozen=True, kw_only=True):
    """A second person declared originals lost after the search; the items that need them are flagged."""

    TOPIC: ClassVar[str] = "onething.loss.declared.v1"
    copies: tuple[str, ...]
    reported_by: tuple[str, ...]
    items: tuple[str, ...]


class ReplacementRequested(Fact, frozen=True, kw_only=True):
    """The applicant was asked to bring lost originals again, with an apology."""

    TOPIC: ClassVar[str] = "onething.loss.replacement-requested.v1"
    copies: tuple[str, ...]
    apology: str
    """Number of the letter of apology."""
    items: tuple[str, ...]


class LossReplaced(Fact, frozen=True, kw_only=True):
    """Another copy takes the place of a lost original."""

    TOPIC: ClassVar[str] = "onething.loss.replaced.v1"
    copies: dict[str, str]
    """lost copy → the copy that takes its place."""
    packets: tuple[PlannedPacket, ...]
    entered: dict[str, str] = {}
    """Digital copies among these that were not in custody before: copy → place."""
    transfer_by: datetime | None = None


class ReturnOriginals(Command, frozen=True, kw_only=True):
    """Release originals that lie here (none named: all) before their item ended: they go back to the hall."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...] = ()


class TakeInAgain(Command, frozen=True, kw_only=True):
    """Take originals in again that the applicant had back and brings once more, at the caller's hall."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]


class HandBack(Command, frozen=True, kw_only=True):
    """Give originals back to the applicant where they lie."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    identity_check: str
    signature: str
    method: HandBackMethod = "window"
    receipt: str = ""


class ReportLoss(Command, frozen=True, kw_only=True):
    """Say that a packet, or single originals, cannot be found."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    circumstances: str
    packet: str = ""
    copies: tuple[str, ...] = ()


class FoundAgain(Command, frozen=True, kw_only=True):
    """Say that missing originals are here after all (no place named: the caller's hall or organisation)."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    place: str = ""


class DeclareLost(Command, frozen=True, kw_only=True):
    """Give up the search for originals, as another person than the one who reported them missing."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]


class RequestReplacement(Command, frozen=True, kw_only=True):
    """Ask the applicant to bring lost originals again; only with a letter of apology."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copies: tuple[str, ...]
    apology: str


class ReplaceLost(Command, frozen=True, kw_only=True):
    """Let the digital copy of a lost original take its place."""

    SERVICE: ClassVar[str] = "routing"
    case_id: str
    copy: str


class ListOriginals(Query, frozen=True, kw_only=True):
    """The originals that lie at a place, or that a hall took in, wherever they are now, by cursor."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /originals"
    ANSWER: ClassVar[Any] = OriginalPage
    place: str = ""
    home: str = ""
    """The hall that gives them back in the end, wherever they are now."""
    free: bool = False
    """Only those that nobody needs any more."""
    state: OriginalState | Literal[""] = ""
    """Only those in it; of a hall's in none, all that the applicant has not got back."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class ListLosses(Query, frozen=True, kw_only=True):
    """The originals that a hall took in and that are missing or lost, with how far the search is, by cursor."""

    SERVICE: ClassVar[str] = "routing"
    ROUTE: ClassVar[str] = "GET /losses"
    ANSWER: ClassVar[Any] = LossPage
    hall: str
    material: str = ""
    case_id: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
