"""Commands: numbers from elsewhere, targets, improvements; and what improvements came to."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict, replace

from contracts.insight import (
    DropTarget,
    GetImprovement,
    ImportNumbers,
    ImprovementTold,
    ListImprovements,
    NumbersTaken,
    RecordImprovement,
    ReportedNumber,
    ReportNumber,
    SetTarget,
    Words,
)
from contracts.language import Act, Caller, Query
from eventing.errors import NotFound
from eventing.service import command, query
from insight.domain import Improvement, Report, Target
from insight.domain.refusals import FigureUnknown, NothingReadable
from insight.domain.report import COLUMNS, read
from insight.indicators import INDICATORS
from insight.measuring.sets import Asked
from insight.projections import IMPROVEMENTS, IMPROVEMENTS_NEWEST
from insight.telling import Telling, halls_of
from kernel.clock import local_date
from kernel.digests import digest

PAGE = 200


class Reporting(Telling):
    """What people tell insight."""

    @command(ReportNumber, on=Report, key="report", creates=True)
    def report_number(self, report: Report, cmd: ReportNumber, act: Act) -> NumbersTaken:
        """One number."""
        number = ReportedNumber(**{name: getattr(cmd, name) for name in COLUMNS})
        report.take((number,), cmd.source, cmd.dated_on, act=act)
        return NumbersTaken(report=report.stream, taken=1, refused=())

    @command(ImportNumbers, on=Report, key="report", creates=True)
    def import_numbers(self, report: Report, cmd: ImportNumbers, act: Act) -> NumbersTaken:
        """Those of a file that can be read."""
        numbers, refused = read(cmd.csv)
        if not numbers:
            raise NothingReadable(rows=[asdict(row) for row in refused[:20]])
        report.take(numbers, cmd.source, cmd.dated_on, digest(cmd.csv.encode()), act=act)
        return NumbersTaken(report=report.stream, taken=len(numbers), refused=tuple(refused))

    @command(SetTarget, on=Target, key="target", creates=True)
    def set_target(self, target: Target, cmd: SetTarget, act: Act) -> None:
        """What a figure is to come to."""
        _check(cmd.indicator, cmd.figure)
        target.set(cmd, act=act)

    @command(DropTarget, on=Target, key="target")
    def drop_target(self, target: Target, cmd: DropTarget, act: Act) -> None:
        """It stands no longer."""
        target.drop(act=act)

    @command(RecordImprovement, on=Improvement, key="improvement", creates=True)
    def record_improvement(self, improvement: Improvement, cmd: RecordImprovement, act: Act) -> None:
        """What was changed, and which figure it is to move."""
        _check(cmd.indicator, cmd.figure)
        improvement.note(cmd, act=act)

    @query(ListImprovements)
    def list_improvements(self, question: ListImprovements, caller: Caller) -> dict[str, Any]:
        """A page of them."""
        c = IMPROVEMENTS.c
        statement = _within(question, caller)
        for column, wanted in ((c.theme, question.theme), (c.indicator, question.indicator)):
            if wanted:
                statement = statement.where(column == wanted)
        limit = max(1, min(question.limit, PAGE))
        rows = self.store.select(IMPROVEMENTS_NEWEST.page(statement, question.after, limit, reverse=question.reversed))
        return {"improvements": [_row(row) for row in rows], "after": IMPROVEMENTS_NEWEST.cursor(rows, limit)}

    @query(GetImprovement)
    def get_improvement(self, question: GetImprovement, caller: Caller) -> ImprovementTold:
        """One, with its figure in as many days before as after."""
        c = IMPROVEMENTS.c
        statement = _within(question, caller)
        rows = self.store.select(statement.where(c.improvement == question.improvement))
        if not rows:
            raise NotFound(what="improvement", id=question.improvement)
        row = rows[0]
        indicator = INDICATORS[row["indicator"]]
        days, on = timedelta(days=row["days"]), row["on"]
        after = Asked(
            begins=on,
            ends=on + days - timedelta(days=1),
            as_of=self.known_until(question.as_of),
            theme=row["theme"],
            hall=row["hall"],
            halls=halls_of(question, caller),
        )
        before = replace(after, begins=on - days, ends=on - timedelta(days=1))
        figure = indicator.figure(row["figure"])
        return ImprovementTold(
            **_row(row),
            as_of=after.as_of,
            before=self.figure(indicator, figure, before).numbers[0],
            after=self.figure(indicator, figure, after).numbers[0],
            is_over=after.ends < local_date(self._now()),
        )

    def _now(self) -> datetime:
        now: datetime = self.clock.now()
        return now


def _check(indicator: str, figure: str) -> None:
    found = INDICATORS.get(indicator)
    if found is None or figure not in found.definition.figures:
        raise FigureUnknown(indicator=indicator, figure=figure)


def _within(question: Query, caller: Caller) -> sa.Select[Any]:
    """Improvements of the caller's halls, and of no hall in particular."""
    halls = halls_of(question, caller)
    statement = IMPROVEMENTS.table.select()
    return statement if halls is None else statement.where(IMPROVEMENTS.c.hall.in_(("", *halls)))


def _row(row: Any) -> dict[str, Any]:
    words = INDICATORS[row["indicator"]].definition.figures[row["figure"]]
    return {**row, "name": Words(words.zh, words.en)}
