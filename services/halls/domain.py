"""Halls form the 1+N tree and hand over to another when they close; windows open, pause and close."""

from enum import StrEnum

import msgspec

from contracts.halls import (
    HallClosed,
    HallKind,
    HallRegistered,
    HallReopened,
    InstallWindow,
    RegisterHall,
    WindowClosed,
    WindowInstalled,
    WindowOpened,
    WindowPaused,
)
from contracts.language import Act
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused


class HallExists(Refused):
    """A hall with this id and another content stands in the tree."""


class UnknownParent(Refused):
    """A hall hangs below a hall that exists."""


class ClosureUnexplained(Refused):
    """People are told why a hall closes."""


class NoReplacement(Refused):
    """Another hall that exists and is open takes over."""


class HallClosedAlready(Refused):
    """The hall is closed, and what was there went to another hall."""


class WindowExists(Refused):
    """A window with this id and another content was installed."""


class UnknownHall(Refused):
    """A window stands in a hall that exists."""


class WindowNotOpen(Refused):
    """Only a window that is open pauses."""


class WindowTaken(Refused):
    """Somebody else is on duty at the window."""


class PauseUnexplained(Refused):
    """Waiting people are told why a window pauses."""


class HallTerms(msgspec.Struct, frozen=True):
    """What a hall was registered as."""

    name: str
    kind: HallKind
    region: str
    parent: str


class Hall(Aggregate):
    """A hall or service point in the 1+N tree."""

    case_bound = False
    terms: HallTerms | None
    replacement: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.replacement = ""

    @property
    def is_closed(self) -> bool:
        """Whether another hall has taken over."""
        return bool(self.replacement)

    def register(self, cmd: RegisterHall, *, parent_known: bool, act: Act) -> None:
        """Hangs the hall below its parent; without one it is a root of the tree."""
        terms = HallTerms(cmd.name, cmd.kind, cmd.region, cmd.parent)
        if self.terms == terms:
            return
        if self.terms is not None:
            raise HallExists(hall=self.stream, name=self.terms.name)
        if cmd.parent and not parent_known:
            raise UnknownParent(parent=cmd.parent)
        self.record(HallRegistered, act, name=cmd.name, kind=cmd.kind, region=cmd.region, parent=cmd.parent)

    @applies(HallRegistered)
    def _registered(self, fact: HallRegistered) -> None:
        self.terms = HallTerms(fact.name, fact.kind, fact.region, fact.parent)

    def close(self, replacement: str, reason: str, *, replacement_open: bool, act: Act) -> None:
        """Closes the hall; another one takes over what lies there."""
        if self.replacement == replacement and replacement:
            return
        if self.is_closed:
            raise HallClosedAlready(hall=self.stream, replacement=self.replacement)
        if replacement == self.stream or not replacement_open:
            raise NoReplacement(hall=self.stream, replacement=replacement)
        if not reason:
            raise ClosureUnexplained
        self.record(HallClosed, act, replacement=replacement, reason=reason)

    @applies(HallClosed)
    def _closed(self, fact: HallClosed) -> None:
        self.replacement = fact.replacement

    def reopen(self, act: Act) -> None:
        """Opens the hall again; an open one is no news."""
        if self.is_closed:
            self.record(HallReopened, act)

    @applies(HallReopened)
    def _reopened(self, fact: HallReopened) -> None:
        self.replacement = ""


class State(StrEnum):
    """What a window can do now."""

    CLOSED = "closed"
    OPEN = "open"
    PAUSED = "paused"


ALLOWED: dict[State, dict[str, type[Refused] | None]] = {
    State.CLOSED: {"open": None, "pause": WindowNotOpen},
    State.OPEN: {"open": WindowTaken, "pause": None, "close": None},
    State.PAUSED: {"open": None, "pause": None, "close": None},
}
"""What may happen to a window in each state, or the refusal. Closing a closed window is no news."""


class WindowTerms(msgspec.Struct, frozen=True):
    """What a window was installed as."""

    hall: str
    name: str
    zone: str
    themes: tuple[str, ...]


class Window(Aggregate):
    """A window in a zone of a hall: who is on duty, and why it pauses."""

    case_bound = False
    terms: WindowTerms | None
    window_state: State
    staff: str
    reason: str

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.window_state = State.CLOSED
        self.staff = ""
        self.reason = ""

    def install(self, cmd: InstallWindow, *, hall_known: bool, act: Act) -> None:
        """Sets the window up, closed."""
        terms = WindowTerms(cmd.hall, cmd.name, cmd.zone, cmd.themes)
        if self.terms == terms:
            return
        if self.terms is not None:
            raise WindowExists(window=self.stream, name=self.terms.name)
        if not hall_known:
            raise UnknownHall(hall=cmd.hall)
        self.record(WindowInstalled, act, hall=cmd.hall, name=cmd.name, zone=cmd.zone, themes=cmd.themes)

    @applies(WindowInstalled)
    def _installed(self, fact: WindowInstalled) -> None:
        self.terms = WindowTerms(fact.hall, fact.name, fact.zone, fact.themes)

    def open(self, act: Act) -> None:
        """Whoever asks is on duty from now on; a colleague takes over only after the window was closed."""
        if self.window_state is State.OPEN and self.staff == act.by:
            return
        if self.window_state is State.PAUSED and self.staff != act.by:
            raise WindowTaken(window=self.stream, staff=self.staff)
        self._check("open")
        self.record(WindowOpened, act, staff=act.by)

    @applies(WindowOpened)
    def _opened(self, fact: WindowOpened) -> None:
        self.window_state, self.staff, self.reason = State.OPEN, fact.staff, ""

    def pause(self, reason: str, act: Act) -> None:
        """Interrupts business; a new reason replaces the one before."""
        if self.window_state is State.PAUSED and self.reason == reason:
            return
        self._check("pause")
        if not reason.strip():
            raise PauseUnexplained
        self.record(WindowPaused, act, reason=reason)

    @applies(WindowPaused)
    def _paused(self, fact: WindowPaused) -> None:
        self.window_state, self.reason = State.PAUSED, fact.reason

    def close(self, act: Act) -> None:
        """Ends business at the window; anybody may close it."""
        if self.window_state is State.CLOSED:
            return
        self._check("close")
        self.record(WindowClosed, act)

    @applies(WindowClosed)
    def _closed(self, _: WindowClosed) -> None:
        self.window_state, self.staff, self.reason = State.CLOSED, "", ""

    def _check(self, verb: str) -> None:
        refusal = ALLOWED[self.window_state][verb]
        if refusal is not None:
            raise refusal(window=self.stream, state=str(self.window_state), staff=self.staff)
