"""Windows: installed, opened, paused, closed, silent; who is there, and how long steps take."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.halls.tickets import TicketAnswer
from contracts.language import Answer, Command, Fact, Query


class WindowInstalled(Fact, frozen=True, kw_only=True):
    """A window was set up in a zone of a hall, for these themes (none named: all)."""

    TOPIC: ClassVar[str] = "onething.window.installed.v1"
    hall: str
    name: str
    zone: str = ""
    themes: tuple[str, ...] = ()


class WindowOpened(Fact, frozen=True, kw_only=True):
    """A clerk opened the window for business."""

    TOPIC: ClassVar[str] = "onething.window.opened.v1"
    staff: str
    hall: str = ""
    window: str = ""


class WindowPaused(Fact, frozen=True, kw_only=True):
    """The window pauses, with the reason that waiting people see."""

    TOPIC: ClassVar[str] = "onething.window.paused.v1"
    reason: str
    hall: str = ""
    window: str = ""


class WindowClosed(Fact, frozen=True, kw_only=True):
    """The window closed for the day."""

    TOPIC: ClassVar[str] = "onething.window.closed.v1"
    hall: str = ""
    window: str = ""


class WindowWentSilent(Fact, frozen=True, kw_only=True):
    """Nothing was heard of the window's desk for longer than is usual; what it shows may be old."""

    TOPIC: ClassVar[str] = "onething.window.went-silent.v1"
    hall: str
    window: str
    heard_at: datetime
    """When it was last heard."""


class WindowHeard(Fact, frozen=True, kw_only=True):
    """The desk of a silent window is heard again."""

    TOPIC: ClassVar[str] = "onething.window.heard.v1"
    hall: str
    window: str
    heard_at: datetime


class StepTime(msgspec.Struct, frozen=True, omit_defaults=True):
    """How long one step at a desk took; nothing says whose case it was."""

    step: str
    """opened · form · materials · accept · receipt · …: the desk's own word for it."""
    milliseconds: int
    theme: str = ""


class StepsTimed(Fact, frozen=True, kw_only=True):
    """A desk measured how long its steps took."""

    TOPIC: ClassVar[str] = "onething.window.steps-timed.v1"
    hall: str
    window: str
    steps: tuple[StepTime, ...]


class InstallWindow(Command, frozen=True, kw_only=True):
    """Set up a window in a hall."""

    SERVICE: ClassVar[str] = "halls"
    window: str
    hall: str
    name: str
    zone: str = ""
    themes: tuple[str, ...] = ()


class OpenWindow(Command, frozen=True, kw_only=True):
    """Open a window with the calling clerk on duty."""

    SERVICE: ClassVar[str] = "halls"
    window: str


class PauseWindow(Command, frozen=True, kw_only=True):
    """Pause a window."""

    SERVICE: ClassVar[str] = "halls"
    window: str
    reason: str


class CloseWindow(Command, frozen=True, kw_only=True):
    """Close a window."""

    SERVICE: ClassVar[str] = "halls"
    window: str


class RecordSteps(Command, frozen=True, kw_only=True):
    """Keep how long the steps of a desk took, many at a time."""

    SERVICE: ClassVar[str] = "halls"
    window: str
    steps: tuple[StepTime, ...]


class WindowRow(Answer, frozen=True, kw_only=True):
    """A window and its state now."""

    window: str
    hall: str
    name: str
    zone: str
    themes: tuple[str, ...]
    state: str
    staff: str
    reason: str


class WindowAnswer(Answer, frozen=True, kw_only=True):
    """A window as it stands."""

    window: str
    hall: str
    name: str
    zone: str
    themes: tuple[str, ...]
    state: Literal["open", "paused", "closed"]
    staff: str
    reason: str
    since: datetime | None
    """Since when it is in this state; None: from before this was kept."""
    serving: TicketAnswer | None
    heard_at: datetime | None
    """When its desk was last heard since it opened; None: never."""
    silent: bool


class GetWindow(Query, frozen=True, kw_only=True):
    """A window with what it serves now."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /windows/{window}"
    ANSWER: ClassVar[Any] = WindowAnswer
    window: str


class WindowPage(Answer, frozen=True, kw_only=True):
    """A page of windows."""

    windows: tuple[WindowAnswer, ...]
    after: str
    """Where the next page begins; empty: this was the last."""


class ListWindows(Query, frozen=True, kw_only=True):
    """Windows of a hall."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /windows"
    ANSWER: ClassVar[Any] = WindowPage
    hall: str
    state: Literal["", "open", "paused", "closed"] = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200


class Companion(Answer, frozen=True, kw_only=True):
    """Somebody else who works on the case now."""

    desk: str
    hall: str
    by: str
    heard_at: datetime


class Heartbeat(Answer, frozen=True, kw_only=True):
    """What a desk learns when it says that it is there."""

    at: datetime
    silent_after: datetime
    """Without another beat until then the window counts as silent."""
    companions: tuple[Companion, ...]


class Beat(Query, frozen=True, kw_only=True):
    """A desk is there, perhaps at work on a case. Nothing is kept of it but the last time."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "POST /beats"
    ANSWER: ClassVar[Any] = Heartbeat
    window: str = ""
    """Empty: a desk that is no window's."""
    case_id: str = ""


class Presence(Query, frozen=True, kw_only=True):
    """Who works on a case now."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /cases/{case_id}/presence"
    ANSWER: ClassVar[Any] = tuple[Companion, ...]
    case_id: str


class StepTimesAnswer(Answer, frozen=True, kw_only=True):
    """How long a step takes."""

    step: str
    theme: str
    count: int
    median: int
    """Milliseconds, as ``p90``."""
    p90: int


class StepTimes(Query, frozen=True, kw_only=True):
    """Durations of the steps of desks since a day."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /step-times"
    ANSWER: ClassVar[Any] = tuple[StepTimesAnswer, ...]
    hall: str = ""
    window: str = ""
    theme: str = ""
    since: date | None = None
