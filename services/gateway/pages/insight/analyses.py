"""What is behind the numbers: analyses of the county, of one theme, of one hall; and a figure over months."""

from collections.abc import Mapping
from typing import Any

import falcon

from contracts.insight import GetIndicator, GetTrend, ListIndicators
from gateway.backend import Backend
from gateway.language import language_of
from gateway.pages.insight.charts import Month, largest_of, line
from gateway.pages.insight.numbers import Counted, by_then, shown
from gateway.pages.insight.suggesting import suggested
from gateway.pages.insight.wording import written
from gateway.pages.rendering import page
from gateway.pages.sheets import download

ANALYSES = (
    ("handling_time", "edge_days", ""),
    ("first_time_complete", "by_material", ""),
    ("conversion", "funnel", ""),
    ("conversion", "by_channel", ""),
    ("conversion", "by_item", ""),
    ("joint_handling", "by_combination", ""),
    ("windows", "load", "hour"),
    ("windows", "waited_seconds", "hour"),
    ("returns", "by_reason", ""),
    ("custody", "by_way", ""),
)
"""Indicator, figure, and what it is told apart by."""

OF_NO_THEME = {("windows", "load")}
"""What facts do not tell of a theme."""


class Analyses(Counted):
    """Bottlenecks, materials, ways in, combinations, hours at windows."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """A chart and a table for each."""
        asked = self.asked(req)
        found = self.analysed(req, asked)
        if req.get_param("format") == "csv":
            _download(resp, f"analyses-{asked['begins']}-{asked['ends']}", found, language_of(req))
            return
        page(
            req, resp, "insight/analyses.html", tab="/insight/analyses", analyses=found,
            as_of=found[0]["as_of"], **self.around(req, asked, found[0]["as_of"]),
        )  # fmt: skip

    def analysed(self, req: falcon.Request, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each figure as its card shows it, all by what was known for the first."""
        names, language = req.context.names, language_of(req)
        answers: dict[tuple[str, str], dict[str, Any]] = {}
        found = []
        for indicator, figure, by in ANALYSES:
            if asked["theme"] and (indicator, figure) in OF_NO_THEME:
                continue
            if (indicator, by) not in answers:
                question = GetIndicator(indicator=indicator, by=by, **asked)  # type: ignore[arg-type]  # one of By
                answers[indicator, by] = self.ask(req, question)
                asked = by_then(asked, answers[indicator, by])
            told = answers[indicator, by]
            one = next(each for each in told["figures"] if each["figure"] == figure)
            card = shown(one, names, by, language)
            found.append({**card, "indicator": indicator, "by": by, "as_of": told["as_of"]})
        return found


class Focus(Analyses):
    """One theme, or one hall: what is suggested, its indicators, its analyses."""

    def __init__(self, backend: Backend, by: str) -> None:
        super().__init__(backend)
        self.by = by

    def on_get(self, req: falcon.Request, resp: falcon.Response, of: str) -> None:  # type: ignore[override]  # of one
        """All that there is to say of it."""
        asked = self.asked(req) | {self.by: of}
        language = language_of(req)
        told = self.ask(req, ListIndicators(**asked))
        found = self.analysed(req, by_then(asked, told))
        if req.get_param("format") == "csv":
            _download(resp, f"{self.by}-{of}-{asked['begins']}-{asked['ends']}", found, language)
            return
        page(
            req,
            resp,
            "insight/focus.html",
            tab=f"/insight/{self.by}s",
            by=self.by,
            of=of,
            told=told,
            suggestions=suggested(self.suggestions(req, asked, told), req.context.names, language),
            analyses=found,
            **self.around(req, asked, told["as_of"]),
        )


class Trend(Counted):
    """A figure month by month, and what is likely to come."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, indicator: str, figure: str) -> None:
        """A line, a table, and by how much forecasts were off."""
        asked = self.asked(req)
        period = {name: asked[name] if req.get_param(name) else None for name in ("begins", "ends")}
        told = self.ask(req, GetTrend(indicator=indicator, figure=figure, **(asked | period)))
        unit = told["unit"]
        if req.get_param("format") == "csv":
            rows = [
                (each["month"], "", each["number"]["value"], each["number"]["numerator"], each["number"]["denominator"])
                for each in told["months"]
            ]
            rows += [(each["month"], "forecast", each["value"], each["low"], each["high"]) for each in told["forecast"]]
            download(
                resp, f"{indicator}-{figure}-trend",
                ("month", "kind", "value", "numerator or low", "denominator or high"), rows,
            )  # fmt: skip
            return
        known = [
            Month(each["month"], each["number"]["value"], written(each["number"]["value"], unit))
            for each in told["months"]
        ]
        ahead = [
            Month(each["month"], each["value"], written(each["value"], unit), each["low"], each["high"])
            for each in told["forecast"]
        ]
        page(
            req,
            resp,
            "insight/trend.html",
            tab="",
            told=told,
            indicator=indicator,
            line=line(known, ahead, written(largest_of(known, ahead), unit)),
            **self.around(req, asked | period, told["as_of"]),
        )


def _download(resp: falcon.Response, name: str, found: list[dict[str, Any]], language: str) -> None:
    download(
        resp,
        name,
        ("analysis", "of", "name", "value", "numerator", "denominator", "count", "as_of"),
        (
            (card["name"][language], of, named, value, number["numerator"], number["denominator"], number["count"],
             card["as_of"])
            for card in found
            for own, number in card["rows"]
            for of, named, value in (
                [(part, card["part"](part), units) for part, units in number["parts"].items()]
                or [(number["of"], own, number["value"])]
            )
        ),
    )  # fmt: skip
