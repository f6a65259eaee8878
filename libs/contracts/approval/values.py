"""What the facts of a review are made of: its clocks, its waits, its days."""

from datetime import date
from typing import Literal

import msgspec

EndReason = Literal["withdrawn", "not_accepted", "lapsed", "returned", "terminated"]
"""撤回 · 不予受理 · 容缺逾期 · 退件 · 终止"""

RevocationGround = Literal["false_promise", "verification_failed", "unlawful", "fraud", "holder_request", "ceased"]
"""承诺不实 · 核查不合格 · 违法作出 · 欺骗贿赂取得 (行政许可法 第69条) · 申请注销 · 依法终止 (第70条)"""

DeskState = Literal["ready", "open", "locked", "suspended", "undecided"]
"""How far a review is on a work list: 可办 · 待材料 · 待前置事项 · 中止 · 全部未办结"""

Level = Literal["amber", "red", "escalated"]
"""预警 · 超期 · 超期后仍未办结而上报"""


class PlannedReview(msgspec.Struct, frozen=True, omit_defaults=True):
    """An accepted item that waits for its review."""

    item: str
    handler: str
    accepted_on: date | None = None
    """Where it is not the day of the act: the day from which the item counts as accepted."""
    committed: bool = False
    """告知承诺: a written promise takes the place of materials, which has limits of its own."""
    tolerated: bool = False
    """容缺受理: materials are still to come."""
    waits_from: dict[str, date] = {}
    """Wait → the day that it begins on, where the applicant told it."""


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """A period that has to pass before the item can be decided: publicity, announcement, minimum term."""

    wait: str
    """Its id in the catalogue."""
    since: date
    until: date
    """Its last day."""
    suspends: bool = True
    """Whether the department's clocks stand still meanwhile."""


class Unlocked(msgspec.Struct, frozen=True, omit_defaults=True):
    """The two clocks of a review whose join is satisfied, as they stand: they run from ``started_on``.

    A day that is None is not known yet, because a suspension goes on; so is that of a limit that there is not.
    """

    item: str
    started_on: date
    statutory_due: date | None
    promised_due: date | None
    statutory_days: int | None = None
    promised_days: int | None = None
    statutory_amber_on: date | None = None
    """The working day in which the amber share of the limit is passed; None for a limit of no days."""
    promised_amber_on: date | None = None
    calendar: str = ""
    provisional: bool = False
    extended_days: int = 0
    """延长: by how many working days the statutory limit was extended."""
    waits: tuple[Waiting, ...] = ()
    tacit: Literal["", "granted", "denied"] = ""
    """What silence at the statutory limit decides here; empty, the rule: nothing."""


class JointClock(msgspec.Struct, frozen=True, omit_defaults=True):
    """The clock over the whole of a theme that is handled jointly (行政许可法 第42条第2款)."""

    started_on: date
    days: int
    due_on: date | None
    amber_on: date | None = None
    calendar: str = ""
    provisional: bool = False
    extended_days: int = 0


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """A day that is another one now; ``item`` is empty for the joint clock."""

    item: str
    limit: Literal["promised", "statutory", "joint"]
    before: date | None
    after: date | None


class VisitResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a visit found for one item."""

    passed: bool
    findings: str = ""
    """The findings, or the digest of the document that has them."""
