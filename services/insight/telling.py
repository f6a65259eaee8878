"""How a number is told: with its definition, by what was known at an instant, beside its target."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from itertools import islice
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from contracts.insight import Aim, FigureTold, IndicatorTold, Number, Restated, Words
from contracts.language import Caller, Query
from contracts.scopes import ANY
from eventing.catalogues import CurrentCatalogues
from eventing.scoping import reaches
from eventing.tables import EPOCH
from insight.indicators import INDICATORS, Indicator
from insight.measuring import statements
from insight.measuring.figures import Figure, Ground, Told, apart, refusal, told
from insight.measuring.reading import Kept, Reading
from insight.measuring.sets import Asked
from insight.measuring.sums import Question, Sums
from insight.observing.reports import SCALE
from insight.projections import TICKS
from kernel.clock import ending
from kernel.workdays import WorkingCalendar

SAYS = {
    "zero": Words("分母为零", "the denominator is zero"),
    "no_source": Words("无数据来源", "no source"),
    "not_by_this": Words("事实不能按此区分", "the facts do not tell it by this"),
}


Headed = tuple[Indicator, tuple[Figure, ...]]
"""An indicator with some of its figures."""


def _summed() -> Iterator[Question]:
    """What the headlines are made of, as far as it can be summed."""
    whenever = Asked(begins=date.min, ends=date.max, as_of=EPOCH)
    for indicator in INDICATORS.values():
        for wanted in indicator.figures[0].wants(whenever):
            if wanted.question.is_summed:
                yield wanted.question


HEADLINES = tuple(dict.fromkeys(_summed()))


class Telling:
    """What every question about numbers needs."""

    store: Any
    clock: Any
    calendar = WorkingCalendar.official()
    catalogues = CurrentCatalogues()

    @cached_property
    def _kept(self) -> Kept:
        return Kept()

    @cached_property
    def sums(self) -> Sums:
        """What is summed beforehand: the headlines."""
        return Sums(self.store.select, HEADLINES)

    def known_until(self, as_of: datetime | None) -> datetime:
        """The last instant at which something was learned, and not later than was asked for: whatever is learned
        from now on has a later one, so that the answer stays what it is."""
        rows = self.store.select(sa.select(TICKS.c.learned))
        last = rows[0]["learned"] if rows else EPOCH
        return last if as_of is None else min(as_of, last)

    def told(self, wanted: Sequence[Headed], asked: Asked) -> list[IndicatorTold]:
        """Indicators with these figures of theirs, in few statements."""
        figures = iter(self.figures([(each, figure) for each, figures in wanted for figure in figures], asked))
        return [_described(each, asked, tuple(islice(figures, len(some)))) for each, some in wanted]

    def figure(self, indicator: Indicator, figure: Figure, asked: Asked) -> FigureTold:
        """One."""
        return self.figures([(indicator, figure)], asked)[0]

    def figures(self, wanted: Sequence[tuple[Indicator, Figure]], asked: Asked) -> list[FigureTold]:
        """These figures, beside their targets; where facts came late, also as they were before that."""
        ground = self._ground()
        aims = self._aims([_subject(*each) for each in wanted], asked.as_of)
        closed = ending(asked.ends)
        late = self._late({kind for _, figure in wanted for kind in _kinds(figure)}, asked, closed)
        before = replace(asked, as_of=closed)
        imported = asked.kinds(*_imported(figure for _, figure in wanted))
        for instant in (asked.as_of, closed) if late else (asked.as_of,):
            ground.read.sources(imported, instant)
        ground.read.ahead(
            [
                each
                for _, figure in wanted
                if not refusal(figure.sets.values(), ground, asked)
                for each in (*figure.wants(asked), *(figure.wants(before) if _any(late, figure) else ()))
            ]
        )
        return [
            _figure_told(
                *each,
                _numbers(
                    told(each[1], ground, asked),
                    told(each[1], ground, before) if _any(late, each[1]) else {},
                    _any(late, each[1]),
                    closed,
                    partial(_aim, aims[_subject(*each)], asked),
                ),
            )
            for each in wanted
        ]

    def _late(self, kinds: Collection[str], asked: Asked, closed: datetime) -> dict[str, int]:
        """kind → how many observations of the period came after its end; none, while it goes on. All that is imported
        came after it."""
        if asked.as_of <= closed or asked.is_imported:
            return {}
        return {row["kind"]: row["late"] for row in self.store.select(statements.late(kinds, asked, closed))}

    def _ground(self) -> Ground:
        return Ground(Reading(self.store.select, self._kept, self.sums), self.calendar, self.catalogues.at)

    def _aims(self, subjects: Sequence[str], as_of: datetime) -> dict[str, dict[str, Aim]]:
        """Figure → theme → target; empty: of every theme that has none of its own."""
        rows = self.store.select(statements.targets(subjects, as_of))
        last = {(row["subject"], row["theme"]): row for row in rows}
        found: dict[str, dict[str, Aim]] = {subject: {} for subject in subjects}
        for (subject, theme), row in last.items():
            if row["label"]:
                found[subject][theme] = Aim(row["value"] / SCALE, row["label"])
        return found


def _subject(indicator: Indicator, figure: Figure) -> str:
    return f"{indicator.key}/{figure.name}"


def _kinds(figure: Figure) -> frozenset[str]:
    return frozenset(kind for each in figure.sets.values() for kind in each.every_kind)


def _imported(figures: Iterable[Figure]) -> list[str]:
    return sorted({kind for figure in figures for each in figure.sets.values() if each.imported for kind in each.kinds})


def _any(late: Mapping[str, int], figure: Figure) -> int:
    return sum(late.get(kind, 0) for kind in _kinds(figure))


def _described(indicator: Indicator, asked: Asked, figures: tuple[FigureTold, ...]) -> IndicatorTold:
    words = indicator.definition
    return IndicatorTold(
        indicator=indicator.key,
        number=indicator.number,
        version=indicator.version,
        name=Words(words.name.zh, words.name.en),
        formula=Words(words.formula.zh, words.formula.en),
        denominator=Words(words.denominator.zh, words.denominator.en),
        traps=Words(words.traps.zh, words.traps.en),
        source=words.source,
        begins=asked.begins,
        ends=asked.ends,
        as_of=asked.as_of,
        by=asked.by,  # type: ignore[arg-type]
        figures=figures,
    )


def _figure_told(indicator: Indicator, figure: Figure, numbers: Iterable[Number]) -> FigureTold:
    words = indicator.definition.figures[figure.name]
    return FigureTold(
        figure=figure.name,
        name=Words(words.zh, words.en),
        unit=words.unit,
        cites=tuple(figure.sets),  # type: ignore[arg-type]
        numbers=tuple(numbers),
        apart=apart(figure),
    )


def halls_of(question: Query, caller: Caller) -> tuple[str, ...] | None:
    """The halls that the caller's numbers are of; None: all."""
    if ANY in reaches(type(question), caller):
        return None
    return tuple(dict.fromkeys(name for name in (caller.hall, *caller.halls) if name))


def _aim(aims: dict[str, Aim], asked: Asked, group: str) -> Aim | None:
    return aims.get(group if asked.by == "theme" else asked.theme) or aims.get("")


def _met(aim: Aim | None, value: float | None) -> Aim | None:
    """The target, with whether it is met; of a number that there is not, nobody knows."""
    if aim is None or value is None:
        return aim
    return replace(aim, is_met=value >= aim.value if aim.direction == "at_least" else value <= aim.value)


def _numbers(
    told: dict[str, Told],
    before: dict[str, Told],
    late: int,
    closed: datetime,
    aim: Callable[[str], Aim | None],
) -> Iterator[Number]:
    for group, each in told.items():
        was = before.get(group, Told(None))
        changed = bool(late) and (was.value, was.parts, was.denominator) != (each.value, each.parts, each.denominator)
        yield Number(
            of=group,
            value=each.value,
            why=each.why,
            says=SAYS.get(each.why),
            numerator=each.numerator,
            denominator=each.denominator,
            count=each.count,
            spread=each.spread,
            parts=each.parts,
            restated=Restated(late, was.value, closed) if changed else None,
            target=_met(aim(group), each.value),
        )
