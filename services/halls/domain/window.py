"""A window in a zone of a hall: who is on duty there, why it pauses, and whether its desk is heard."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from contracts.halls import (
    InstallWindow,
    RecordSteps,
    StepsTimed,
    WindowClosed,
    WindowHeard,
    WindowInstalled,
    WindowOpened,
    WindowPaused,
    WindowWentSilent,
)
from contracts.language import Act, Command
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused

DAY = 24 * 60 * 60 * 1000
MOST_STEPS = 500
"""Steps in one command."""


class WindowNotOpen(Refused):
    """Only a window that is open pauses and calls."""


class WindowExists(Refused):
    """A window with this id and another content was installed."""


class UnknownHall(Refused):
    """A window stands in a hall that exists."""


class WindowTaken(Refused):
    """Somebody else is on duty at the window."""


class StaffElsewhere(Refused):
    """One person is on duty at one window."""


class PauseUnexplained(Refused):
    """Waiting people are told why a window pauses."""


class StepsInvalid(Refused):
    """A step has a name and took a time that can be: at least none, at most a day."""


class NoteSilence(Command, frozen=True, kw_only=True):
    """Nothing was heard of the window since an instant. Sent by the service itself."""

    SERVICE: ClassVar[str] = "halls"
    window: str
    heard_at: datetime


class NoteHearing(Command, frozen=True, kw_only=True):
    """The window is heard again. Sent by the service itself."""

    SERVICE: ClassVar[str] = "halls"
    window: str
    heard_at: datetime


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
    """A window in a zone of a hall."""

    case_bound = False
    terms: WindowTerms | None
    window_state: State
    staff: str
    reason: str
    since: datetime | None
    silent_since: datetime | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.window_state = State.CLOSED
        self.staff = ""
        self.reason = ""
        self.since = None
        self.silent_since = None

    @property
    def hall(self) -> str:
        """Where it stands."""
        return self.terms.hall if self.terms is not None else ""

    def reach(self) -> Reach:
        """Its hall."""
        return Reach(halls=frozenset((self.terms.hall,)) if self.terms is not None else frozenset())

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

    def open(self, act: Act, *, elsewhere: str = "") -> None:
        """Whoever asks is on duty from now on; a colleague takes over only after the window was closed.

        ``elsewhere`` is another window at which they are on duty: one person stands at one window.
        """
        if self.window_state is State.OPEN and self.staff == act.by:
            return
        if self.window_state is State.PAUSED and self.staff != act.by:
            raise WindowTaken(window=self.stream, staff=self.staff)
        self._check("open")
        if elsewhere:
            raise StaffElsewhere(window=elsewhere, staff=act.by)
        self.record(WindowOpened, act, staff=act.by, hall=self.hall, window=self.stream)

    @applies(WindowOpened)
    def _opened(self, fact: WindowOpened) -> None:
        self.window_state, self.staff, self.reason = State.OPEN, fact.staff, ""
        self.since, self.silent_since = fact.at, None

    def pause(self, reason: str, act: Act) -> None:
        """Interrupts business; a new reason replaces the one before."""
        if self.window_state is State.PAUSED and self.reason == reason:
            return
        self._check("pause")
        if not reason.strip():
            raise PauseUnexplained
        self.record(WindowPaused, act, reason=reason, hall=self.hall, window=self.stream)

    @applies(WindowPaused)
    def _paused(self, fact: WindowPaused) -> None:
        if self.window_state is not State.PAUSED:
            self.since = fact.at
        self.window_state, self.reason = State.PAUSED, fact.reason

    def close(self, act: Act) -> None:
        """Ends business at the window; anybody may close it."""
        if self.window_state is State.CLOSED:
            return
        self._check("close")
        self.record(WindowClosed, act, hall=self.hall, window=self.stream)

    @applies(WindowClosed)
    def _closed(self, fact: WindowClosed) -> None:
        self.window_state, self.staff, self.reason = State.CLOSED, "", ""
        self.since, self.silent_since = fact.at, None

    def fall_silent(self, heard_at: datetime, act: Act) -> None:
        """Notes that nothing was heard for too long. A closed window is silent by right, and so is one that was
        opened since."""
        if self.window_state is State.CLOSED or self.silent_since is not None:
            return
        if self.since is not None and heard_at < self.since and self.window_state is State.OPEN:
            return
        self.record(WindowWentSilent, act, hall=self.hall, window=self.stream, heard_at=heard_at)

    @applies(WindowWentSilent)
    def _went_silent(self, fact: WindowWentSilent) -> None:
        self.silent_since = fact.heard_at

    def be_heard(self, heard_at: datetime, act: Act) -> None:
        """Notes that the desk of a silent window is heard again."""
        if self.silent_since is not None and heard_at > self.silent_since:
            self.record(WindowHeard, act, hall=self.hall, window=self.stream, heard_at=heard_at)

    @applies(WindowHeard)
    def _heard(self, _: WindowHeard) -> None:
        self.silent_since = None

    def time_steps(self, cmd: RecordSteps, act: Act) -> None:
        """Keeps how long the steps of the desk took."""
        if not cmd.steps:
            return
        if len(cmd.steps) > MOST_STEPS:
            raise StepsInvalid(step=len(cmd.steps))
        for each in cmd.steps:
            if not each.step.strip() or not 0 <= each.milliseconds <= DAY:
                raise StepsInvalid(step=each.step)
        self.record(StepsTimed, act, hall=self.hall, window=self.stream, steps=cmd.steps)

    @applies(StepsTimed)
    def _steps_timed(self, _: StepsTimed) -> None:
        """How long something took changes nothing about the window."""

    def _check(self, verb: str) -> None:
        refusal = ALLOWED[self.window_state][verb]
        if refusal is not None:
            raise refusal(window=self.stream, state=str(self.window_state), staff=self.staff)
