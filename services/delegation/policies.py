"""What delegation does because of its own facts: a grant that follows another one is noted there."""

from contracts.delegation import GrantMade, GrantRevoked
from delegation.domain import NoteRenewal
from eventing.policies import Reactions

REACTIONS = Reactions()


@REACTIONS.on(GrantMade)
def renewed(fact: GrantMade) -> NoteRenewal | None:
    """A renewal was signed."""
    return NoteRenewal(grant=fact.renews, successor=fact.grant) if fact.renews else None


# compensation


@REACTIONS.on(GrantRevoked)
def undone(fact: GrantRevoked) -> NoteRenewal | None:
    """A renewal was revoked, perhaps before it began."""
    return NoteRenewal(grant=fact.renews, successor=fact.grant, undone=True) if fact.renews else None
