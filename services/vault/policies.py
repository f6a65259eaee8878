"""What vault does because of what others did."""

from collections.abc import Iterable

from contracts.archives import ArchiveDestroyed
from contracts.drafts import DraftDiscarded, DraftExpired, DraftSaved, DraftUsed
from contracts.intake import CaseOpened
from contracts.language import Command
from contracts.outreach import ConsultationClosed, ConsultationRecorded
from contracts.vault import BindCaseKey, DestroyCaseKey
from eventing.policies import Reactions

REACTIONS = Reactions()

REASONS = {
    DraftExpired: "draft expired",
    DraftDiscarded: "draft discarded",
    DraftUsed: "draft became a case",
}
"""Why the key of a draft is destroyed."""

CONSULTATION = "consultation-"
"""What the streams of consultations' keys begin with: a fact of a thing beside the cases does not name its stream."""


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


@REACTIONS.on(ArchiveDestroyed)
def erase_archive(fact: ArchiveDestroyed) -> DestroyCaseKey:
    """销毁: an appraisal found that nothing speaks against it, and a second person carried it out."""
    return DestroyCaseKey(case_id=str(fact.case_id), reason=f"end of retention on {fact.keep_until.isoformat()}")


@REACTIONS.on(ConsultationRecorded)
def bind_to_consultation(fact: ConsultationRecorded) -> BindCaseKey | None:
    """What was asked in words has a key of its own."""
    if fact.question is None:
        return None
    return BindCaseKey(case_id=f"{CONSULTATION}{fact.key_id}", key_id=fact.key_id)


@REACTIONS.on(ConsultationClosed)
def erase_consultation(fact: ConsultationClosed) -> Iterable[Command]:
    """Nobody has to call back any more."""
    if not fact.key_id:
        return []
    name = f"{CONSULTATION}{fact.key_id}"
    return [
        BindCaseKey(case_id=name, key_id=fact.key_id),
        DestroyCaseKey(case_id=name, reason="consultation closed"),
    ]
