"""What was sent to a screen, and what the screen said that it shows."""

from hashlib import sha256

import msgspec

from contracts.halls import AcknowledgeScreen, ScreenAcknowledged, ScreenShown, ShowScreen
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies


class View(msgspec.Struct, frozen=True):
    """A view of a hall at a place of its feed."""

    digest: str
    sequence: int


def is_sampled(screen: str, view: View, share: float) -> bool:
    """Whether a view is among the share that is kept: the same one always is or never."""
    drawn = int.from_bytes(sha256(f"{screen}\0{view.sequence}\0{view.digest}".encode()).digest()[:8])
    return drawn < share * 2**64


class Screen(Aggregate):
    """The screen of a window or a board."""

    case_bound = False
    hall: str
    shown: View | None
    acknowledged: View | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.hall = ""
        self.shown = None
        self.acknowledged = None

    @property
    def screen(self) -> str:
        """What the screen is called."""
        return self.stream.removesuffix(".screen")

    def reach(self) -> Reach:
        """The hall that it hangs in."""
        return Reach(halls=frozenset((self.hall,)) - {""})

    def show(self, cmd: ShowScreen, act: Act, *, share: float) -> bool:
        """Keeps what was sent, if it is among the share that is kept; what it shows already is no news."""
        view = View(cmd.digest, cmd.sequence)
        if view == self.shown:
            return True
        if not is_sampled(self.screen, view, share):
            return False
        self.record(ScreenShown, act, hall=cmd.hall, screen=self.screen, digest=cmd.digest, sequence=cmd.sequence)
        return True

    @applies(ScreenShown)
    def _shown(self, fact: ScreenShown) -> None:
        self.hall = fact.hall
        self.shown = View(fact.digest, fact.sequence)

    def acknowledge(self, cmd: AcknowledgeScreen, act: Act) -> bool:
        """Keeps that the screen shows what was last kept of it; anything else was not kept, and is no news."""
        view = View(cmd.digest, cmd.sequence)
        if view != self.shown:
            return False
        if view != self.acknowledged:
            self.record(
                ScreenAcknowledged, act, hall=cmd.hall, screen=self.screen, digest=cmd.digest, sequence=cmd.sequence
            )
        return True

    @applies(ScreenAcknowledged)
    def _acknowledged(self, fact: ScreenAcknowledged) -> None:
        self.acknowledged = View(fact.digest, fact.sequence)
