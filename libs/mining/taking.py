"""Rows become cases: each is read as the mapping says, kept in a file of its own for a while, and told case by case."""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from contracts.insight import Code, ImportedEvent, Line, QuarantinedRow, Reason
from kernel.identifiers import names_a_person
from mining.mapping import IGNORED, Attribute, Mapping
from mining.rows import Row, Rows
from mining.tables import RISKY

LOST = "\ufffd"
"""What stands where bytes were none of the encoding."""

SEVERAL = re.compile(r"[\s,;、，；]+")
"""Between items in one cell."""

TRUE, FALSE = frozenset({"true", "1", "是", "y", "yes"}), frozenset({"false", "0", "否", "n", "no"})

AT_ONCE = 1000
"""Rows that are written together."""


class Taken(msgspec.Struct, frozen=True):
    """A row as an event of a case."""

    number: int
    original: str
    event: ImportedEvent
    theme: str = ""
    channel: str = ""


class Wrong(Exception):
    """The row cannot be taken."""

    def __init__(self, reason: Reason, column: str) -> None:
        self.reason, self.column = reason, column
        super().__init__(reason, column)


class Taking:
    """Reads rows as a mapping says."""

    def __init__(self, mapping: Mapping, pseudonym: Callable[[str], str], now: datetime) -> None:
        self.mapping = mapping
        self.pseudonym = pseudonym
        self.now = now

    def take(self, row: Row) -> Taken | QuarantinedRow | None:
        """What it says; None for what the mapping leaves out."""
        try:
            return self._taken(row)
        except Wrong as wrong:
            return QuarantinedRow(row.number, wrong.reason, wrong.column)

    def _taken(self, row: Row) -> Taken | None:
        activity, means = self._activity(row)
        if means == IGNORED:
            return None
        event = ImportedEvent(
            activity=activity,
            means=means,
            at=self._at(row),
            items=self._items(row),
            hall=self._code(row, "hall"),
            department=self._code(row, "department"),
            resource=self._resource(row),
            values=tuple(self._values(row)),
            promised_days=self._number(row, "promised_days"),
            statutory_days=self._number(row, "statutory_days"),
            promised_due=self._day(row, "promised_due"),
            statutory_due=self._day(row, "statutory_due"),
        )
        return Taken(row.number, self._case(row), event, self._code(row, "theme"), self._code(row, "channel"))

    def _cell(self, row: Row, column: str, *, needed: bool = False) -> str:
        """What stands there. Raises Wrong."""
        said = row.cells.get(column, "").strip()
        if said[:1] == "'" and said[1:].startswith(RISKY):  # as our own tables write it
            said = said[1:]
        if LOST in said:
            raise Wrong("text", column)
        if needed and not said:
            raise Wrong("missing", column)
        return said

    def _said(self, row: Row, name: str) -> str:
        column = self.mapping.columns.get(name)
        return self._cell(row, column) if column else self.mapping.fixed.get(name, "")

    def _case(self, row: Row) -> str:
        column = self.mapping.columns["case"]
        said = self._cell(row, column, needed=True)
        if names_a_person(said):
            raise Wrong("personal", column)
        if not re.search("[0-9]", said):
            raise Wrong("code", column)
        return _held(said, Line, "code", column)

    def _activity(self, row: Row) -> tuple[str, Any]:
        column = self.mapping.columns["activity"]
        said = self._cell(row, column, needed=True)
        if means := self.mapping.activities.get(said):
            return _held(said, Line, "activity", column), means
        if self.mapping.others == "ignore":
            return said, IGNORED
        if self.mapping.others == "quarantine":
            raise Wrong("activity", column)
        return self._held_code(said, "activity", column), "other"

    def _at(self, row: Row) -> datetime:
        column = self.mapping.columns["at"]
        said = self._cell(row, column, needed=True)
        try:
            form = self.mapping.time
            read = datetime.strptime(said, form) if form else datetime.fromisoformat(said)  # noqa: DTZ007 - comes next
            at = (read if read.tzinfo else read.replace(tzinfo=self.mapping.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Wrong("time", column) from None
        if at > self.now:
            raise Wrong("future", column)
        return at

    def _items(self, row: Row) -> tuple[str, ...]:
        said = self._said(row, "item")
        if said in self.mapping.values.get("item", {}):
            return (self._translated("item", said),)
        return tuple(dict.fromkeys(self._translated("item", each) for each in SEVERAL.split(said) if each))

    def _code(self, row: Row, name: str) -> str:
        said = self._said(row, name)
        return self._translated(name, said) if said else ""

    def _translated(self, name: str, said: str) -> str:
        """The code that the mapping gives for what stands there; without a table it has to be one itself."""
        column = self.mapping.columns.get(name, "")
        values = self.mapping.values.get(name)
        if values is None:
            return self._held_code(said, "code", column)
        if said not in values:
            raise Wrong("value", column)
        return values[said]

    def _held_code(self, said: str, reason: Reason, column: str) -> str:
        if names_a_person(said):
            raise Wrong("personal", column)
        return _held(said, Code, reason, column)

    def _resource(self, row: Row) -> str:
        said = self._said(row, "resource")
        return self.pseudonym(said) if said else ""

    def _number(self, row: Row, name: str) -> int | None:
        said = self._said(row, name)
        return _number(said, 3660, self.mapping.columns[name]) if said else None

    def _day(self, row: Row, name: str) -> date | None:
        said = self._said(row, name)
        return self._read_day(said, self.mapping.columns[name]) if said else None

    def _read_day(self, said: str, column: str) -> date:
        try:
            return datetime.strptime(said, self.mapping.day).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise Wrong("day", column) from None

    def _values(self, row: Row) -> Iterator[tuple[str, Any]]:
        for name, attribute in self.mapping.attributes.items():
            said = self._cell(row, attribute.column)
            if said:
                yield name, self._value(attribute, said)

    def _value(self, attribute: Attribute, said: str) -> Any:
        match attribute.kind:
            case "integer":
                return _number(said, 2**53 - 1, attribute.column)
            case "number":
                if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", said):
                    raise Wrong("number", attribute.column)
                return float(said)
            case "boolean":
                if said.lower() not in TRUE | FALSE:
                    raise Wrong("value", attribute.column)
                return said.lower() in TRUE
            case "day":
                return self._read_day(said, attribute.column).isoformat()
            case _:
                if said not in attribute.words:
                    raise Wrong("value", attribute.column)
                return attribute.words[said]


def _held(said: str, kind: Any, reason: Reason, column: str) -> str:
    try:
        return str(msgspec.convert(said, kind))
    except msgspec.ValidationError:
        raise Wrong(reason, column) from None


def _number(said: str, most: int, column: str) -> int:
    if not re.fullmatch("[0-9]{1,16}", said) or int(said) > most:
        raise Wrong("number", column)
    return int(said)


class Case(msgspec.Struct, frozen=True):
    """The history of a case, in the order of time, as far as it could be taken."""

    original: str
    theme: str
    hall: str
    channel: str
    events: tuple[ImportedEvent, ...]
    numbers: tuple[int, ...]
    """Of its rows."""


class Spool:
    """All rows of a file, sorted by case: however long it is, they lie on disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE taken (original TEXT, at TEXT, n INTEGER, body BLOB);"
            "CREATE TABLE wrong (n INTEGER, body BLOB);"
        )
        self.rows = self.taken = self.ignored = 0

    def fill(self, found: Rows, taking: Taking, progress: Callable[[int], None]) -> None:
        """Takes all rows; a theme that is not that of its case's first row is wrong."""
        while some := [*islice(found, AT_ONCE)]:
            told = [taking.take(each) if isinstance(each, Row) else each for each in some]
            self.rows += len(told)
            self.ignored += told.count(None)
            self._keep(told)
            progress(self.rows)
        self._connection.execute("CREATE INDEX taken_case ON taken (original, at, n)")
        self._part()
        self._connection.commit()
        self.taken = self._count("SELECT count(*) FROM taken")

    def _keep(self, told: Iterable[Taken | QuarantinedRow | None]) -> None:
        for each in told:
            if isinstance(each, Taken):
                self._connection.execute(
                    "INSERT INTO taken VALUES (?, ?, ?, ?)",
                    (each.original, each.event.at.isoformat(), each.number, _encode(each)),
                )
            elif each is not None:
                self._wrong(each)

    def _wrong(self, row: QuarantinedRow) -> None:
        self._connection.execute("INSERT INTO wrong VALUES (?, ?)", (row.row, _encode(row)))

    def _part(self) -> None:
        """Puts rows aside whose theme is another than that of their case."""
        others = []
        for rows in self._by_case():
            theme = next((each.theme for each in rows if each.theme), "")
            others += [each for each in rows if each.theme not in {"", theme}]
        for each in others:
            self._wrong(QuarantinedRow(each.number, "theme"))
            self._connection.execute("DELETE FROM taken WHERE original = ? AND n = ?", (each.original, each.number))

    def _by_case(self, after: str = "") -> Iterator[list[Taken]]:
        found = self._connection.cursor().execute(
            "SELECT original, body FROM taken WHERE original > ? ORDER BY original, at, n", (after,)
        )
        for _, rows in groupby(found, key=itemgetter(0)):
            yield [_taken(body) for _, body in rows]

    def cases(self, after: str = "") -> Iterator[Case]:
        """The cases behind one of them, in the order of their names."""
        for rows in self._by_case(after):
            yield Case(
                rows[0].original,
                next((each.theme for each in rows if each.theme), ""),
                next((each.event.hall for each in rows if each.event.hall), ""),
                next((each.channel for each in rows if each.channel), ""),
                tuple(each.event for each in rows),
                tuple(each.number for each in rows),
            )

    def wrong(self) -> Iterator[QuarantinedRow]:
        """The rows that could not be taken, in the order of the file."""
        for (body,) in self._connection.cursor().execute("SELECT body FROM wrong ORDER BY n, rowid"):
            yield _quarantined(body)

    @property
    def quarantined(self) -> int:
        """How many rows could not be taken."""
        return self._count("SELECT count(*) FROM wrong")

    @property
    def length(self) -> int:
        """How many cases there are."""
        return self._count("SELECT count(DISTINCT original) FROM taken")

    def _count(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchone()[0])


_encode = msgspec.json.Encoder().encode
_taken = msgspec.json.Decoder(Taken).decode
_quarantined = msgspec.json.Decoder(QuarantinedRow).decode


@contextmanager
def spool() -> Iterator[Spool]:
    """An empty one, which is gone when it is left."""
    with TemporaryDirectory() as directory, closing(sqlite3.connect(Path(directory) / "rows.sqlite")) as connection:
        yield Spool(connection)


def imported(source: str, original: str) -> str:
    """The id of a case of another system: the same in every import."""
    name = sha256(f"{source}\0{original}".encode()).hexdigest()
    return f"imported-{name[:32]}"
