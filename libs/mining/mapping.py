"""映射文件: which columns of another system's log are what, and which of its activities is which of our events.

What the mapping does not name is not kept. Values that are no codes come in only as the mapping translates them, so
that a column of names can be mapped by mistake and still no name comes in.
"""

from collections.abc import Mapping as Table
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from contracts.insight import Code, Meaning
from kernel.clock import CHINA_STANDARD_TIME

Form = Literal["csv", "xes"]
Encoding = Literal["utf-8", "gb18030"]
Others = Literal["quarantine", "ignore", "keep"]
"""What becomes of an activity that is not named."""
Kind = Literal["integer", "number", "boolean", "day", "word"]

NAMED = ("theme", "item", "hall", "department", "channel")
"""Columns of codes, for which the mapping may have values."""
NUMBERS = ("promised_days", "statutory_days")
DAYS = ("promised_due", "statutory_due")
COLUMNS = ("case", "activity", "at", "resource", *NAMED, *NUMBERS, *DAYS)
NEEDED = ("case", "activity", "at")

IGNORED = "ignored"
MEANINGS = frozenset(get_args(Meaning))
TOP = (
    "source", "title", "format", "encoding", "delimiter", "columns", "fixed", "time", "day", "activities", "others",
    "values", "attributes",
)  # fmt: skip


class MappingInvalid(ValueError):
    """The mapping is none; ``problems`` are all that is wrong with it, a line each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class Attribute(msgspec.Struct, frozen=True):
    """Something else that is kept of an event."""

    column: str
    kind: Kind
    words: dict[str, str] = {}
    """For a word: what stands there → the code that is kept."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping, read and checked."""

    source: str
    title: str
    form: Form
    encoding: Encoding = "utf-8"
    delimiter: str = ","
    columns: dict[str, str]
    """What it is to us → the name of the column."""
    fixed: dict[str, str] = {}
    """The same for all of the file."""
    time: str = ""
    """A format of ``strptime``; empty: ISO 8601."""
    zone: tzinfo = CHINA_STANDARD_TIME
    """Of instants that do not say theirs."""
    day: str = "%Y-%m-%d"
    activities: dict[str, str]
    """Activity → meaning, or ``ignored``."""
    others: Others = "quarantine"
    values: dict[str, dict[str, str]] = {}
    attributes: dict[str, Attribute] = {}

    @property
    def wanted(self) -> frozenset[str]:
        """The columns that are read."""
        return frozenset({*self.columns.values(), *(each.column for each in self.attributes.values())})


def read(text: str) -> Mapping:
    """A mapping from YAML. Raises MappingInvalid with everything that is wrong."""
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise MappingInvalid([f"不是 YAML 文件：{error}"]) from error
    if not isinstance(told, dict):
        raise MappingInvalid(["映射文件应是一张表：source、format、columns、activities……"])
    return _Reading(told).mapping()


