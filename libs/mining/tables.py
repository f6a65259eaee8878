"""Tables as CSV, which a spreadsheet opens and shows as what it is."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from contracts.exports import LogPage
from contracts.words import topics
from mining.ocel import instant
from mining.xes import named

BOM = "\ufeff".encode()
"""By which Chinese spreadsheets see that it is UTF-8."""

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""

OBJECTS = ("item", "material", "packet", "certificate", "window", "grant")
COLUMNS = (
    "case_id", "activity", "title", "timestamp", "resource", "organisation", "service", "seq", "event", *OBJECTS
)  # fmt: skip


def events(pages: Iterable[LogPage]) -> Iterator[bytes]:
    """A line for each event; objects of one kind with blanks between them."""

    def lines(page: LogPage) -> Iterator[Mapping[str, str]]:
        for told in page.events:
            objects = {each.name.partition(":")[2]: str(each.value) for each in named(told)}
            yield objects | {
                "case_id": told.case_id,
                "activity": told.activity,
                "title": topics().get(told.topic, {}).get("zh", ""),
                "timestamp": instant(told.at),
                "resource": told.resource,
                "organisation": told.organisation,
                "service": told.service,
                "seq": str(told.seq),
                "event": told.event,
            }

    table = Table(COLUMNS)
    yield table.head()
    for page in pages:
        yield table.lines(lines(page))


class Table:
    """A table of the national upload, written piece by piece."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns

    def head(self) -> bytes:
        """The line of its columns."""
        return BOM + _written(self.columns, [dict(zip(self.columns, self.columns, strict=True))])

    def lines(self, rows: Iterable[Mapping[str, str]]) -> bytes:
        """Some rows."""
        return _written(self.columns, rows)


def _written(columns: Sequence[str], lines: Iterable[Mapping[str, str]]) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerows([cell(line.get(column, "")) for column in columns] for line in lines)
    return made.getvalue().encode()


def cell(value: str) -> str:
    """What a spreadsheet shows and does not count with."""
    return f"'{value}" if value.startswith(RISKY) else value
