"""An address that no store could keep is refused before anybody asks with it."""

from collections.abc import Iterable
from typing import Any

import falcon

from eventing.errors import Invalid
from gateway.api.reading import parameters


class WellFormed:
    """Middleware. Of all text only NUL is kept by no store (PostgreSQL); names and parameters that have it are none."""

    def process_resource(
        self, req: falcon.Request, _resp: falcon.Response, _resource: Any, params: dict[str, Any]
    ) -> None:
        """When it is known which part of the path is a name. Raises Invalid."""
        given: list[tuple[str, Any]] = [*params.items(), *(parameters(req) if "%00" in req.query_string else ())]
        if wrong := [*with_nul(given)]:
            raise Invalid(errors=[{"field": name, "reason": "not text"} for name in wrong])


def with_nul(given: Iterable[tuple[str, Any]]) -> Iterable[str]:
    """The names of those that have it, and names that have it themselves, without it."""
    return (
        name.replace("\0", "") for name, value in given if "\0" in name or (isinstance(value, str) and "\0" in value)
    )
