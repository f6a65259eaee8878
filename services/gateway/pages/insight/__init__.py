"""运行分析: the indicators of a period, one of them in depth, themes and halls compared, and what a number counts."""

from typing import Any

import falcon

from gateway.backend import Backend
from gateway.pages.doors import Door
from gateway.pages.insight.analyses import Analyses, Focus, Trend
from gateway.pages.insight.imports import Imports, OneImport
from gateway.pages.insight.improvements import Improvements, OneImprovement, Reports, Targets
from gateway.pages.insight.numbers import Cited, Comparison, Overview, Single
from gateway.pages.insight.supposing import Supposing

DOORS = (Door("/insight", "insight", frozenset({"manager", "auditor", "operator"})),)


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """Numbers, and what is done because of them."""
    app.add_route("/insight", Overview(backend))
    app.add_route("/insight/themes", Comparison(backend, "theme"))
    app.add_route("/insight/halls", Comparison(backend, "hall"))
    app.add_route("/insight/themes/{of}", Focus(backend, "theme"))
    app.add_route("/insight/halls/{of}", Focus(backend, "hall"))
    app.add_route("/insight/analyses", Analyses(backend))
    app.add_route("/insight/imports", Imports(backend))
    app.add_route("/insight/imports/{history}", OneImport(backend))
    app.add_route("/insight/suppose", Supposing(backend))
    app.add_route("/insight/improvements", Improvements(backend))
    app.add_route("/insight/improvements/{improvement}", OneImprovement(backend))
    app.add_route("/insight/reports", Reports(backend))
    app.add_route("/insight/targets", Targets(backend))
    app.add_route("/insight/indicators/{indicator}", Single(backend))
    app.add_route("/insight/indicators/{indicator}/{figure}", Cited(backend))
    app.add_route("/insight/indicators/{indicator}/{figure}/trend", Trend(backend))
