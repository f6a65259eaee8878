"""From the measured cost of a case to replicas; the province's day is simulated by the same figures."""

import importlib.util
import json
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.scaling import MEASURED, Cost, cost_of, plan
from console.services import SERVICES


def province():
    place = Path(__file__).parents[1] / "benchmarks" / "province.py"
    spec = importlib.util.spec_from_file_location("province", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(
    cases=st.integers(0, 10**7),
    tenths=st.integers(1, 5000),
    peak=st.sampled_from([(1, 10), (18, 100), (1, 4)]),
)
def test_replicas_are_what_exact_arithmetic_says(cases, tenths, peak):
    found = plan(Cost({"intake": tenths / 10}, 1000, 1, ""), cases, peak=peak[0] / peak[1], busy=0.5).needs[0]
    exact = Fraction(cases) * Fraction(*peak) / 3600 * Fraction(tenths, 10000) / Fraction(1, 2)
    assert found.replicas in {max(2, ceil(exact)), max(2, ceil(exact - Fraction(1, 10**8)))}


def test_the_shipped_figures_name_every_service():
    cost = cost_of()
    assert set(cost.cpu_ms_per_case) == {*SERVICES, "broker", "database"}
    assert json.loads(MEASURED.read_text())["command"].startswith("onething bench w1")


def test_more_replicas_than_segments_is_told():
    assert plan(cost_of(), 1000).advice == ()
    assert any("segments" in each for each in plan(cost_of(), 100_000_000).advice)


def test_what_the_benchmark_printed_is_read(typed, tmp_path):
    said = {"cpu_ms_per_case": {"total": 3.0, "intake": 2.0, "database": 1.0}, "bytes_per_case": {"total": 10},
            "facts_per_case": {"total": 4}}  # fmt: skip
    (tmp_path / "bench.json").write_text(f"W1 …\n{json.dumps(said)}\n")
    told = typed("scale-plan", "--cases-per-day", 1000, "--measured", tmp_path / "bench.json", "--json")
    assert [need["name"] for need in json.loads(told.output)["needs"]] == ["intake", "database"]

    (tmp_path / "nonsense").write_text("nothing")
    assert typed("scale-plan", "--cases-per-day", 1, "--measured", tmp_path / "nonsense").exit_code == 2


def test_the_arithmetic_is_shown(typed):
    told = typed("scale-plan", "--cases-per-day", 2000)
    assert "2000 × 0.18 ÷ 3600 s = 0.100/s" in told.output


def test_a_simulated_day_does_the_work_that_arithmetic_says():
    """Utilisation law: what is worked is what came times what it costs; with more servers nobody waits longer."""
    simulated = province()
    few = simulated.city(300, {"intake": 700.0, "halls": 70.0}, {"intake": 1, "halls": 1}, seed=1)
    many = simulated.city(300, {"intake": 700.0, "halls": 70.0}, {"intake": 4, "halls": 1}, seed=1)
    assert few.acts == many.acts == 2100
    assert few.worked["intake"] == pytest.approx(300 * 0.7, rel=0.1)
    assert few.worked["halls"] == pytest.approx(300 * 0.07, rel=0.1)
    assert few.busiest == "intake"
    assert many.mean_ms <= few.mean_ms


def test_the_province_is_told(capsys):
    province().main(["--part", "0.01"])
    told = capsys.readouterr().out
    assert "1 × capital: 60 cases, 420 acts" in told
    assert "the province:" in told
