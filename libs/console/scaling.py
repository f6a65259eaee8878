"""``onething scale-plan``: from the measured cost of a case to replicas for a given load, with the arithmetic shown."""

from math import ceil
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct

from console.output import AsJson, screen, show, table
from console.services import SERVICES
from eventing.schema import SEGMENTS

MEASURED = Path(__file__).parent / "w1" / "measured.json"
ENGINES = ("broker", "database")
LEAST = 2
"""Replicas of a service, so that one may die."""
SECONDS = 3600


class Cost(Struct, frozen=True):
    """What a case costs, as measured: CPU milliseconds by process, stored bytes, facts."""

    cpu_ms_per_case: dict[str, float]
    bytes_per_case: float
    facts_per_case: float
    source: str


class Need(Struct, frozen=True):
    """What one service, or engine, needs in the busiest hour."""

    name: str
    cores: float
    """CPU seconds a second, all replicas together."""
    replicas: int
    """0 for an engine: it scales in its own way."""
    arithmetic: str


class ScalePlan(Struct, frozen=True):
    """What a load needs."""

    cases_per_day: float
    rate: float
    """Cases a second in the busiest hour."""
    rate_arithmetic: str
    needs: tuple[Need, ...]
    cores: float
    gigabytes_per_year: float
    storage_arithmetic: str
    advice: tuple[str, ...]
    source: str


def cost_of(file: Path = MEASURED) -> Cost:
    """The cost of a case in what ``onething bench w1 --json`` printed (over HTTP where that was measured).

    Raises typer.BadParameter when the file holds no such thing.
    """
    try:
        said: dict[str, Any] = (
            msgspec.json.decode(file.read_text("utf-8").strip().splitlines()[-1])
            if (file != MEASURED)
            else msgspec.json.decode(file.read_bytes())
        )
        result = said.get("http") or said
        cpu = {name: float(ms) for name, ms in result["cpu_ms_per_case"].items()}
        stored, facts = result["bytes_per_case"], result["facts_per_case"]
        return Cost(
            {name: cpu[name] for name in (*SERVICES, *ENGINES) if name in cpu},
            float(stored["total"] if isinstance(stored, dict) else stored),
            float(facts["total"] if isinstance(facts, dict) else facts),
            str(said.get("command", file)),
        )
    except (OSError, msgspec.DecodeError, KeyError, AttributeError, IndexError, ValueError, TypeError) as error:
        raise typer.BadParameter(f"{file} is not what `onething bench w1 --profile cluster --json` prints") from error


def plan(cost: Cost, cases_per_day: float, *, peak: float = 0.18, busy: float = 0.5, days: int = 250) -> ScalePlan:
    """Replicas for a load. ``peak``: the busiest hour's part of the day; ``busy``: how busy a core may be in it."""
    rate = cases_per_day * peak / SECONDS
    needs, advice = [], []
    for name, ms in cost.cpu_ms_per_case.items():
        cores = rate * ms / 1000
        wanted = ceil(round(cores / busy, 9))
        if name in ENGINES:
            shown = f"{rate:.3f}/s × {ms:.2f} ms = {cores:.3f}; ÷ {busy} = {cores / busy:.2f} cores"
            needs.append(Need(name, cores, 0, shown))
            continue
        replicas = max(LEAST, wanted)
        shown = f"{rate:.3f}/s × {ms:.2f} ms = {cores:.3f} cores; ÷ {busy} → {wanted}; ≥ {LEAST} → {replicas}"
        if replicas > SEGMENTS and name != "gateway":
            advice.append(
                f"{name}: {replicas} 个副本多于分段 more replicas than segments: divide the region among releases"
            )
        needs.append(Need(name, cores, replicas, shown))
    yearly = cases_per_day * days * cost.bytes_per_case / 1e9
    return ScalePlan(
        cases_per_day,
        rate,
        f"{cases_per_day:g} × {peak} ÷ {SECONDS} s = {rate:.3f}/s",
        tuple(needs),
        sum(need.cores for need in needs),
        yearly,
        f"{cases_per_day:g} × {days} d × {cost.bytes_per_case / 1000:.0f} kB = {yearly:.1f} GB",
        tuple(advice),
        cost.source,
    )


def scale_plan(  # noqa: PLR0917 - options of a command line
    cases_per_day: Annotated[float, typer.Option("--cases-per-day", min=0, help="每日件数 · cases a working day")],
    measured: Annotated[
        Path,
        typer.Option("--measured", exists=True, dir_okay=False, help="实测 · what bench w1 --json printed on yours"),
    ] = MEASURED,
    peak: Annotated[
        float, typer.Option(min=0.05, max=1, help="最忙一小时占全天 · the busiest hour's part of a day")
    ] = 0.18,
    busy: Annotated[float, typer.Option(min=0.1, max=0.9, help="允许的忙碌程度 · how busy a core may be then")] = 0.5,
    days: Annotated[int, typer.Option(min=1, max=366, help="每年工作日 · working days a year")] = 250,
    as_json: AsJson = False,
) -> None:
    """扩容计算 · from the measured cost of a case to replicas for a load; every step of the arithmetic is shown.

    What is shipped was measured on a small machine: measure on yours, and give the file.
    """
    found = plan(cost_of(measured), cases_per_day, peak=peak, busy=busy, days=days)
    show(found, as_json=as_json, words=_words)


def _words(found: ScalePlan) -> None:
    screen.print(f"最忙一小时 busiest hour: {found.rate_arithmetic}", soft_wrap=True)
    table(
        ("服务 service", "副本 replicas", "算式 arithmetic"),
        ((need.name, need.replicas or "–", need.arithmetic) for need in found.needs),
    )
    screen.print(f"合计 in all {found.cores:.2f} cores; 每年 a year {found.storage_arithmetic}", soft_wrap=True)
    for each in found.advice:
        screen.print(f"! {each}", soft_wrap=True)
    screen.print(f"实测 measured by {found.source}", soft_wrap=True, style="dim")
