"""What vault does because of what others did."""

from contracts.intake import CaseOpened
from contracts.vault import BindCaseKey
from eventing.policies import Reactions

REACTIONS = Reactions()


@REACTIONS.on(CaseOpened)
def bind(fact: CaseOpened) -> BindCaseKey:
    """The key that a new case was sealed with is that case's from now on."""
    return BindCaseKey(case_id=str(fact.case_id), key_id=fact.key_id)
