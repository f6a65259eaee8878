"""Reasons: a code, what was read in facts, the facts that it was read in, and the rules by which it follows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from casefile.explaining.course import Known
from catalogue.model import Catalogue, Theme
from contracts.words import Language, terms
from kernel.clock import local_date

WORDS: Any = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
"""Codes of reasons and rules → their sentences in both languages."""


class Rule(msgspec.Struct, frozen=True):
    """A rule that a reason follows from: an article of the law, or a line of the catalogue."""

    code: str
    source: str
    """The law and its article, or ``catalogue``."""
    item: str = ""
    """Whose line it is; empty: of the whole theme."""


class Reason(msgspec.Struct, frozen=True):
    """One reason."""

    code: str
    item: str = ""
    values: dict[str, str] = {}
    facts: tuple[Known, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def answer(self) -> tuple[str, str, dict[str, str]]:
        """What it says, whichever facts it was read in."""
        return self.code, self.item, self.values


class Explained(msgspec.Struct, frozen=True):
    """The answer to a question, and its reasons."""

    answer: str
    reasons: tuple[Reason, ...] = ()

    @property
    def said(self) -> tuple[Any, ...]:
        """The answer without the places of the facts: equal if and only if it says the same."""
        return self.answer, tuple(each.answer for each in self.reasons)

    @property
    def cited(self) -> list[Known]:
        """All facts that reasons cite, each once."""
        return [*{(each.chain, each.seq): each for reason in self.reasons for each in reason.facts}.values()]


def reason(code: str, *facts: Known | None, item: str = "", rules: Sequence[Rule] = (), **values: Any) -> Reason:
    """A reason; values as text, empty ones left out."""
    said = {name: text(value) for name, value in values.items()}
    there = {(each.chain, each.seq): each for each in facts if each is not None}
    return Reason(code, item, {name: value for name, value in said.items() if value}, (*there.values(),), (*rules,))


def text(value: Any) -> str:
    """A value as a sentence has it: instants as legal days, several with a comma."""
    if isinstance(value, datetime):
        return local_date(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    return "" if value is None else ", ".join(text(each) for each in value)


def law(code: str) -> Rule:
    """A rule of the law."""
    return Rule(code, str(WORDS["rules"][code]["source"]))


def line(code: str, item: str = "") -> Rule:
    """A rule of the catalogue version that the case was opened with."""
    return Rule(code, "catalogue", item)


def sentence(code: str, item: str, values: Mapping[str, str], catalogue: Catalogue, theme: Theme) -> dict[str, str]:
    """A reason in both languages, with the names of items and organisations, and the words for states."""
    names = (
        {each.id: each.name for each in theme.items}
        | {material.id: material.name for each in theme.items for material in each.materials}
        | {name: each.name for name, each in catalogue.organisations.items()}
    )

    def told(value: str, language: Language) -> str:
        parts = (names.get(part) or terms().get(part, {}).get(language, part) for part in value.split(", "))
        return ", ".join(parts)

    def said(language: Language) -> str:
        known = _Blank({name: told(value, language) for name, value in values.items()}, item=told(item, language))
        return str(WORDS["reasons"][code][language].format_map(known))

    return {"zh": said("zh"), "en": said("en")}


class _Blank(dict[str, str]):
    """Values that are not known are a dash."""

    def __missing__(self, _key: str) -> str:
        return "—"
