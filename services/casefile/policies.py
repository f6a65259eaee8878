"""What casefile does because of what others did, beside remembering it."""

from contracts.archives import NoteErasure
from contracts.vault import CaseKeyDestroyed
from eventing.policies import Reactions

REACTIONS = Reactions()


@REACTIONS.on(CaseKeyDestroyed)
def note_erasure(fact: CaseKeyDestroyed) -> NoteErasure | None:
    """密钥销毁 → an archived case says so; keys of drafts and consultations belong to no case."""
    return NoteErasure(case_id=fact.case_id, key_id=fact.key_id, reason=fact.reason) if fact.case_id else None
