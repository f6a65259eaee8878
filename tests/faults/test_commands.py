"""The operator's commands as the how-tos type them, on a cluster that works: what they say, and how they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.output import Exit
from console.services import SERVICES
from eventing.client import Client
from testkit.house import eventually

from .cluster import PATIENCE, READY, Cluster
from .load import Load

pytestmark = [pytest.mark.heavy, pytest.mark.cluster, pytest.mark.timeout(1800)]

CASES = 10
LEASE = 30.0
"""Seconds: what is listed here is who works, and a machine with other things to do must not change it."""


def test_what_an_operator_types(
    build: Callable[..., Cluster], client: Client, tmp_path: Path, seed: int, tell: Callable[[str], None]
) -> None:
    with build(lease=LEASE) as cluster:
        cluster.processes["intake", "b"] = cluster._process("intake", "intake-b")
        cluster.processes["intake", "b"].start().wait_ready(line=READY, timeout=PATIENCE)
        load = Load(client, seed)
        load.release(CASES)
        load.progress(5)

        # segments: who works on which, and one handed over
        eventually(lambda: cluster.owners("intake") == {"intake-a": 8, "intake-b": 8}, within=PATIENCE)

        def segments() -> list[dict[str, Any]] | None:
            """All of them; None while somebody's lease has just ended."""
            code, printed, _ = cluster.typed("segments", "list", "--json")
            return json.loads(printed) if code == 0 else None

        owned = eventually(segments, within=PATIENCE)
        assert len(owned) == 16 * len(SERVICES)
        moved = next(each["segment"] for each in owned if each["owner"] == "intake-a")
        told = json.loads(cluster.console("segments", "move", "intake", str(moved), "--to", "intake-b", "--json"))
        assert told["in_exchange"] is not None

        def owner() -> str:
            return str(json.loads(cluster.typed("segments", "list", "intake", "--json")[1])[moved]["owner"])

        eventually(lambda: owner() == "intake-b", within=PATIENCE)
        tell(f"segment {moved} of intake moved, {told['in_exchange']} given in exchange")

        # read models: all of them made anew while cases go on
        rebuilt = json.loads(cluster.console("rebuild", "all", "--json"))
        assert {each["service"] for each in rebuilt} >= {"intake", "routing", "approval", "certificate", "halls"}
        assert [each for each in rebuilt if each["live"] != each["rebuilt"]] == []
        tell(f"{len(rebuilt)} read models made anew, {sum(each['rows'] for each in rebuilt)} rows, none was wrong")

        # a backup while cases go on, a house that is sound, one that is not
        _, _, said = cluster.typed("backup", str(tmp_path / "backup"))
        tell(said.strip().splitlines()[-1])
        load.finish()
        code, _, complaints = cluster.typed("doctor")
        assert code == 0, complaints
        assert "vault" in cluster.console("doctor", "--json")
        cluster.kill("delegation")
        code, findings, _ = cluster.typed("doctor", "--json", patience=0)
        assert code == Exit.UNAVAILABLE
        assert "delegation" in {each["subject"] for each in json.loads(findings) if each["state"] == "unavailable"}

        # everything stops; empty databases are filled, and the recovery time is told
        for process in cluster.processes.values():
            if process.running:
                process.terminate(timeout=60)
        urls = {name: cluster.postgresql.create_database(f"back_{cluster.prefix}_{name}") for name in SERVICES}
        cluster.environment["DATABASE_URL"] = urls["intake"].replace("_intake", "_{service}")
        code, _, said = cluster.typed("restore", str(tmp_path / "backup"))
        assert code == 0, said
        assert "恢复用时 recovery time" in said
        tell(said.strip().splitlines()[-1])
        code, findings, _ = cluster.typed("doctor", "--offline", "--json")
        assert code == 0, [each for each in json.loads(findings) if each["state"] == "bad"]

        measured = json.loads(cluster.console("scale-plan", "--cases-per-day", "6000", "--json"))
        assert {each["name"] for each in measured["needs"]} >= set(SERVICES)
