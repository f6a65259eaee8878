"""The words for codes: what went wrong and what to do next, in Chinese and English, from ``messages/*.yaml``.

An entry is ``<code>: {zh, en, next_zh, next_en}`` and, where the sentence is too long for a heading,
``title_zh`` and ``title_en``. ``{name}`` in an entry is filled with the refusal's data; ids in it are written
as the data's own ``names`` call them, reasons and states as ``terms.yaml`` does. No two files share a code.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import msgspec
import yaml

MESSAGES = Path(__file__).parent / "messages"
TITLES = Path(__file__).parent / "titles"
TERMS = "terms.yaml"
TOPICS = "topics.yaml"
GENERIC = "onething-error"
"""The entry for a code that has no words of its own."""

Language = Literal["zh", "en"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words for one code."""

    zh: str
    en: str
    next_zh: str
    next_en: str
    title_zh: str = ""
    title_en: str = ""


class Message(msgspec.Struct, frozen=True):
    """What to tell somebody: a heading, a sentence, and the next step."""

    title: str
    detail: str
    next: str


def message(code: str, language: Language = "zh", **data: Any) -> Message:
    """The words for a code, filled with its data; a code without words gets a general sentence."""
    entry = entries().get(code) or entries()[GENERIC]
    words = _Words(language, {"code": code, **data})
    detail = words.fill(getattr(entry, language))
    title = getattr(entry, f"title_{language}")
    return Message(
        title=words.fill(title) if title else detail,
        detail=detail,
        next=words.fill(getattr(entry, f"next_{language}")),
    )


@cache
def entries() -> Mapping[str, Entry]:
    """All entries by code. Raises ValueError for a code that two files have words for."""
    found: dict[str, Entry] = {}
    for file in sorted(set(MESSAGES.glob("*.yaml")) - {MESSAGES / TERMS, MESSAGES / TOPICS}):
        read = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), dict[str, Entry])
        if twice := sorted(found.keys() & read.keys()):
            msg = f"{file.name} has words for codes that have them already: {', '.join(twice)}"
            raise ValueError(msg)
        found |= read
    return found


@cache
def terms() -> Mapping[str, Mapping[Language, str]]:
    """Codes of reasons, states and steps, and what they are called in each language."""
    read = yaml.safe_load((MESSAGES / TERMS).read_text("utf-8"))
    return msgspec.convert(read, dict[str, dict[Language, str]])


@cache
def topics() -> Mapping[str, Mapping[Language, str]]:
    """Topics of facts, and what a timeline calls them in each language."""
    read = yaml.safe_load((MESSAGES / TOPICS).read_text("utf-8"))
    return msgspec.convert(read, dict[str, dict[Language, str]])


@cache
def titles(of: Literal["operations", "fields", "interface"]) -> Mapping[str, str]:
    """Operations by their id, fields by their name, what else the interface has by its kind; and the Chinese for it."""
    return msgspec.convert(yaml.safe_load((TITLES / f"{of}.yaml").read_text("utf-8")), dict[str, str])


class _Words(Formatter):
    """Fills a sentence: lists and tables are written out, what is unknown becomes a dash."""

    def __init__(self, language: Language, data: Mapping[str, Any]) -> None:
        self.language = language
        self.data = msgspec.to_builtins(data)
        # Catalogues are written in Chinese; an English sentence keeps the ids.
        self.names = self.data.get("names") or {} if language == "zh" else {}
        self.comma, self.colon, self.semicolon = ("、", "：", "；") if language == "zh" else (", ", ": ", "; ")

    def fill(self, sentence: str) -> str:
        return self.vformat(sentence, (), self.data)

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        # Names only: no attributes and no indexes, so that data cannot reach into anything.
        return kwargs.get(field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._written(value)

    def _written(self, value: Any) -> str:
        match value:
            case None | "":
                return "—"
            case dict():
                parts = (f"{self._called(key)}{self.colon}{self._written(each)}" for key, each in value.items())
                return self.semicolon.join(parts) or "—"
            case list() | tuple():
                return self.comma.join(self._written(each) for each in value) or "—"
            case _:
                return self._called(str(value))

    def _called(self, text: str) -> str:
        name: str = self.names.get(text) or terms().get(text, {}).get(self.language, text)
        return name
