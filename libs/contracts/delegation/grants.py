"""授权 and 委托: grants of powers over items, published by a second person, with a first and a last day."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.language import Answer, Command, Fact, Query

LegalForm = Literal["statutory", "authorised", "entrusted", "concentrated", "unified", "hall_practice"]
"""法定 · 授权 (行政许可法 第23条) · 委托 (第24条) · 相对集中 (第25条) · 统一受理 (第26条) · 收件受理委托: letters
of departments to a hall, which are practice and not article 24"""

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


class GrantStep(Answer, frozen=True, kw_only=True):
    """A step in a grant's life; ``reference`` is the document, the publication or the reason."""

    status: str
    at: datetime
    by: str
    reference: str


class GrantTerms(Answer, frozen=True, kw_only=True):
    """What was signed. The fields mean what they mean in ``GrantMade``."""

    legal_form: LegalForm
    grantor: str
    grantee: str
    grantee_kind: GranteeKind
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    document: str
    windows: tuple[str, ...]
    level_from: LevelCode
    level_to: LevelCode
    power_source: PowerSource
    implementer: Implementer
    basis: Basis | None
    extent: Literal["whole", "part"]
    part: str
    duties: str
    superior: str
    seal: str


class GrantDetail(Answer, frozen=True, kw_only=True):
    """A grant with every step of its life."""

    grant: str
    status: str
    position: int
    terms: GrantTerms
    renews: str
    renew_by: date | None
    successor: str
    history: tuple[GrantStep, ...]


class GrantRow(GrantTerms, frozen=True, kw_only=True):
    """A grant in the list."""

    grant: str
    status: str
    position: int
    renews: str
    renew_by: date | None
    successor: str
    steps: tuple[GrantStep, ...]


class GrantPage(Answer, frozen=True, kw_only=True):
    """A page of grants."""

    grants: tuple[GrantRow, ...]
    after: str


class Affected(msgspec.Struct, frozen=True):
    """A power over an item that hangs on a grant: by which other grant it would go on, or why it would not."""

    item: str
    handler: str
    power: Power
    otherwise: str
    """The other grant; empty: none."""
    refusal: str = ""


class AffectedBy(Query, frozen=True, kw_only=True):
    """What the grantee could not do any more today if this grant ended, item by item."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /grants/{grant}/affected"
    ANSWER: ClassVar[Any] = tuple[Affected, ...]
    grant: str


class GetGrant(Query, frozen=True, kw_only=True):
    """One grant with its history of states."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /grants/{grant}"
    ANSWER: ClassVar[Any] = GrantDetail
    grant: str


class ListGrants(Query, frozen=True, kw_only=True):
    """Grants by what they say; everything that is given must hold."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /grants"
    ANSWER: ClassVar[Any] = GrantPage
    grantee: str = ""
    grantor: str = ""
    item: str = ""
    power: Power | Literal[""] = ""
    status: Literal["", "made", "published", "revoked", "expired"] = ""
    ending_before: date | None = None
    """Those whose last day comes before this one."""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200
