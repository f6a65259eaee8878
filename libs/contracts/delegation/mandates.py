"""帮办代办: what an agent may do for an applicant."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

MandateKind = Literal["assist", "act_for", "private"]
"""帮办: advises and helps to complete the set · 代办: acts for the applicant · an agent of the applicant's own"""

MandateAct = Literal["open", "fill", "submit", "withdraw", "collect"]

MandateForm = Literal["", "receipt", "authorisation", "suspension", "continuation", "closing"]
"""受理单 · 代办委托书 · 代办中止单 · 续办委托书 · 办结(终止)单 (S59)"""


class MandateGiven(Fact, frozen=True, kw_only=True):
    """An applicant lets an agent help or act, within a scope; the applicant stays the one whose matter it is."""

    TOPIC: ClassVar[str] = "onething.mandate.given.v1"
    mandate: str
    kind: MandateKind
    principal: str
    """Blind index of the applicant's identifier."""
    agent: str
    """The ``by`` of the agent's acts."""
    organisation: str
    """Whose staff the agent is; empty for a private agent."""
    themes: tuple[str, ...]
    """Theme ids; ``*`` means every theme that may be left to agents."""
    acts: tuple[MandateAct, ...]
    valid_from: date
    valid_until: date | None = None
    receipt: str = ""
    """Number of the 受理单."""
    document: str = ""
    """Number of the 代办委托书."""
    digest: str = ""


class MandatePaused(Fact, frozen=True, kw_only=True):
    """The agent may do nothing for now (代办中止单)."""

    TOPIC: ClassVar[str] = "onething.mandate.paused.v1"
    mandate: str
    reason: str
    document: str = ""


class MandateResumed(Fact, frozen=True, kw_only=True):
    """The agent may go on (续办委托书)."""

    TOPIC: ClassVar[str] = "onething.mandate.resumed.v1"
    mandate: str
    document: str = ""
    digest: str = ""


class MandateEnded(Fact, frozen=True, kw_only=True):
    """The mandate is over (办结(终止)单)."""

    TOPIC: ClassVar[str] = "onething.mandate.ended.v1"
    mandate: str
    because: Literal["principal", "agent", "completed"]
    reason: str = ""
    document: str = ""


class MandateExpired(Fact, frozen=True, kw_only=True):
    """The term of the mandate is over, whenever this was noted."""

    TOPIC: ClassVar[str] = "onething.mandate.expired.v1"
    mandate: str
    valid_until: date


class GiveMandate(Command, frozen=True, kw_only=True):
    """Let an agent help or act for an applicant. The identifier is kept as a blind index only."""

    SERVICE: ClassVar[str] = "delegation"
    mandate: str
    kind: MandateKind
    principal: str
    """The applicant's identifier, as it will stand in the application."""
    principal_kind: Literal["natural", "legal"] = "natural"
    agent: str
    organisation: str = ""
    themes: tuple[str, ...]
    acts: tuple[MandateAct, ...]
    valid_from: date
    valid_until: date | None = None
    receipt: str = ""
    document: str = ""
    digest: str = ""


class PauseMandate(Command, frozen=True, kw_only=True):
    """Stop an agent for now."""

    SERVICE: ClassVar[str] = "delegation"
    mandate: str
    reason: str
    document: str = ""


class ResumeMandate(Command, frozen=True, kw_only=True):
    """Let the agent go on, by a signed document."""

    SERVICE: ClassVar[str] = "delegation"
    mandate: str
    document: str = ""
    digest: str = ""


class EndMandate(Command, frozen=True, kw_only=True):
    """End a mandate: the principal or the agent wants it, or all is done."""

    SERVICE: ClassVar[str] = "delegation"
    mandate: str
    because: Literal["principal", "agent", "completed"]
    reason: str = ""
    document: str = ""


class MandateRequest(msgspec.Struct, frozen=True, array_like=True):
    """May this agent do this for this principal now (代办)?"""

    mandate: str
    agent: str
    """Who acts: the ``by`` of the caller."""
    principal: str
    """Blind index of the applicant's identifier."""
    theme: str
    act: MandateAct


class MandateAnswer(msgspec.Struct, frozen=True, array_like=True):
    """Whether the mandate carries the act, and the instant of the answer; ``refusal`` says why not."""

    mandate: str
    at: datetime
    refusal: str = ""
    """empty · no-mandate · not-the-agent · not-the-principal · ended · expired · paused · not-yet-valid ·
    out-of-scope"""


class CheckMandates(Query, frozen=True, kw_only=True):
    """The mandate check inside an agent's act: one answer for each request, in order."""

    SERVICE: ClassVar[str] = "delegation"
    INTERNAL: ClassVar[str] = "asked inside an agent's act; people ask GetMandate"
    ANSWER: ClassVar[Any] = tuple[MandateAnswer, ...]
    requests: tuple[MandateRequest, ...]


class MandateScope(Answer, frozen=True, kw_only=True):
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


class MandatePaper(Answer, frozen=True, kw_only=True):
    """A step in a mandate's life, and the form that belongs to it."""

    status: str
    at: datetime
    by: str
    form: MandateForm
    document: str
    reason: str


class MandateDetail(Answer, frozen=True, kw_only=True):
    """A mandate with its forms."""

    mandate: str
    status: str
    scope: MandateScope
    papers: tuple[MandatePaper, ...]


class MandateRow(MandateScope, frozen=True, kw_only=True):
    """A mandate in the list."""

    mandate: str
    status: str


class MandatePage(Answer, frozen=True, kw_only=True):
    """A page of mandates."""

    mandates: tuple[MandateRow, ...]
    after: str


class GetMandate(Query, frozen=True, kw_only=True):
    """One mandate with its forms; the principal is a blind index."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /mandates/{mandate}"
    ANSWER: ClassVar[Any] = MandateDetail
    mandate: str


class ListMandates(Query, frozen=True, kw_only=True):
    """Mandates of an agent or of an organisation's agents."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /mandates"
    ANSWER: ClassVar[Any] = MandatePage
    agent: str = ""
    organisation: str = ""
    status: Literal["", "given", "paused", "ended", "expired"] = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200
