"""The alerts as Prometheus reads them: each fires and clears in a test, and the chart hands on the file as it is."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import BARE, CHART, PLATFORM, helm, manifests, rendered

HERE = Path(__file__).parent
RULES = {
    CHART / "rules" / "onething.yaml": HERE / "alerts.yaml",
    PLATFORM / "rules" / "platform.yaml": HERE / "platform.yaml",
}
"""Rules, and what they are tested with: of the services, and of the engines below them."""
DASHBOARDS = [file for chart in (CHART, PLATFORM) for file in sorted((chart / "dashboards").glob("*.json"))]
CHARTS = {CHART: ("", BARE), PLATFORM: ("values-production.yaml", {})}
WATCHED = {"monitoring.rules.enabled": "true", "monitoring.dashboards.enabled": "true"}


def groups_of(rules: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(rules.read_text())["groups"]
    return found


def alerts_of(rules: Path) -> list[str]:
    return [rule["alert"] for group in groups_of(rules) for rule in group["rules"]]


def made(chart: Path, **sets: str) -> list[dict[str, Any]]:
    """The chart's manifests with these values."""
    values, least = CHARTS[chart]
    return manifests(rendered(chart, (values,) if values else (), tuple((least | sets).items())))


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool")
    assert program, "promtool is not there; type:  sudo apt-get install --yes --no-install-recommends prometheus"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.stem)
def test_prometheus_takes_the_file_as_it_is(rules: Path) -> None:
    done = promtool("check", "rules", rules)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(alerts_of(rules))} rules found" in done.stdout


@pytest.mark.parametrize("tests", RULES.values(), ids=lambda tests: tests.stem)
def test_each_alert_is_quiet_before_fires_while_and_is_quiet_after(tests: Path) -> None:
    done = promtool("test", "rules", tests)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.stem)
@pytest.mark.parametrize("expr", ["vector(0) > 1", "vector(1)"])
def test_an_alert_that_never_fires_or_never_clears_does_not_pass(expr: str, rules: Path, tmp_path: Path) -> None:
    spoilt = yaml.safe_load(rules.read_text())
    for group in spoilt["groups"]:
        for rule in group["rules"]:
            rule["expr"] = expr
    changed, tests = tmp_path / "rules.yaml", tmp_path / "tests.yaml"
    changed.write_text(yaml.safe_dump(spoilt))
    tests.write_text(re.sub(r"rule_files: .*", f"rule_files: [{changed}]", RULES[rules].read_text()))

    done = promtool("test", "rules", tests)

    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert [name for name in alerts_of(rules) if not re.search(rf'alertname="?{name}\b', said)] == []


def test_every_query_of_the_dashboards_can_be_read(tmp_path: Path) -> None:
    variables = {r"$__rate_interval": "5m", r"$service": ".*"}
    queries = [
        target["expr"]
        for file in DASHBOARDS
        for panel in json.loads(file.read_text())["panels"]
        for target in panel.get("targets", ())
    ]
    for name, value in variables.items():
        queries = [query.replace(name, value) for query in queries]
    rules = tmp_path / "queries.yaml"
    rules.write_text(
        json.dumps(
            {"groups": [{"name": "q", "rules": [{"record": f"q{n}", "expr": each} for n, each in enumerate(queries)]}]}
        )
    )

    done = promtool("check", "rules", rules)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: rules.stem)
def test_the_chart_hands_on_the_rules_and_says_where_the_runbook_is_read(rules: Path) -> None:
    where = "https://docs.example.org/onething/"
    sets = {"monitoring.rules.runbooks": where, "monitoring.rules.labels.team": "halls"}
    (given,) = [each for each in made(rules.parents[1], **WATCHED, **sets) if each["kind"] == "PrometheusRule"]
    meant = json.loads(json.dumps(groups_of(rules)))
    for group in meant:
        for rule in group["rules"]:
            rule["annotations"]["runbook_url"] = where + rule["annotations"]["runbook_url"]

    assert given["spec"] == {"groups": meant}
    assert given["metadata"]["labels"]["team"] == "halls"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_where_the_runbook_is_read_must_be_an_address(chart: Path) -> None:
    values, least = CHARTS[chart]
    options = [f"--set={name}={value}" for name, value in {**least, "monitoring.rules.runbooks": "docs"}.items()]
    done = helm("template", "rel", str(chart), *([f"--values={chart / values}"] if values else ()), *options)

    assert done.returncode != 0
    assert "runbooks" in done.stderr


def test_each_dashboard_is_found_by_grafana_and_is_the_file() -> None:
    found = {
        name: text
        for chart in CHARTS
        for each in made(chart, **WATCHED)
        if each["kind"] == "ConfigMap" and each["metadata"]["labels"].get("grafana_dashboard") == "1"
        for name, text in each["data"].items()
    }

    assert {name: json.loads(text) for name, text in found.items()} == {
        f"onething-{file.name}": json.loads(file.read_text()) for file in DASHBOARDS
    }
    assert len({json.loads(text)["uid"] for text in found.values()}) == len(DASHBOARDS)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_what_is_not_asked_for_is_not_made(chart: Path) -> None:
    sets = dict.fromkeys(WATCHED, "false")
    assert not [
        each
        for each in made(chart, **sets)
        if each["kind"] == "PrometheusRule" or re.search("dashboard", each["metadata"]["name"])
    ]
