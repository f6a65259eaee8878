"""大厅窗口: the 1+N tree of halls, and what each window can do now."""

from typing import ClassVar, Literal

from contracts.language import Command, Fact, Query

HallKind = Literal["county", "street", "community", "hospital", "bank", "post", "business_centre", "park"]


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


class WindowPaused(Fact, frozen=True, kw_only=True):
    """The window pauses, with the reason that waiting people see."""

    TOPIC: ClassVar[str] = "onething.window.paused.v1"
    reason: str


class WindowClosed(Fact, frozen=True, kw_only=True):
    """The window closed for the day."""

    TOPIC: ClassVar[str] = "onething.window.closed.v1"


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


class GetTree(Query, frozen=True, kw_only=True):
    """The 1+N tree with its windows and their state now."""

    SERVICE: ClassVar[str] = "halls"
    root: str = ""
