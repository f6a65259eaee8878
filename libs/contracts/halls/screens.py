"""What screens showed, and when."""

from datetime import datetime
from typing import Any, ClassVar

from contracts.language import Answer, Command, Fact, Instant, Query


class ScreenShown(Fact, frozen=True, kw_only=True):
    """This was sent to a screen; ``digest`` is that of the view, ``sequence`` where the hall's feed then stood."""

    TOPIC: ClassVar[str] = "onething.screen.shown.v1"
    hall: str
    screen: str
    digest: str
    sequence: int


class ScreenAcknowledged(Fact, frozen=True, kw_only=True):
    """The screen says that it shows it."""

    TOPIC: ClassVar[str] = "onething.screen.acknowledged.v1"
    hall: str
    screen: str
    digest: str
    sequence: int


class ScreenKept(Answer, frozen=True, kw_only=True):
    """Whether what was shown is among what is kept."""

    kept: bool


class ShowScreen(Command, frozen=True, kw_only=True):
    """Note what was sent to a screen: a window's, or a board's. Whether it is kept is sampled by configuration."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = ScreenKept
    hall: str
    screen: str
    digest: str
    sequence: int

    @property
    def stream(self) -> str:
        """The stream of what the screen showed."""
        return f"{self.screen}.screen"


class AcknowledgeScreen(Command, frozen=True, kw_only=True):
    """Note that the screen shows it."""

    SERVICE: ClassVar[str] = "halls"
    ANSWER: ClassVar[Any] = ScreenKept
    hall: str
    screen: str
    digest: str
    sequence: int

    @property
    def stream(self) -> str:
        """The stream of what the screen showed."""
        return f"{self.screen}.screen"


class Shown(Answer, frozen=True, kw_only=True):
    """What a screen showed."""

    screen: str
    hall: str
    digest: str
    sequence: int
    shown_at: datetime
    acknowledged_at: datetime | None


class ScreenAt(Query, frozen=True, kw_only=True):
    """What a screen showed at an instant, as far as it was kept."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /screens/{screen}"
    ANSWER: ClassVar[Any] = Shown
    screen: str
    at: Instant