class _Reading:
    """Reads one file, and remembers what is wrong."""

    def __init__(self, told: dict[Any, Any]) -> None:
        self.told = told
        self.problems: list[str] = []

    def mapping(self) -> Mapping:
        """The whole."""
        self._known("", self.told, TOP)
        source = self._text("source", self.told.get("source"), needed=True)
        self._code("source", source)
        columns = self._columns()
        time, zone = self._time()
        made = {
            "source": source,
            "title": self._text("title", self.told.get("title")) or source,
            "form": self._choice("format", Form, ""),
            "encoding": self._choice("encoding", Encoding, "utf-8"),
            "delimiter": self._delimiter(),
            "columns": columns,
            "fixed": self._fixed(columns),
            "time": time,
            "zone": zone,
            "day": self._text("day", self.told.get("day")) or "%Y-%m-%d",
            "activities": self._activities(),
            "others": self._choice("others", Others, "quarantine"),
            "values": self._values(),
            "attributes": self._attributes(),
        }
        if self.problems:
            raise MappingInvalid(self.problems)
        return Mapping(**made)

    def _wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where}：{what}")

    def _known(self, where: str, table: Table[Any, Any], names: Table[str, Any] | tuple[str, ...]) -> None:
        for name in table:
            if name not in names:
                self._wrong(f"{where}{name}", f"没有这一项；可用的有 {'、'.join(names)}")

    def _text(self, where: str, value: Any, *, needed: bool = False) -> str:
        if value is None or value == "":
            if needed:
                self._wrong(where, "必须写明")
            return ""
        if isinstance(value, (dict, list)):
            self._wrong(where, "应是一个值")
            return ""
        return str(value)

    def _code(self, where: str, value: str) -> None:
        try:
            msgspec.convert(value, Code)
        except msgspec.ValidationError:
            self._wrong(where, f"“{value}”不是代码：限 64 个以内的字母、数字和 . _ : / -，以字母或数字开头")

    def _choice(self, name: str, kind: Any, default: str) -> Any:
        value = self._text(name, self.told.get(name), needed=not default) or default
        if value and value not in get_args(kind):
            self._wrong(name, f"“{value}”不可用，应是 {'、'.join(get_args(kind))} 之一")
        return value

    def _table(self, where: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(where, "应是一张表")
            return {}
        return {str(key): each for key, each in value.items()}

    def _texts(self, where: str, value: Any) -> dict[str, str]:
        table = self._table(where, value)
        return {key: self._text(f"{where}.{key}", each, needed=True) for key, each in table.items()}

    def _delimiter(self) -> str:
        value = self._text("delimiter", self.told.get("delimiter")) or ","
        if len(value) != 1:
            self._wrong("delimiter", "应是一个字符")
        return value

    def _columns(self) -> dict[str, str]:
        columns = self._texts("columns", self.told.get("columns"))
        self._known("columns.", columns, COLUMNS)
        for name in NEEDED:
            if name not in columns:
                self._wrong(f"columns.{name}", "必须写明是哪一列")
        return columns

    def _fixed(self, columns: Table[str, str]) -> dict[str, str]:
        fixed = self._texts("fixed", self.told.get("fixed"))
        self._known("fixed.", fixed, NAMED)
        for name, value in fixed.items():
            self._code(f"fixed.{name}", value)
            if name in columns:
                self._wrong(f"fixed.{name}", "columns 中已有同一项")
        return fixed

    def _time(self) -> tuple[str, tzinfo]:
        table = self._table("time", self.told.get("time"))
        self._known("time.", table, ("format", "zone"))
        zone = self._text("time.zone", table.get("zone"))
        form = self._text("time.format", table.get("format"))
        if form and "%" not in form:
            self._wrong("time.format", "应如 %Y-%m-%d %H:%M:%S；ISO 8601 的时间不必写")
        try:
            return form, _zone(zone)
        except (ValueError, ZoneInfoNotFoundError):
            self._wrong("time.zone", f"“{zone}”不是时区；应如 +08:00 或 Asia/Shanghai")
            return form, UTC

    def _activities(self) -> dict[str, str]:
        activities = self._texts("activities", self.told.get("activities"))
        if not activities and self.told.get("others") != "keep":
            self._wrong("activities", "必须写明各环节的含义")
        for name, meaning in activities.items():
            if meaning and meaning not in MEANINGS | {IGNORED}:
                self._wrong(
                    f"activities.{name}", f"“{meaning}”不可用，应是 {'、'.join([*get_args(Meaning), IGNORED])} 之一"
                )
        return activities

    def _values(self) -> dict[str, dict[str, str]]:
        table = self._table("values", self.told.get("values"))
        self._known("values.", table, NAMED)
        values = {name: self._texts(f"values.{name}", each) for name, each in table.items()}
        for name, each in values.items():
            for key, value in each.items():
                self._code(f"values.{name}.{key}", value)
        return values

    def _attributes(self) -> dict[str, Attribute]:
        return {
            name: self._attribute(name, f"attributes.{name}", self._table(f"attributes.{name}", each))
            for name, each in self._table("attributes", self.told.get("attributes")).items()
        }

    def _attribute(self, name: str, where: str, table: dict[str, Any]) -> Attribute:
        self._code(where, name)
        self._known(f"{where}.", table, ("column", "type", "words"))
        kind = self._text(f"{where}.type", table.get("type"), needed=True)
        if kind and kind not in get_args(Kind):
            self._wrong(f"{where}.type", f"“{kind}”不可用，应是 {'、'.join(get_args(Kind))} 之一；自由文本不导入")
        words = self._texts(f"{where}.words", table.get("words"))
        if kind == "word" and not words:
            self._wrong(f"{where}.words", "必须列出可能的值及其代码；自由文本不导入")
        for key, value in words.items():
            self._code(f"{where}.words.{key}", value)
        column = self._text(f"{where}.column", table.get("column"), needed=True)
        return Attribute(column, kind, words)  # type: ignore[arg-type]


def _zone(name: str) -> tzinfo:
    """Raises ValueError, ZoneInfoNotFoundError."""
    if not name:
        return CHINA_STANDARD_TIME
    if name[0] in "+-":
        hours, _, minutes = name[1:].partition(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(offset if name[0] == "+" else -offset)
    return ZoneInfo(name)
