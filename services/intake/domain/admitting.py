"""移交: another hall goes on with the case, beside those that it has."""

from typing import ClassVar

from contracts.intake import HallAdmitted
from contracts.language import Act, Command
from eventing.aggregate import applies
from intake.domain.state import CaseState


class AdmitHall(Command, frozen=True, kw_only=True):
    """Let a hall reach the case that took it over."""

    SERVICE: ClassVar[str] = "intake"
    case_id: str
    hall: str
    from_hall: str


class Admitting(CaseState):
    """The halls that took the case over."""

    admitted: tuple[str, ...]
    """In the order in which they did; each keeps what it reaches when another goes on."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.admitted = ()

    def admit(self, hall: str, from_hall: str, *, act: Act) -> None:
        """A hall goes on with the case. Its own hall, and one that did before, is no news."""
        if hall not in (self.hall, *self.admitted):
            self.record(HallAdmitted, act, hall=hall, from_hall=from_hall)

    @applies(HallAdmitted)
    def _admitted(self, fact: HallAdmitted) -> None:
        self.admitted += (fact.hall,)
        self._at_hall(fact.hall)
