"""授权委托: who may receive, accept, review, decide or issue which item, where, in whose name, and until when."""

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec

from contracts.language import Command, Fact, Query

LegalForm = Literal["statutory", "authorised", "entrusted", "concentrated", "unified"]
"""法定 · 授权 (行政许可法 第23条) · 委托 (第24条) · 相对集中 (第25条) · 统一受理 (第26条)"""

Power = Literal["receive", "accept", "review", "decide", "certify"]


class GrantMade(Fact, frozen=True, kw_only=True):
    """A grant was signed. It gives no power before it is published."""

    TOPIC: ClassVar[str] = "onething.grant.made.v1"
    legal_form: LegalForm
    grantor: str
    grantee: str
    """A hall or an organisation."""
    grantee_kind: Literal["administrative_organ", "public_institution", "other"]
    items: tuple[str, ...]
    """Item ids; ``*`` means every item of the grantor."""
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None
    document: str


class GrantPublished(Fact, frozen=True, kw_only=True):
    """The grant was announced by a second person (行政许可法 第24条第1款); from now on it counts."""

    TOPIC: ClassVar[str] = "onething.grant.published.v1"
    publication: str


class GrantRevoked(Fact, frozen=True, kw_only=True):
    """The grant ends here; what was done under it stands."""

    TOPIC: ClassVar[str] = "onething.grant.revoked.v1"
    reason: str


class MakeGrant(Command, frozen=True, kw_only=True):
    """Sign a grant of powers over items to a hall or an organisation."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str
    legal_form: LegalForm
    grantor: str
    grantee: str
    grantee_kind: Literal["administrative_organ", "public_institution", "other"]
    items: tuple[str, ...]
    powers: tuple[Power, ...]
    valid_from: date
    valid_until: date | None = None
    document: str


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


class AuthorityAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The grant that allows it and the instant of the answer, or why not."""

    grant: str
    position: int
    in_name_of: str
    at: datetime
    refusal: str = ""
    """empty · no-grant · not-published · not-yet-valid · expired · revoked · power-not-granted"""


class Authorise(Query, frozen=True, kw_only=True):
    """The authority check inside an act: one answer for each request, in order."""

    SERVICE: ClassVar[str] = "delegation"
    requests: tuple[AuthorityRequest, ...]


class GetGrant(Query, frozen=True, kw_only=True):
    """One grant with its history of states."""

    SERVICE: ClassVar[str] = "delegation"
    grant: str


class ListGrants(Query, frozen=True, kw_only=True):
    """Grants by grantee and item."""

    SERVICE: ClassVar[str] = "delegation"
    grantee: str = ""
    item: str = ""
    limit: int = 200
