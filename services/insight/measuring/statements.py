"""Sets as SQL, the same for PostgreSQL and SQLite."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from insight.measuring.sets import Amount, Asked, Having, Set, Unit
from insight.projections import OBSERVATIONS

CLOCK_KINDS = ("clock",)
KEYS = {
    Unit.CASE: ("case_id",),
    Unit.ITEM: ("case_id", "item"),
    Unit.SUBJECT: ("case_id", "subject"),
    Unit.THING: ("subject",),
    Unit.CODE: ("item",),
    Unit.LABEL: ("label",),
    Unit.DAY: ("case_id", "on"),
    Unit.FACT: ("service", "segment", "position", "n"),
}
"""What is the same in all observations of one unit."""

HOUR = 3_600_000_000
"""Microseconds."""
CHINA_AHEAD = 8
"""Hours before UTC, the year round."""

PLACE = ("service", "segment", "position", "n")

TIMES = ("hour", "day", "month")

AT_ONCE = 24
"""Questions in one statement: SQLite has a limit, and a planner some patience."""

DIMENSIONS = frozenset({"theme", "hall", "channel", "level", "department"})
"""What an observation, or its case for it, has a value for; all else is a column's own."""

Stretch = tuple[datetime, datetime]
"""What was learned after an instant, and not after another."""


@cache
def _as(name: str) -> Any:
    """The observations under another name; made once, as it has many columns."""
    return OBSERVATIONS.alias(name)


