"""What a window can accept now, item by item, with every reason where it cannot."""

from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.halls.values import WhyChanged
from contracts.language import Answer, Fact, Query


class ItemAcceptance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a hall can accept an item of a handler: by which grant, or why not."""

    item: str
    handler: str
    grant: str = ""
    refusal: str = ""
    """empty · not-resident · no-grant · not-published · not-yet-valid · expired · revoked · power-not-granted ·
    not-qualified"""


class AcceptanceChanged(Fact, frozen=True, kw_only=True):
    """What the hall can accept became another: only the items that changed are named.

    It is about residency, grants and qualified staff on duty; whether hall and windows are open is told by their
    own facts and by the clock.
    """

    TOPIC: ClassVar[str] = "onething.hall.acceptance-changed.v1"
    hall: str
    why: tuple[WhyChanged, ...]
    items: tuple[ItemAcceptance, ...]


class Reason(Answer, frozen=True, kw_only=True):
    """A reason, in words."""

    code: str
    """hall-closed · out-of-hours · window-closed · window-paused · window-silent · other-themes, and those of
    ``ItemAcceptance``"""
    zh: str
    en: str


class AcceptedItem(Answer, frozen=True, kw_only=True):
    """Whether the window can accept one item of one handler now, with every reason where it cannot."""

    theme: str
    item: str
    handler: str
    accepts: bool
    receives: bool
    """Whether it can at least take materials in (收件)."""
    grant: str
    in_name_of: str
    reasons: tuple[Reason, ...]


class WindowAcceptance(Answer, frozen=True, kw_only=True):
    """What a window can accept at an instant, and when the answer will be another by the clock alone."""

    window: str
    hall: str
    at: datetime
    staff: str
    reasons: tuple[Reason, ...]
    """Why nothing at all can be accepted."""
    items: tuple[AcceptedItem, ...]
    changes_at: datetime | None
    accepts: Literal["all", "some", "none"]


class WhatCanAccept(Query, frozen=True, kw_only=True):
    """What this window can accept now, of a theme or of all its themes, explained item by item."""

    SERVICE: ClassVar[str] = "halls"
    ROUTE: ClassVar[str] = "GET /windows/{window}/acceptance"
    ANSWER: ClassVar[Any] = WindowAcceptance
    window: str
    theme: str = ""
