"""The benchmark measures what it says, and its figures are right."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import burden as burdens
from console.bench import DEPARTMENTS, MATERIALS, THEME, Plan, Run, Wait, percentiles
from console.burden import Burden, Measured
from console.standing import lag
from contracts.intake import GetCase
from eventing.client import Answer
from eventing.errors import NotFound, Refused


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_percentiles_are_the_smallest_values_that_so_many_do_not_exceed(seconds):
    found = percentiles(seconds)

    for percent in (50, 95, 99):
        value = found[f"p{percent}"]
        not_above = sum(round(each * 1000, 1) <= value for each in seconds)
        below = sum(round(each * 1000, 1) < value for each in seconds)
        assert not_above * 100 >= percent * len(seconds)
        assert below * 100 < percent * len(seconds)
    assert found["max"] == round(max(seconds) * 1000, 1)


def test_nothing_measured_has_no_percentiles():
    assert percentiles([]) is None


def test_a_try_that_came_too_early_is_made_again_and_the_next_waits_longer():
    wait = Wait()
    wait.seconds = 0.01
    answers = iter([NotFound(what="bundle"), Answer("early", None, None), Answer("done", None, None)])

    def attempt():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    answer = wait.until_it_works(attempt, done=lambda each: each.value == "done")

    assert answer.value == "done"
    assert (wait.tries, wait.early) == (3, 2)
    assert wait.seconds > 0.01


def test_a_try_that_did_not_come_too_early_makes_the_next_wait_shorter():
    wait = Wait()

    wait.until_it_works(lambda: Answer("done", None, None), done=lambda _: True)

    assert wait.seconds < Wait().seconds
    assert (wait.tries, wait.early) == (1, 0)


def test_a_refusal_for_another_reason_ends_the_run():
    def attempt():
        raise Refused(reason="the rules say no")

    with pytest.raises(Refused):
        Wait().until_it_works(attempt, done=lambda _: True)


def test_lag_is_what_an_upstream_has_beyond_the_positions():
    approval = {"positions": {"intake/00": 3, "intake/01": 9, "routing/00": 0}}
    heads = {"intake": {"heads": {"0": 5, "1": 9}}, "routing": {"error": "unavailable"}}

    assert lag(approval, heads) == {"intake": 2}  # routing does not say where it stands


def test_measures_are_shared_among_the_cases():
    used = Measured(cpu={"a": 3.0, "b": 1.0}, stored={"a": 5000}, facts={"a": 78}) - Measured(
        cpu={"a": 1.0}, stored={"a": 1000}, facts={}
    )

    assert used.cpu_ms(100) == {"total": 30.0, "a": 20.0, "b": 10.0}
    assert used.bytes(100) == {"total": 40, "a": 40}
    assert used.facts_each(2) == {"total": 39.0, "a": 39.0}


def test_the_cpu_of_a_process_counts_its_children_too():
    burn = "import time\nwhile time.process_time() < 0.4: pass"  # the kernel's count may be some ticks behind
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()",
        ],
        stdin=subprocess.PIPE,
    )
    try:
        while burdens._processes()[0].get(parent.pid, 0.0) < 0.3:
            assert parent.poll() is None
            time.sleep(0.05)
    finally:
        parent.communicate(b"\n")


def test_the_listener_of_a_local_port_is_found(tmp_path):
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert burdens._local_server(f"amqp://guest:guest@127.0.0.1:{port}//") == os.getpid()
    assert burdens._local_server(f"amqp://guest:guest@127.0.0.1:{port}//") is None
    assert burdens._local_server("amqp://guest:guest@rabbitmq.example.org//") is None


def test_the_benchmarks_theme_is_five_parallel_items_of_five_departments(house):
    from eventing.catalogues import load_current
    from kernel.clock import SystemClock, local_date

    theme = load_current("990102", house.settings.catalogue_dirs, local_date(SystemClock().now())).theme(THEME)

    assert {item.id: item.department for item in theme.items} == DEPARTMENTS
    assert len(set(DEPARTMENTS.values())) == 5
    assert [[material.id for material in item.materials] for item in theme.items] == [[m] for m in MATERIALS]
    assert not any(item.depends_on for item in theme.items)


def test_a_run_closes_every_case_and_counts_what_it_cost(house):
    burden = Burden(house.settings, {"all": os.getpid()})
    run = Run(house.client, Plan(cases=12, concurrency=4))
    before = burden.measured(house.client)
    ticks = []

    run.drive(lambda: ticks.append(1))

    used = burden.measured(house.client) - before
    assert "gateway" not in used.stored
    assert not (Path(house.settings.data_dir) / "gateway.db").exists(), "measuring makes no database"
    assert len(ticks) == len(run.ids) == len(run.registered) == 12
    assert {house.client.ask(GetCase(case_id=case))["status"] for case in run.ids} == {"closed"}
    assert len(run.delays) == 1
    assert all(seconds > 0 for seconds in run.closings())
    assert used.cpu["all"] > 0
    assert used.facts["intake"] == 12 * 6


def test_the_delay_of_the_feed_is_measured_with_everybody_having_everything(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "console",
            "bench",
            "feed",
            "--cases",
            "3",
            "--rate",
            "3",
            "--subscribers",
            "2",
            "--json",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "ONETHING_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["rate"], result["subscribers"]) == (3.0, 2)
    assert result["events_each"] > 3 * 20
    delays = result["latency_ms"]["happened_to_read"]
    assert 0 < delays["p50"] <= delays["p95"] <= delays["p99"] <= delays["max"]
