"""收件: what was brought, and the answer that is owed for it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from msgspec import Struct

from contracts.intake import BroughtMaterial, MaterialCopy
from intake.domain.form import PROVENANCE
from kernel.clock import CHINA_STANDARD_TIME
from kernel.workdays import WorkingCalendar

DAYS_TO_ANSWER = 5
"""Working days in which a receipt must be answered (行政许可法 第32条第1款第4项)."""


class Awaited(Struct, frozen=True):
    """An answer that is owed: since the day of receipt, until the end of the fifth working day."""

    since: date
    until: datetime


@lru_cache(maxsize=64)
def answer_due(calendar: WorkingCalendar, received_on: date) -> datetime:
    """The instant at which the days to answer a receipt have run out: the last working day's end in China."""
    last = calendar.add(received_on, DAYS_TO_ANSWER)
    return datetime.combine(last + timedelta(days=1), time.min, CHINA_STANDARD_TIME).astimezone(UTC)


def news_in(copies: Iterable[MaterialCopy], brought: Iterable[BroughtMaterial]) -> list[BroughtMaterial]:
    """What was brought and is not here yet: another copy differs in medium, provenance or bytes."""
    known = {_identity(copy) for copy in copies}
    return [material for material in dict.fromkeys(brought) if _identity(material) not in known]


def is_clear(brought: BroughtMaterial) -> bool:
    """Whether shared data names its source, a file its bytes, and the provenance can be followed up."""
    if not PROVENANCE.fullmatch(brought.provenance):
        return False
    if brought.medium == "shared":
        return brought.provenance != "entered"
    return brought.medium == "paper" or bool(brought.digest)


def copies_of(
    brought: Iterable[BroughtMaterial], copies: Iterable[MaterialCopy], hall: str
) -> tuple[MaterialCopy, ...]:
    """Copies with ids of their own, `<material>-<n>`, beside those that are here."""
    counts: dict[str, int] = {}
    for copy in copies:
        counts[copy.material] = counts.get(copy.material, 0) + 1
    made = []
    for each in brought:
        count = counts[each.material] = counts.get(each.material, 0) + 1
        made.append(
            MaterialCopy(
                copy=f"{each.material}-{count}",
                material=each.material,
                medium=each.medium,
                provenance=each.provenance,
                digest=each.digest,
                size=each.size,
                media_type=each.media_type,
                hall=hall if each.medium == "paper" else "",
            )
        )
    return tuple(made)


def _identity(copy: MaterialCopy | BroughtMaterial) -> tuple[str, str, str, str]:
    return copy.material, copy.medium, copy.provenance, copy.digest