class _Query:
    """One set, asked for something: the observations that count, with what they are counted by."""

    def __init__(self, wanted: Set, asked: Asked, *more: str) -> None:
        dimensions = asked.dimensions | {*more}
        self.set = wanted
        self.asked = asked
        self.o = _as("o")
        self.opened = _as("opened")
        self.accepted = _as("accepted")
        self.halls = _as("halls")
        self.keys = [self.o.c[name] for name in KEYS[wanted.unit]]
        self.needs_case = bool(dimensions & {"theme", "hall", "channel", "level"})
        self.needs_items = bool(dimensions & {"department"} or (dimensions & {"item"} and not self._has_item))
        self.needs_halls = "level" in dimensions

    @property
    def _has_item(self) -> bool:
        return self.set.unit in {Unit.ITEM, Unit.CODE, Unit.THING}

    def dimension(self, name: str) -> Any:
        """The value that an observation has for this dimension, or its case for it."""
        own = self.o.c
        if name in {"theme", "hall", "channel"}:
            return sa.func.coalesce(sa.func.nullif(own[name], ""), self.opened.c[name], "")
        if name == "level":
            return sa.func.coalesce(self.halls.c.label, "")
        if name == "item":
            return own.item if self._has_item else sa.func.coalesce(self.accepted.c.item, own.item)
        if name == "department":
            return sa.func.coalesce(sa.func.nullif(own.org, ""), self.accepted.c.org, "")
        if name == "day":
            return sa.cast(own.on, sa.Text)
        if name == "hour":
            return _hour(sa.type_coerce(own.at, sa.BigInteger))
        if name == "month":
            return sa.func.substr(sa.cast(own.on, sa.Text), 1, 7)
        return sa.literal("")

    def statement(self, *columns: Any) -> sa.Select[Any]:
        """These columns of the observations that count."""
        terms = [*self._in_period(), *self._narrowed(), *self._once(), *self._conditions(), *self._bounds()]
        return sa.select(*columns).select_from(self._joined()).where(*terms)

    def _in_period(self) -> Iterator[Any]:
        asked, c = self.asked, self.o.c
        yield c.kind.in_(asked.kinds(*self.set.kinds))
        if asked.begins > date.min:
            yield c.on >= asked.begins
        if asked.ends < date.max:
            yield c.on <= asked.ends
        yield c.learned <= asked.as_of

    def _narrowed(self) -> Iterator[Any]:
        """By what was asked for, and by what the caller reaches."""
        for name in ("theme", "item", "hall", "level", "department", "channel"):
            if value := getattr(self.asked, name):
                yield self.dimension(name) == value
        if self.asked.halls is not None:
            yield self.dimension("hall").in_(self.asked.halls)

    def _once(self) -> Iterator[Any]:
        """One that counts for its unit."""
        if self.set.unit is Unit.ITEM:
            yield self.o.c.item != ""
        if self.set.latest:
            yield ~self._newer()
        elif self.set.counts_once and self.asked.begins > date.min:
            yield ~self._earlier()

    def _conditions(self) -> Iterator[Any]:
        if self.set.labels:
            yield self.o.c.label.in_(self.set.labels)
        if self.set.channels:
            yield self._case_channel().in_(self.set.channels)
        for having in self.set.having:
            yield self._having(having)

    def _bounds(self) -> Iterator[Any]:
        on, wanted = self.o.c.on, self.set
        if wanted.with_limit:
            yield self.clock(wanted.with_limit).is_not(None)
        if wanted.within_limit:
            yield on <= self.clock(wanted.within_limit)
        if wanted.before_limit:
            yield on < self.clock(wanted.before_limit)
        if wanted.at_least is not None:
            yield self.amount() >= wanted.at_least
        if wanted.at_most is not None:
            yield self.amount() <= wanted.at_most

    @property
    def _is_first_only(self) -> bool:
        return not self.set.every and self.set.unit in {Unit.CASE, Unit.ITEM, Unit.SUBJECT, Unit.THING}

    def _case_channel(self) -> Any:
        case = _as("case_of")
        found = (
            sa.select(sa.func.max(case.c.channel))
            .where(
                case.c.case_id == self.o.c.case_id,
                case.c.kind.in_(self.asked.kinds("opened")),
                case.c.learned <= self.asked.as_of,
            )
            .scalar_subquery()
        )
        return sa.func.coalesce(sa.func.nullif(self.o.c.channel, ""), found, "")

    def _joined(self) -> Any:
        joined: Any = self.o
        as_of = self.asked.as_of
        if self.needs_case:
            of = self.opened.c
            joined = joined.outerjoin(
                self.opened,
                sa.and_(
                    self.o.c.case_id != "",
                    of.case_id == self.o.c.case_id,
                    of.kind.in_(self.asked.kinds("opened")),
                    of.learned <= as_of,
                ),
            )
        if self.needs_items:
            of = self.accepted.c
            same = [
                of.case_id == self.o.c.case_id,
                of.kind.in_(self.asked.kinds("accepted")),
                of.learned <= as_of,
                self.o.c.case_id != "",
            ]
            if self._has_item:
                same.append(of.item == self.o.c.item)
            joined = joined.outerjoin(self.accepted, sa.and_(*same))
        if self.needs_halls:
            of = self.halls.c
            joined = joined.outerjoin(
                self.halls,
                sa.and_(of.kind == "hall", of.hall == self.dimension("hall"), of.learned <= as_of),
            )
        return joined

    def _earlier(self) -> Any:
        """Whether the unit had one before the period: then it counts there."""
        earlier = _as("earlier")
        return sa.exists().where(*self._same(earlier), _unwalked(earlier.c.on) < self.asked.begins.isoformat())

    def _same(self, other: Any) -> Iterator[Any]:
        """What may be the first of the same unit."""
        yield other.c.kind.in_(self.asked.kinds(*self.set.kinds))
        yield from (other.c[key.name] == key for key in self.keys)
        if self.set.labels:
            yield other.c.label.in_(self.set.labels)
        yield other.c.learned <= self.asked.as_of

    def first(self) -> Any:
        """The day of the unit's first, as text; null where it is the first that counts, or none is asked for."""
        if self.set.is_plain or not self.set.counts_once:
            return sa.cast(sa.null(), sa.Text)
        first = _as("first")
        return sa.select(sa.func.min(_unwalked(first.c.on))).where(*self._same(first)).scalar_subquery()

    def _newer(self) -> Any:
        """Whether the same was recorded again later: then that counts."""
        newer, c = _as("newer"), self.o.c
        return sa.exists().where(
            newer.c.kind == c.kind,
            newer.c.subject == c.subject,
            newer.c.learned <= self.asked.as_of,
            sa.or_(newer.c.at > c.at, sa.and_(newer.c.at == c.at, newer.c.position > c.position)),
        )

    def _having(self, having: Having) -> Any:
        other = _as("having")
        terms = [
            other.c.kind.in_(self.asked.kinds(*having.kinds)),
            *(other.c[name] == self.o.c[name] for name in KEYS[having.by] if name != "on"),
            other.c.learned <= self.asked.as_of,
        ]
        if having.labels:
            terms.append(other.c.label.in_(having.labels))
        if having.in_time:
            terms.append(sa.or_(self.o.c.due.is_(None), other.c.on <= self.o.c.due))
        if having.same_day:
            terms.append(_unwalked(other.c.on) == _unwalked(self.o.c.on))
        if having.most:
            days = sa.select(sa.func.count(sa.distinct(other.c.on))).where(*terms).scalar_subquery()
            return days <= having.most
        there = sa.exists().where(*terms)
        return there if having.has else ~there

    def clock(self, name: str) -> Any:
        """What the clock of the same item said as it stood last."""
        clock = _as("clock")
        return (
            sa.select(clock.c[name])
            .where(
                clock.c.kind.in_(self.asked.kinds(*CLOCK_KINDS)),
                clock.c.case_id == self.o.c.case_id,
                clock.c.item == self.o.c.item,
                clock.c.learned <= self.asked.as_of,
                clock.c.at <= self.o.c.at,
            )
            .order_by(clock.c.at.desc(), clock.c.position.desc(), clock.c.n.desc())
            .limit(1)
            .scalar_subquery()
        )

    def amount(self) -> Any:
        """What is summed."""
        own, other = self.o.c, _as("summed")
        match self.set.amount:
            case Amount.VALUE:
                return own.value
            case Amount.BASE:
                return own.base
            case Amount.ITEMS:
                return (
                    sa.select(sa.func.count(sa.distinct(other.c.item)))
                    .where(
                        other.c.kind.in_(self.asked.kinds("accepted")),
                        other.c.case_id == own.case_id,
                        other.c.learned <= self.asked.as_of,
                    )
                    .scalar_subquery()
                )
            case Amount.VISITS:
                return (
                    sa.select(sa.func.count(sa.distinct(other.c.on)))
                    .where(
                        other.c.kind.in_(self.asked.kinds("visit")),
                        other.c.case_id == own.case_id,
                        other.c.learned <= self.asked.as_of,
                    )
                    .scalar_subquery()
                )
            case Amount.SECONDS:
                began = (
                    sa.select(sa.func.max(sa.type_coerce(other.c.at, sa.BigInteger)))
                    .where(
                        other.c.kind.in_(self.asked.kinds(self.set.since)),
                        other.c.case_id == own.case_id,
                        other.c.subject == own.subject,
                        other.c.learned <= self.asked.as_of,
                        other.c.at <= own.at,
                    )
                    .scalar_subquery()
                )
                return (sa.type_coerce(own.at, sa.BigInteger) - began) / 1_000_000

    def group(self) -> tuple[Any, list[Any]]:
        """What the units are told apart by, and by what else than the unit that is grouped.

        A unit that counts once is in the month, day or hour of its first.
        """
        by = self.asked.by
        if by not in TIMES or not self._is_first_only:
            group = self.dimension(by).label("of")
            return group, [group]
        first = sa.func.min(sa.type_coerce(self.o.c.at, sa.BigInteger))
        return (_hour(first) if by == "hour" else sa.func.min(self.dimension(by))).label("of"), []

    def units(self) -> Any:
        """One row a unit and group: its amount."""
        group, more = self.group()
        columns = [group, *self.keys, sa.func.max(self.amount()).label("amount")]
        return self.statement(*columns).group_by(*more, *self.keys).subquery("units")


