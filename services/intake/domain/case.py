"""受理: one case of a theme, from its opening to the acceptance of its items, and its closing."""

from datetime import datetime
from typing import ClassVar

from contracts.language import Command
from intake.domain.acceptance import Accepting
from intake.domain.admitting import Admitting
from intake.domain.choice import Choosing
from intake.domain.correction import Correcting
from intake.domain.credit import Promising
from intake.domain.declining import Declining
from intake.domain.further import Further
from intake.domain.joining import Joining
from intake.domain.merging import Merging
from intake.domain.migrating import Migrating
from intake.domain.opening import Opening
from intake.domain.receipt import Receiving
from intake.domain.refusing import RefusingCopies
from intake.domain.returning import Returning
from intake.domain.sendback import SendingBack
from intake.domain.state import Outcome


class CloseCase(Command, frozen=True, kw_only=True):
    """Close the case: nothing is left to hand over."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    outcome: Outcome
    items: tuple[str, ...] = ()
    again: bool = False
    """Whether an item has been decided again since it was closed."""


class ReopenCase(Command, frozen=True, kw_only=True):
    """Items of a closed case are decided again."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    items: tuple[str, ...]


class Case(
    Opening,
    SendingBack,
    Receiving,
    Returning,
    Migrating,
    Correcting,
    Joining,
    Accepting,
    Declining,
    Choosing,
    Merging,
    Further,
    Promising,
    Admitting,
    RefusingCopies,
):
    """A theme case in intake: each topic's rules stand in the module of that topic, its state in its class."""

    def timers(self) -> dict[str, datetime]:
        """The deadlines of all topics; a closed case waits for nothing, whatever was left open in it."""
        return super().timers() if self.outcome is None else {}
