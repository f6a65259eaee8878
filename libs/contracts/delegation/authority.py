"""The authority check inside an act: who may use which power over which item, here and now."""

from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.delegation.grants import Power
from contracts.language import Query


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
    INTERNAL: ClassVar[str] = "asked inside an act; people ask CanAccept"
    ANSWER: ClassVar[Any] = tuple[AuthorityAnswer, ...]
    requests: tuple[AuthorityRequest, ...]


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


class CanAccept(Query, frozen=True, kw_only=True):
    """Which items of a theme this member of staff can accept at this hall or window now, and why not the others."""

    SERVICE: ClassVar[str] = "delegation"
    ROUTE: ClassVar[str] = "GET /halls/{hall}/acceptability"
    ANSWER: ClassVar[Any] = Acceptability
    hall: str
    theme: str
    staff: str = ""
    window: str = ""
