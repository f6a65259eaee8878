"""The same catalogue with a few values that are others: rules that nobody has published, to ask what they would do."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from catalogue.building import in_order
from catalogue.changes import NAMES
from catalogue.errors import CatalogueError, InvalidCatalogue
from catalogue.model import Catalogue
from catalogue.references import references

LONGEST = 3660
"""Days of a limit: ten years."""


class UnknownPath(CatalogueError):
    """The path leads nowhere in this catalogue."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


def altered(catalogue: Catalogue, changes: Mapping[str, str]) -> Catalogue:
    """The catalogue with values in JSON at paths as `diff` tells them: `themes/CY/items/CY03/promised/days` → `3`.

    Raises UnknownPath, and InvalidCatalogue for a value that cannot stand there: of another type, a name that leads
    nowhere, a cycle. Whether it would be lawful is not asked.
    """
    if not changes:
        return catalogue
    content = msgspec.json.decode(catalogue.document())
    for path, value in changes.items():
        try:
            _put(content, path, msgspec.json.decode(value))
        except msgspec.DecodeError as error:
            raise InvalidCatalogue([f"{path}: {error}"]) from error
    if not all(0 <= each <= LONGEST for each in _limits(content)):
        raise InvalidCatalogue([f"a limit is of 0 to {LONGEST} days"])
    try:
        read = msgspec.convert(content, Catalogue)
    except msgspec.ValidationError as error:
        raise InvalidCatalogue([str(error)]) from error
    made = Catalogue.of(
        region=read.region,
        name=read.name,
        fictional=read.fictional,
        themes={
            name: msgspec.structs.replace(theme, items=in_order(theme.items)) for name, theme in read.themes.items()
        },
        organisations=read.organisations,
        certificates=read.certificates,
        type_authority=read.type_authority,
        rules=read.rules,
    )
    if faults := [f"{each.where}: {each.message_en}" for each in references(made) if each.severity == "error"]:
        raise InvalidCatalogue(faults)
    return made


def _limits(content: Any) -> Iterator[int]:
    """The days of every limit, as far as they are numbers."""
    if isinstance(content, dict):
        if isinstance(days := content.get("days"), int):
            yield days
        content = [*content.values()]
    if isinstance(content, list):
        for each in content:
            yield from _limits(each)


def _put(content: Any, path: str, value: Any) -> None:
    *way, last = path.split("/")
    for step in way:
        content = _step(content, step, path)
    if isinstance(content, list):
        content[content.index(_step(content, last, path))] = value
    elif isinstance(content, dict):
        content[last] = value
    else:
        raise UnknownPath(path)


def _step(content: Any, step: str, path: str) -> Any:
    if isinstance(content, dict) and step in content:
        return content[step]
    if isinstance(content, list):
        for each in content:
            if isinstance(each, dict) and step in {each.get(name) for name in NAMES}:
                return each
    raise UnknownPath(path)
