"""The engines below a house: what their runbook pages tell of is done to real ones, and each alert fires and clears.

RabbitMQ and the blackbox exporter show their own metrics. PostgreSQL's are those of CloudNativePG, which only runs on
Kubernetes: ``Exporter`` asks what its exporter asks.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import eventlet
import eventlet.wsgi
import pytest
import sqlalchemy as sa

from testkit.house import eventually
from testkit.process import LOOPBACK, Process
from testkit.servers import PostgreSQL, RabbitMQ, free_port

from .watched import ENGINES, Alerts, Prometheus, installed, scraped

pytestmark = [pytest.mark.heavy, pytest.mark.cluster, pytest.mark.timeout(1200)]

STANDBY = "standby"


@contextmanager
def watched(place: Path, tell: Callable[[str], None], *jobs: dict[str, Any]) -> Iterator[Alerts]:
    with Prometheus(place, ENGINES, *jobs) as prometheus:
        alerts = Alerts(prometheus, tell)
        alerts.until(lambda: prometheus.query("count(up == 1) == count(up)"), "all are asked")
        assert not prometheus.firing()
        yield alerts


# the broker


def test_a_broker_that_has_no_memory_left_or_no_disk(tmp_path: Path, tell: Callable[[str], None]) -> None:
    port = free_port()
    with (
        RabbitMQ(metrics_port=port) as broker,
        watched(tmp_path, tell, scraped("broker", [f"{LOOPBACK}:{port}"])) as its,
    ):
        broker.control("set_vm_memory_high_watermark", "absolute", "1MB")
        its.fires("OnethingBrokerAlarm")
        assert "Memory alarm" in broker.control("status")
        broker.control("list_queues", "name", "messages", "memory")
        broker.control("set_vm_memory_high_watermark", "absolute", "1GB")
        its.clears("OnethingBrokerAlarm")

        broker.control("set_disk_free_limit", "100000GB")
        its.fires("OnethingBrokerAlarm")
        assert "Free disk space alarm" in broker.control("status")
        broker.control("set_disk_free_limit", "50MB")
        its.clears("OnethingBrokerAlarm")


def test_a_node_of_the_broker_that_comes_back_joins_by_itself() -> None:
    """Without its alert: Debian 12 has RabbitMQ 3.10, which does not count peers that it does not reach."""
    with RabbitMQ() as first, RabbitMQ(beside=first) as second:
        second.join()

        def running() -> list[str]:
            told = json.loads(first.control("cluster_status", "--formatter", "json"))
            assert len(told["disk_nodes"]) == 2
            return list(told["running_nodes"])

        assert len(running()) == 2
        second.kill()
        eventually(lambda: len(running()) == 1)
        second.start()
        eventually(lambda: len(running()) == 2)


# the databases


class Exporter:
    """The metrics of CloudNativePG's exporter that our rules read, by its own questions, of a primary and a standby."""

    def __init__(self, *servers: PostgreSQL) -> None:
        self.servers = servers

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """Of the server whose place is the path."""
        server = self.servers[int(environ["PATH_INFO"].strip("/"))]
        start("200 OK", [("Content-Type", "text/plain; version=0.0.4")])
        return ["".join(f"{line}\n" for line in self._lines(server)).encode()]

    def _lines(self, server: PostgreSQL) -> Iterator[str]:
        ((lag, follows),) = asked(
            server,
            "SELECT CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 "
            "ELSE greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp())) END, pg_is_in_recovery()",
        )
        yield f"cnpg_pg_replication_lag {float(lag)}"
        ready = [*(server.data / "pg_wal" / "archive_status").glob("*.ready")]
        yield f'cnpg_collector_pg_wal_archive_status{{value="ready"}} {len(ready)}'
        if backups := [file.stat().st_mtime for file in server.directory.glob("backups/*/backup_manifest")]:
            yield f"cnpg_collector_last_available_backup_timestamp {max(backups)}"
        if follows:
            return
        ((requested,),) = asked(server, "SHOW synchronous_standby_names")  # as in: ANY 1 ("standby")
        yield f'cnpg_collector_sync_replicas{{value="observed"}} {requested.split()[1] if requested else 0}'
        for name, flushed in asked(
            server,
            "SELECT application_name, pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn) FROM pg_stat_replication",
        ):
            behind = "NaN" if flushed is None else float(flushed)
            yield f'cnpg_pg_stat_replication_flush_diff_bytes{{application_name="{name}"}} {behind}'


def asked(server: PostgreSQL, *statements: str) -> list[Any]:
    """What the last of these statements gives."""
    url = f"postgresql+psycopg://onething@{LOOPBACK}:{server.port}/postgres"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        done = [connection.exec_driver_sql(each) for each in statements]
        return [tuple(row) for row in done[-1]] if done[-1].returns_rows else []


@pytest.fixture
def primary() -> Iterator[PostgreSQL]:
    with PostgreSQL() as server:
        asked(server, "ALTER SYSTEM SET archive_mode = on", "ALTER SYSTEM SET archive_command = 'true'")
        server.stop()  # archiving begins with a start
        yield server.start()


@pytest.fixture
def standby(primary: PostgreSQL) -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    server.follow(primary, STANDBY)
    with server:
        asked(
            primary, f"ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (\"{STANDBY}\")'", "SELECT pg_reload_conf()"
        )
        yield server


