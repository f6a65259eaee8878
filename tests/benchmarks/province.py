"""A province's working day, simulated: 21 cities, a release each, cases as they come, at the measured cost.

Each case is a registration, five decisions and a hand-over, at times of their own on that day; each is work for every
service, as much as its share of the measured CPU of a case. A service's replicas are its servers, work waits in line.
Printed for each size of city: how busy the busiest service was and how long an act's work took, waiting included.

    python tests/benchmarks/province.py                 # the fictional province of the capacity page
    python tests/benchmarks/province.py --part 0.1      # a tenth of its cases, with a tenth of the cores
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any, NamedTuple

import simpy

for folder in ("libs", "services"):
    sys.path.insert(0, str(Path(__file__).parents[2] / folder))

from console.scaling import ENGINES, cost_of, plan

CURVE = {9: 0.16, 10: 0.18, 11: 0.14, 12: 0.03, 13: 0.05, 14: 0.15, 15: 0.14, 16: 0.11, 17: 0.04}
"""The part of a day's acts that comes in each hour. Assumed; a hall's own figures take its place."""
CITIES = {"capital": (1, 6000), "large": (4, 2500), "middle": (8, 1200), "small": (8, 500)}
"""Of each size how many cities there are, and how many cases come on a working day. Assumed, 21 cities."""
ACTS = 7
"""Acts of a case of W1: a registration, five decisions, a hand-over."""
HOUR = 3600.0


class Day(NamedTuple):
    """What became of one city's day."""

    acts: int
    busiest: str
    utilisation: float
    """Of the busiest service in the busiest hour, by its replicas."""
    mean_ms: float
    p99_ms: float
    worked: Mapping[str, float]
    """CPU seconds by service."""


def city(cases: int, costs: Mapping[str, float], replicas: Mapping[str, int], seed: int) -> Day:
    """Simulates a day. ``costs``: CPU milliseconds a case by service; all services work on an act beside each other."""
    chance = random.Random(seed)
    env = simpy.Environment()
    servers = {name: simpy.Resource(env, replicas[name]) for name in costs}
    worked = dict.fromkeys(costs, 0.0)
    hours = {(name, hour): 0.0 for name in costs for hour in CURVE}
    took: list[float] = []

    def work(name: str, hour: int) -> Iterator[Any]:
        seconds = chance.expovariate(1.0) * costs[name] / 1000 / ACTS
        with servers[name].request() as turn:
            yield turn
            yield env.timeout(seconds)
        worked[name] += seconds
        hours[name, hour] += seconds

    def act(at: float, hour: int) -> Iterator[Any]:
        yield env.timeout(at)
        yield env.all_of([env.process(work(name, hour)) for name in costs])
        took.append(env.now - at)

    for hour in chance.choices(list(CURVE), list(CURVE.values()), k=cases * ACTS):
        env.process(act(hour * HOUR + chance.random() * HOUR, hour))
    env.run()
    (name, _), seconds = max(hours.items(), key=lambda each: each[1] / replicas[each[0][0]])
    return Day(
        len(took),
        name,
        seconds / HOUR / replicas[name],
        fmean(took) * 1000,
        quantiles(took, n=100)[98] * 1000 if len(took) > 1 else took[0] * 1000,
        worked,
    )


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", type=float, default=1.0, help="which part of the cases is simulated")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--measured", type=Path, help="what onething bench w1 --json printed")
    asked = parser.parse_args(arguments)
    cost = cost_of(asked.measured) if asked.measured else cost_of()
    total = cores = 0.0
    print(f"seed {asked.seed}; cost of a case by {cost.source}")
    for size, (number, cases) in CITIES.items():
        some = max(1, round(cases * asked.part))
        planned = {need.name: need for need in plan(cost, some, peak=max(CURVE.values())).needs}
        costs = {name: ms for name, ms in cost.cpu_ms_per_case.items() if name not in ENGINES}
        replicas = {name: planned[name].replicas for name in costs}
        day = city(some, costs, replicas, asked.seed)
        total += number * some
        cores += number * sum(need.cores for need in planned.values())
        print(
            f"{number} × {size}: {some} cases, {day.acts} acts; {sum(replicas.values())} replicas; {day.busiest} busy "
            f"{day.utilisation:.1%} in its busiest hour; an act's work {day.mean_ms:.2f} ms, p99 {day.p99_ms:.1f} ms"
        )
    print(f"the province: {total:g} cases a day, {cores:.2f} cores in the busiest hour, engines included")


if __name__ == "__main__":
    main(sys.argv[1:])
