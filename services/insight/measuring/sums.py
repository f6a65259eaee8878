"""Sums: what is counted, kept day by day, so that a question about a year reads its days and not its facts.

A unit that is counted is a *mark*: it counts in every period that begins after ``after`` and not after ``upto``, and
that does not end before ``on``. So a unit that counts once, in the period of its first, has ``upto`` the day of its
first, and ``on`` the day on which it first met the conditions; a larger amount on a later day is a mark of the rest.

Marks are kept for stretches of learning: what the observations of a stretch took away and added. Up to the end of a
stretch a number is the sum of what was kept; for another instant, what was learned since then is marked when asked.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import msgspec
import sqlalchemy as sa

from eventing.tables import EPOCH
from insight.measuring import statements
from insight.measuring.sets import Amount, Set, Unit
from insight.measuring.statements import Stretch
from insight.projections import OBSERVATIONS, STRETCH, STRETCHES, SUMMED, SUMS, TICKS

Select = Callable[[Any], Sequence[Mapping[str, Any]]]

RULE = 1
"""Another number, another edition: for when marks are made otherwise."""

APART = ("", "theme", "hall")
"""By what sums are kept apart."""

SHORT = 5_000
"""Observations of a stretch."""

LONG = 20_000
"""Observations that are marked when asked, at most."""


class Question(msgspec.Struct, frozen=True):
    """What is asked of a set, whatever the period."""

    shape: Literal["tally", "histogram", "parts"]
    of: Set
    part: str = ""
    """Of parts: what the units are sorted by."""

    @property
    def is_summed(self) -> bool:
        """Whether a unit counts by what is observed of its case, its subject or its hall alone."""
        of = self.of
        by = {having.by for having in of.having}
        if of.unit in {Unit.CASE, Unit.ITEM}:
            return of.amount is not Amount.SECONDS and by <= {Unit.CASE, Unit.ITEM, Unit.SUBJECT, Unit.DAY}
        within = {Unit.SUBJECT: Unit.SUBJECT, Unit.FACT: Unit.SUBJECT, Unit.THING: Unit.THING}
        is_own = of.amount in {Amount.VALUE, Amount.BASE} and not (of.with_limit or of.within_limit or of.before_limit)
        return is_own and not of.channels and of.unit in within and by <= {within[of.unit]}

    @property
    def key(self) -> str:
        """The same for the same question."""
        return sha256(msgspec.json.encode(self)).hexdigest()[:16]


class Place(NamedTuple):
    """What marks are told apart by."""

    question: str
    by: str
    of: str
    part: str
    after: str
    upto: str
    on: str


Marks = Mapping[Place, tuple[int, int]]
"""Place → units, amount."""


class Mark(NamedTuple):
    """A unit that counts from a day on, or that has a larger amount from a day on; days as text."""

    after: str
    upto: str
    on: str
    was: int | None
    amount: int


def marks(days: Sequence[tuple[str, int]], first: str, *, once: bool) -> Iterator[Mark]:
    """The marks of a unit, of the days on which it meets the conditions, in order, with its amounts on them."""
    after = ""
    for n, (on, first_amount) in enumerate(days[:1] if once else days):
        upto = first if once else on
        most = first_amount
        yield Mark(after, upto, on, None, most)
        for later, amount in days[n + 1 :]:
            if amount > most:
                yield Mark(after, upto, later, most, amount)
                most = amount
        after = on


def marked(
    select: Select,
    questions: Iterable[Question],
    between: Stretch,
    apart: Iterable[str] = APART,
    rest: Callable[[], None] = lambda: None,
) -> Marks:
    """What the observations of a stretch took away and added; rests after each look at a question."""
    units, amounts = Counter[Place](), Counter[Place]()
    of_halls = statements.learned(between, sa.literal(1).label("one")).where(OBSERVATIONS.c.kind == "hall").limit(1)
    has_halls = bool(select(of_halls))
    for question in questions:
        key, of = question.key, question.of
        kept_apart = [by for by in apart if by not in of.lacks]
        levels = has_halls and question.part == "level"
        for sign, as_of in zip((-1, 1), between, strict=True):
            found = _Touched()
            for statement in statements.touched(of, as_of, between, part=question.part, levels=levels):
                for row in select(statement):
                    found.add(row, kept_apart)
            for (by, value, part, first, days), number in found.alike().items():
                for mark in marks(days, first, once=of.counts_once):
                    for sort, many, amount in _counted(question, part, mark):
                        place = Place(key, by, value, sort, *mark[:3])
                        units[place] += sign * number * many
                        amounts[place] += sign * number * amount
            rest()
    return {place: (units[place], amounts[place]) for place in units if units[place] or amounts[place]}


class _Touched:
    """Units of one question, as they count at one instant."""

    def __init__(self) -> None:
        self.days: dict[tuple[str, str, str, tuple[str, ...]], dict[str, int]] = defaultdict(dict)
        """(by, of, part, unit) → day → amount."""
        self.firsts: dict[tuple[str, ...], str] = {}

    def add(self, row: Mapping[str, Any], apart: Iterable[str]) -> None:
        unit = (row["k0"], row["k1"], row["k2"], row["k3"])
        on, amount = row["on"], row["amount"]
        self.firsts[unit] = min(row["first"] or on, self.firsts.get(unit, on))
        for by in apart:
            days = self.days[by, row[by] if by else "", row["part"], unit]
            days[on] = max(amount, days.get(on, amount))

    def alike(self) -> Counter[tuple[str, str, str, str, tuple[tuple[str, int], ...]]]:
        """(by, of, part, first, days with amounts in order) → how many units count so."""
        return Counter(
            (by, of, part, self.firsts[unit], tuple(sorted(days.items())))
            for (by, of, part, unit), days in self.days.items()
        )


def _counted(question: Question, part: str, mark: Mark) -> Iterator[tuple[str, int, int]]:
    """By what a mark is sorted, how many units it is, and which amount it adds."""
    match question.shape:
        case "histogram":
            if mark.was is not None:
                yield str(mark.was), -1, 0
            yield str(mark.amount), 1, 0
        case "tally":
            yield "", int(mark.was is None), mark.amount - (mark.was or 0)
        case "parts" if mark.was is None:
            yield part, 1, 0


class Apart(NamedTuple):
    """By what a number is told apart, and of which of these it is; None: of each."""

    by: str
    of: str | None = None


class Sums:
    """What is summed of some questions in a database."""

    def __init__(self, select: Select, questions: Iterable[Question]) -> None:
        self.select = select
        self.questions = {question: question.key for question in questions}
        keys = sorted(self.questions.values())
        self.edition = sha256(msgspec.json.encode([RULE, *keys])).hexdigest()[:16]

    def read(
        self, questions: Iterable[Question], begins: date, ends: date, as_of: datetime, apart: Apart
    ) -> dict[str, list[dict[str, Any]]] | None:
        """key of a question → ``of``, ``part``, ``amount``, ``units``; None where too much is not summed."""
        keys = {self.questions[question]: question for question in questions}
        rows = self.select(self._kept(keys, begins, ends, as_of, apart))
        last = rows[0]["last"] if rows else None
        if last is None:
            return None
        since = statements.learned((last, as_of), OBSERVATIONS.c.learned).limit(LONG + 1).subquery()
        unsummed = self.select(sa.select(sa.func.count().label("there")).select_from(since))[0]["there"]
        if unsummed > LONG:
            return None
        found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            if row["question"] is not None:
                _add(found[row["question"], row["of"], row["part"]], int(row["units"]), int(row["amount"]))
        if unsummed:
            begin, end = begins.isoformat(), ends.isoformat()
            for place, counts in marked(self.select, keys.values(), (last, as_of), (apart.by,)).items():
                if place.after < begin <= place.upto and place.on <= end and apart.of in {None, place.of}:
                    _add(found[place.question, place.of, place.part], *counts)
        told: dict[str, list[dict[str, Any]]] = {key: [] for key in keys}
        for (key, of, part), (units, amount) in found.items():
            if units:
                told[key].append(_told(keys[key], of, part, units, amount))
        return told

    def _kept(self, keys: Iterable[str], begins: date, ends: date, as_of: datetime, apart: Apart) -> sa.Select[Any]:
        """One row at least, with ``last``: the end of the last stretch before an instant."""
        c, stretch = SUMS.c, STRETCH.c
        last = (
            sa.select(sa.func.max(stretch.learned).label("last"))
            .where(stretch.edition == self.edition, stretch.learned <= as_of)
            .subquery("summed")
        )
        counts = sa.and_(
            c.edition == self.edition,
            c.question.in_(list(keys)),
            c.by == apart.by,
            *(() if apart.of is None else (c.of == apart.of,)),
            c.learned <= last.c.last,
            c.after < begins.isoformat(),
            c.upto >= begins.isoformat(),
            c.on <= ends.isoformat(),
        )
        groups = (last.c.last, c.question, c.of, c.part)
        amounts = (sa.func.sum(c.units).label("units"), sa.func.sum(c.amount).label("amount"))
        return sa.select(*groups, *amounts).select_from(last.outerjoin(SUMS, counts)).group_by(*groups)

    def advance(self, store: Any, rest: Callable[[], None] = lambda: None) -> bool:
        """Sums the next stretch, with rests in between; says whether there was one."""
        last = _last(self.select, self.edition)
        c = OBSERVATIONS.c
        later = sa.select(c.learned).where(c.learned > (last.learned if last else EPOCH)).order_by(c.learned)
        ends = self.select(later.offset(SHORT - 1).limit(1))
        if not ends:
            return False
        if last is None:
            self._keep(store, last, Last(EPOCH, uuid4().hex), {})
        else:
            end = Last(ends[0]["learned"], last.run)
            between = (last.learned, end.learned)
            self._keep(store, last, end, marked(self.select, self.questions, between, rest=rest))
        return True

    def _keep(self, store: Any, last: "Last | None", end: "Last", made: Marks) -> None:
        """Unless somebody else kept something, or took all away, meanwhile."""
        with store.writing() as connection:
            connection.execute(sa.select(TICKS.c.learned).with_for_update())
            if _last(lambda wanted: connection.execute(wanted).mappings().all(), self.edition) == last:
                rows = [
                    (self.edition, end.learned, n, *place, *counts) for n, (place, counts) in enumerate(made.items())
                ]
                SUMMED.insert(connection, rows)
                STRETCHES.insert(connection, [(self.edition, *end)])


class Last(NamedTuple):
    """How far is summed, and in which run."""

    learned: datetime
    run: str


def _last(select: Select, edition: str) -> Last | None:
    c = STRETCH.c
    wanted = sa.select(c.learned, c.run).where(c.edition == edition).order_by(c.learned.desc()).limit(1)
    return next((Last(row["learned"], row["run"]) for row in select(wanted)), None)


def forget(connection: sa.Connection, *, but: str = "") -> None:
    """Takes all sums away, ``but`` those of an edition."""
    connection.execute(sa.delete(SUMS).where(SUMS.c.edition != but))
    connection.execute(sa.delete(STRETCH).where(STRETCH.c.edition != but))


def _add(counts: list[int], units: int, amount: int) -> None:
    counts[0] += units
    counts[1] += amount


def _told(question: Question, of: str, part: str, units: int, amount: int) -> dict[str, Any]:
    match question.shape:
        case "histogram":
            return {"of": of, "part": None, "amount": float(part), "units": units}
        case "tally":
            return {"of": of, "part": None, "amount": float(amount), "units": units}
        case "parts":
            return {"of": of, "part": part, "amount": None, "units": units}
