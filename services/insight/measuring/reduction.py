"""By how much the one set of a theme is smaller than what its items ask for, each for itself."""

from collections import defaultdict
from functools import lru_cache
from typing import Literal

import msgspec

from catalogue import Catalogue, Selection, Source
from insight.measuring.figures import Ground, Told
from insight.measuring.reading import Wanted
from insight.measuring.sets import Asked, Set


class Scenario(msgspec.Struct, frozen=True):
    """What decides which materials a case needs."""

    catalogue: str
    theme: str
    answers: dict[str, str]
    selected: tuple[str, ...]
    satisfied: tuple[str, ...] = ()
    underway: tuple[str, ...] = ()


class Reduction(msgspec.Struct, frozen=True):
    """``asked``: (Σ of the items − what the applicant brings once) ÷ Σ; ``spared``: what nobody brings ÷ the set."""

    name: str
    scenarios: Set
    of: Literal["asked", "spared"] = "asked"

    @property
    def sets(self) -> dict[str, Set]:
        """One set."""
        return {"counted": self.scenarios}

    def wants(self, asked: Asked) -> tuple[Wanted, ...]:
        """How many cases there are of each scenario."""
        return (Wanted("parts", self.scenarios, asked, "label"),)

    def tell(self, ground: Ground, asked: Asked) -> dict[str, Told]:
        """Each case by the catalogue that it was opened under."""
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in ground.read(*self.wants(asked)):
            of_items, once, brought = needed(row["part"], ground)
            less, of = (of_items - brought, of_items) if self.of == "asked" else (once - brought, once)
            each = sums[row["of"]]
            each[0] += less * row["units"]
            each[1] += of * row["units"]
            each[2] += row["units"]
        return {
            group: Told(less / of if of else None, less, of, count=units, why="" if of else "zero")
            for group, (less, of, units) in sorted(sums.items())
        } or {"": Told(None, 0, 0, count=0, why="zero")}


def needed(scenario: str, ground: Ground) -> tuple[int, int, int]:
    """Materials of the items each for itself, of the one set, and of it what the applicant brings."""
    read = msgspec.json.decode(scenario, type=Scenario)
    return _needed(scenario, ground.catalogue(read.catalogue))


@lru_cache(maxsize=4096)
def _needed(scenario: str, catalogue: Catalogue) -> tuple[int, int, int]:
    materials = selected(scenario, catalogue).materials
    brought = sum(each.material.source is Source.APPLICANT for each in materials)
    return sum(len(each.items) for each in materials), len(materials), brought


def selected(scenario: str, catalogue: Catalogue) -> Selection:
    """What a case of this scenario consists of."""
    read = msgspec.json.decode(scenario, type=Scenario)
    return catalogue.theme(read.theme).select(
        read.answers, chosen=read.selected, satisfied=dict.fromkeys(read.satisfied, "-"), underway=read.underway
    )
