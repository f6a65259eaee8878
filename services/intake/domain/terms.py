"""条件: on what terms an applicant wants items accepted, and what was signed for it."""

from collections.abc import Mapping

from msgspec import Struct

from contracts.intake import Signed
from intake.domain.refusals import AgentNotAuthorised, CreditBarStands, NotSigned


class Terms(Struct, frozen=True):
    """What may come later (容缺), what is promised instead of proved (告知承诺), and whether credit bars it."""

    tolerate: tuple[str, ...] = ()
    promise: tuple[str, ...] = ()
    signed: Signed | None = None
    barred: tuple[str, ...] = ()
    """The grounds on which the applicant's credit bars both."""
    notices: Mapping[str, str] = {}
    """Item → number of its notice of tolerance, should there be one."""


NORMAL = Terms()
"""Everything is there, and proved."""


def check_signed(signed: Signed | None) -> Signed:
    """Both ways rest on a signed document; an agent signs with an authorisation (S54b)."""
    if signed is None or not signed.document.strip():
        raise NotSigned
    if signed.signer == "agent" and not signed.authorisation.strip():
        raise AgentNotAuthorised
    return signed


def check_credit(terms: Terms) -> None:
    """Bad credit or an earlier false promise bars both ways until it is repaired (S54c, S54d, S55c)."""
    if terms.barred:
        raise CreditBarStands(grounds=terms.barred)
