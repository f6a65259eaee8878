"""What intake does because of what happened elsewhere."""

from contracts.certificate import OutputCompleted
from eventing.policies import Reactions
from intake.domain import CloseCase

REACTIONS = Reactions()


@REACTIONS.on(OutputCompleted)
def close(fact: OutputCompleted) -> CloseCase:
    """出件完毕 → 办结."""
    return CloseCase(case_id=str(fact.case_id), outcome=fact.verdict)
