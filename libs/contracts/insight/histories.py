"""历史导入: what other systems recorded, kept beside our own cases and never among them.

What comes in was named one by one in a mapping: codes, numbers, instants, and words that the mapping says. There is no
personal data in it; people are called by keyed pseudonyms. Whoever imports says so, and a command of a case that holds
an identity or telephone number is refused.
"""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from contracts.insight.numbers import Provenance
from contracts.language import Answer, Command, Fact, Query

Meaning = Literal[
    "opened", "received", "corrected", "accepted", "not_accepted", "supplied", "started", "paused", "resumed",
    "granted", "denied", "withdrawn", "returned", "ready", "handed_over", "visited", "closed", "other",
]  # fmt: skip
"""Which of our events an activity of the other system is: 登记 · 收件 · 补正 · 受理 · 不予受理 · 材料到齐 · 开始审查
· 特别程序 · 恢复 · 准予 · 不予许可 · 撤回 · 退件 · 结果待领 · 送达 · 到场 · 办结 · 其他."""

FORM = r"([A-Za-z0-9][A-Za-z0-9._:/-]*)?"
Code = Annotated[str, Meta(pattern=f"^{FORM}$", max_length=64)]
"""The code of a theme, an item, a hall, a department; never a sentence."""

Line = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Words that the mapping says, or the name that a case has in the other system."""

Digest = Annotated[str, Meta(pattern=f"^{FORM}$", max_length=80)]

Pseudonym = Annotated[str, Meta(pattern=r"^(p-[0-9a-f]{12})?$")]

MOST_EVENTS = 1000
"""Events in one command; the history of a longer case comes in several."""

MOST_ROWS = 500
"""Rows in one command."""

Reason = Literal[
    "missing", "time", "future", "activity", "value", "code", "number", "day", "personal", "theme", "cells", "text",
    "broken", "refused",
]  # fmt: skip
"""Why a row was not taken: nothing stands there · no instant · it has not come · an activity that the mapping does not
name · a value that it does not name · no code · no number · no day · personal data · the case has another theme · other
cells than columns · not of this encoding · the file ends in the middle · the case was refused."""


class ImportedEvent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One event of the other system."""

    activity: Line
    """As the mapping or the other system calls it."""
    means: Meaning
    at: Annotated[datetime, Meta(tz=True)]
    items: tuple[Code, ...] = ()
    hall: Code = ""
    """Where it happened."""
    department: Code = ""
    resource: Pseudonym = ""
    """Who did it, by a name that nobody without the house's key can read."""
    promised_days: Annotated[int, Meta(ge=0, le=3660)] | None = None
    statutory_days: Annotated[int, Meta(ge=0, le=3660)] | None = None
    promised_due: date | None = None
    statutory_due: date | None = None
    values: tuple[tuple[Code, bool | int | float | Code], ...] = ()
    """What else the mapping names."""


class ImportCounts(msgspec.Struct, frozen=True):
    """How far an import has come, and what became of what it read."""

    rows: int = 0
    taken: int = 0
    ignored: int = 0
    """Rows whose activity the mapping leaves out."""
    quarantined: int = 0
    cases: int = 0
    """Cases that are new."""
    continued: int = 0
    """Cases that were known and have new events."""
    unchanged: int = 0
    events: int = 0
    """Events that are new."""


class QuarantinedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that could not be taken: where it stands, in which column, and why; never what stands there."""

    row: Annotated[int, Meta(ge=0)]
    """The line of a CSV file; the number of the event in an XES file."""
    reason: Reason
    column: Line = ""


class ImportBegun(Fact, frozen=True, kw_only=True):
    """A file of another system's histories is being taken in."""

    TOPIC: ClassVar[str] = "onething.import.begun.v1"
    source: str
    title: str
    digest: str
    """Of the file."""
    mapping: str
    """The mapping's digest."""


class ImportAdvanced(Fact, frozen=True, kw_only=True):
    """All cases up to one of them are in."""

    TOPIC: ClassVar[str] = "onething.import.advanced.v1"
    after: str
    counts: ImportCounts


class ImportFinished(Fact, frozen=True, kw_only=True):
    """All of the file that could be taken is in."""

    TOPIC: ClassVar[str] = "onething.import.finished.v1"
    counts: ImportCounts


class RowsQuarantined(Fact, frozen=True, kw_only=True):
    """Rows of a file could not be taken."""

    TOPIC: ClassVar[str] = "onething.import.rows-quarantined.v1"
    history: str
    rows: tuple[QuarantinedRow, ...]


