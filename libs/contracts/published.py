"""What the published language consists of: its messages, in the order of modules and of their text."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

import contracts

T = TypeVar("T")


def declared(module: ModuleType, base: type[T]) -> list[type[T]]:
    """What a module of the language declares of this kind. A package declares what its modules do.

    What begins with an underscore is a base that others are made of, and no message.
    """
    return [
        value
        for part in parts(module)
        for value in vars(part).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == part.__name__
        and not value.__name__.startswith("_")
    ]


def published(base: type[T]) -> Iterator[type[T]]:
    """Everything of this kind in the whole language."""
    for name in sorted(each.name for each in iter_modules(contracts.__path__)):
        if name != "language":
            yield from declared(import_module(f"contracts.{name}"), base)


def parts(module: ModuleType) -> list[ModuleType]:
    """The modules that a package of the language is cut into; a module is its own only part."""
    if not hasattr(module, "__path__"):
        return [module]
    return [import_module(f"{module.__name__}.{each.name}") for each in iter_modules(module.__path__)]
