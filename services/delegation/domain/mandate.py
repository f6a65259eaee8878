"""A mandate: an agent helps an applicant (帮办) or acts for them (代办), within a scope, until it ends.

Helping and acting for is voluntary and free: a mandate knows no fee. The applicant stays the one whose matter it
is, and answers for what is said in it.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from contracts.delegation import (
    EndMandate,
    GiveMandate,
    MandateAct,
    MandateEnded,
    MandateExpired,
    MandateForm,
    MandateGiven,
    MandateKind,
    MandatePaused,
    MandateRequest,
    MandateResumed,
    PauseMandate,
    ResumeMandate,
)
from contracts.language import Act, Fact
from contracts.scopes import Reach
from delegation.domain.grant import start_of
from delegation.domain.terms import bad_digest, reversed_term
from eventing.aggregate import Aggregate, applies
from eventing.errors import Forbidden, Refused
from kernel.clock import local_date

EVERY_THEME = "*"

ASSISTING: frozenset[MandateAct] = frozenset({"open", "fill"})
"""What a helper does: completes the set and brings it to the window. Submitting, withdrawing and collecting is acting
for somebody, and takes their written word."""


class MandateExists(Refused):
    """A mandate with this id and another content was given before."""


class NothingMandated(Refused):
    """A mandate names an agent, at least one theme and one act."""


class AgentWithoutOrganisation(Refused):
    """帮办 and 代办 are done by staff of an organisation."""


class HelperCannotAct(Refused):
    """A helper (帮办) does not submit, withdraw or collect for the applicant."""


class AuthorisationMissing(Refused):
    """Acting for somebody takes their signed document (代办委托书, 续办委托书) with its number and digest."""


class ReceiptMissing(Refused):
    """Help by staff begins with a receipt (受理单)."""


class ThemeNotForAgents(Refused):
    """Matters of security and secrets are not left to agents."""


class UnknownThemes(Refused):
    """There are no such themes in the catalogue."""


class PrincipalInvalid(Refused):
    """The principal's identifier cannot be right."""


class ReasonMissing(Refused):
    """Whoever stops something says why."""


class MandateIsPaused(Refused):
    """The mandate was paused for another reason."""


class MandateNotPaused(Refused):
    """Only what is paused goes on."""


class MandateIsOver(Refused):
    """The mandate has ended or expired."""


class NotTheAgent(Forbidden):
    """An agent gives up their own mandates and nobody else's."""


class Status(StrEnum):
    """Where a mandate stands; only one that is given carries acts."""

    NONE = "none"
    GIVEN = "given"
    PAUSED = "paused"
    ENDED = "ended"
    EXPIRED = "expired"


ALLOWED: dict[Status, dict[str, type[Refused] | None]] = {
    Status.NONE: {"give": None},
    Status.GIVEN: {"give": MandateExists, "pause": None, "resume": MandateNotPaused, "end": None},
    Status.PAUSED: {"give": MandateExists, "pause": MandateIsPaused, "resume": None, "end": None},
    Status.ENDED: {"give": MandateExists, "pause": MandateIsOver, "resume": MandateIsOver, "end": MandateIsOver},
    Status.EXPIRED: {"give": MandateExists, "pause": MandateIsOver, "resume": MandateIsOver, "end": MandateIsOver},
}
"""What may happen to a mandate in each state, or the refusal."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What was mandated. The fields mean what they mean in ``MandateGiven``."""

    kind: MandateKind
    principal: str
    agent: str
    organisation: str
    themes: tuple[str, ...]
    acts: tuple[MandateAct, ...]
    valid_from: date
    valid_until: date | None
    receipt: str
    document: str
    digest: str


class Paper(msgspec.Struct, frozen=True):
    """A step in a mandate's life, and the form that belongs to it."""

    status: Status
    at: datetime
    by: str
    form: MandateForm
    document: str
    reason: str = ""


