"""Rows of other systems' logs, as they stream in: lines of a CSV file, events of an XES file.

However long a file is, one line or one trace of it is in memory; a line that does not end is refused. An XES file
with a document type is refused before anything of it is read: what has none has no entities that could expand.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, TextIO
from xml.parsers import expat

import msgspec

from contracts.insight import QuarantinedRow
from mining.mapping import Mapping, MappingInvalid

CHUNK = 256 * 1024

LONGEST = 1 << 20
"""Characters of a row: more than any table has."""

OF_CASE = "case:"
"""Before the name of what an XES log says of a whole trace, as pm4py has it."""

ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id"})


class Row(msgspec.Struct, frozen=True):
    """What one row says, by column."""

    number: int
    """The line of a CSV file; the number of the event in an XES file."""
    cells: dict[str, str]


Rows = Iterator[Row | QuarantinedRow]


class FileRefused(ValueError):
    """The file is not read at all."""


def rows(file: BinaryIO, mapping: Mapping) -> Rows:
    """All rows, and where one cannot be read. Raises MappingInvalid for columns that are not there, FileRefused."""
    return _lines(file, mapping) if mapping.form == "csv" else _events(file, mapping)


def _lines(file: BinaryIO, mapping: Mapping) -> Rows:
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    with io.TextIOWrapper(file, encoding, errors="replace", newline="") as text:
        lines = _Bounded(text)
        reader = csv.reader(lines, delimiter=mapping.delimiter)
        try:
            names = [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            raise FileRefused(f"CSV 文件的第一行读不出：{error}") from error
        if missing := sorted(mapping.wanted - {*names}):
            raise MappingInvalid([f"文件第一行没有“{name}”这一列；有 {'、'.join(names)}" for name in missing])
        while True:
            lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error:
                yield QuarantinedRow(reader.line_num, "broken")
                continue
            if cells is None:
                return
            if len(cells) == len(names):
                yield Row(reader.line_num, dict(zip(names, cells, strict=True)))
            elif cells:
                yield QuarantinedRow(reader.line_num, "cells")


class _Bounded:
    """The lines of a file, as long as those of one row are not longer than ``LONGEST``. Raises FileRefused."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._line = 0
        self.begin()

    def begin(self) -> None:
        """The next line is the first of a row."""
        self._left = LONGEST

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        self._line += 1
        self._left -= len(line)
        if self._left < 0:
            raise FileRefused(f"CSV 文件到第 {self._line} 行为止的一条记录超过 {LONGEST} 个字符，没有结尾")
        if not line:
            raise StopIteration
        return line


def _events(file: BinaryIO, mapping: Mapping) -> Rows:
    log = _Log()
    decode = codecs.getincrementaldecoder(mapping.encoding)(errors="replace").decode
    while True:
        chunk = file.read(CHUNK)
        try:
            log.parse(decode(chunk, not chunk).encode(), not chunk)
        except expat.ExpatError:
            yield from log.rest()
            yield QuarantinedRow(log.number + 1, "broken")
            return
        yield from log.taken()
        if not chunk:
            return


class _Log:
    """The events of an XES log, trace by trace."""

    def __init__(self) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self.parse: Callable[[bytes, bool], object] = parser.Parse
        self.number = 0
        self._depth = 0
        """Of attributes in attributes."""
        self._case: dict[str, str] | None = None
        self._event: dict[str, str] | None = None
        self._trace: list[Row] = []
        self._whole: list[Row] = []

    def taken(self) -> list[Row]:
        """The rows of whole traces since the last time."""
        found, self._whole = self._whole, []
        return found

    def rest(self) -> list[Row]:
        """All that is whole of a log that ends in the middle."""
        self._finish()
        return self.taken()

    def _document_type(self, *_: object) -> None:
        raise FileRefused("XES 文件含有文档类型声明（DOCTYPE），不予读取")

    def _start(self, tag: str, given: dict[str, str]) -> None:
        match tag.rpartition(" ")[2]:
            case "trace":
                self._case = {}
            case "event" if self._case is not None:
                self._event = {}
            case name if name in ATTRIBUTES or name in {"list", "container"}:
                self._depth += 1
                if self._depth == 1 and name in ATTRIBUTES and "key" in given:
                    self._say(given["key"], given.get("value", ""))

    def _say(self, key: str, value: str) -> None:
        if self._event is not None:
            self._event[key] = value
        elif self._case is not None:
            self._case[OF_CASE + key] = value

    def _end(self, tag: str) -> None:
        match tag.rpartition(" ")[2]:
            case "trace":
                self._finish()
            case "event" if self._event is not None:
                self.number += 1
                self._trace.append(Row(self.number, self._event))
                self._event = None
            case name if name in ATTRIBUTES or name in {"list", "container"}:
                self._depth -= 1

    def _finish(self) -> None:
        """What is said of a trace holds for its events, also where it is said behind them."""
        self._whole += [Row(row.number, (self._case or {}) | row.cells) for row in self._trace]
        self._case, self._event, self._trace = None, None, []
