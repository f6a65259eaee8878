"""What an indicator is: figures, and the words of its definition."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from insight.measuring.figures import Figure


class Words(msgspec.Struct, frozen=True):
    """The same in Chinese and English."""

    zh: str
    en: str


class FigureWords(msgspec.Struct, frozen=True):
    """What a figure is called, and in which unit it is."""

    zh: str
    en: str
    unit: str


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is served beside the number."""

    name: Words
    formula: Words
    denominator: Words
    traps: Words
    source: str
    figures: dict[str, FigureWords]


class Indicator(msgspec.Struct, frozen=True):
    """One of the 26; the first figure is its headline."""

    number: int
    key: str
    figures: tuple[Any, ...]
    version: int = 1
    words: str = ""
    """The file that has its words."""

    @property
    def definition(self) -> Definition:
        """Its words; a figure without words is an error of ours."""
        return definitions(self.words)[self.key]

    def figure(self, name: str) -> Figure:
        """The figure of this name; raises KeyError."""
        found: Figure = {figure.name: figure for figure in self.figures}[name]
        return found


@cache
def definitions(name: str) -> dict[str, Definition]:
    """The definitions in one file."""
    text = files("insight.indicators").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), dict[str, Definition])
