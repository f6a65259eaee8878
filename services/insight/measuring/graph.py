"""What the catalogue's graph and lists make of a case: waits along edges, materials, critical paths, combinations."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

import msgspec

from catalogue import Catalogue, CatalogueError, Source, Trigger, critical_path
from insight.measuring import statements
from insight.measuring.figures import Ground, Told, spread_of
from insight.measuring.reading import Wanted
from insight.measuring.reduction import Scenario, selected
from insight.measuring.sets import Asked, Set

ARROW = " → "

Case = str
Item = str


class OfCases(msgspec.Struct, frozen=True):
    """A figure that is made of what was observed of the cases of a set."""

    apart: ClassVar[str] = ""
    name: str
    of: Set

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.of}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """What it reads follows from what it reads."""
        return ()


class Combinations(OfCases, frozen=True):
    """How many cases have exactly these items, for each combination of them."""

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """The whole, and each combination."""
        items = _items(ground.select(statements.of_cases(("accepted",), self.of, asked)))
        parts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in ground.select(statements.members(self.of, asked)):
            parts[row["of"]]["+".join(sorted(items[row["case_id"]]))] += 1
        return {
            group: Told(sum(each.values()), count=sum(each.values()), parts=dict(sorted(each.items())))
            for group, each in sorted(parts.items())
        } or {"": Told(0, count=0)}


class Waits(OfCases, frozen=True):
    """Working days for which accepted items waited for the items before them, for each edge of the item graph."""

    apart: ClassVar[str] = "edge"

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """An edge holds where both items are in the case; of a one-of, the first that unlocks."""
        seen = Cases(ground, ("accepted", "decided"), self.of, asked)
        days: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
        for row in ground.select(statements.members(self.of, asked)):
            case, item = row["case_id"], row["item"]
            accepted = seen.first["accepted"].get((case, item))
            if accepted is None:
                continue
            for before, on in seen.unlocking(case, item):
                days[before + ARROW + item][ground.calendar.elapsed(accepted, max(accepted, on))] += 1
        return {edge: spread_of(each) for edge, each in sorted(days.items())} or {"": Told(None, count=0, why="zero")}


class Completeness(OfCases, frozen=True):
    """For each material that applicants have to bring: cases whose first submission had it ÷ cases that needed it."""

    apart: ClassVar[str] = "material"

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """What was found missing was needed, whatever the catalogue says."""
        lacked: dict[Case, set[str]] = defaultdict(set)
        for row in ground.select(statements.of_cases(("lacking",), self.of, asked)):
            lacked[row["case_id"]].add(row["subject"])
        scenarios = Cases(ground, (), self.of, asked).scenarios
        whole: dict[str, int] = defaultdict(int)
        needed: dict[str, int] = defaultdict(int)
        for row in ground.select(statements.members(self.of, asked)):
            case = row["case_id"]
            scenario = scenarios.get(case)
            for material in (_brought(scenario, ground) if scenario else frozenset()) | lacked[case]:
                needed[material] += 1
                whole[material] += material not in lacked[case]
        return {
            material: Told(whole[material] / cases, whole[material], cases, count=cases)
            for material, cases in sorted(needed.items())
        } or {"": Told(None, 0, 0, count=0, why="zero")}


class ShorterPath(OfCases, frozen=True):
    """(Σ statutory − Σ promised) ÷ Σ statutory over the critical paths of cases."""

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """How many cases there are of each scenario."""
        return (Wanted("parts", self.of, asked, "label"),)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """A case whose path has no statutory limit is not compared."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in ground.read(*self.wants(asked)):
            promised, statutory = _paths(row["part"], ground)
            if statutory:
                each, units = sums[row["of"]], row["units"]
                each[0] += (statutory - promised) * units
                each[1] += statutory * units
                each[2] += units
        return {group: Told(less / of, less, of, count=units) for group, (less, of, units) in sorted(sums.items())} or {
            "": Told(None, 0, 0, count=0, why="zero")
        }


class Cases:
    """What was observed of the cases of a set, and the catalogue of each."""

    def __init__(self, ground: Ground, kinds: Iterable[str], of: Set, asked: Asked) -> None:
        self.ground = ground
        self.scenarios: dict[Case, str] = {}
        self.first: dict[str, dict[tuple[Case, Item], date]] = defaultdict(dict)
        for row in ground.select(statements.of_cases((*kinds, "scenario"), of, asked)):
            if row["kind"] == "scenario":
                self.scenarios[row["case_id"]] = row["label"]
            elif row["kind"] != "decided" or row["label"] == "granted":
                days, unit = self.first[row["kind"]], (row["case_id"], row["item"])
                days[unit] = min(row["on"], days.get(unit, row["on"]))

    def unlocking(self, case: Case, item: Item) -> Iterator[tuple[Item, date]]:
        """What an item waited for, and the day on which that came: for each of its edges that holds in the case."""
        if case not in self.scenarios:
            return
        for alternatives, trigger in _edges(self.scenarios[case], item, self.ground):
            came = self.first["accepted" if trigger is Trigger.ACCEPTED else "decided"]
            days = [(came[case, before], before) for before in alternatives if (case, before) in came]
            if days:
                on, before = min(days)
                yield before, on

    def level(self, case: Case, item: Item) -> str:
        """Where the item is decided, by the catalogue of the case; empty where that is not known."""
        if case not in self.scenarios:
            return ""
        try:
            return str(_read(self.scenarios[case], self.ground)[1].item(item).level)
        except CatalogueError:
            return ""


def _items(rows: Iterable[Mapping[str, Any]]) -> dict[Case, set[Item]]:
    found: dict[Case, set[Item]] = defaultdict(set)
    for row in rows:
        found[row["case_id"]].add(row["item"])
    return found


def _read(scenario: str, ground: Ground) -> tuple[Scenario, Catalogue]:
    read = msgspec.json.decode(scenario, type=Scenario)
    return read, ground.catalogue(read.catalogue)


def _edges(scenario: str, item: Item, ground: Ground) -> tuple[tuple[tuple[Item, ...], Trigger], ...]:
    read, catalogue = _read(scenario, ground)
    return _edges_of(catalogue, read.theme, item)


@lru_cache(maxsize=4096)
def _edges_of(catalogue: Catalogue, theme: str, item: Item) -> tuple[tuple[tuple[Item, ...], Trigger], ...]:
    try:
        found = catalogue.theme(theme).item(item)
    except CatalogueError:
        return ()
    return tuple((each.any_of, each.trigger) for each in found.depends_on)


def _brought(scenario: str, ground: Ground) -> frozenset[str]:
    return _brought_by(scenario, _read(scenario, ground)[1])


@lru_cache(maxsize=4096)
def _brought_by(scenario: str, catalogue: Catalogue) -> frozenset[str]:
    try:
        materials = selected(scenario, catalogue).materials
    except CatalogueError:
        return frozenset()
    return frozenset(each.material.id for each in materials if each.material.source is Source.APPLICANT)


def _paths(scenario: str, ground: Ground) -> tuple[int, int]:
    return _path_days(scenario, _read(scenario, ground)[1])


@lru_cache(maxsize=4096)
def _path_days(scenario: str, catalogue: Catalogue) -> tuple[int, int]:
    try:
        theme = catalogue.theme(msgspec.json.decode(scenario, type=Scenario).theme)
        chosen = selected(scenario, catalogue)
    except CatalogueError:
        return 0, 0
    promised, statutory = (critical_path(theme, chosen, by=by).days for by in ("promised", "statutory"))
    return promised, statutory
