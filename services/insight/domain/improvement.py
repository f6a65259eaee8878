"""改进: what was changed, and which figure it is to move."""

from contracts.insight import ImprovementRecorded, RecordImprovement
from contracts.language import Act
from contracts.scopes import Reach
from eventing.aggregate import Aggregate, applies
from insight.domain.refusals import ImprovementDiffers, NothingSaid, PeriodReversed


class Improvement(Aggregate):
    """One change."""

    case_bound = False

    said: ImprovementRecorded | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.said = None

    def reach(self) -> Reach:
        """Its hall, where it is of one."""
        return Reach(halls=frozenset({self.said.hall} - {""})) if self.said is not None else Reach()

    def note(self, cmd: RecordImprovement, *, act: Act) -> None:
        """Records it; the same again is no news."""
        if not cmd.what.strip():
            raise NothingSaid
        if cmd.days < 1:
            raise PeriodReversed(begins=cmd.on, ends=cmd.on)
        body = {name: getattr(cmd, name) for name in FIELDS}
        if self.said is not None:
            if body != {name: getattr(self.said, name) for name in FIELDS}:
                raise ImprovementDiffers(improvement=self.stream)
            return
        self.record(ImprovementRecorded, act, **body)

    @applies(ImprovementRecorded)
    def _noted(self, fact: ImprovementRecorded) -> None:
        self.said = fact


FIELDS = ("lever", "indicator", "figure", "on", "what", "theme", "hall", "days")
"""What an improvement says of itself."""
