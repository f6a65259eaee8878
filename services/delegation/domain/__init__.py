"""What delegation decides: the ``grant`` and its rules, and the ``authority`` that grants give."""

from delegation.domain.authority import Held, Register, Verdict
from delegation.domain.grant import (
    AlreadyPublished,
    DocumentMissing,
    Grant,
    GranteeNotEligible,
    GrantExists,
    GrantIsRevoked,
    GrantToItself,
    NothingGranted,
    PublicationMissing,
    PublisherMustDiffer,
    Status,
    Step,
    SubDelegationForbidden,
    TermReversed,
)

__all__ = [
    "AlreadyPublished",
    "DocumentMissing",
    "Grant",
    "GrantExists",
    "GrantIsRevoked",
    "GrantToItself",
    "GranteeNotEligible",
    "Held",
    "NothingGranted",
    "PublicationMissing",
    "PublisherMustDiffer",
    "Register",
    "Status",
    "Step",
    "SubDelegationForbidden",
    "TermReversed",
    "Verdict",
]
