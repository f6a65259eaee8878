"""A grant: signed, published by a second person, perhaps renewed, and over when it expires or is revoked."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar

import msgspec

from catalogue.authority import EVERY_ITEM, LENT, OWN_NAME, Held, lent_from
from contracts.delegation import (
    GrantExpired,
    GrantMade,
    GrantPublished,
    GrantRenewalDue,
    GrantRenewalUndone,
    GrantRenewed,
    GrantRevoked,
    MakeGrant,
    RenewGrant,
)
from contracts.language import Act, Command, Fact
from contracts.scopes import Reach
from delegation.domain.terms import RULES, Terms
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Refused
from kernel.clock import CHINA_STANDARD_TIME, local_date

DAY = timedelta(days=1)


class GrantExists(Refused):
    """A grant with this id and another content was signed before."""


class TermIsOver(Refused):
    """The term ends before the day on which the grant would be signed."""


class SubDelegationForbidden(Refused):
    """Whoever was entrusted may not entrust others with it (行政许可法 第24条第3款)."""


class NotTheGrantor(Forbidden):
    """A grant is signed, published and revoked by its grantor; its superior may revoke it too."""


class PublicationMissing(Refused):
    """A grant is announced under a number (行政许可法 第24条第1款)."""


class PublisherMustDiffer(Refused):
    """Whoever signed a grant does not publish it too; a service is nobody who could check it."""


class AlreadyPublished(Refused):
    """The grant was published under another number."""


class GrantIsRevoked(Refused):
    """A revoked grant stays revoked."""


class GrantIsOver(Refused):
    """The grant's term is over."""


class NotRenewable(Refused):
    """Only a published grant with a term is renewed."""


class RenewalTooLate(Refused):
    """A renewal is signed some days before the end, fifteen by 质检总局令149号 第12条."""


class AlreadyRenewed(Refused):
    """Another grant follows this one already."""


class Status(StrEnum):
    """Where a grant stands; only a published one gives power."""

    NONE = "none"
    MADE = "made"
    PUBLISHED = "published"
    REVOKED = "revoked"
    EXPIRED = "expired"


ALLOWED: dict[Status, dict[str, type[Refused] | None]] = {
    Status.NONE: {"make": None},
    Status.MADE: {"make": GrantExists, "publish": None, "renew": NotRenewable, "revoke": None},
    Status.PUBLISHED: {"make": GrantExists, "publish": AlreadyPublished, "renew": None, "revoke": None},
    Status.REVOKED: {
        "make": GrantExists,
        "publish": GrantIsRevoked,
        "renew": GrantIsRevoked,
        "revoke": GrantIsRevoked,
    },
    Status.EXPIRED: {"make": GrantExists, "publish": GrantIsOver, "renew": GrantIsOver, "revoke": GrantIsOver},
}
"""What may happen to a grant in each state, or the refusal."""


class Step(msgspec.Struct, frozen=True):
    """A step in a grant's life; ``reference`` is the document, the publication or the reason."""

    status: Status
    at: datetime
    by: str
    reference: str


