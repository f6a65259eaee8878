"""What vault does because of what others did."""

from collections.abc import Iterable

from contracts.drafts import DraftDiscarded, DraftExpired, DraftSaved, DraftUsed
from contracts.intake import CaseOpened
from contracts.language import Command
from contracts.vault import BindCaseKey, DestroyCaseKey
from eventing.policies import Reactions

REACTIONS = Reactions()

REASONS = {
    DraftExpired: "draft expired",
    DraftDiscarded: "draft discarded",
    DraftUsed: "draft became a case",
}
"""Why the key of a draft is destroyed."""


@REACTIONS.on(CaseOpened)
def bind(fact: CaseOpened) -> BindCaseKey:
    """The key that a new case was sealed with is that case's from now on."""
    return BindCaseKey(case_id=str(fact.case_id), key_id=fact.key_id)


@REACTIONS.on(DraftSaved)
def bind_to_draft(fact: DraftSaved) -> BindCaseKey | None:
    """A draft has a key of its own, too."""
    return BindCaseKey(case_id=fact.draft, key_id=fact.key_id) if fact.draft else None


@REACTIONS.on(DraftExpired, DraftDiscarded, DraftUsed)
def erase_draft(fact: DraftExpired | DraftDiscarded | DraftUsed) -> Iterable[Command]:
    """A draft that ended is read by nobody any more; one that was saved before keys were bound is bound now."""
    if not fact.draft:
        return []
    return [
        BindCaseKey(case_id=fact.draft, key_id=fact.key_id),
        DestroyCaseKey(case_id=fact.draft, reason=REASONS[type(fact)]),
    ]
