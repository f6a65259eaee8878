"""导入案件: what a case of another system was, as of an instant of its own time; told from the ledger."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from contracts.insight import ImportedEvent, Provenance
from contracts.language import Answer, Instant, Query

ItemState = Literal[
    "named", "received", "correcting", "accepted", "supplied", "in_review", "suspended", "granted", "denied",
    "not_accepted", "withdrawn", "returned", "handed_over",
]  # fmt: skip
"""How an item stands; ``named`` where nothing that happened to it means anything of ours."""


class ItemThen(Answer, frozen=True, kw_only=True):
    """An item of the case as it stood."""

    item: str
    state: ItemState
    department: str
    accepted_at: datetime | None
    decided_at: datetime | None


class ImportedCaseThen(Answer, frozen=True, kw_only=True):
    """A case of another system as it stood, and what had happened, in the order of time."""

    imported: str
    provenance: Provenance
    source: str
    original: str
    """Its name in that system."""
    theme: str
    hall: str
    channel: str
    is_closed: bool
    items: tuple[ItemThen, ...]
    length: int
    """How many events there had been."""
    events: tuple[ImportedEvent, ...]
    """Some of them."""
    after: int | None
    """Where the others begin; None: these are the last."""
    state_hash: str
    """Over the whole history up to then: two answers are of the same state if and only if it is the same."""


class ImportedCaseAt(Query, frozen=True, kw_only=True):
    """A case of another system as of an instant of its own time; as it ended, unless one is given."""

    SERVICE: ClassVar[str] = "casefile"
    ROUTE: ClassVar[str] = "GET /imported-cases/{imported}"
    ANSWER: ClassVar[Any] = ImportedCaseThen
    imported: str
    at: Instant | None = None
    after: int = 0
    """Events that are left out at the beginning."""
    limit: int = 500
