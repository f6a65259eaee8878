"""导出: the ledger as programs for process mining read it, and as rows of the national upload tables.

There is no personal data in it: what was sealed is left out, free text is left out, and people are called by keyed
pseudonyms. An export is of the ledger as it was at a size of its tree, and the same whenever it is made again.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from contracts.insight import Provenance
from contracts.language import Answer, Query

Kind = Literal["case", "item", "material", "packet", "certificate", "window", "grant"]
"""What an event of the log can be about."""

ValueKind = Literal["string", "time", "integer", "float", "boolean"]
"""The types of OCEL 2.0."""


class LogValue(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What an event or an object says of itself; an object also since when."""

    name: str
    kind: ValueKind
    value: str | int | float | bool
    """A time as ISO 8601."""
    at: datetime | None = None


class LogRelation(msgspec.Struct, frozen=True, array_like=True):
    """An object that an event, or another object, has to do with, and as what."""

    object: str
    qualifier: str


class LogObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that events happen to."""

    object: str
    kind: Kind
    values: tuple[LogValue, ...] = ()
    relations: tuple[LogRelation, ...] = ()


class LogEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact."""

    event: str
    """Its service, segment and position: ``intake/3/17``."""
    activity: str
    """The name of the fact."""
    topic: str
    at: datetime
    service: str
    seq: int
    """Its number in its chain."""
    case_id: str = ""
    """Empty for what belongs to no case."""
    resource: str = ""
    """The pseudonym of whoever did it."""
    organisation: str = ""
    """In whose name, where it was not their own."""
    values: tuple[LogValue, ...] = ()
    relations: tuple[LogRelation, ...] = ()


class LogPage(Answer, frozen=True, kw_only=True):
    """Some chains, whole: objects that belong to a case stand beside its events; windows and grants may come again."""

    size: int
    """The size of the tree that the export is of: bring it to the next question."""
    objects: tuple[LogObject, ...]
    events: tuple[LogEvent, ...]
    """Of each chain in the order of time."""
    after: str | None


class TablePage(Answer, frozen=True, kw_only=True):
    """Rows of some cases, for each table."""

    size: int
    columns: dict[str, tuple[str, ...]]
    """Of each table, in their order."""
    rows: dict[str, tuple[dict[str, str], ...]]
    after: str | None


class _Exporting(Query, frozen=True, kw_only=True):
    """What is exported."""

    theme: str = ""
    hall: str = ""
    size: int = 0
    """The ledger as it was with so many facts; 0: as it is."""
    after: str = ""
    limit: int = 25
    """Cases at a time."""


class ExportLog(_Exporting, frozen=True, kw_only=True):
    """The next cases, windows and grants as events and the objects that they are about.

    Cases of other systems are in it only where they are asked for, and then nothing else is.
    """

    SERVICE: ClassVar[str] = "casefile"
    INTERNAL: ClassVar[str] = "it goes out as a file: GET /exports/…"
    ANSWER: ClassVar[Any] = LogPage
    provenance: Provenance = "own"


class ExportTables(_Exporting, frozen=True, kw_only=True):
    """The next cases as rows of the national upload tables."""

    SERVICE: ClassVar[str] = "casefile"
    INTERNAL: ClassVar[str] = "it goes out as a file: GET /exports/…"
    ANSWER: ClassVar[Any] = TablePage
