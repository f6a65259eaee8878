"""一次告知 as a duty: what was not in the one notice may not be asked for later (行政许可法 第31条)."""

from contracts.intake import FurtherRequested
from contracts.language import Act
from eventing.aggregate import applies
from intake.domain.outline import Outline
from intake.domain.refusals import GroundsMissing, InTheNotice, NotAnOffice
from intake.domain.state import CaseState


class Further(CaseState):
    """What was asked for beyond the notice; each is a violation, and counted."""

    violations: tuple[tuple[str, str], ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.violations = ()
        """Item and what was asked for."""

    def request_further(self, outline: Outline, item: str, what: str, *, basis: str, act: Act) -> None:
        """Records a request for what the notice does not name; one for what it names is a correction."""
        self._in_case((item,))
        wanted = what.strip()
        if (item, wanted) in self.violations:
            return
        self._may("further")
        self._by_an_office(outline, item, act)
        if not wanted or not basis.strip():
            raise GroundsMissing
        if wanted in self._announced(outline):
            raise InTheNotice(what=wanted, names=outline.names([wanted]))
        self.record(FurtherRequested, act, item=item, what=wanted, basis=basis)

    def _announced(self, outline: Outline) -> set[str]:
        """Everything that the notice names, by id and by name."""
        notice = outline.notice
        return {
            *(material.material for material in notice.materials),
            *(material.name for material in notice.materials),
            *(field.key for field in notice.fields),
            *(field.label for field in notice.fields),
        }

    def _by_an_office(self, outline: Outline, item: str, act: Act) -> None:
        if act.caller is None or (act.caller.org != outline.handler(item) and act.caller.hall not in self.halls):
            raise NotAnOffice(item=item)

    @applies(FurtherRequested)
    def _requested_further(self, fact: FurtherRequested) -> None:
        if not fact.announced:
            self.violations += ((fact.item, fact.what),)