class Agency(msgspec.Struct, frozen=True):
    """A mandate as it stands, for the check inside an agent's act."""

    mandate: str
    status: str
    principal: str
    agent: str
    themes: tuple[str, ...]
    acts: tuple[MandateAct, ...]
    valid_from: date
    valid_until: date | None

    def refusal(self, request: MandateRequest, today: date, excluded: Collection[str] = ()) -> str:
        """Why the mandate does not carry the act today; empty when it does. Strangers learn nothing of its state."""
        if request.agent != self.agent:
            return "not-the-agent"
        if request.principal != self.principal:
            return "not-the-principal"
        if self.status == "ended":
            return "ended"
        if self.status == "expired" or (self.valid_until is not None and today > self.valid_until):
            return "expired"
        if self.status == "paused":
            return "paused"
        if today < self.valid_from:
            return "not-yet-valid"
        carried = request.theme in self.themes or EVERY_THEME in self.themes
        if not carried or request.theme in excluded or request.act not in self.acts:
            return "out-of-scope"
        return ""


def _something(scope: Scope) -> Refused | None:
    return None if scope.agent and scope.themes and scope.acts else NothingMandated()


def _staffed(scope: Scope) -> Refused | None:
    return None if scope.kind == "private" or scope.organisation else AgentWithoutOrganisation(agent=scope.agent)


def _helping(scope: Scope) -> Refused | None:
    beyond = sorted(set(scope.acts) - ASSISTING)
    return HelperCannotAct(acts=beyond) if scope.kind == "assist" and beyond else None


def _written(scope: Scope) -> Refused | None:
    needed = scope.kind != "assist"
    return AuthorisationMissing() if needed and not (scope.document.strip() and scope.digest) else None


def _receipted(scope: Scope) -> Refused | None:
    return None if scope.kind == "private" or scope.receipt.strip() else ReceiptMissing()


def _term(scope: Scope) -> Refused | None:
    return reversed_term(scope.valid_from, scope.valid_until)


def _digest(scope: Scope) -> Refused | None:
    return bad_digest("digest", scope.digest)


RULES: tuple[Callable[[Scope], Refused | None], ...] = (
    _something,
    _staffed,
    _helping,
    _written,
    _receipted,
    _term,
    _digest,
)
"""What a mandate must satisfy to be given; the first refusal is told."""


def themes_refused(themes: Collection[str], known: Collection[str], excluded: Collection[str]) -> Refused | None:
    """The refusal of themes that are not in the catalogue, or that are not left to agents."""
    named = set(themes) - {EVERY_THEME}
    if unknown := sorted(named.difference(known)):
        return UnknownThemes(themes=unknown)
    if barred := sorted(named.intersection(excluded)):
        return ThemeNotForAgents(themes=barred)
    return None