def _unwalked(on: Any) -> Any:
    """A day, as text, that no planner walks an index by: what is looked for is looked for by its case."""
    return sa.type_coerce(on, sa.Text).op("||")("")


def _hour(at: Any) -> Any:
    """The hour in China, two digits."""
    return sa.func.substr(sa.cast((at // HOUR + CHINA_AHEAD) % 24 + 100, sa.Text), 2)


def tally(wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``of``, ``units``, ``amount``: for each group, how many there are and the sum of their amounts."""
    units = _Query(wanted, asked).units()
    return _row(units.c.of, _NOTHING, sa.func.sum(units.c.amount)).group_by(units.c.of)


def histogram(wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``of``, ``amount``, ``units``: for each group, how many there are of each amount."""
    units = _Query(wanted, asked).units()
    return _row(units.c.of, _NOTHING, units.c.amount).group_by(units.c.of, units.c.amount)


def parts(wanted: Set, asked: Asked, name: str) -> sa.Select[Any]:
    """``of``, ``part``, ``units``: for each group, how many there are by a dimension, or by a column's own value."""
    is_dimension = name in DIMENSIONS
    query = _Query(wanted, asked, *((name,) if is_dimension else ()))
    group, more = query.group()
    part = (query.dimension(name) if is_dimension else query.o.c[name]).label("part")
    units = query.statement(group, part, *query.keys).group_by(*more, part, *query.keys).subquery("units")
    return _row(units.c.of, units.c.part, _NO_AMOUNT).group_by(units.c.of, units.c.part)


_NOTHING = sa.cast(sa.null(), sa.Text)
_NO_AMOUNT = sa.cast(sa.null(), sa.Float)


def _row(of: Any, part: Any, amount: Any) -> sa.Select[Any]:
    return sa.select(
        of.label("of"), part.label("part"), sa.cast(amount, sa.Float).label("amount"), sa.func.count().label("units")
    )


def learned(between: Stretch, *columns: Any) -> sa.Select[Any]:
    """Of the observations that were learned in a stretch."""
    c = OBSERVATIONS.c
    return sa.select(*columns).where(c.learned > between[0], c.learned <= between[1])


def touched(wanted: Set, as_of: datetime, between: Stretch, *, part: str, levels: bool) -> list[sa.Select[Any]]:
    """``k0`` … ``k3``, ``theme``, ``hall``, ``part``, ``on``, ``first``, ``amount``: the days on which units count as
    of an instant; of those of which anything was learned in a stretch, with ``levels`` also of halls of which it was.

    ``first`` is the day of the unit's first, null where that is the first of its days, or none is asked for.
    """
    asked = Asked(begins=date.min, ends=date.max, as_of=as_of)
    query = _Query(wanted, asked, "theme", "hall", *((part,) if part in DIMENSIONS else ()))
    own = query.o.c
    sorted_by = sa.literal("") if not part else query.dimension(part) if part in DIMENSIONS else own[part]
    keys = [*query.keys, *(sa.literal("") for _ in range(4 - len(query.keys)))]
    units = query.statement(
        *(sa.cast(key, sa.Text).label(f"k{n}") for n, key in enumerate(keys)),
        query.dimension("theme").label("theme"),
        query.dimension("hall").label("hall"),
        sorted_by.label("part"),
        sa.type_coerce(own.on, sa.Text).label("on"),
        query.first().label("first"),
        query.amount().label("amount"),
    )
    found = []
    for among in _touched(own, wanted.unit, between, levels):
        *same, first, amount = units.where(among).subquery("units").c
        found.append(
            sa.select(*same, sa.func.max(first).label("first"), sa.func.max(amount).label("amount")).group_by(*same)
        )
    return found


def _touched(own: Any, unit: Unit, between: Stretch, levels: bool) -> Iterator[Any]:
    """Conditions of which one holds for all observations of a unit, or for none."""
    c = OBSERVATIONS.c
    cases = own.case_id.in_(learned(between, c.case_id).where(c.case_id != ""))
    subjects = own.subject.in_(learned(between, c.subject))
    if unit is Unit.THING:
        yield subjects
        return
    yield cases
    if unit not in {Unit.CASE, Unit.ITEM}:
        yield sa.and_(own.case_id == "", subjects)
    if levels:
        halls = learned(between, c.hall).where(c.kind == "hall")
        yield own.case_id.in_(sa.select(c.case_id).where(c.hall.in_(halls), c.case_id != ""))


def together(statements: Sequence[sa.Select[Any]]) -> Any:
    """Several of these in one, numbered by ``n``."""
    numbered = [
        sa.select(sa.literal_column(str(n)).label("n"), *statement.subquery(f"s{n}").c)
        for n, statement in enumerate(statements)
    ]
    return sa.union_all(*numbered) if len(numbered) > 1 else numbered[0]


def spans(wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``of``, ``case_id``, ``item``, ``began``, ``ended``, ``paused``, ``limit``: of each item from acceptance.

    ``limit`` is the statutory one in working days, negative where there is none.
    """
    query = _Query(wanted, asked)
    own, other = query.o.c, _as("began")
    group, more = query.group()
    same = (other.c.case_id == own.case_id, other.c.item == own.item, other.c.learned <= asked.as_of)
    first = sa.func.min(_unwalked(other.c.on))
    accepted = other.c.kind.in_(asked.kinds("accepted"))
    began = sa.select(sa.type_coerce(first, other.c.on.type)).where(accepted, *same).scalar_subquery()
    pause = _as("pause")
    paused = sa.exists().where(
        pause.c.kind.in_(asked.kinds("paused")),
        pause.c.case_id == own.case_id,
        pause.c.item == own.item,
        pause.c.learned <= asked.as_of,
    )
    columns = [group, own.case_id, own.item, sa.func.min(own.on).label("ended")]
    units = query.statement(
        *columns,
        sa.func.max(began).label("began"),
        sa.func.max(sa.case((paused, 1), else_=0)).label("paused"),
        sa.func.max(query.clock("base")).label("limit"),
    )
    return units.group_by(*more, own.case_id, own.item)


def members(wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``of``, ``case_id``, ``item``, ``on``: the units themselves, with the day of their first."""
    query = _Query(wanted, asked)
    own = query.o.c
    group, more = query.group()
    item = own.item if wanted.unit is Unit.ITEM else sa.literal("")
    units = query.statement(group, own.case_id, item.label("item"), sa.func.min(own.on).label("on"))
    return units.group_by(*more, *query.keys)


def of_cases(kinds: Collection[str], wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``case_id``, ``kind``, ``item``, ``subject``, ``label``, ``on``: what was observed of a set's cases, whenever."""
    c = OBSERVATIONS.c
    cases = members(wanted, asked).subquery("members")
    columns = (c.case_id, asked.unmarked(c.kind), c.item, c.subject, c.label)
    return (
        sa.select(*columns, sa.func.min(c.on).label("on"))
        .where(c.kind.in_(asked.kinds(*kinds)), c.learned <= asked.as_of, c.case_id.in_(sa.select(cases.c.case_id)))
        .group_by(*columns)
    )


def arrivals(wanted: Set, asked: Asked) -> sa.Select[Any]:
    """``case_id``, ``hall``, ``level``, ``org``, ``item``, ``seconds``: paper from where, for whom, after how long."""
    query = _Query(wanted, asked, "hall", "level")
    own, packet = query.o.c, _as("packet")
    planned = sa.and_(
        packet.c.kind.in_(asked.kinds("packet")),
        packet.c.case_id == own.case_id,
        packet.c.subject == own.subject,
        packet.c.learned <= asked.as_of,
    )

    def of_packet(name: str) -> Any:
        return sa.select(sa.func.max(packet.c[name])).where(planned).scalar_subquery().label(name)

    return query.statement(
        own.case_id,
        query.dimension("hall").label("hall"),
        query.dimension("level").label("level"),
        of_packet("org"),
        of_packet("item"),
        query.amount().label("seconds"),
    )


def at_windows(kinds: Collection[str], asked: Asked) -> sa.Select[Any]:
    """``hall``, ``window``, ``label``, ``at``, ``value``: what happened at windows in the period, in order."""
    c = OBSERVATIONS.c
    found = sa.select(c.hall, c.window, c.label, c.at, c.value).where(
        c.kind.in_(asked.kinds(*kinds)), c.on.between(asked.begins, asked.ends), c.learned <= asked.as_of
    )
    if asked.hall:
        found = found.where(c.hall == asked.hall)
    if asked.halls is not None:
        found = found.where(c.hall.in_(asked.halls))
    return found.order_by(c.at, c.position, c.n)


def pauses(cases: Collection[str], asked: Asked) -> sa.Select[Any]:
    """When the clocks of the items of these cases stood still and went on, in order."""
    c = OBSERVATIONS.c
    return (
        sa.select(c.case_id, c.item, asked.unmarked(c.kind), c.subject, c.on)
        .where(c.case_id.in_(cases), c.kind.in_(asked.kinds("paused", "went_on")), c.learned <= asked.as_of)
        .order_by(c.on, c.at, c.position, c.n)
    )


def cited(wanted: Set, asked: Asked, *only: tuple[str, str]) -> sa.Select[Any]:
    """The observations of a set themselves: which case, which fact; only those with these values of their own."""
    query = _Query(wanted, asked)
    found = query.statement(query.o, query.dimension(asked.by).label("of"))
    return found.where(*(query.o.c[name] == value for name, value in only))


def late(kinds: Collection[str], asked: Asked, closed: datetime) -> sa.Select[Any]:
    """``kind``, ``late``: how many observations for days of the period were learned after an instant."""
    c = OBSERVATIONS.c
    return (
        sa.select(c.kind, sa.func.count().label("late"))
        .where(
            c.kind.in_(sorted(kinds)),
            c.on.between(asked.begins, asked.ends),
            c.learned > closed,
            c.learned <= asked.as_of,
        )
        .group_by(c.kind)
    )


def known(kinds: Collection[str], as_of: datetime) -> Any:
    """One row: for each kind whether anything of it ever came."""
    c = OBSERVATIONS.c
    return sa.select(*(sa.exists().where(c.kind == kind, c.learned <= as_of).label(kind) for kind in kinds))


def targets(subjects: Collection[str], as_of: datetime) -> sa.Select[Any]:
    """The targets of figures, oldest first."""
    c = OBSERVATIONS.c
    return (
        sa.select(c.subject, c.theme, c.value, c.label)
        .where(c.kind == "target", c.subject.in_(subjects), c.learned <= as_of)
        .order_by(c.at, c.learned, c.position, c.n)
    )
