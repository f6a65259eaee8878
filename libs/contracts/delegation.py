"""授权委托: who may receive, accept, review, decide or issue which item, where, in whose name, and until when; which
agent may act for an applicant; and what staff are qualified in."""

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query

# grants

LegalForm = Literal["statutory", "authorised", "entrusted", "concentrated", "unified", "hall_practice"]
"""法定 · 授权 (行政许可法 第23条) · 委托 (第24条) · 相对集中 (第25条) · 统一受理 (第26条) · 收件受理委托: letters
of departments to a hall, which are practice and not article 24 (dossier 2.7)"""

GranteeKind = Literal["administrative_organ", "public_institution", "other"]

Power = Literal["receive", "accept", "review", "decide", "certify"]

LevelCode = Literal["", "1", "2", "3", "4", "5", "6", "7"]
"""GB/T 39046—2020 表 A.2: 国家 · 省 · 市 · 县 · 镇(乡、街道) · 村(社区) · 分级管理; empty: not said."""

PowerSource = Literal["", "1", "2", "3", "4", "5", "6"]
"""权力来源: 法定本级行使 · 上级下放 · 上级授权 · 同级授权 · 上级委托 · 同级委托 (S65a); empty: not said."""

Implementer = Literal["", "1", "2", "3", "9"]
"""实施主体性质, GB/T 39046—2020 表 A.3: 法定机关 · 授权组织 · 受委托组织 · 其他; empty: not said."""


