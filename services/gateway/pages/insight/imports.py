"""Histories of other systems: what came in, what could not be taken and why, and how long theirs and ours took."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import falcon

from contracts.insight import GetImport, GetIndicator, ListImportedCases, ListImports, ListQuarantine
from gateway.language import language_of
from gateway.pages.insight.numbers import Counted
from gateway.pages.insight.wording import group
from gateway.pages.names import term
from gateway.pages.questions import asked, narrowing
from gateway.pages.rendering import page
from gateway.pages.sheets import download
from kernel.clock import local_date

BACK = timedelta(days=3650)
"""How far durations are compared."""
APART = ("theme", "item", "hall", "department")


class Imports(Counted):
    """All of them, newest first, and durations side by side."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Durations by one of ``APART``."""
        by = req.get_param("by") or APART[0]
        listed = self.ask(req, ListImports(after=req.get_param("after") or ""))
        page(
            req,
            resp,
            "insight/imports.html",
            tab="/insight/imports",
            imports=listed["imports"],
            after=listed["after"],
            by=by if by in APART else APART[0],
            apart=APART,
            durations=self._durations(req, by if by in APART else APART[0]) if listed["imports"] else [],
            group=lambda of, by: group(req.context.names, by, of, language_of(req)) if of else "—",
            **self.around(req, {}),
        )

    def _durations(self, req: falcon.Request, by: Any) -> list[tuple[str, Any, Any]]:
        """Group, our number, theirs: where they have one."""
        own, theirs = (self._net_days(req, by=by, provenance=provenance) for provenance in ("own", "imported"))
        return [(of, own.get(of), theirs[of]) for of in sorted(theirs)]

    def _net_days(self, req: falcon.Request, **asked: Any) -> dict[str, Any]:
        today = local_date(self.backend.now())
        told = self.ask(req, GetIndicator(indicator="handling_time", begins=today - BACK, ends=today, **asked))
        figure = next(each for each in told["figures"] if each["figure"] == "net_days")
        return {number["of"]: number for number in figure["numbers"] if number["value"] is not None}


class OneImport(Counted):
    """One: its counts, its quarantine, some of its source's cases."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, history: str) -> None:
        """A page of the quarantine; all of it as a file where ``format=csv`` is asked for."""
        told = self.ask(req, GetImport(history=history))
        if req.get_param("format") == "csv":
            language = language_of(req)
            rows = ((each["row"], each.get("column", ""), each["reason"], _why(each, language)) for each in
                    self._quarantined(req, history))  # fmt: skip
            download(resp, f"quarantine-{history}", ("row", "column", "reason", "why"), rows)
            return
        quarantine = self.ask(
            req, asked(ListQuarantine, req, "reason", "column", "reversed", "after", history=history, limit=100)
        )
        cases = self.ask(req, ListImportedCases(source=told["source"], limit=20))
        page(
            req,
            resp,
            "insight/import.html",
            tab="/insight/imports",
            told=told,
            quarantine=quarantine,
            rows_of=narrowing(req, "reason", "column", "reversed"),
            cases=cases["cases"],
            **self.around(req, {}),
        )

    def _quarantined(self, req: falcon.Request, history: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            found = self.ask(req, ListQuarantine(history=history, after=after, limit=500))
            yield from found["rows"]
            if not (after := found["after"]):
                return


def _why(row: dict[str, Any], language: Any) -> str:
    return str(term(f"row-{row['reason']}", language))
