"""电子卷宗: the history of a case across all services."""

from datetime import datetime
from typing import ClassVar

from contracts.language import Query


class Timeline(Query, frozen=True, kw_only=True):
    """What happened in a case, in the ledger's order."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str
    """The case's id or its number."""
    after: int = 0
    limit: int = 500


class ListCaseFiles(Query, frozen=True, kw_only=True):
    """Cases with a history, newest first, by cursor."""

    SERVICE: ClassVar[str] = "casefile"
    theme: str = ""
    state: str = ""
    after: str = ""
    limit: int = 50


class VerifyCase(Query, frozen=True, kw_only=True):
    """Recompute the case's hash chain from the stored facts."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str


class CaseFacts(Query, frozen=True, kw_only=True):
    """The stored facts of a case, of every service, up to an instant: what a replay starts from."""

    SERVICE: ClassVar[str] = "casefile"
    case_id: str
    until: datetime | None = None
