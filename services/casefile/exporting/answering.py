"""Answers pages of an export, as far as whoever asks reaches."""

from typing import Any

import sqlalchemy as sa

from casefile.chain import Entry
from casefile.exporting import national, pages
from casefile.exporting.pseudonyms import Pseudonyms
from casefile.keeper import is_behind
from casefile.projections import HEADS, taken_over_by
from contracts.exports import ExportLog, ExportTables, LogPage, TablePage
from contracts.insight import Provenance
from contracts.intake import CaseOpened
from contracts.language import Caller
from contracts.supposing import SupposeRules
from eventing.catalogues import Catalogues
from eventing.errors import Unavailable
from eventing.scoping import narrowed
from eventing.service import Service, query


class Exporting(Service):
    """The part of casefile that gives histories to other programs."""

    pseudonyms = Pseudonyms()
    catalogues = Catalogues()

    @query(ExportLog)
    def export_log(self, question: ExportLog, caller: Caller) -> LogPage:
        """The next chains as events and objects."""
        size, keys, found = self._exported(question, caller, only_cases=False)
        told = [pages.told(chain, self.pseudonyms) for chain in found.values() if chain]
        return LogPage(
            size=size,
            objects=tuple(each for objects, _ in told for each in objects),
            events=tuple(each for _, events in told for each in events),
            after=keys[-1] if keys else None,
        )

    @query(ExportTables)
    def export_tables(self, question: ExportTables, caller: Caller) -> TablePage:
        """The next cases as rows of the national upload tables."""
        size, keys, found = self._exported(question, caller, only_cases=True)
        rows: dict[str, list[dict[str, str]]] = {table: [] for table in national.national().tables}
        for facts in map(pages.known, found.values()):
            opened = next((each.fact for each in facts if each.topic == CaseOpened.TOPIC), None)
            if opened is not None:
                for table, row in national.rows(facts, self.catalogues.at(opened.catalogue), self.pseudonyms):
                    rows[table].append(row)
        return TablePage(
            size=size,
            columns=national.national().tables,
            rows={table: tuple(each) for table, each in rows.items()},
            after=keys[-1] if keys else None,
        )

    def _exported(
        self, question: ExportLog | ExportTables | SupposeRules, caller: Caller, *, only_cases: bool
    ) -> tuple[int, list[str], dict[str, list[Entry]]]:
        if is_behind(self.store.select):
            raise Unavailable(what="tree", service=self.name, error="entries of an older release get their leaves")
        size = question.size or pages.size_of(self.store.select)

        def narrow(wanted: sa.Select[Any]) -> sa.Select[Any]:
            return narrowed(wanted, question, caller, halls=(HEADS.c.hall, taken_over_by))

        provenance: Provenance = getattr(question, "provenance", "own")
        keys = pages.chains(self.store.select, question, narrow, only_cases=only_cases, provenance=provenance)
        return size, keys, pages.entries(self.store.select, keys, size)
