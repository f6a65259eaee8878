"""Questions about indicators, answered as far as the caller reaches."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from contracts.insight import (
    UNSAID,
    GetIndicator,
    GetTrend,
    IndicatorTold,
    ListCitedFacts,
    ListIndicators,
    ListSuggestions,
    MonthForeseen,
    MonthTold,
    Number,
    SuggestionsTold,
    TrendTold,
)
from contracts.language import Caller
from eventing.errors import Invalid, NotFound
from eventing.paging import Order
from eventing.scoping import at_hall
from eventing.service import query
from insight.indicators import INDICATORS, Indicator
from insight.measuring import statements
from insight.measuring.figures import Figure, apart
from insight.measuring.forecasting import Foreseen, forecast
from insight.measuring.sets import Asked
from insight.suggesting import WANTED, Figures, suggestions
from insight.telling import Telling, halls_of
from kernel.clock import local_date

MOST = 500
"""Facts in one answer."""

BACK, AHEAD = 24, 12
"""Months that a trend goes back unless told otherwise, and that it is foreseen at most."""

COUNTED_UNITS = ("cases", "items", "consultations", "times", "tickets")
"""Units of figures that are zero, and not null, in a month without any."""

LONGEST = timedelta(days=3660)
"""The longest period that is answered."""


class Answering(Telling):
    """Questions about indicators."""

    @query(ListIndicators)
    def list_indicators(self, question: ListIndicators, caller: Caller) -> dict[str, Any]:
        """All of them, with their headlines."""
        asked = self._asked(question, caller)
        told = self.told([(indicator, indicator.figures[:1]) for indicator in INDICATORS.values()], asked)
        return {"begins": asked.begins, "ends": asked.ends, "as_of": asked.as_of, "indicators": told}

    @query(GetIndicator)
    def get_indicator(self, question: GetIndicator, caller: Caller) -> IndicatorTold:
        """One, with all its figures."""
        indicator = _indicator(question.indicator)
        return self.told([(indicator, indicator.figures)], self._asked(question, caller, by=question.by))[0]

    @query(ListCitedFacts)
    def list_cited_facts(self, question: ListCitedFacts, caller: Caller) -> dict[str, Any]:
        """The facts of one set of a number."""
        figure = _figure(_indicator(question.indicator), question.figure)
        part = "numerator" if question.part == "counted" and "counted" not in figure.sets else question.part
        if part not in figure.sets:
            raise Invalid(field="part")
        asked = self._asked(question, caller)
        limit = max(1, min(question.limit, MOST))
        found = statements.cited(figure.sets[part], asked, *_grouped(figure, question.group)).subquery("cited")
        order = Order(*(found.c[name] for name in ("on", *statements.PLACE)))
        rows = self.store.select(order.page(sa.select(found), question.after, limit, reverse=question.reversed))
        names = ("case_id", "service", "segment", "position", "kind", "on", "at", "learned", "item", "theme", "hall")
        return {
            "indicator": question.indicator,
            "figure": question.figure,
            "part": part,
            "as_of": asked.as_of,
            "facts": [
                {name: row[name] for name in (*names, "subject", "value")}
                | {"label": "" if row["kind"] in UNSAID else row["label"]}
                for row in rows
            ],
            "after": order.cursor(rows, limit),
        }

    @query(GetTrend)
    def get_trend(self, question: GetTrend, caller: Caller) -> TrendTold:
        """Whole months that have passed by what is known, and those to come."""
        indicator = _indicator(question.indicator)
        figure = _figure(indicator, question.figure)
        if apart(figure):
            raise Invalid(field="figure")
        now = self.clock.now()
        today = local_date(min(question.as_of or now, now))
        passed = date.fromordinal(max(today.toordinal() - today.day, 1))
        ends = min(question.ends or passed, passed)
        begins = min(question.begins or _back(ends, BACK), ends)
        asked = self._asked(replace(question, begins=begins, ends=ends), caller, by="month")
        told = self.figure(indicator, figure, asked)
        numbers = {number.of: number for number in told.numbers}
        nothing = Number("", None, numbers[""].why, numbers[""].says) if "" in numbers else Number("", None, "zero")
        if told.unit in COUNTED_UNITS and not nothing.why.startswith("no"):
            nothing = Number("", 0, count=0)
        months = [MonthTold(name, numbers.get(name, replace(nothing, of=name))) for name in _months(begins, ends)]
        values = [month.number.value for month in months if month.number.value is not None]
        found = forecast(values, max(0, min(question.months_ahead, AHEAD)))
        return TrendTold(
            indicator=indicator.key,
            figure=figure.name,
            name=told.name,
            unit=told.unit,
            as_of=asked.as_of,
            months=tuple(months),
            forecast=tuple(_foreseen(found, ends, told.unit)) if found else (),
            method=found.method if found else "",
            mean_error=found.error if found else None,
            tested=found.tested if found else 0,
        )

    @query(ListSuggestions)
    def list_suggestions(self, question: ListSuggestions, caller: Caller) -> SuggestionsTold:
        """By rules over figures of the period (``suggesting``)."""
        asked = self._asked(question, caller)
        told = {by: self.told(_headed(names), replace(asked, by=by)) for by, names in WANTED.items()}
        told["headlines"] = self.told([(each, each.figures[:1]) for each in INDICATORS.values()], asked)
        found = suggestions(Figures(told))
        return SuggestionsTold(begins=asked.begins, ends=asked.ends, as_of=asked.as_of, suggestions=found)

    def _asked(self, question: Any, caller: Caller, by: str = "") -> Asked:
        """The question, within the caller's reach and by what is known by then."""
        if question.hall:
            at_hall(question, caller, question.hall)
        ends = question.ends or local_date(self.clock.now())
        begins = question.begins or ends.replace(day=1)
        if ends < begins or ends - begins > LONGEST:
            raise Invalid(field="ends")
        return Asked(
            begins=begins,
            ends=ends,
            as_of=self.known_until(question.as_of),
            theme=question.theme,
            item=question.item,
            hall=question.hall,
            level=question.level,
            department=question.department,
            channel=question.channel,
            by=by,
            halls=halls_of(question, caller),
            provenance=question.provenance,
        )


