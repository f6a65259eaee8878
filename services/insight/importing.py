"""Commands and questions about histories of other systems."""

from typing import Any

import sqlalchemy as sa

from contracts.insight import (
    AdvanceImport,
    BeginImport,
    CaseTaken,
    FinishImport,
    GetImport,
    ImportCase,
    ListImportedCases,
    ListImports,
    ListQuarantine,
    QuarantineRows,
)
from contracts.language import Act, Caller
from eventing.errors import NotFound
from eventing.scoping import at_hall
from eventing.service import command, query
from insight.domain import Import, ImportedCase, Quarantine
from insight.projections import (
    IMPORTED_CASES,
    IMPORTED_NEWEST,
    IMPORTS,
    IMPORTS_NEWEST,
    QUARANTINED,
    QUARANTINED_ORDER,
)
from insight.telling import halls_of

PAGE = 500


class Importing:
    """What comes in from other systems."""

    store: Any

    @command(BeginImport, on=Import, key="history", creates=True)
    def begin_import(self, history: Import, cmd: BeginImport, act: Act) -> None:
        """A file."""
        history.begin(cmd, act=act)

    @command(AdvanceImport, on=Import, key="history")
    def advance_import(self, history: Import, cmd: AdvanceImport, act: Act) -> None:
        """How far it has come."""
        history.advance(cmd, act=act)

    @command(FinishImport, on=Import, key="history")
    def finish_import(self, history: Import, cmd: FinishImport, act: Act) -> None:
        """Its end."""
        history.finish(cmd, act=act)

    @command(QuarantineRows, on=Quarantine, key="quarantine", creates=True)
    def quarantine_rows(self, quarantine: Quarantine, cmd: QuarantineRows, act: Act) -> None:
        """Rows that were not taken."""
        quarantine.put(cmd, act=act)

    @command(ImportCase, on=ImportedCase, key="imported", creates=True)
    def import_case(self, case: ImportedCase, cmd: ImportCase, act: Act) -> CaseTaken:
        """Events of a case."""
        return case.take(cmd, act=act)

    @query(ListImports)
    def list_imports(self, question: ListImports, caller: Caller) -> dict[str, Any]:
        """A page of them."""
        statement = IMPORTS.table.select()
        if question.source:
            statement = statement.where(IMPORTS.c.source == question.source)
        limit = max(1, min(question.limit, PAGE))
        rows = self.store.select(IMPORTS_NEWEST.page(statement, question.after, limit, reverse=question.reversed))
        return {"imports": [dict(row) for row in rows], "after": IMPORTS_NEWEST.cursor(rows, limit)}

    @query(GetImport)
    def get_import(self, question: GetImport, caller: Caller) -> dict[str, Any]:
        """One."""
        return self._import(question.history)

    @query(ListQuarantine)
    def list_quarantine(self, question: ListQuarantine, caller: Caller) -> dict[str, Any]:
        """A page of rows, and all reasons."""
        self._import(question.history)
        c = QUARANTINED.c
        statement = QUARANTINED.table.select().where(c.history == question.history)
        for name in ("reason", "column"):
            if wanted := getattr(question, name):
                statement = statement.where(c[name] == wanted)
        limit = max(1, min(question.limit, PAGE))
        with self.store.selecting() as select:
            rows = select(QUARANTINED_ORDER.page(statement, question.after, limit, reverse=question.reversed))
            reasons = select(
                sa.select(c.reason, sa.func.count().label("rows"))
                .where(c.history == question.history)
                .group_by(c.reason)
                .order_by(c.reason)
            )
        return {
            "history": question.history,
            "rows": [{name: row[name] for name in ("row", "reason", "column")} for row in rows],
            "reasons": {row["reason"]: row["rows"] for row in reasons},
            "after": QUARANTINED_ORDER.cursor(rows, limit),
        }

    @query(ListImportedCases)
    def list_imported_cases(self, question: ListImportedCases, caller: Caller) -> dict[str, Any]:
        """A page of cases, as far as the caller reaches."""
        if question.hall:
            at_hall(question, caller, question.hall)
        c, statement = IMPORTED_CASES.c, IMPORTED_CASES.table.select()
        halls = halls_of(question, caller)
        if halls is not None:
            statement = statement.where(c.hall.in_(halls))
        for name in ("source", "original", "theme", "hall"):
            if wanted := getattr(question, name):
                statement = statement.where(c[name] == wanted)
        limit = max(1, min(question.limit, PAGE))
        rows = self.store.select(IMPORTED_NEWEST.page(statement, question.after, limit, reverse=question.reversed))
        return {
            "cases": [{**row, "provenance": "imported"} for row in rows],
            "after": IMPORTED_NEWEST.cursor(rows, limit),
        }

    def _import(self, history: str) -> dict[str, Any]:
        rows = self.store.select(IMPORTS.table.select().where(IMPORTS.c.history == history))
        if not rows:
            raise NotFound(what="import", id=history)
        return dict(rows[0])
