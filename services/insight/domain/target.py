"""What a figure is to come to."""

from contracts.insight import SetTarget, TargetDropped, TargetSet
from contracts.language import Act
from eventing.aggregate import Aggregate, applies
from insight.domain.refusals import NothingSaid


class Target(Aggregate):
    """The target of one figure, in one theme or in all."""

    case_bound = False

    said: TargetSet | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.said = None

    def set(self, cmd: SetTarget, *, act: Act) -> None:
        """Sets it, or sets it anew; the same again is no news."""
        if not cmd.reason.strip():
            raise NothingSaid
        body = {name: getattr(cmd, name) for name in FIELDS}
        if self.said is None or body != {name: getattr(self.said, name) for name in FIELDS}:
            self.record(TargetSet, act, reason=cmd.reason, **body)

    @applies(TargetSet)
    def _set(self, fact: TargetSet) -> None:
        self.said = fact

    def drop(self, *, act: Act) -> None:
        """It stands no longer; again is no news."""
        if self.said is not None:
            said = self.said
            self.record(TargetDropped, act, indicator=said.indicator, figure=said.figure, theme=said.theme)

    @applies(TargetDropped)
    def _dropped(self, _: TargetDropped) -> None:
        self.said = None


FIELDS = ("indicator", "figure", "theme", "value", "direction")
"""What a target says of itself, but for the reason."""