class NoteRenewal(Command, frozen=True, kw_only=True):
    """A grant that follows this one was signed, or is revoked (``undone``)."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    successor: str
    undone: bool = False


def start_of(day: date) -> datetime:
    """The instant at which a day begins in China."""
    return datetime.combine(day, time.min, CHINA_STANDARD_TIME)


def passed_on(terms: Terms, grants: Iterable[Held], today: date) -> Refused | None:
    """The refusal of a grant that passes on what is only lent to its grantor, or lends what its grantee passed on.

    The one who was entrusted may have it from somebody who was entrusted, and so on; and it makes no difference
    which of two such grants is signed first.
    """
    counting = [each for each in grants if each.status != "revoked" and not each.is_over(today)]
    held: dict[str, list[Held]] = {}
    for each in counting:
        held.setdefault(each.grantee, []).append(each)
    named = sorted(set(terms.items) - {EVERY_ITEM})
    above = {item: source for item in named if (source := lent_from(terms.grantor, item, held))}
    if above:
        source = min(above.values())
        items = [item for item in named if above.get(item) == source]
        return SubDelegationForbidden(grantor=terms.grantor, grant=source, items=items)
    if terms.legal_form not in LENT:
        return None
    for given in sorted(counting, key=lambda each: each.grant):
        common = sorted(set(named).intersection(given.items))
        if given.legal_form in OWN_NAME and given.grantor == terms.grantee and common:
            return SubDelegationForbidden(grantor=terms.grantee, grant=given.grant, items=common)
    return None


class Grant(Aggregate):
    """A power over items, given by one organisation to a hall or another organisation, for a time."""

    case_bound = False
    terms: Terms | None
    status: Status
    history: tuple[Step, ...]
    renews: str
    renew_by: date | None
    successor: str
    reminded: bool

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.terms = None
        self.status = Status.NONE
        self.history = ()
        self.renews = ""
        self.renew_by = None
        self.successor = ""
        self.reminded = False

    def make(self, cmd: MakeGrant, grants: Iterable[Held], act: Act, *, renewal_days: int) -> None:
        """Signs the grant. ``grants`` are all that stand now; a renewal is due ``renewal_days`` before the end."""
        terms = Terms(**{field: getattr(cmd, field) for field in Terms.__struct_fields__})
        self._sign(terms, grants, act, renewal_days)

    def renew(self, cmd: RenewGrant, old: "Grant", grants: Iterable[Held], act: Act, *, renewal_days: int) -> None:
        """Signs this grant to follow another one, with its content, from the day after its last."""
        signed = (cmd.renews, cmd.valid_until, cmd.document, cmd.seal)
        if self.terms is not None and signed == (
            self.renews,
            self.terms.valid_until,
            self.terms.document,
            self.terms.seal,
        ):
            return
        before, begins = old.renewable(act)
        terms = msgspec.structs.replace(
            before, valid_from=begins, valid_until=cmd.valid_until, document=cmd.document, seal=cmd.seal
        )
        self._sign(terms, grants, act, renewal_days, renews=old.stream)

    def renewable(self, act: Act) -> tuple[Terms, date]:
        """What was signed, and the day on which a grant that follows begins. Raises the reason why none can follow."""
        terms = self._check("renew")
        if terms.valid_until is None or self.renew_by is None:
            raise NotRenewable(grant=self.stream, status=str(self.status))
        if self.successor:
            raise AlreadyRenewed(grant=self.stream, successor=self.successor)
        if local_date(act.at) > self.renew_by:
            raise RenewalTooLate(grant=self.stream, renew_by=self.renew_by, valid_until=terms.valid_until)
        return terms, terms.valid_until + DAY

    def _sign(self, terms: Terms, grants: Iterable[Held], act: Act, renewal_days: int, renews: str = "") -> None:
        self._by_the_grantor(act, terms.grantor)
        if terms == self.terms and renews == self.renews:
            return
        if self.status is not Status.NONE:
            raise GrantExists(grant=self.stream, status=str(self.status))
        today = local_date(act.at)
        for refusal in (*(rule(terms) for rule in RULES), passed_on(terms, grants, today)):
            if refusal is not None:
                raise refusal
        if terms.valid_until is not None and terms.valid_until < today:
            raise TermIsOver(valid_until=terms.valid_until)
        self.record(
            GrantMade,
            act,
            grant=self.stream,
            renews=renews,
            renew_by=terms.valid_until - renewal_days * DAY if terms.valid_until is not None else None,
            **{field: getattr(terms, field) for field in Terms.__struct_fields__},
        )

    @applies(GrantMade)
    def _made(self, fact: GrantMade) -> None:
        self.terms = Terms(**{field: getattr(fact, field) for field in Terms.__struct_fields__})
        self.renews = fact.renews
        self.renew_by = fact.renew_by
        self._step(Status.MADE, fact, fact.document)

    def publish(self, publication: str, act: Act) -> None:
        """Announces the grant; from now on it counts."""
        if self.status is Status.PUBLISHED and self.history[-1].reference == publication:
            return
        terms = self._check("publish", act)
        self._by_the_grantor(act, terms.grantor)
        if not publication.strip():
            raise PublicationMissing
        if act.by == self.history[0].by or act.by.startswith("service:"):
            raise PublisherMustDiffer(by=act.by)
        self.record(GrantPublished, act, publication=publication, grant=self.stream)

    @applies(GrantPublished)
    def _published(self, fact: GrantPublished) -> None:
        self._step(Status.PUBLISHED, fact, fact.publication)

    def revoke(self, reason: str, act: Act) -> None:
        """Ends the grant from now on; what was done under it stands."""
        if self.status is Status.REVOKED and self.history[-1].reference == reason:
            return
        terms = self._check("revoke", act)
        self._by_the_grantor(act, terms.grantor, terms.superior)
        self.record(GrantRevoked, act, reason=reason, grant=self.stream, renews=self.renews)

    @applies(GrantRevoked)
    def _revoked(self, fact: GrantRevoked) -> None:
        self._step(Status.REVOKED, fact, fact.reason)

    def note_renewal(self, successor: str, act: Act, *, undone: bool) -> None:
        """Remembers the grant that follows, or forgets it when it is revoked. What is over needs neither."""
        if self.status is not Status.PUBLISHED:
            return
        if undone and self.successor == successor:
            self.record(GrantRenewalUndone, act, grant=self.stream, successor=successor)
        elif not undone and not self.successor:
            self.record(GrantRenewed, act, grant=self.stream, successor=successor)

    @applies(GrantRenewed)
    def _renewed(self, fact: GrantRenewed) -> None:
        self.successor = fact.successor

    @applies(GrantRenewalUndone)
    def _undone(self, fact: GrantRenewalUndone) -> None:
        self.successor = ""

    def remind(self, act: Act) -> None:
        """The last day for renewing it has come."""
        if self.terms is None or self.terms.valid_until is None or self.renew_by is None:
            return
        self.record(
            GrantRenewalDue,
            act,
            grant=self.stream,
            grantor=self.terms.grantor,
            grantee=self.terms.grantee,
            renew_by=self.renew_by,
            valid_until=self.terms.valid_until,
        )

    @applies(GrantRenewalDue)
    def _reminded(self, fact: GrantRenewalDue) -> None:
        self.reminded = True

    def expire(self, act: Act) -> None:
        """Notes that the term is over."""
        if self.terms is None or self.terms.valid_until is None:
            return
        self.record(
            GrantExpired,
            act,
            grant=self.stream,
            grantor=self.terms.grantor,
            grantee=self.terms.grantee,
            valid_until=self.terms.valid_until,
            successor=self.successor,
        )

    @applies(GrantExpired)
    def _expired(self, fact: GrantExpired) -> None:
        self._step(Status.EXPIRED, fact, fact.valid_until.isoformat())

    def timers(self) -> dict[str, datetime]:
        """The last day for renewing, while nothing follows; and the end of the term.

        Neither gives or takes power: the authority check looks at the dates itself.
        """
        if self.terms is None or self.terms.valid_until is None or self.status not in {Status.MADE, Status.PUBLISHED}:
            return {}
        standing = {"expiry": start_of(self.terms.valid_until + DAY)}
        if (
            self.status is Status.PUBLISHED
            and self.renew_by is not None
            and local_date(self.history[-1].at) <= self.renew_by
            and not (self.successor or self.reminded)
        ):
            standing["renewal"] = start_of(self.renew_by)
        return standing

    def reach(self) -> Reach:
        """Who grants it, and who watches over that."""
        terms = self.terms
        return Reach(orgs=frozenset((terms.grantor, terms.superior)) - {""}) if terms is not None else Reach()

    def _step(self, status: Status, fact: Fact, reference: str) -> None:
        self.status = status
        self.history += (Step(status, fact.at, fact.by, reference),)

    def _check(self, verb: str, act: Act | None = None) -> Terms:
        """What was signed, if the state allows the verb and the term is not over."""
        refusal = ALLOWED[self.status][verb]
        if refusal is not None or self.terms is None:
            raise (refusal or GrantIsOver)(grant=self.stream, status=str(self.status))
        ends = self.terms.valid_until
        if act is not None and ends is not None and local_date(act.at) > ends:
            raise GrantIsOver(grant=self.stream, status=str(self.status))
        return self.terms

    def _by_the_grantor(self, act: Act, grantor: str, *others: str) -> None:
        organisation = act.caller.org if act.caller is not None else ""
        if not organisation or organisation not in {grantor, *others}:
            raise NotTheGrantor(grantor=grantor, organisation=organisation)