@pytest.fixture
def databases(
    primary: PostgreSQL, standby: PostgreSQL, tmp_path: Path, tell: Callable[[str], None]
) -> Iterator[Alerts]:
    listening = eventlet.listen((LOOPBACK, 0))
    target = f"{LOOPBACK}:{listening.getsockname()[1]}"
    serving = eventlet.spawn(eventlet.wsgi.server, listening, Exporter(primary, standby), log_output=False)
    asking = [scraped(name, [target], metrics_path=f"/{place}") for place, name in enumerate(("primary", STANDBY))]
    with watched(tmp_path, tell, *asking) as alerts:
        yield alerts
    serving.kill()
    listening.close()


def test_nobody_confirms_what_the_primary_records(databases: Alerts, primary: PostgreSQL, standby: PostgreSQL) -> None:
    asked(primary, "CREATE TABLE facts (fact int)")
    standby.stop()
    waiting = eventlet.spawn(asked, primary, "INSERT INTO facts VALUES (1)")
    databases.fires("OnethingStandbyMissing")
    assert asked(primary, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    standby.start()
    databases.clears("OnethingStandbyMissing")
    waiting.wait()
    assert asked(primary, "SELECT * FROM facts") == [(1,)]


def test_a_standby_that_does_not_keep_up(databases: Alerts, primary: PostgreSQL, standby: PostgreSQL) -> None:
    asked(primary, "CREATE TABLE facts (fact int)")
    asked(standby, "SELECT pg_wal_replay_pause()")
    asked(primary, "INSERT INTO facts VALUES (1)")
    databases.fires("OnethingReplicationLag")
    ((got, replayed),) = asked(primary, "SELECT flush_lsn, replay_lsn FROM pg_stat_replication")
    assert got != replayed
    asked(standby, "SELECT pg_wal_replay_resume()")
    databases.clears("OnethingReplicationLag")


def test_the_log_of_the_databases_is_not_archived(databases: Alerts, primary: PostgreSQL) -> None:
    asked(
        primary,
        "ALTER SYSTEM SET archive_command = 'false'",
        "SELECT pg_reload_conf()",
        "CREATE TABLE facts (fact int)",
    )
    for _ in range(5):
        asked(primary, "INSERT INTO facts VALUES (1)", "SELECT pg_switch_wal()")
    databases.fires("OnethingArchiveStuck")
    assert "archive command failed" in (primary.directory / "postgresql.log").read_text()
    asked(primary, "ALTER SYSTEM SET archive_command = 'true'", "SELECT pg_reload_conf()")
    databases.clears("OnethingArchiveStuck")


def test_the_newest_backup_is_not_of_today(databases: Alerts, primary: PostgreSQL) -> None:
    yesterday = time.time() - 27 * 3600
    os.utime(primary.back_up() / "backup_manifest", (yesterday, yesterday))
    databases.fires("OnethingBackupTooOld")
    primary.back_up()
    databases.clears("OnethingBackupTooOld")


# certificates


def identity(file: Path, days: int) -> None:
    """A certificate of a broker on loopback that ends so soon, and its key, in one file."""
    line = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days {days} -subj /CN=broker -addext subjectAltName=IP:{LOOPBACK}"
    )
    subprocess.run([*line.split(), "-out", f"{file}.crt", "-keyout", f"{file}.key"], check=True, capture_output=True)
    file.write_text(Path(f"{file}.crt").read_text() + Path(f"{file}.key").read_text())


def test_a_certificate_that_ends_soon(tmp_path: Path, tell: Callable[[str], None]) -> None:
    identity(tmp_path / "soon.pem", 2)
    probing = tmp_path / "blackbox.yaml"
    tls = {"tls": True, "tls_config": {"insecure_skip_verify": True}}
    probing.write_text(json.dumps({"modules": {"tls": {"prober": "tcp", "timeout": "3s", "tcp": tls}}}))
    address = f"{LOOPBACK}:{free_port()}"
    arguments = f"--config.file={probing}", f"--web.listen-address={address}"
    exporter = Process([installed("prometheus-blackbox-exporter"), *arguments], tmp_path / "blackbox.log")
    with RabbitMQ(tmp_path / "soon.pem") as broker:
        target = f"{LOOPBACK}:{broker.tls_port}"
        relabel = [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": address},
        ]
        job = scraped("tls", [target], metrics_path="/probe", params={"module": ["tls"]}, relabel_configs=relabel)
        exporter.start()
        with Prometheus(tmp_path, ENGINES, job) as prometheus:
            its = Alerts(prometheus, tell)
            its.fires("OnethingTlsExpiring")
            line = f"openssl s_client -connect {target} </dev/null | openssl x509 -noout -enddate -issuer"
            shown = subprocess.run(["sh", "-c", line], check=True, capture_output=True, text=True).stdout
            assert "notAfter=" in shown
            assert "issuer=CN = broker" in shown
            identity(tmp_path / "later.pem", 90)
            (broker.directory / "identity.pem").write_text((tmp_path / "later.pem").read_text())
            its.clears("OnethingTlsExpiring")  # the broker reads it again by itself
        exporter.terminate()
