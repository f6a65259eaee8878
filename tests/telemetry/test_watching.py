"""What alerts and dashboards ask for is there: metrics, labels, topics; and each alert has its page and its panel."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.services import SERVICES
from contracts.language import Fact
from contracts.published import published
from telemetry.metrics import TABLE

ROOT = Path(__file__).parents[2]
CHARTS = [ROOT / "charts" / "onething", ROOT / "charts" / "platform"]
"""Of the services, and of the engines below them."""
RUNBOOK = "docs/how-to/runbook.md"
RULES = [
    rule
    for chart in CHARTS
    for group in yaml.safe_load((chart / "rules" / f"{chart.name}.yaml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES}
PANELS: list[tuple[str, dict[str, Any]]] = [
    (file.stem, panel)
    for chart in CHARTS
    for file in sorted((chart / "dashboards").glob("*.json"))
    for panel in json.loads(file.read_text())["panels"]
    if panel["type"] != "row"
]

LABELS = {
    name: {*row.labels, *(("le",) if name.endswith("_bucket") else ())}
    for row in TABLE
    for name in (
        [f"{row.name}_{part}" for part in ("bucket", "sum", "count")] if row.kind == "histogram" else [row.name]
    )
}
LABELS |= {f"process_{name}": set() for name in ("start_time_seconds", "cpu_seconds_total", "resident_memory_bytes")}
LABELS |= {
    # RabbitMQ's plugin rabbitmq_prometheus
    "rabbitmq_alarms_memory_used_watermark": set(),
    "rabbitmq_alarms_free_disk_space_watermark": set(),
    "rabbitmq_unreachable_cluster_peers_count": set(),
    "rabbitmq_process_resident_memory_bytes": set(),
    "rabbitmq_resident_memory_limit_bytes": set(),
    "rabbitmq_disk_space_available_bytes": set(),
    "rabbitmq_disk_space_available_limit_bytes": set(),
    # CloudNativePG's exporter (docs/src/monitoring.md, config/manager/default-monitoring.yaml), and its plugin's
    "cnpg_collector_sync_replicas": {"value"},
    "cnpg_pg_stat_replication_flush_diff_bytes": {"application_name"},
    "cnpg_collector_pg_wal_archive_status": {"value"},
    "cnpg_collector_last_available_backup_timestamp": set(),
    "cnpg_pg_replication_lag": set(),
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp": set(),
    # the kubelet's, cert-manager's, the blackbox exporter's
    "kubelet_volume_stats_available_bytes": {"namespace", "persistentvolumeclaim"},
    "kubelet_volume_stats_capacity_bytes": {"namespace", "persistentvolumeclaim"},
    "certmanager_certificate_expiration_timestamp_seconds": {"namespace", "name"},
    "probe_ssl_earliest_cert_expiry": set(),
}
"""And what others measure of the engines: their metrics and labels, as they document them."""
TARGET = {"job", "instance"}
"""Labels that Prometheus adds to whatever it scrapes."""

GROUPED = re.compile(r"\b(?:by|on|without|group_left|group_right)\s*\(([^)]*)\)")
SELECTED = re.compile(r"([a-z_:][a-z0-9_:]*)\s*(?:\{([^}]*)\})?(?!\w|\s*\()", re.IGNORECASE)
MATCHED = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
WORDS = {"and", "or", "unless", "bool"}
FUNCTION = re.compile(r"\b[a-z_0-9]+(?=\s*(?:by\s*\([^)]*\)\s*)?\()")


def unknown(query: str) -> Iterator[str]:
    """What a query asks for that nobody has: metrics, and labels of metrics."""
    text = re.sub(r"\[[^\]]*\]", "", query)
    grouped = {label.strip() for labels in GROUPED.findall(text) for label in labels.split(",") if label.strip()}
    text = GROUPED.sub(" ", text)
    seen: set[str] = set()
    for name, matchers in SELECTED.findall(FUNCTION.sub(" ", text)):
        if name in WORDS:
            continue
        if name not in LABELS:
            yield name
            continue
        seen |= LABELS[name]
        for label, _, _ in MATCHED.findall(matchers):
            if label not in LABELS[name] | TARGET:
                yield f"{name}{{{label}}}"
    yield from (label for label in sorted(grouped - seen - TARGET))


def queries() -> Iterator[tuple[str, str]]:
    """(whose it is, the query), of every alert and every panel."""
    yield from ((name, rule["expr"]) for name, rule in ALERTS.items())
    for dashboard, panel in PANELS:
        yield from ((f"{dashboard}: {panel['title']}", each["expr"]) for each in panel["targets"])


def metrics_of(query: str) -> set[str]:
    return {re.sub("_(bucket|count|sum)$", "", name) for name in LABELS if re.search(rf"\b{name}\b", query)}


@pytest.mark.parametrize(("whose", "query"), list(queries()), ids=[whose for whose, _ in queries()])
def test_a_query_asks_for_metrics_and_labels_that_there_are(whose: str, query: str) -> None:
    assert not list(unknown(query))
    assert metrics_of(query)


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("sum by (service) (onething_parked_case) > 0", ["onething_parked_case", "service"]),
        ("sum by (upstream) (onething_parked_cases)", ["upstream"]),
        ('rate(onething_http_requests_total{state="5xx"}[5m])', ["onething_http_requests_total{state}"]),
        ("onething_command_batch_seconds", ["onething_command_batch_seconds"]),
        ("sum by (service, le) (rate(onething_command_batch_seconds_bucket[5m]))", []),
        ("up == 0 or vector(1)", ["up"]),
    ],
)
def test_what_nobody_has_is_found(query: str, missing: list[str]) -> None:
    assert list(unknown(query)) == missing


def test_facts_that_are_counted_are_topics_of_the_language() -> None:
    topics = [fact.TOPIC for fact in published(Fact)]
    patterns = {pattern for _, query in queries() for label, _, pattern in MATCHED.findall(query) if label == "fact"}

    assert patterns
    for pattern in patterns:
        choices = re.search(r"\(([^)]*)\)", pattern)
        for choice in choices[1].split("|") if choices else [""]:
            exact = pattern.replace(choices[0], choice) if choices else pattern
            assert [topic for topic in topics if re.fullmatch(exact, topic)], exact


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_is_lost_in_both_languages_and_where_to_read_on(name: str) -> None:
    told = ALERTS[name]["annotations"]

    assert ALERTS[name]["labels"]["severity"] in {"page", "ticket"}
    assert set(told) == {"summary", "description", "runbook_url"}
    for text in (told["summary"], told["description"]):
        assert re.search(r"[\u4e00-\u9fff].*[a-z]{2}", text), text
    assert told["runbook_url"] == f"{RUNBOOK}#{name.lower()}"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_panel_that_shows_what_it_looks_at(name: str) -> None:
    shown = [panel for _, panel in PANELS if re.search(rf"\b{name}\b", panel["description"])]

    assert [
        panel
        for panel in shown
        for each in panel["targets"]
        if metrics_of(each["expr"]) & metrics_of(ALERTS[name]["expr"])
    ]


def test_panels_say_what_they_show_in_which_unit_and_name_alerts_that_there_are() -> None:
    for _, panel in PANELS:
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert set(re.findall(r"Onething\w+", panel["description"])) <= set(ALERTS)


def test_a_service_that_is_gone_is_missed_whichever_it_is() -> None:
    missed = re.findall(
        r'absent\(onething_broker_connected\{service="(\w+)"\}\)', ALERTS["OnethingServiceGone"]["expr"]
    )

    assert sorted(missed) == sorted(SERVICES)


SECTIONS = {
    match[1]: match[2]
    for match in re.finditer(
        r"^### (Onething\w+)\n(.*?)(?=^##|\Z)", (ROOT / RUNBOOK).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
}
"""The pages of the runbook: alert → what is said of it."""
OBSERVED = [
    ast.unparse(part)
    for name in ("test_watched", "test_engines")
    for part in ast.parse((ROOT / "tests" / "faults" / f"{name}.py").read_text("utf-8")).body
    if isinstance(part, ast.FunctionDef) and part.name.startswith("test_")
]
"""What `tox -e observe` does, each part by itself."""


def makes(alert: str) -> list[str]:
    """The parts of the observation in which this alert fires."""
    return [part for part in OBSERVED if re.search(rf"fires\('{alert}'|\('{alert}', '\w+'\) in ", part)]


def said_done(alert: str) -> str:
    """What a page says of how it was followed."""
    return " ".join(SECTIONS[alert].partition("**实做 · done.**")[2].split())


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_says_followed_where_its_alert_was_made_to_fire_and_nowhere_else(name: str) -> None:
    assert said_done(name).startswith(("Followed", "The alert only") if makes(name) else "Read only")


@pytest.mark.parametrize("name", [name for name in ALERTS if said_done(name) == "Followed."])
def test_a_page_that_was_followed_to_the_letter_has_no_command_that_nobody_typed(name: str) -> None:
    commands = re.findall(r"(?:^|`)onething ([a-z]+(?: [a-z]+)?)", SECTIONS[name], re.MULTILINE)
    typed = "\n".join(makes(name))

    assert [each for each in commands if not all(f"'{word}'" in typed for word in each.split())] == []


def test_the_runbook_has_a_section_for_each_alert_and_for_nothing_else() -> None:
    assert list(SECTIONS) == list(ALERTS)
    for name, text in SECTIONS.items():
        for part in (
            "**含义 · means.**",
            "**所失 · lost.**",
            "**看 · look.**",
            "**做 · do.**",
            "**完 · over.**",
            "**实做 · done.**",
        ):
            assert part in text, f"{name}: {part}"