class Basis(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a grant rests on: a law, a regulation, a rule, an approval or a designation."""

    kind: Literal["law", "regulation", "rule", "approval", "designation"]
    """法律 · 法规 · 规章 · 批准文件 (第25条) · 本级人民政府的确定 (第26条)"""
    document: str
    """Name and article, or number."""
    level: LevelCode = ""
    """Of the body that made it; an approval under article 25 is the State Council's or a province's."""


class GrantMade(Fact, frozen=True, kw_only=True):
    """A grant was signed. It gives no power before it is published."""

    TOPIC: ClassVar[str] = "onething.grant.made.v1"
    legal_form: LegalForm
    grantor: str
    grantee: str
    """A hall or an organisation."""
    grantee_kind: GranteeKind
    items: tuple[str, ...]
    """Item ids; ``*`` means every item of the grantor."""
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    document: str
    grant: str = ""
    windows: tuple[str, ...] = ()
    """Where only a group of the hall's windows is meant; none named: all."""
    level_from: LevelCode = ""
    level_to: LevelCode = ""
    power_source: PowerSource = ""
    implementer: Implementer = ""
    basis: Basis | None = None
    extent: Literal["whole", "part"] = "whole"
    """Whether the powers were given as a whole or in part, which ``part`` then describes."""
    part: str = ""
    duties: str = ""
    """Rights and duties of both sides."""
    superior: str = ""
    """The organisation above the grantor that may end the grant too."""
    seal: str = ""
    """Digest of the sealed document."""
    renews: str = ""
    """The grant that this one follows without a gap; empty: none."""
    renew_by: date | None = None
    """The last day on which this grant can be renewed."""


class GrantPublished(Fact, frozen=True, kw_only=True):
    """The grant was announced by a second person (行政许可法 第24条第1款); from now on it counts."""

    TOPIC: ClassVar[str] = "onething.grant.published.v1"
    publication: str
    grant: str = ""


class GrantRevoked(Fact, frozen=True, kw_only=True):
    """The grant ends here; what was done under it stands."""

    TOPIC: ClassVar[str] = "onething.grant.revoked.v1"
    reason: str
    grant: str = ""
    renews: str = ""
    """The grant that this one was to follow."""


class GrantRenewed(Fact, frozen=True, kw_only=True):
    """A grant that follows this one was signed in time."""

    TOPIC: ClassVar[str] = "onething.grant.renewed.v1"
    grant: str
    successor: str


class GrantRenewalUndone(Fact, frozen=True, kw_only=True):
    """The grant that was to follow this one was revoked."""

    TOPIC: ClassVar[str] = "onething.grant.renewal-undone.v1"
    grant: str
    successor: str


class GrantRenewalDue(Fact, frozen=True, kw_only=True):
    """The last day for renewing the grant has come, and nothing follows it yet."""

    TOPIC: ClassVar[str] = "onething.grant.renewal-due.v1"
    grant: str
    grantor: str
    grantee: str
    renew_by: date
    valid_until: date


class GrantExpired(Fact, frozen=True, kw_only=True):
    """The term of the grant is over. It gave no power from the end of its last day, whenever this was noted."""

    TOPIC: ClassVar[str] = "onething.grant.expired.v1"
    grant: str
    grantor: str
    grantee: str
    valid_until: date
    successor: str = ""


class MakeGrant(Command, frozen=True, kw_only=True):
    """Sign a grant of powers over items to a hall or an organisation. The fields are those of ``GrantMade``."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    legal_form: LegalForm
    grantor: str
    grantee: str
    grantee_kind: GranteeKind
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None = None
    document: str
    windows: tuple[str, ...] = ()
    level_from: LevelCode = ""
    level_to: LevelCode = ""
    power_source: PowerSource = ""
    implementer: Implementer = ""
    basis: Basis | None = None
    extent: Literal["whole", "part"] = "whole"
    part: str = ""
    duties: str = ""
    superior: str = ""
    seal: str = ""


class RenewGrant(Command, frozen=True, kw_only=True):
    """Sign a grant that follows another one with the same content, from the day after its last."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    """The new grant."""
    renews: str
    valid_until: date
    document: str
    seal: str = ""


class PublishGrant(Command, frozen=True, kw_only=True):
    """Announce a grant; not by the person who signed it."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    publication: str


class RevokeGrant(Command, frozen=True, kw_only=True):
    """End a grant from now on."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    reason: str


class AuthorityRequest(msgspec.Struct, frozen=True, array_like=True):
    """May this hall use this power over this item of this handler now?"""

    hall: str
    item: str
    handler: str
    power: Power
    staff: str = ""
    """Who acts, where ``qualification`` is asked of them."""
    qualification: str = ""
    """What staff must be qualified in for this theme (catalogue); empty: nothing."""
    window: str = ""
    """Where in the hall; a grant to a group of windows counts for these alone."""


class AuthorityAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The grant that allows it and the instant of the answer, or why not."""

    grant: str
    position: int
    in_name_of: str
    at: datetime
    refusal: str = ""
    """empty · no-grant · not-published · not-yet-valid · expired · revoked · power-not-granted · not-qualified"""


class Authorise(Query, frozen=True, kw_only=True):
    """The authority check inside an act: one answer for each request, in order."""

    SERVICE: ClassVar[str] = "delegation"
    requests: tuple[AuthorityRequest, ...]


class CanAccept(Query, frozen=True, kw_only=True):
    """Which items of a theme this member of staff can accept at this hall or window now, and why not the others."""

    SERVICE: ClassVar[str] = "delegation"
    hall: str
    theme: str
    staff: str = ""
    window: str = ""


class AcceptableItem(msgspec.Struct, frozen=True):
    """One item of one handler, as a window can accept it now; where several serve areas, each has its own."""

    item: str
    handler: str
    grant: str
    position: int
    in_name_of: str
    refusal: str
    """As in ``AuthorityAnswer``."""


class Acceptability(msgspec.Struct, frozen=True):
    """What a window can accept of a theme at an instant."""

    theme: str
    at: datetime
    catalogue: str
    qualification: str
    items: tuple[AcceptableItem, ...]
    accepts: Literal["all", "some", "none"]


class AffectedBy(Query, frozen=True, kw_only=True):
    """What the grantee could not do any more today if this grant ended, item by item."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str


class Affected(msgspec.Struct, frozen=True):
    """A power over an item that hangs on a grant: by which other grant it would go on, or why it would not."""

    item: str
    handler: str
    power: Power
    otherwise: str
    """The other grant; empty: none."""
    refusal: str = ""


class GetGrant(Query, frozen=True, kw_only=True):
    """One grant with its history of states."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str


class ListGrants(Query, frozen=True, kw_only=True):
    """Grants by what they say; everything that is given must hold."""

    SERVICE: ClassVar[str] = "delegation"
    grantee: str = ""
    grantor: str = ""
    item: str = ""
    power: Power | Literal[""] = ""
    status: Literal["", "made", "published", "revoked", "expired"] = ""
    ending_before: date | None = None
    """Those whose last day comes before this one."""
    limit: int = 200


# mandates of agents

MandateKind = Literal["assist", "act_for", "private"]
"""帮办: advises and helps to complete the set · 代办: acts for the applicant · an agent of the applicant's own"""

MandateAct = Literal["open", "fill", "submit", "withdraw", "collect"]

MandateForm = Literal["", "receipt", "authorisation", "suspension", "continuation", "closing"]
"""受理单 · 代办委托书 · 代办中止单 · 续办委托书 · 办结(终止)单 (dossier 2.1, S59)"""


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
    """May this agent do this for this principal now (代办, dossier 2.1)?"""

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
    requests: tuple[MandateRequest, ...]


class GetMandate(Query, frozen=True, kw_only=True):
    """One mandate with its forms; the principal is a blind index."""

    SERVICE: ClassVar[str] = "delegation"
    mandate: str


class ListMandates(Query, frozen=True, kw_only=True):
    """Mandates of an agent or of an organisation's agents."""

    SERVICE: ClassVar[str] = "delegation"
    agent: str = ""
    organisation: str = ""
    status: Literal["", "given", "paused", "ended", "expired"] = ""
    limit: int = 200


# what staff are qualified in


class TrainingHeld(Fact, frozen=True, kw_only=True):
    """A training session in something that staff have to be qualified in."""

    TOPIC: ClassVar[str] = "onething.training.held.v1"
    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str = ""


class AttendanceRecorded(Fact, frozen=True, kw_only=True):
    """A member of staff took part in a training session."""

    TOPIC: ClassVar[str] = "onething.qualification.attendance-recorded.v1"
    staff: str
    training: str
    qualification: str
    held_on: date


class QualificationGranted(Fact, frozen=True, kw_only=True):
    """Somebody else found the member of staff qualified, after training and an examination."""

    TOPIC: ClassVar[str] = "onething.qualification.granted.v1"
    staff: str
    qualification: str
    exam: str
    """Number of the examination's record."""
    valid_from: date
    valid_until: date


class QualificationWithdrawn(Fact, frozen=True, kw_only=True):
    """The member of staff does not count as qualified any more."""

    TOPIC: ClassVar[str] = "onething.qualification.withdrawn.v1"
    staff: str
    qualification: str
    reason: str


class QualificationExpired(Fact, frozen=True, kw_only=True):
    """The qualification is past its last day, whenever this was noted."""

    TOPIC: ClassVar[str] = "onething.qualification.expired.v1"
    staff: str
    qualification: str
    valid_until: date


class HoldTraining(Command, frozen=True, kw_only=True):
    """Record a training session that was held."""

    SERVICE: ClassVar[str] = "delegation"
    training: str
    qualification: str
    held_on: date
    trainer: str
    subject: str = ""


class RecordAttendance(Command, frozen=True, kw_only=True):
    """Record that a member of staff took part; not by themselves."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    training: str


class GrantQualification(Command, frozen=True, kw_only=True):
    """Find a member of staff qualified from today on; not by themselves."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    qualification: str
    exam: str
    valid_until: date


class WithdrawQualification(Command, frozen=True, kw_only=True):
    """Take a qualification back."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
    qualification: str
    reason: str


class GetQualifications(Query, frozen=True, kw_only=True):
    """What a member of staff has been trained in and is qualified in."""

    SERVICE: ClassVar[str] = "delegation"
    staff: str
