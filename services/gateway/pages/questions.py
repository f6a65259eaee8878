"""Questions that stand in the address of a page: what a list is narrowed by."""

from typing import Any, TypeVar

import falcon
import msgspec

from contracts.language import Query
from eventing.errors import Invalid

T = TypeVar("T", bound=Query)


def asked(kind: type[T], req: falcon.Request, *names: str, **given: Any) -> T:
    """A question of the parameters of these names in the address; the empty ones are not asked. Raises Invalid."""
    try:
        return msgspec.convert(narrowing(req, *names) | given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(reason=str(error)) from None


def narrowing(req: falcon.Request, *names: str) -> dict[str, str]:
    """What a list is narrowed by, for the address of its next page."""
    return {name: value for name in names if (value := str(req.get_param(name) or "").strip())}
