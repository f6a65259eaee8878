"""What is different between two catalogues, value by value."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from catalogue.model import Catalogue

NAMES = ("id", "key", "value", "link", "name")
"""What tells the entries of a list apart, so that a moved entry is not taken for a changed one."""


class Change(Struct, frozen=True):
    """One difference; `path` leads to it, as in `themes/CY/items/CY03/promised/days`."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any

    def __str__(self) -> str:
        """The difference in one line."""
        match self.kind:
            case "added":
                return f"+ {self.path}: {_text(self.after)}"
            case "removed":
                return f"- {self.path}: {_text(self.before)}"
            case _:
                return f"~ {self.path}: {_text(self.before)} → {_text(self.after)}"


def diff(a: Catalogue, b: Catalogue) -> list[Change]:
    """How to get from `a` to `b`, in the order of their paths. The versions themselves are no difference."""
    before, after = (_named(msgspec.to_builtins(msgspec.structs.replace(each, version=""))) for each in (a, b))
    return sorted(_compare("", before, after), key=lambda change: change.path)


def _compare(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield Change(path, "changed", before, after)
        return
    for key in before.keys() | after.keys():
        where = f"{path}/{key}" if path else str(key)
        if key not in after:
            yield Change(where, "removed", before[key], None)
        elif key not in before:
            yield Change(where, "added", None, after[key])
        else:
            yield from _compare(where, before[key], after[key])


def _named(value: Any) -> Any:
    """The value with lists of named entries turned into mappings."""
    if isinstance(value, dict):
        return {key: _named(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and value and all(isinstance(each, dict) for each in value):
        for name in NAMES:
            names = [each.get(name) for each in value]
            if None not in names and len(set(names)) == len(names):
                return {each[name]: _named(each) for each in value}
    return value


def _text(value: Any) -> str:
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
