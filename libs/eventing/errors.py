"""Everything that can go wrong, by what the caller should do about it.

OneThingError
├── Refused        the rules say no            409/422   never retried, records no fact
├── NotFound       no such thing               404
├── Forbidden      scope or grant missing      403
├── Stale          expected version lost       412       the caller reads again and retries
└── Unavailable    try again                   503       the only one that is retried

A class's ``code`` is its name in kebab case. Errors travel between services as ``as_data`` and come
back by ``from_data``: the caller gets the same class when it knows it, else the branch's class with
the same code and data.
"""

import re
from functools import cache
from typing import Any, ClassVar, Self


class OneThingError(Exception):
    """An error with a stable code and data instead of prose; the words live in the message catalogue."""

    code: ClassVar[str] = "onething-error"
    status: ClassVar[int] = 500
    _known: ClassVar[dict[str, type["OneThingError"]]] = {}

    def __init__(self, **data: Any) -> None:
        super().__init__(data)
        self.data = data

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
        OneThingError._known[cls.code] = cls

    def __str__(self) -> str:
        return f"{self.code} {self.data}" if self.data else self.code

    def as_data(self) -> dict[str, Any]:
        """The error as plain data, for the wire and for stored answers."""
        return {"code": self.code, "kind": self.kind().code, "data": self.data}

    @classmethod
    @cache
    def kind(cls) -> type["OneThingError"]:
        """The branch of the tree that the error belongs to."""
        return next((branch for branch in BRANCHES if issubclass(cls, branch)), OneThingError)

    @staticmethod
    def from_data(error: dict[str, Any]) -> "OneThingError":
        """The error again, from ``as_data``."""
        known = OneThingError._known.get(error["code"])
        if known is not None:
            return known._with(error)
        return OneThingError._known.get(error["kind"], OneThingError)._with(error)

    @classmethod
    def _with(cls, error: dict[str, Any]) -> Self:
        made = cls.__new__(cls)
        Exception.__init__(made, error["data"])
        made.data = error["data"]
        if error["code"] != cls.code:
            made.code = error["code"]  # type: ignore[misc]  # a foreign service's own refusal
        return made


class Refused(OneThingError):
    """The rules say no: the same command will be refused again until the facts change."""

    status = 409


class NotFound(OneThingError):
    """There is no such thing."""

    status = 404


class Forbidden(OneThingError):
    """The caller may not do this: scope, mandate or grant is missing."""

    status = 403


class Stale(OneThingError):
    """Somebody else was faster: read again and decide again."""

    status = 412


class Unavailable(OneThingError):
    """Something needed is not reachable now; the same request may succeed later."""

    status = 503


class Invalid(Refused):
    """The request itself cannot be read or breaks its schema."""

    status = 422


BRANCHES: tuple[type[OneThingError], ...] = (Refused, NotFound, Forbidden, Stale, Unavailable)
