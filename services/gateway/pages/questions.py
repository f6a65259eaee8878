"""Questions that stand in the address of a page: what a list is narrowed by."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import falcon
import msgspec

from contracts.language import Query
from eventing.errors import Invalid

T = TypeVar("T", bound=Query)

AT_ONCE = 200
"""Rows that are asked for at once where all of a list are wanted."""


def asked(kind: type[T], req: falcon.Request, *names: str, **given: Any) -> T:
    """A question of the parameters of these names in the address; the empty ones are not asked. Raises Invalid."""
    try:
        return msgspec.convert(narrowing(req, *names) | given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(reason=str(error)) from None


def narrowing(req: falcon.Request, *names: str) -> dict[str, str]:
    """What a list is narrowed by, for the address of its next page."""
    return {name: value for name in names if (value := str(req.get_param(name) or "").strip())}


def every(ask: Callable[[Query], Any], question: Query) -> Iterator[dict[str, Any]]:
    """All rows of a list, page after page: for what has to be found among them, however many there are."""
    after = ""
    while True:
        page = ask(msgspec.structs.replace(question, limit=AT_ONCE, after=after))
        yield from next(value for value in page.values() if isinstance(value, list))
        if not (after := page["after"]):
            return
