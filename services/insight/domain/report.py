"""填报: numbers from elsewhere, typed or in a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from contracts.insight import NumbersReported, ReportedNumber, RowRefused
from contracts.language import Act
from eventing.aggregate import Aggregate, applies
from insight.domain.refusals import NothingReadable, NumberNegative, PeriodReversed, ReportDiffers, SourceMissing

MOST = 5000
"""Rows of one file."""

COLUMNS = ("kind", "begins", "ends", "value", "theme", "item", "hall", "channel")


class Report(Aggregate):
    """One report: some numbers of one source."""

    case_bound = False

    said: NumbersReported | None

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.said = None

    def take(
        self, numbers: Sequence[ReportedNumber], source: str, dated_on: date, digest: str = "", *, act: Act
    ) -> None:
        """Records numbers; the same report again is no news."""
        if not source.strip():
            raise SourceMissing
        if not numbers:
            raise NothingReadable
        for number in numbers:
            if number.ends < number.begins:
                raise PeriodReversed(begins=number.begins, ends=number.ends)
            if number.value < 0:
                raise NumberNegative(value=number.value)
        if self.said is not None:
            if (self.said.numbers, self.said.source, self.said.dated_on) != (tuple(numbers), source, dated_on):
                raise ReportDiffers(report=self.stream)
            return
        self.record(NumbersReported, act, source=source, dated_on=dated_on, numbers=tuple(numbers), digest=digest)

    @applies(NumbersReported)
    def _reported(self, fact: NumbersReported) -> None:
        self.said = fact


def read(text: str) -> tuple[list[ReportedNumber], list[RowRefused]]:
    """The numbers of a CSV file, and the rows that cannot be read: a wrong row stops no other."""
    taken: list[ReportedNumber] = []
    refused: list[RowRefused] = []
    for line, row in _rows(text):
        found = _number(line, row)
        if isinstance(found, RowRefused):
            refused.append(found)
        else:
            taken.append(found)
    return taken, refused


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    for row in rows:
        if rows.line_num > MOST:
            return
        yield (
            rows.line_num,
            {name.strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)},
        )


def _number(line: int, row: dict[str, str]) -> ReportedNumber | RowRefused:
    for name in ("kind", "begins", "ends", "value"):
        try:
            if not row.get(name):
                return RowRefused(line, name, "")
            kind = {field.name: field.type for field in msgspec.structs.fields(ReportedNumber)}[name]
            msgspec.convert(row[name], kind, strict=False)
        except msgspec.ValidationError:
            return RowRefused(line, name, row[name])
    number = msgspec.convert({name: row.get(name, "") for name in COLUMNS}, ReportedNumber, strict=False)
    if number.ends < number.begins:
        return RowRefused(line, "ends", row["ends"])
    if number.value < 0:
        return RowRefused(line, "value", row["value"])
    return number