class Mandate(Aggregate):
    """What an agent may do for one principal."""

    case_bound = False
    scope: Scope | None
    status: Status
    papers: tuple[Paper, ...]

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.scope = None
        self.status = Status.NONE
        self.papers = ()

    def reach(self) -> Reach:
        """Whose matter it is, who acts, and the organisation that they act for."""
        scope = self.scope
        if scope is None:
            return Reach()
        return Reach(
            orgs=frozenset((scope.organisation,)) - {""},
            subjects=frozenset((scope.principal,)),
            people=frozenset((scope.agent,)),
        )

    def give(
        self, cmd: GiveMandate, principal: str, act: Act, *, known: Collection[str], excluded: Collection[str] = ()
    ) -> None:
        """Records what the principal wants. ``principal`` is the blind index; ``known`` are the catalogue's themes."""
        fields = {field: getattr(cmd, field) for field in Scope.__struct_fields__ if field != "principal"}
        scope = Scope(principal=principal, **fields)
        if scope == self.scope:
            return
        self._check("give", act)
        for refusal in (*(rule(scope) for rule in RULES), themes_refused(scope.themes, known, excluded)):
            if refusal is not None:
                raise refusal
        self.record(MandateGiven, act, mandate=self.stream, principal=principal, **fields)

    @applies(MandateGiven)
    def _given(self, fact: MandateGiven) -> None:
        self.scope = Scope(**{field: getattr(fact, field) for field in Scope.__struct_fields__})
        self.status = Status.GIVEN
        if fact.receipt:
            self._paper(Status.GIVEN, fact, "receipt", fact.receipt)
        if fact.document:
            self._paper(Status.GIVEN, fact, "authorisation", fact.document)

    def pause(self, cmd: PauseMandate, act: Act) -> None:
        """Stops the agent for now."""
        if self.status is Status.PAUSED and self.papers[-1].reason == cmd.reason:
            return
        self._check("pause", act)
        if not cmd.reason.strip():
            raise ReasonMissing
        self.record(MandatePaused, act, mandate=self.stream, reason=cmd.reason, document=cmd.document)

    @applies(MandatePaused)
    def _paused(self, fact: MandatePaused) -> None:
        self._paper(Status.PAUSED, fact, "suspension", fact.document, fact.reason)

    def resume(self, cmd: ResumeMandate, act: Act) -> None:
        """Lets the agent go on; where they act for the principal, by the principal's word in writing."""
        last = self.papers[-1]
        if self.status is Status.GIVEN and (last.form, last.document) == ("continuation", cmd.document):
            return
        self._check("resume", act)
        written = cmd.document.strip() and cmd.digest
        if self.scope is not None and self.scope.kind != "assist" and not written:
            raise AuthorisationMissing
        if refusal := bad_digest("digest", cmd.digest):
            raise refusal
        self.record(MandateResumed, act, mandate=self.stream, document=cmd.document, digest=cmd.digest)

    @applies(MandateResumed)
    def _resumed(self, fact: MandateResumed) -> None:
        self._paper(Status.GIVEN, fact, "continuation", fact.document)

    def end(self, cmd: EndMandate, act: Act) -> None:
        """Ends it: the principal or the agent does not want it any more, or all is done."""
        if self.status is Status.ENDED and self.papers[-1].reason == (cmd.reason or cmd.because):
            return
        self._check("end", act)
        if cmd.because == "agent" and self.scope is not None and act.by != self.scope.agent:
            raise NotTheAgent(agent=self.scope.agent)
        if cmd.because != "completed" and not cmd.reason.strip():
            raise ReasonMissing
        self.record(
            MandateEnded, act, mandate=self.stream, because=cmd.because, reason=cmd.reason, document=cmd.document
        )

    @applies(MandateEnded)
    def _ended(self, fact: MandateEnded) -> None:
        self._paper(Status.ENDED, fact, "closing", fact.document, fact.reason or fact.because)

    def expire(self, act: Act) -> None:
        """Notes that the term is over."""
        if self.scope is None or self.scope.valid_until is None:
            return
        self.record(MandateExpired, act, mandate=self.stream, valid_until=self.scope.valid_until)

    @applies(MandateExpired)
    def _expired(self, fact: MandateExpired) -> None:
        self._paper(Status.EXPIRED, fact, "", "")

    def timers(self) -> dict[str, datetime]:
        """The end of the term; the check inside an act looks at the date itself."""
        if self.scope is None or self.scope.valid_until is None or self.status not in {Status.GIVEN, Status.PAUSED}:
            return {}
        return {"expiry": start_of(self.scope.valid_until + timedelta(days=1))}

    def _paper(self, status: Status, fact: Fact, form: MandateForm, document: str, reason: str = "") -> None:
        self.status = status
        self.papers += (Paper(status, fact.at, fact.by, form, document, reason),)

    def _check(self, verb: str, act: Act) -> None:
        refusal = ALLOWED[self.status][verb]
        if refusal is None and self.scope is not None and self.scope.valid_until is not None:
            refusal = MandateIsOver if local_date(act.at) > self.scope.valid_until else None
        if refusal is not None:
            raise refusal(mandate=self.stream, status=str(self.status))