class HistoryImported(Fact, frozen=True, kw_only=True):
    """Events of a case of another system, which were not known before; it is no case of ours."""

    TOPIC: ClassVar[str] = "onething.imported-case.history-imported.v1"
    history: str
    """The import that brought them."""
    source: str
    original: str
    """The case's name in that system."""
    theme: str
    hall: str
    """Where the case began, as far as is known."""
    channel: str
    events: tuple[ImportedEvent, ...]


class CaseTaken(Answer, frozen=True, kw_only=True):
    """What became of the history of a case."""

    imported: str
    is_new: bool
    events: int
    """How many of the events were new."""


class BeginImport(Command, frozen=True, kw_only=True):
    """Begin to take in a file; the same again is no news."""

    SERVICE: ClassVar[str] = "insight"
    history: Code
    source: Code
    title: Line
    digest: Digest
    mapping: Digest


class AdvanceImport(Command, frozen=True, kw_only=True):
    """Say that all cases up to one of them are in: an import that is interrupted goes on behind it."""

    SERVICE: ClassVar[str] = "insight"
    history: Code
    after: Line
    counts: ImportCounts


class FinishImport(Command, frozen=True, kw_only=True):
    """Say that everything is in."""

    SERVICE: ClassVar[str] = "insight"
    history: Code
    counts: ImportCounts


class QuarantineRows(Command, frozen=True, kw_only=True):
    """Say which rows could not be taken, and why."""

    SERVICE: ClassVar[str] = "insight"
    quarantine: Code
    """Some rows of one import."""
    history: Code
    rows: Annotated[tuple[QuarantinedRow, ...], Meta(min_length=1, max_length=MOST_ROWS)]


ImportedName = Annotated[
    str, Meta(pattern=r"^imported-[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64, examples=["imported-0193c5"])
]
"""The id of a case of another system; never that of a case of ours, whose file it would come into."""


class ImportCase(Command, frozen=True, kw_only=True):
    """Take in events of a case of another system; those that are known already are no news."""

    SERVICE: ClassVar[str] = "insight"
    ANSWER: ClassVar[Any] = CaseTaken
    imported: ImportedName
    history: Code
    source: Code
    original: Line
    theme: Code = ""
    hall: Code = ""
    channel: Code = ""
    events: Annotated[tuple[ImportedEvent, ...], Meta(min_length=1, max_length=MOST_EVENTS)]


class ImportRow(Answer, frozen=True, kw_only=True):
    """An import in the list."""

    history: str
    source: str
    title: str
    digest: str
    mapping: str
    state: Literal["begun", "finished"]
    after: str
    by: str
    begun_at: datetime
    finished_at: datetime | None
    counts: ImportCounts


class ImportPage(Answer, frozen=True, kw_only=True):
    """A page of imports."""

    imports: tuple[ImportRow, ...]
    after: str


class QuarantinePage(Answer, frozen=True, kw_only=True):
    """A page of rows that could not be taken, in the order of the file."""

    history: str
    rows: tuple[QuarantinedRow, ...]
    reasons: dict[str, int]
    """Of the whole import: reason → how many."""
    after: str


class ImportedCaseRow(Answer, frozen=True, kw_only=True):
    """A case of another system in the list."""

    imported: str
    provenance: Provenance
    source: str
    original: str
    theme: str
    hall: str
    channel: str
    events: int
    first_at: datetime
    last_at: datetime
    is_closed: bool


class ImportedCasePage(Answer, frozen=True, kw_only=True):
    """A page of cases of other systems."""

    cases: tuple[ImportedCaseRow, ...]
    after: str


class ListImports(Query, frozen=True, kw_only=True):
    """Imports, newest first, by cursor."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /imports"
    ANSWER: ClassVar[Any] = ImportPage
    source: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50


class GetImport(Query, frozen=True, kw_only=True):
    """One import: how far it has come, and its counts."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /imports/{history}"
    ANSWER: ClassVar[Any] = ImportRow
    history: str


class ListQuarantine(Query, frozen=True, kw_only=True):
    """The rows of an import that could not be taken, with reasons, by cursor."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /imports/{history}/quarantine"
    ANSWER: ClassVar[Any] = QuarantinePage
    history: str
    reason: Reason | Literal[""] = ""
    column: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 200


class ListImportedCases(Query, frozen=True, kw_only=True):
    """Cases of other systems, newest first, by cursor."""

    SERVICE: ClassVar[str] = "insight"
    ROUTE: ClassVar[str] = "GET /imported-cases"
    ANSWER: ClassVar[Any] = ImportedCasePage
    source: str = ""
    original: str = ""
    theme: str = ""
    hall: str = ""
    reversed: bool = False
    """What comes last otherwise comes first."""
    after: str = ""
    limit: int = 50
