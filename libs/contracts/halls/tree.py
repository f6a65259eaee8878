"""The 1+N tree: halls join, close with a replacement, reopen; and how each stands."""

from typing import Any, ClassVar

from contracts.halls.hours import HoursException, Opening, WeeklyHours
from contracts.halls.residency import Resident, Seat
from contracts.halls.values import HallKind, MouthLevel
from contracts.halls.windows import WindowRow
from contracts.language import Answer, Command, Fact, Query


class HallRegistered(Fact, frozen=True, kw_only=True):
    """A hall or service point joined the 1+N tree."""

    TOPIC: ClassVar[str] = "onething.hall.registered.v1"
    name: str
    kind: HallKind
    region: str
    parent: str = ""


class HallClosed(Fact, frozen=True, kw_only=True):
    """A hall closed until further notice; another hall takes over what lies there or is bound for it."""

    TOPIC: ClassVar[str] = "onething.hall.closed.v1"
    replacement: str
    reason: str


class HallReopened(Fact, frozen=True, kw_only=True):
    """A hall that was closed is open again. What went to another hall meanwhile stays there."""

    TOPIC: ClassVar[str] = "onething.hall.reopened.v1"


class RegisterHall(Command, frozen=True, kw_only=True):
    """Add a hall or service point to the tree."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    name: str
    kind: HallKind
    region: str
    parent: str = ""


class CloseHall(Command, frozen=True, kw_only=True):
    """Close a hall until further notice, and name the open hall that takes over."""

    SERVICE: ClassVar[str] = "halls"
    hall: str
    replacement: str
    reason: str


class ReopenHall(Command, frozen=True, kw_only=True):
    """Open a hall again that was closed."""

    SERVICE: ClassVar[str] = "halls"
    hall: str


class HallNode(Answer, frozen=True, kw_only=True):
    """A hall with its windows, and the halls below it."""

    hall: str
    name: str
    kind: HallKind
    region: str
    parent: str
    replacement: str
    windows: tuple[WindowRow, ...]
    halls: tuple["HallNode", ...]
    windows_in: dict[str, int]
    """State → how many windows are in it."""


class GetTree(Query, frozen=True, kw_only=True):
    """The 1+N tree with its windows and their state now."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls"
    ANSWER: ClassVar[Any] = tuple[HallNode, ...]
    root: str = ""


class HallAnswer(Answer, frozen=True, kw_only=True):
    """A hall with all that was set for it."""

    hall: str
    name: str
    kind: HallKind
    region: str
    parent: str
    replacement: str
    opening: Opening
    hours: WeeklyHours | None
    exceptions: tuple[HoursException, ...]
    residents: tuple[Resident, ...]
    seats: tuple[Seat, ...]
    mouths: dict[str, MouthLevel]
    """Theme → level, as set here; what is not said here is said above or by the catalogue."""


class GetHall(Query, frozen=True, kw_only=True):
    """A hall with its hours, residency, seats and mouths."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /halls/{hall}"
    ANSWER: ClassVar[Any] = HallAnswer
    hall: str
