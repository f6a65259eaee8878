"""A grant: signed, published by a second person, and perhaps revoked."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from contracts.delegation import GrantMade, GrantPublished, GrantRevoked, LegalForm, MakeGrant, Power
from contracts.language import Act
from delegation.domain.authority import EVERY_ITEM, Held
from eventing.aggregate import Aggregate, applies
from eventing.errors import Refused


class GrantExists(Refused):
    """A grant with this id and another content was signed before."""


class DocumentMissing(Refused):
    """A grant is signed as a document with a number (委托书)."""


class PublicationMissing(Refused):
    """A grant is announced under a number (行政许可法 第24条第1款)."""


class NothingGranted(Refused):
    """A grant names at least one item and one power."""


class TermReversed(Refused):
    """The grant would end before it begins."""


class GrantToItself(Refused):
    """Nobody entrusts themselves."""


class GranteeNotEligible(Refused):
    """Only another administrative organ may be entrusted to review or decide (行政许可法 第24条)."""


class SubDelegationForbidden(Refused):
    """Whoever was entrusted may not entrust others with it (行政许可法 第24条第3款)."""


class PublisherMustDiffer(Refused):
    """Whoever signed a grant does not publish it too."""


class AlreadyPublished(Refused):
    """The grant was published under another number."""


class GrantIsRevoked(Refused):
    """A revoked grant stays revoked."""


class Status(StrEnum):
    """Where a grant stands; only a published one gives power."""

    NONE = "none"
    MADE = "made"
    PUBLISHED = "published"
    REVOKED = "revoked"


ALLOWED: dict[Status, dict[str, type[Refused] | None]] = {
    Status.NONE: {"make": None},
    Status.MADE: {"make": GrantExists, "publish": None, "revoke": None},
    Status.PUBLISHED: {"make": GrantExists, "publish": AlreadyPublished, "revoke": None},
    Status.REVOKED: {"make": GrantExists, "publish": GrantIsRevoked, "revoke": GrantIsRevoked},
}
"""What may happen to a grant in each state, or the refusal."""

DECIDING: frozenset[Power] = frozenset({"review", "decide"})
"""The powers that make the administrative act; receiving and handing over are service."""


class Terms(msgspec.Struct, frozen=True):
    """What was signed."""

    legal_form: LegalForm
    grantor: str
    grantee: str
    grantee_kind: str
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    document: str


class Step(msgspec.Struct, frozen=True):
    """A step in a grant's life; ``reference`` is the document, the publication or the reason."""

    status: Status
    at: datetime
    by: str
    reference: str


def _signed(terms: Terms) -> Refused | None:
    return None if terms.document.strip() else DocumentMissing()


def _something(terms: Terms) -> Refused | None:
    return None if terms.items and terms.powers and all(terms.items) else NothingGranted()


def _term(terms: Terms) -> Refused | None:
    if terms.valid_until is None or terms.valid_from <= terms.valid_until:
        return None
    return TermReversed(valid_from=terms.valid_from, valid_until=terms.valid_until)


def _another(terms: Terms) -> Refused | None:
    if terms.legal_form == "entrusted" and terms.grantor == terms.grantee:
        return GrantToItself(grantor=terms.grantor)
    return None


def _eligible(terms: Terms) -> Refused | None:
    deciding = sorted(DECIDING.intersection(terms.powers))
    if terms.legal_form == "entrusted" and deciding and terms.grantee_kind != "administrative_organ":
        return GranteeNotEligible(grantee=terms.grantee, kind=terms.grantee_kind, powers=deciding)
    return None


RULES: tuple[Callable[[Terms], Refused | None], ...] = (_signed, _something, _term, _another, _eligible)
"""What a grant must satisfy to be signed."""


def _passed_on(terms: Terms, held: Sequence[Held]) -> Refused | None:
    for grant in held:
        common = sorted(set(terms.items).intersection(grant.items) - {EVERY_ITEM})
        if grant.legal_form == "entrusted" and grant.grantee == terms.grantor and common:
            return SubDelegationForbidden(grantor=terms.grantor, grant=grant.grant, items=common)
    return None


class Grant(Aggregate):
    """A power over items, given by one organisation to a hall or another organisation, for a time."""

    case_bound = False
    terms: Terms | None
    status: Status
    history: tuple[Step, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.status = Status.NONE
        self.history = ()

    def make(self, cmd: MakeGrant, held: Sequence[Held], act: Act) -> None:
        """Signs the grant. ``held`` are the grants that the grantor itself holds now."""
        terms = Terms(**{field: getattr(cmd, field) for field in Terms.__struct_fields__})
        if terms == self.terms:
            return
        self._check("make")
        for refusal in (*(rule(terms) for rule in RULES), _passed_on(terms, held)):
            if refusal is not None:
                raise refusal
        self.record(GrantMade, act, **{field: getattr(terms, field) for field in Terms.__struct_fields__})

    @applies(GrantMade)
    def _made(self, fact: GrantMade) -> None:
        self.terms = Terms(**{field: getattr(fact, field) for field in Terms.__struct_fields__})
        self._step(Status.MADE, fact, fact.document)

    def publish(self, publication: str, act: Act) -> None:
        """Announces the grant; from now on it counts."""
        if self.status is Status.PUBLISHED and self.history[-1].reference == publication:
            return
        self._check("publish")
        if not publication.strip():
            raise PublicationMissing
        if act.by == self.history[0].by:
            raise PublisherMustDiffer(by=act.by)
        self.record(GrantPublished, act, publication=publication)

    @applies(GrantPublished)
    def _published(self, fact: GrantPublished) -> None:
        self._step(Status.PUBLISHED, fact, fact.publication)

    def revoke(self, reason: str, act: Act) -> None:
        """Ends the grant from now on; what was done under it stands."""
        if self.status is Status.REVOKED and self.history[-1].reference == reason:
            return
        self._check("revoke")
        self.record(GrantRevoked, act, reason=reason)

    @applies(GrantRevoked)
    def _revoked(self, fact: GrantRevoked) -> None:
        self._step(Status.REVOKED, fact, fact.reason)

    def _step(self, status: Status, fact: GrantMade | GrantPublished | GrantRevoked, reference: str) -> None:
        self.status = status
        self.history += (Step(status, fact.at, fact.by, reference),)

    def _check(self, verb: str) -> None:
        refusal = ALLOWED[self.status][verb]
        if refusal is not None:
            raise refusal(grant=self.stream, status=str(self.status))
