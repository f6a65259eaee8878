"""Work for a batch of commands, of which one that is refused does not stop the others."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from eventing.errors import OneThingError

T = TypeVar("T")


def for_each(make: Callable[..., T], batch: Iterable[tuple[Any, ...]]) -> list[T | OneThingError]:
    """Makes something for every entry; a refusal stands in the place of what was refused."""
    made: list[T | OneThingError] = []
    for entry in batch:
        try:
            made.append(make(*entry))
        except OneThingError as error:
            made.append(error)
    return made
