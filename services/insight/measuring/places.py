"""What is measured of places: how busy windows are and how long they pause, and on which ways paper travels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

import msgspec

from insight.measuring import statements
from insight.measuring.figures import Ground, Told, spread_of
from insight.measuring.graph import ARROW, Cases, OfCases
from insight.measuring.reading import Wanted
from insight.measuring.sets import Asked, Set
from kernel.clock import CHINA_STANDARD_TIME

HOUR = timedelta(hours=1)
TOLD_BY = frozenset({"", "hall", "hour", "day", "month"})
NOT_BY_THIS = {"": Told(None, why="not_by_this")}


class Span(msgspec.Struct, frozen=True):
    """A stretch of time at a window: open, paused, or busy with somebody."""

    hall: str
    state: str
    begins: datetime
    ends: datetime


class WindowTime(msgspec.Struct, frozen=True):
    """The share of a window's time: busy ÷ open (``load``), or paused ÷ open and paused (``paused``), in seconds.

    A window that nobody closed closes with its day.
    """

    name: str
    served: Set
    windows: Set
    of: Literal["load", "paused"] = "load"

    @property
    def sets(self) -> dict[str, Set]:
        """Who was served, and how the windows stood."""
        return {"numerator": self.served if self.of == "load" else self.windows, "denominator": self.windows}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """Nothing that others want."""
        return ()

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Null where no window was open."""
        if asked.by not in TOLD_BY:
            return NOT_BY_THIS
        spans = [*standing(ground.select(statements.at_windows(self.windows.kinds, asked)), asked.as_of)]
        if self.of == "load":
            spans += serving(ground.select(statements.at_windows(self.served.kinds, asked)))
        seconds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for part in hourly(spans):
            seconds[_group(part, asked.by)][part.state] += (part.ends - part.begins).total_seconds()
        told = {}
        for group, each in sorted(seconds.items()):
            whole = each["open"] + (each["paused"] if self.of == "paused" else 0)
            some = each["busy" if self.of == "load" else "paused"]
            told[group] = Told(some / whole if whole else None, round(some), round(whole), why="" if whole else "zero")
        return told or {"": Told(None, 0, 0, why="zero")}


def standing(rows: Iterable[Mapping[str, Any]], until: datetime) -> Iterator[Span]:
    """How windows stood, from fact to fact; at midnight all are closed."""
    now: dict[tuple[str, str], tuple[str, datetime]] = {}
    for row in rows:
        window = row["hall"], row["window"]
        if before := now.pop(window, None):
            yield from _until(window[0], *before, row["at"])
        if row["label"] != "closed":
            now[window] = row["label"], row["at"]
    for (hall, _), (state, since) in now.items():
        yield from _until(hall, state, since, until)


def _until(hall: str, state: str, since: datetime, until: datetime) -> Iterator[Span]:
    local = since.astimezone(CHINA_STANDARD_TIME)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if since < (ends := min(until, midnight)):
        yield Span(hall, state, since, ends)


def serving(rows: Iterable[Mapping[str, Any]]) -> Iterator[Span]:
    """When people were served: so many seconds up to when it was finished."""
    for row in rows:
        yield Span(row["hall"], "busy", row["at"] - timedelta(seconds=row["value"]), row["at"])


def hourly(spans: Iterable[Span]) -> Iterator[Span]:
    """The same, cut at every full hour of China."""
    for span in spans:
        begins = span.begins.astimezone(CHINA_STANDARD_TIME)
        while begins < span.ends:
            ends = min(begins.replace(minute=0, second=0, microsecond=0) + HOUR, span.ends)
            yield Span(span.hall, span.state, begins, ends)
            begins = ends.astimezone(CHINA_STANDARD_TIME)


_GROUPS: dict[str, Callable[[Span], str]] = {
    "": lambda _: "",
    "hall": lambda span: span.hall,
    "hour": lambda span: f"{span.begins:%H}",
    "day": lambda span: f"{span.begins:%Y-%m-%d}",
    "month": lambda span: f"{span.begins:%Y-%m}",
}


def _group(span: Span, by: str) -> str:
    return _GROUPS[by](span)


class Ways(OfCases, frozen=True):
    """How long paper travelled, for each pair of places: hall and department, or the level of both."""

    apart: ClassVar[str] = "way"
    between: Literal["places", "levels"] = "places"

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Mean, median, 95th percentile of seconds for each way."""
        cases = Cases(ground, (), self.of, asked)
        found: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
        for row in ground.select(statements.arrivals(self.of, asked)):
            if row["seconds"] is None:
                continue
            ends = row["org"] if self.between == "places" else cases.level(row["case_id"], row["item"])
            begins = row["hall" if self.between == "places" else "level"]
            found[begins + ARROW + (ends or "")][float(row["seconds"])] += 1
        return {way: spread_of(each) for way, each in sorted(found.items())} or {"": Told(None, count=0, why="zero")}
