"""Figures: what is told of sets. A figure that cannot be told is null, with the reason beside it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Literal, Protocol

import msgspec
import sqlalchemy as sa

from catalogue import Catalogue
from insight.measuring import statements
from insight.measuring.reading import Reading, Wanted
from insight.measuring.sets import Asked, Set
from kernel.workdays import Interval, WorkingCalendar

READ_AT_ONCE = 500
"""Cases in one question to the database."""

Why = Literal["", "zero", "no_source", "not_by_this"]
"""Why there is no number: the denominator is zero · 无数据来源 · it cannot be told apart by this."""


class Told(msgspec.Struct, frozen=True):
    """A number, with what it is made of."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    count: int | None = None
    """How many units it is about."""
    why: Why = ""
    spread: dict[str, float] = {}
    """median, p95, most."""
    parts: dict[str, int] = {}
    """How many of each sort."""


class Ground(msgspec.Struct, frozen=True):
    """Where numbers are read, and by which calendar days are counted."""

    read: Reading
    calendar: WorkingCalendar
    catalogue: Callable[[str], Catalogue]
    """The catalogue of a version."""

    def select(self, statement: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
        """What is asked for one number alone."""
        return self.read.select(statement)


class Figure(Protocol):
    """One number of an indicator."""

    name: str

    @property
    def sets(self) -> dict[str, Set]:
        """By their part in the number: what it cites."""
        ...

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """What it reads of the database, as far as that is known beforehand."""
        ...

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """The number for each group, of sets that can be told (``told``)."""
        ...


def told(figure: Figure, ground: Ground, asked: Asked) -> dict[str, Told]:
    """The number for each group, or why there is none."""
    if apart(figure) and asked.by:
        return {"": Told(None, why="not_by_this")}
    if why := refusal(figure.sets.values(), ground, asked):
        return {"": Told(None, why=why)}
    return figure.tell(ground, asked)


def apart(figure: Figure) -> str:
    """What its numbers are of by themselves: edges of the item graph, materials, ways; empty: it has one number."""
    found: str = getattr(figure, "apart", "")
    return found


def refusal(sets: Iterable[Set], ground: Ground, asked: Asked) -> Why:
    """Why these sets cannot be told at all; empty: they can."""
    for each in sets:
        if asked.dimensions & set(each.lacks):
            return "not_by_this"
        if each.imported and not ground.read.knows(asked.kinds(*each.kinds), asked.as_of):
            return "no_source"
    return ""


class Count(msgspec.Struct, frozen=True):
    """How many units, or with ``summed`` the sum of their amounts."""

    name: str
    of: Set
    summed: bool = False

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """A tally."""
        return (Wanted("tally", self.of, asked),)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """A set that has none of its kind counts zero; without a source it counts nothing."""
        found = _tallies(ground, self.of, asked, self.summed)
        return {group: Told(value, count=int(units)) for group, (units, value) in found.items()} or {
            "": Told(0, count=0)
        }


class Ratio(msgspec.Struct, frozen=True):
    """One set by another; ``summed`` compares sums of amounts."""

    name: str
    top: Set
    bottom: Set
    summed: tuple[bool, bool] = (False, False)
    less: bool = False
    """(bottom − top) ÷ bottom: what was saved."""

    @property
    def sets(self) -> dict[str, Set]:
        """Two sets."""
        return {"numerator": self.top, "denominator": self.bottom}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """Two tallies."""
        return Wanted("tally", self.top, asked), Wanted("tally", self.bottom, asked)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Null where the denominator is zero."""
        top = _tallies(ground, self.top, asked, self.summed[0])
        bottom = _tallies(ground, self.bottom, asked, self.summed[1])
        found = {}
        for group in sorted({*top, *bottom}) or [""]:
            (_, over), (units, under) = top.get(group, (0, 0)), bottom.get(group, (0, 0))
            over = under - over if self.less else over
            found[group] = Told(
                over / under if under else None, over, under, count=int(units), why="" if under else "zero"
            )
        return found


class Spread(msgspec.Struct, frozen=True):
    """Mean, median and 95th percentile of the amounts of a set."""

    name: str
    of: Set

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """A histogram."""
        return (Wanted("histogram", self.of, asked),)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Null where there is nothing to be measured."""
        amounts: dict[str, dict[float, int]] = defaultdict(dict)
        for row in ground.read(*self.wants(asked)):
            if row["amount"] is not None:
                amounts[row["of"]][row["amount"]] = row["units"]
        return {group: spread_of(each) for group, each in sorted(amounts.items())} or {
            "": Told(None, count=0, why="zero")
        }


class Parts(msgspec.Struct, frozen=True):
    """How many of each sort (``by`` label), or how many of each amount."""

    name: str
    of: Set
    by: Literal["label", "item", "subject", "level", "amount"] = "label"

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """One of its sorts."""
        if self.by == "amount":
            return (Wanted("histogram", self.of, asked),)
        return (Wanted("parts", self.of, asked, self.by),)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """The whole, and its parts."""
        parts: dict[str, dict[str, int]] = defaultdict(dict)
        for row in ground.read(*self.wants(asked)):
            sort = str(_number(row["amount"])) if self.by == "amount" else row["part"]
            parts[row["of"]][sort] = row["units"]
        return {
            group: Told(sum(each.values()), count=sum(each.values()), parts=dict(sorted(each.items())))
            for group, each in sorted(parts.items())
        } or {"": Told(0, count=0)}


class Entries(msgspec.Struct, frozen=True):
    """One ratio for each way in, as ``by`` tells them apart: what led to a case ÷ what came in there."""

    apart: ClassVar[str] = "entry"
    name: str
    top: Set
    bottom: Set
    by: Literal["channel", "item", "label"]

    @property
    def sets(self) -> dict[str, Set]:
        """Two sets."""
        return {"numerator": self.top, "denominator": self.bottom}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """Both, by their ways in."""
        return Wanted("parts", self.top, asked, self.by), Wanted("parts", self.bottom, asked, self.by)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Those at which anybody came in."""
        top, bottom = ({row["part"] or "": row["units"] for row in ground.read(wanted)} for wanted in self.wants(asked))
        return {
            entry: Told(top.get(entry, 0) / units, top.get(entry, 0), units, count=units)
            for entry, units in sorted(bottom.items())
        } or {"": Told(None, 0, 0, count=0, why="zero")}


class Funnel(msgspec.Struct, frozen=True):
    """How many there were of each stage in the period: nobody is followed from one stage to the next."""

    name: str
    stages: tuple[tuple[str, Set, bool], ...]
    """Name, set, and whether its amounts are summed."""

    @property
    def sets(self) -> dict[str, Set]:
        """The last stage is what is counted."""
        return {"counted": self.stages[-1][1]}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """A tally for each stage."""
        return tuple(Wanted("tally", of, asked) for _, of, _ in self.stages)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """A stage without a source, or that cannot be told by this, is left out."""
        parts: dict[str, dict[str, int]] = defaultdict(dict)
        for name, of, summed in self.stages:
            if not refusal((of,), ground, asked):
                for group, (_, value) in _tallies(ground, of, asked, summed).items():
                    parts[group][name] = int(value)
        last = self.stages[-1][0]
        return {
            group: Told(each.get(last, 0), count=each.get(last, 0), parts=each) for group, each in sorted(parts.items())
        } or {"": Told(0, count=0)}


class WorkingDays(msgspec.Struct, frozen=True):
    """Working days from the acceptance of an item to its decision; ``net`` of pauses."""

    name: str
    of: Set
    net: bool = True

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """What it reads follows from what it reads."""
        return ()

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Mean, median, 95th percentile."""
        days: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
        for row, taken in spans(ground, self.of, asked, net=self.net):
            days[row["of"]][taken] += 1
        return {group: spread_of(each) for group, each in sorted(days.items())} or {"": Told(None, count=0, why="zero")}


class Realised(msgspec.Struct, frozen=True):
    """By how much less than their statutory limits the items took: (Σ limits − Σ days taken) ÷ Σ limits."""

    name: str
    of: Set

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """What it reads follows from what it reads."""
        return ()

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Items without a statutory limit of at least a day are not compared."""
        saved: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row, taken in spans(ground, self.of, asked):
            if row["limit"] is None or row["limit"] <= 0:
                continue
            sums = saved[row["of"]]
            sums[0] += row["limit"] - taken
            sums[1] += row["limit"]
            sums[2] += 1
        return {
            group: Told(less / limits, less, limits, count=units)
            for group, (less, limits, units) in sorted(saved.items())
        } or {"": Told(None, 0, 0, count=0, why="zero")}


def spans(ground: Ground, of: Set, asked: Asked, *, net: bool = True) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Each item that was accepted, with the working days that it took; ``net`` of those on which its clocks stood."""
    rows = [row for row in ground.select(statements.spans(of, asked)) if row["began"] is not None]
    stood = standstills(ground, {row["case_id"] for row in rows if row["paused"]}, asked) if net else {}
    for row in rows:
        began, ended = row["began"], row["ended"]
        pauses = stood.get((row["case_id"], row["item"]), ())
        yield row, ground.calendar.elapsed(began, max(began, ended), pauses)


def standstills(ground: Ground, cases: Collection[str], asked: Asked) -> dict[tuple[str, str], list[Interval]]:
    """(case, item) → the days on which its clocks stood still."""
    begun: dict[tuple[str, str, str], date] = {}
    found: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    ordered = sorted(cases)
    for first in range(0, len(ordered), READ_AT_ONCE):
        for row in ground.select(statements.pauses(ordered[first : first + READ_AT_ONCE], asked)):
            case_id, item, clock = row["case_id"], row["item"], row["subject"]
            if row["kind"] == "paused":
                begun.setdefault((case_id, item, clock), row["on"])
            elif since := begun.pop((case_id, item, clock), None):
                found[case_id, item].append(Interval(since, row["on"]))
    for (case_id, item, _), since in begun.items():
        found[case_id, item].append(Interval(since, None))
    return found


def spread_of(amounts: Mapping[float, int]) -> Told:
    """Of a histogram: amount → how many."""
    count = sum(amounts.values())
    ordered = sorted(amounts.items())
    mean = sum(amount * units for amount, units in ordered) / count
    return Told(
        mean,
        count=count,
        spread={"median": rank(ordered, count, 50), "p95": rank(ordered, count, 95), "most": ordered[-1][0]},
    )


def rank(ordered: Sequence[tuple[float, int]], count: int, percent: int) -> float:
    """The nearest-rank percentile."""
    wanted = -(-percent * count // 100)
    passed = 0
    for amount, units in ordered:
        passed += units
        if passed >= wanted:
            return amount
    return ordered[-1][0]


def _tallies(ground: Ground, of: Set, asked: Asked, summed: bool) -> dict[str, tuple[int, float]]:
    rows = ground.read(Wanted("tally", of, asked))
    return {
        row["of"]: (row["units"], _number(row["amount"] or 0) if summed else row["units"])
        for row in sorted(rows, key=lambda row: row["of"])
    }


def _number(value: Any) -> float:
    exact = float(value)
    return int(exact) if exact.is_integer() else exact
