"""The same command line on the cluster profile: every service its own process, RabbitMQ and PostgreSQL."""

import json
import uuid

import pytest

from console.services import SERVICES

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

CASES = 20


@pytest.fixture
def settings(rabbitmq, postgresql, tmp_path):
    """The environment of a cluster with empty databases."""
    (tmp_path / "secret").write_text("5a" * 32)
    (tmp_path / "kek").write_text("a5" * 32)
    house = f"console{uuid.uuid4().hex[:6]}"
    urls = {postgresql.create_database(f"{house}_{name}") for name in SERVICES}
    pattern = next(iter(urls)).rpartition("_")[0] + "_{service}"
    return {
        "ONETHING_PROFILE": "cluster",
        "ONETHING_DATA_DIR": str(tmp_path),
        "AMQP_URI": rabbitmq.uri,
        "DATABASE_URL": pattern,
        "CONTENTS_URL": (tmp_path / "contents").as_uri(),
        "ONETHING_SECRET_KEY_FILE": str(tmp_path / "secret"),
        "VAULT_KEK": f"file:{tmp_path / 'kek'}",
    }


def test_the_benchmark_starts_a_cluster_measures_it_and_stops_it(onething, settings):
    told = onething("bench", "w1", "--cases", CASES, "--concurrency", 8, "--start", "--http", "--json", **settings)

    assert told.returncode == 0, told.stderr[-3000:]
    both = json.loads(told.stdout.splitlines()[-1])
    assert both["profile"] == "cluster"
    for result in (both["without_http"], both["http"]):
        assert result["cases_per_second"] > 0
        assert result["latency_ms"]["register"]["p50"] <= result["latency_ms"]["register"]["p99"]
        assert result["facts_per_case"]["intake"] == 6
        assert result["cpu_ms_per_case"].keys() >= {"intake", "approval", "casefile", "gateway", "broker", "database"}
        assert result["bytes_per_case"]["casefile"] > 0
    # nobody is left to answer
    asked = onething("status", "--json", **settings)
    assert {each.get("error") for each in json.loads(asked.stdout)} == {"unavailable"}


def test_the_delay_of_the_feed_is_measured_on_a_cluster_that_is_started_for_it(onething, settings):
    told = onething("bench", "feed", "--cases", CASES, "--concurrency", 8, "--rate", 4, "--start", "--json", **settings)

    assert told.returncode == 0, told.stderr[-3000:]
    result = json.loads(told.stdout.splitlines()[-1])
    assert result["profile"] == "cluster"
    assert result["events_each"] >= CASES * 30
    for values in result["latency_ms"].values():
        assert values["p50"] <= values["p99"]
