"""What a locality still has to configure or look up: every placeholder and every value of general knowledge."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from catalogue.model import Catalogue
from catalogue.rules import GENERAL, Retention

KNOWLEDGE = re.compile(r"(?<![A-Za-z0-9])K(?![A-Za-z0-9])")
"""The mark in a source: K, K(m), S71(时限K)."""
CHOICES = ("amber_percent", "largest_file", "media_types")
"""General rules that no law sets; while no layer does either, they are placeholders."""


class Mark(Struct, frozen=True):
    """One value that is no law and no promise yet; `path` leads to it, as in `themes/CY/items/CY03/promised`."""

    path: str
    kind: Literal["placeholder", "knowledge"]
    value: str
    source: str


def open_marks(catalogue: Catalogue) -> list[Mark]:
    """Every placeholder and every K value of a catalogue, in the order of their paths."""
    found = list(_marks(catalogue, ""))
    found += [
        Mark(f"rules/{name}", "placeholder", _text(getattr(GENERAL, name)), "")
        for name in CHOICES
        if getattr(catalogue.rules, name) == getattr(GENERAL, name)
    ]
    return sorted(found, key=lambda mark: mark.path)


def _marks(value: object, path: str) -> Iterator[Mark]:
    match value:
        case Struct():
            yield from _mark(value, path)
            for name in value.__struct_fields__:
                yield from _marks(getattr(value, name), _join(path, name))
        case dict():
            for name, each in value.items():
                yield from _marks(each, _join(path, name))
        case tuple():
            for number, each in enumerate(value):
                yield from _marks(each, _join(path, _name(each) or str(number)))
        case _:
            pass


def _mark(value: Struct, path: str) -> Iterator[Mark]:
    """The mark that the value itself carries, if any."""
    sources = getattr(value, "sources", ())
    source = getattr(value, "source", None)
    told = "; ".join(sources) if sources else source if isinstance(source, str) else ""
    if getattr(value, "placeholder", False):
        yield Mark(path, "placeholder", _text(value), told)
    elif KNOWLEDGE.search(told):
        yield Mark(path, "knowledge", _text(value), told)


def _text(value: object) -> str:
    """A value in a line."""
    for name in ("days", "years", "minutes", "amount", "name"):
        if (told := getattr(value, name, None)) is not None:
            return str(told)
    if isinstance(value, Retention):
        return "permanent"
    if (begins := getattr(value, "begins", None)) is not None:
        return f"{begins}/{getattr(value, 'ends', '')}"
    return msgspec.json.encode(value).decode()


def _name(value: object) -> str:
    """What tells the entries of a list apart."""
    return next((str(found) for name in ("id", "key", "link") if (found := getattr(value, name, None))), "")


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
