"""What is done because of numbers: improvements with before and after, targets, and numbers that are reported."""

import uuid
from typing import Any

import falcon

from contracts.insight import (
    GetImprovement,
    ImportNumbers,
    ListImprovements,
    ListIndicators,
    RecordImprovement,
    ReportNumber,
    SetTarget,
)
from contracts.words import Language
from gateway.language import language_of
from gateway.pages import forms
from gateway.pages.insight.numbers import Counted
from gateway.pages.rendering import page
from gateway.pages.sheets import download

LEVERS = ("publicity", "tolerance", "process", "system")
SHEET = ("improvement", "on", "lever", "indicator", "figure", "theme", "hall", "what", "days", "by", "at")
KINDS = ("population", "key_cases", "single_cases", "contacts", "complaints", "baseline_visits")


class Improvements(Counted):
    """The list, and the forms for all that people tell insight."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Newest first."""
        listed = self.ask(req, ListImprovements(after=req.get_param("after") or ""))
        if req.get_param("format") == "csv":
            download(resp, "improvements", SHEET, ([each[name] for name in SHEET] for each in listed["improvements"]))
            return
        known = self.ask(req, ListIndicators())["indicators"]
        language = language_of(req)
        moves = req.get_param("moves") or ""
        figures = [
            (f"{each['indicator']}/{each['figures'][0]['figure']}", f"{each['number']}. {each['name'][language]}")
            for each in known
        ]
        if moves and moves not in dict(figures):
            figures.append((moves, _named(known, moves, language)))
        page(
            req,
            resp,
            "insight/improvements.html",
            tab="/insight/improvements",
            improvements=listed["improvements"],
            after=listed["after"],
            figures=figures,
            lever=req.get_param("lever") or "",
            moves=moves,
            levers=LEVERS,
            kinds=KINDS,
            **self.around(req, {}),
        )

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """An improvement is recorded."""
        form = forms.read(req)
        name = _name(form)
        indicator, _, figure = (form.get("moves") or "").partition("/")
        command = form.into(RecordImprovement, improvement=name, indicator=indicator, figure=figure)
        forms.act(form, command, fields="{}")
        forms.see(form, resp, f"/insight/improvements/{name}", "insight_recorded")


class OneImprovement(Counted):
    """Before and after."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, improvement: str) -> None:
        """The figure in as many days before as after."""
        told = self.ask(req, GetImprovement(improvement=improvement))
        indicators = self.ask(req, ListIndicators())["indicators"]
        indicator = next(each for each in indicators if each["indicator"] == told["indicator"])
        unit = next((each["unit"] for each in indicator["figures"] if each["figure"] == told["figure"]), "ratio")
        page(
            req,
            resp,
            "insight/improvement.html",
            tab="/insight/improvements",
            told=told,
            indicator=indicator,
            unit=unit,
            **self.around(req, {}),
        )


class Reports(Counted):
    """Numbers come in: one, or a file's."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A file where one was pasted, else the one number."""
        form = forms.read(req)
        if form.get("csv"):
            command: Any = form.into(ImportNumbers, report=_name(form))
        else:
            command = form.into(ReportNumber, report=_name(form))
        forms.act(form, command)
        forms.see(form, resp, "/insight/improvements", "insight_reported")


class Targets(Counted):
    """A figure gets a target."""

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """It stands beside the figure from now on."""
        form = forms.read(req)
        indicator, _, figure = (form.get("moves") or "").partition("/")
        name = ".".join((indicator, figure, form.get("theme") or "all"))
        forms.act(form, form.into(SetTarget, target=name, indicator=indicator, figure=figure))
        forms.see(form, resp, "/insight/improvements", "insight_target_set")


def _named(known: list[dict[str, Any]], moves: str, language: Language) -> str:
    """A figure that is no headline, by the name of its indicator."""
    key, _, figure = moves.partition("/")
    indicator = next((each for each in known if each["indicator"] == key), None)
    return moves if indicator is None else f"{indicator['number']}. {indicator['name'][language]} · {figure}"


def _name(form: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, form.key))
