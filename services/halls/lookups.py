"""What the parts of the service look up alike: a hall, a window, and whose identifier it is."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from contracts.language import Act, Caller
from eventing.errors import NotFound, Refused
from eventing.keyring import KeyRing
from halls.projections.tree import HALLS, WINDOWS
from kernel.identifiers import InvalidIdentifier, check_citizen_id, check_uscc

Row = Mapping[str, Any]


class PersonInvalid(Refused):
    """The identifier is none."""

    status = 422


def named(store: Any, view: Any, key: str, names: Iterable[str]) -> dict[str, Row]:
    """key → row, of those that exist."""
    rows = store.select(sa.select(view.table).where(view.c[key].in_(set(names))))
    return {row[key]: row for row in rows}


def hall_row(store: Any, hall: str) -> Row:
    """A hall's row. Raises ``NotFound``."""
    found = named(store, HALLS, "hall", (hall,))
    if not found:
        raise NotFound(what="hall", id=hall)
    return found[hall]


def window_row(store: Any, window: str) -> Row:
    """A window's row. Raises ``NotFound``."""
    found = named(store, WINDOWS, "window", (window,))
    if not found:
        raise NotFound(what="window", id=window)
    return found[window]


def person(keyring: KeyRing, identifier: str, act: Act) -> str:
    """The blind index of who it is about: of the identifier that was given, else of an applicant who asks."""
    return person_of(keyring, identifier, act.caller)


def person_of(keyring: KeyRing, identifier: str, caller: Caller | None) -> str:
    """The same, of a caller. Raises PersonInvalid."""
    if not identifier:
        return caller.subject if caller is not None else ""
    for check in (check_citizen_id, check_uscc):
        try:
            return keyring.blind(check(identifier))
        except InvalidIdentifier:
            continue
    raise PersonInvalid
