"""What numbers suggest: rules that look at figures, each with the numbers that it is made of.

A rule says nothing below ``FEWEST`` cases: a handful of cases is no reason to change anything.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from contracts.insight import CitedNumber, FigureTold, IndicatorTold, Lever, Number, Suggestion, Words

FEWEST = 5
"""Cases, times or tickets that have to be behind a suggestion."""

LONGER = 1.5
"""An hour whose waiting is so many times that of the whole period is short of windows."""

WANTED: dict[str, tuple[str, ...]] = {
    "": (
        "first_time_complete/by_material", "conversion/by_channel", "conversion/by_item", "handling_time/edge_days",
        "returns/by_reason", "joint_handling/by_combination", "tolerance/lapsed", "data_sharing/agreed",
        "windows/waited_seconds",
    ),
    "hour": ("windows/waited_seconds", "windows/load"),
}  # fmt: skip
"""What is told apart by → the figures that rules look at."""


class Text(msgspec.Struct, frozen=True):
    """A kind of suggestion in words, and the lever that it pulls."""

    lever: Lever
    zh: str
    en: str
    says_zh: str
    says_en: str


@cache
def texts() -> dict[str, Text]:
    """Kind → its words."""
    read = files("insight").joinpath("suggestions.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(read), dict[str, Text])


class Figures:
    """Figures that were told, by what they were told apart by and their names."""

    def __init__(self, told: Mapping[str, Sequence[IndicatorTold]]) -> None:
        self._told: dict[tuple[str, str], FigureTold] = {
            (by, f"{each.indicator}/{figure.figure}"): figure
            for by, some in told.items()
            for each in some
            for figure in each.figures
        }
        self.headlines = [(each, each.figures[0]) for each in told.get("headlines", ())]

    def numbers(self, name: str, by: str = "") -> list[Number]:
        """Those that there are."""
        return [number for number in self._told[by, name].numbers if number.value is not None]

    def cite(self, name: str, number: Number, by: str = "") -> CitedNumber:
        """A number, so that it can be asked for again."""
        figure = self._told[by, name]
        return CitedNumber(name.split("/", maxsplit=1)[0], figure.figure, figure.name, figure.unit, by, number)

    def suggest(self, kind: str, of: str, *cites: CitedNumber, **said: Any) -> Suggestion:
        """In words, with its numbers."""
        text = texts()[kind]
        words = Words(text.says_zh.format(of=of, **said), text.says_en.format(of=of, **said))
        return Suggestion(kind, text.lever, Words(text.zh, text.en), words, of, cites)


Rule = Callable[[Figures], Iterator[Suggestion]]


def missing_material(told: Figures) -> Iterator[Suggestion]:
    """The material that was missing in most cases."""
    name = "first_time_complete/by_material"
    worst = max(told.numbers(name), key=_missed, default=None)
    if worst is not None and _missed(worst) >= FEWEST:
        yield told.suggest(
            "missing_material", worst.of, told.cite(name, worst), missed=_missed(worst), of_all=_all(worst)
        )


def best_entry(told: Figures) -> Iterator[Suggestion]:
    """Of several ways in, that which leads to cases most often."""
    for name, kind in (("conversion/by_channel", "best_channel"), ("conversion/by_item", "best_item")):
        enough = [number for number in told.numbers(name) if _all(number) >= FEWEST]
        if len(enough) > 1:
            best, worst = max(enough, key=_value), min(enough, key=_value)
            if _value(best) > _value(worst):
                yield told.suggest(
                    kind, best.of, told.cite(name, best), told.cite(name, worst),
                    best=_percent(best), worst=_percent(worst), other=worst.of,
                )  # fmt: skip


def short_hours(told: Figures) -> Iterator[Suggestion]:
    """The hour in which people wait longest, where that is much longer than usual."""
    name = "windows/waited_seconds"
    usual = next(iter(told.numbers(name)), None)
    hours = [number for number in told.numbers(name, "hour") if (number.count or 0) >= FEWEST]
    worst = max(hours, key=_value, default=None)
    if usual is not None and worst is not None and _value(worst) > 0 and _value(worst) >= LONGER * _value(usual):
        load = [number for number in told.numbers("windows/load", "hour") if number.of == worst.of]
        yield told.suggest(
            "short_hours", worst.of, told.cite(name, worst, "hour"), told.cite(name, usual),
            *(told.cite("windows/load", number, "hour") for number in load),
            minutes=round(_value(worst) / 60), usual=round(_value(usual) / 60),
        )  # fmt: skip


def bottleneck(told: Figures) -> Iterator[Suggestion]:
    """The edge of the item graph on which most days were spent waiting."""
    name = "handling_time/edge_days"
    enough = [number for number in told.numbers(name) if (number.count or 0) >= FEWEST and _value(number) > 0]
    worst = max(enough, key=lambda number: _value(number) * (number.count or 0), default=None)
    if worst is not None:
        yield told.suggest(
            "bottleneck", worst.of, told.cite(name, worst), days=f"{_value(worst):.1f}", times=worst.count
        )


def return_reason(told: Figures) -> Iterator[Suggestion]:
    """Why most is given back."""
    yield from _largest_part(told, "returns/by_reason", "return_reason")


def combination(told: Figures) -> Iterator[Suggestion]:
    """What is handled together most often."""
    yield from _largest_part(told, "joint_handling/by_combination", "combination")


def lapsed_tolerance(told: Figures) -> Iterator[Suggestion]:
    """What was tolerated and never came."""
    name = "tolerance/lapsed"
    for number in told.numbers(name):
        if (number.numerator or 0) >= FEWEST:
            yield told.suggest(
                "lapsed_tolerance", "", told.cite(name, number), lapsed=number.numerator, share=_percent(number)
            )


def differing_data(told: Figures) -> Iterator[Suggestion]:
    """Data that did not agree."""
    name = "data_sharing/agreed"
    for number in told.numbers(name):
        if _missed(number) >= FEWEST:
            yield told.suggest(
                "differing_data", "", told.cite(name, number), differed=_missed(number), of_all=_all(number)
            )


def missed_target(told: Figures) -> Iterator[Suggestion]:
    """Headlines that miss their targets."""
    for indicator, figure in told.headlines:
        for number in figure.numbers:
            if number.target is not None and number.target.is_met is False:
                cited = CitedNumber(indicator.indicator, figure.figure, figure.name, figure.unit, "", number)
                yield told.suggest(
                    "missed_target", indicator.indicator, cited,
                    name_zh=indicator.name.zh, name_en=indicator.name.en, target=f"{number.target.value:g}",
                )  # fmt: skip


RULES: tuple[Rule, ...] = (
    missed_target, missing_material, bottleneck, short_hours, return_reason, lapsed_tolerance, differing_data,
    best_entry, combination,
)  # fmt: skip


def suggestions(told: Figures) -> tuple[Suggestion, ...]:
    """All that the rules say."""
    return tuple(each for rule in RULES for each in rule(told))


def _largest_part(told: Figures, name: str, kind: str) -> Iterator[Suggestion]:
    for number in told.numbers(name):
        part, units = max(number.parts.items(), key=lambda each: each[1], default=("", 0))
        if units >= FEWEST:
            yield told.suggest(kind, part, told.cite(name, number), times=units, of_all=number.count)


def _value(number: Number) -> float:
    return number.value or 0.0


def _all(number: Number) -> int:
    return int(number.denominator or 0)


def _missed(number: Number) -> int:
    return int((number.denominator or 0) - (number.numerator or 0))


def _percent(number: Number) -> str:
    return f"{_value(number) * 100:.0f}%"
