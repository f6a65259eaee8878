"""What can be asked about editions: where they stand, what they change, and which live cases they would move."""

from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

import catalogue
from catalogue import Catalogue
from contracts.editions import (
    CheckEdition,
    CompareEdition,
    GetCatalogue,
    GetEdition,
    GetImpact,
    GetSchedule,
    ListEditions,
    Moved,
    PreviewEdition,
)
from contracts.language import Caller
from eventing.errors import Invalid, NotFound, OneThingError
from eventing.service import query
from intake.domain import outline_of
from intake.domain.edition import Edition
from intake.domain.migrating import moved, rederived
from intake.domain.refusals import UnansweredQuestions
from intake.editions.making import findings
from intake.editions.pins import BY_CASE, PINS, Asked
from intake.editions.publishing import EDITIONS, EDITIONS_NEWEST, SOURCES, schedule_of, standing
from kernel.clock import local_date

PAGE = 200
"""Rows on a page of a list at most."""

NOTHING = Moved()


class Reading:
    """Questions about editions."""

    store: Any
    clock: Any
    catalogues: Any
    making: Any

    @query(GetEdition)
    def get_edition(self, query: GetEdition, caller: Caller) -> dict[str, Any]:
        """One edition in full."""
        edition: Edition = self.store.get(Edition, query.edition)
        return {
            **standing(edition),
            "authors": edition.authors,
            "publisher": edition.publisher,
            "drafted_at": edition.drafted_at,
            "document": edition.document,
            "number": edition.number,
            "names": edition.made.documents,
            "findings": [
                {"where": each.where, "zh": each.message_zh, "en": each.message_en}
                for each in (findings(self.catalogues.at(edition.made.version)) if edition.made.warnings else ())
            ],
            "documents": self._documents(edition.made.sources) if query.documents else {},
        }

    def _documents(self, sources: str) -> dict[str, str]:
        rows = self.store.select(SOURCES.select().where(SOURCES.c.digest == sources))
        return rows[0]["documents"] if rows else {}

    @query(ListEditions)
    def list_editions(self, query: ListEditions, caller: Caller) -> dict[str, Any]:
        """A page of editions, newest first."""
        statement = EDITIONS.table.select()
        if query.status:
            statement = statement.where(EDITIONS.c.status == query.status)
        limit = max(1, min(query.limit, PAGE))
        rows = self.store.select(EDITIONS_NEWEST.page(statement, query.after, limit, reverse=query.reversed))
        return {
            "editions": [dict(row) for row in rows],
            "after": EDITIONS_NEWEST.cursor(rows, limit),
            "in_force": self.catalogues.current().version,
        }

    @query(CheckEdition)
    def check_edition(self, query: CheckEdition, caller: Caller) -> dict[str, Any]:
        """What the checks find; nothing is kept of it."""
        making = self.making(query.documents, query.bundle, local_date(self.clock.now()))
        return {
            "version": making.catalogue.version if making.catalogue is not None else "",
            "errors": making.errors,
            "warnings": making.warnings,
        }

    @query(PreviewEdition)
    def preview_edition(self, query: PreviewEdition, caller: Caller) -> dict[str, Any]:
        """A scenario under the edition."""
        outline = outline_of(self._of(query.edition), query.theme, query.answers, chosen=query.chosen)
        return {
            "version": outline.catalogue.version,
            "notice": outline.notice,
            "digest": outline.digest,
            "plan": outline.plan,
            "needs": outline.needs,
        }

    @query(CompareEdition)
    def compare_edition(self, query: CompareEdition, caller: Caller) -> dict[str, Any]:
        """The differences from what is in force, or from what was before it where it is in force itself."""
        edition: Edition = self.store.get(Edition, query.edition)
        of_edition = self.catalogues.at(edition.made.version)
        current = self.catalogues.current()
        before = self.catalogues.at(edition.base) if current.version == of_edition.version else current
        changes = _changes(before, of_edition)
        limit = max(1, min(query.limit, PAGE))
        try:
            start = int(query.after or 0)
        except ValueError as error:
            raise Invalid(field="after") from error
        page = changes[start : start + limit]
        return {
            "before": before.version,
            "after_version": of_edition.version,
            "total": len(changes),
            "changes": page,
            "after": str(start + limit) if start + limit < len(changes) else "",
        }

    @query(GetImpact)
    def get_impact(self, query: GetImpact, caller: Caller) -> dict[str, Any]:
        """Live cases by what would move in them: counted over all, and page by page.

        Cases that asked the same of the same version are looked at once, however many they are.
        """
        after = self._of(query.edition)
        c = PINS.c
        of_theme = [c.theme == query.theme] if query.theme else []
        groups = self.store.select(
            sa.select(c.catalogue, c.theme, c.profile, c.asked, c.fixed_by, sa.func.count().label("cases"))
            .where(*of_theme)
            .group_by(c.catalogue, c.theme, c.profile, c.asked, c.fixed_by)
        )
        counts = {"live": 0, "unaffected": 0, "movable": 0, "impossible": 0}
        fixed: dict[str, int] = {}
        found: dict[str, Moved] = {}
        for group in groups:
            counts["live"] += group["cases"]
            change = self._moved(group, after)
            if change == NOTHING:
                counts["unaffected"] += group["cases"]
                continue
            found[group["profile"]] = change
            if group["fixed_by"]:
                fixed[group["fixed_by"]] = fixed.get(group["fixed_by"], 0) + group["cases"]
            else:
                is_possible = not change.impossible or change.questions
                counts["movable" if is_possible else "impossible"] += group["cases"]
        limit = max(1, min(query.limit, PAGE))
        statement = sa.select(c.case_id, c.number, c.hall, c.theme, c.catalogue, c.fixed_by, c.profile)
        rows = self.store.select(
            BY_CASE.page(statement.where(c.profile.in_(list(found)), *of_theme), query.after, limit)
        )
        return {
            "version": after.version,
            "counts": {**counts, "fixed": fixed},
            "cases": [
                {**{name: value for name, value in row.items() if name != "profile"}, "moved": found[row["profile"]]}
                for row in rows
            ],
            "after": BY_CASE.cursor(rows, limit),
        }

    def _moved(self, group: Any, after: Catalogue) -> Moved:
        if group["catalogue"] == after.version:
            return NOTHING
        before = self.catalogues.at(group["catalogue"])
        return _moved(before, after, group["theme"], group["asked"])

    def _of(self, edition: str) -> Catalogue:
        found: Edition = self.store.get(Edition, edition)
        version: Catalogue = self.catalogues.at(found.made.version)
        return version

    # what other services ask

    @query(GetCatalogue)
    def get_catalogue(self, query: GetCatalogue, caller: Caller) -> dict[str, str]:
        """A version with its content, byte for byte."""
        try:
            document = self.catalogues.at(query.version).document()
        except OneThingError as error:
            raise NotFound(what="catalogue", id=query.version) from error
        return {"version": query.version, "document": document.decode()}

    @query(GetSchedule)
    def get_schedule(self, query: GetSchedule, caller: Caller) -> dict[str, Any]:
        """What was published, in the order in which it comes into force."""
        return {"editions": schedule_of(self.store), "in_force": self.catalogues.current().version}


@lru_cache(maxsize=8)
def _changes(before: Catalogue, after: Catalogue) -> tuple[catalogue.Change, ...]:
    return tuple(catalogue.diff(before, after))


@lru_cache(maxsize=4096)
def _moved(before: Catalogue, after: Catalogue, theme: str, text: str) -> Moved:
    """What would move in all the cases that asked this of that version."""
    asked = msgspec.json.decode(text, type=Asked)
    satisfied, underway = dict.fromkeys(asked.satisfied, "-"), dict.fromkeys(asked.underway, "-")
    try:
        now = outline_of(before, theme, asked.answers, chosen=asked.selected, satisfied=satisfied, underway=underway)
        then = rederived(
            before,
            after,
            theme,
            asked.answers,
            selected=asked.selected,
            satisfied=satisfied,
            underway=underway,
        )
    except UnansweredQuestions as error:
        return Moved(questions=tuple(error.data["questions"]), impossible=error.code)
    except Invalid as error:
        return Moved(impossible=error.code)
    return msgspec.convert(moved(now, then), Moved)