def _indicator(key: str) -> Indicator:
    found = INDICATORS.get(key) or next((each for each in INDICATORS.values() if str(each.number) == key), None)
    if found is None:
        raise NotFound(what="indicator", id=key)
    return found


def _headed(names: Iterable[str]) -> list[tuple[Indicator, tuple[Figure, ...]]]:
    """Indicators with those of their figures that are named."""
    split = [name.split("/") for name in names]
    return [(INDICATORS[key], (INDICATORS[key].figure(figure),)) for key, figure in split]


def _grouped(figure: Figure, group: str) -> tuple[tuple[str, str], ...]:
    """The column that a figure's own groups are of, and the group; nothing where none is named."""
    by = getattr(figure, "by", "")
    if group and by not in {"label", "item", "subject", "channel"}:
        raise Invalid(field="group")
    return ((by, group),) if group else ()


def _months(begins: date, ends: date) -> Iterator[str]:
    """Those that lie in the period as a whole."""
    month = begins if begins.day == 1 else _next(begins)
    while _next(month) - timedelta(days=1) <= ends:
        yield month.isoformat()[:7]
        month = _next(month)


def _back(day: date, months: int) -> date:
    """The first of so many months, of which the day's is the last; there is none before the calendar begins."""
    first = max(day.year * 12 + day.month - months, 12)
    return date(first // 12, first % 12 + 1, 1)


def _next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _foreseen(found: Foreseen, ends: date, unit: str) -> Iterator[MonthForeseen]:
    """Nothing falls below zero, and no ratio that is a share above one."""
    most = 1.0 if unit == "ratio" and all(value <= 1 for value in found.values) else float("inf")
    month = _next(ends)
    for value in found.values:
        low, high = (min(max(value + way * found.worst, 0.0), most) for way in (-1, 1))
        yield MonthForeseen(month.isoformat()[:7], max(value, 0.0), low, high)
        month = _next(month)


def _figure(indicator: Indicator, name: str) -> Figure:
    try:
        return indicator.figure(name)
    except KeyError:
        raise NotFound(what="figure", id=name) from None
