"""The scope check where an act is decided: role × reach on what was loaded, and lists that show nothing beyond it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from contracts.language import Caller, Command, Query
from contracts.readings import CaseReach, GetReach
from contracts.scopes import ANY, BELOW, HALL, MANDATED, OWN_CASE, OWN_ITEM, OWN_ORG, OWN_STAFF, Reach, is_within
from contracts.scopes.table import scope_of
from eventing.errors import Forbidden

Message = Command | Query


class NotYourRole(Forbidden):
    """None of the caller's roles may ask for this."""


class OutOfScope(Forbidden):
    """The caller's role may ask for this, but not of this hall, organisation, item or person."""


def reaches(message: type[Command] | type[Query], caller: Caller) -> tuple[str, ...]:
    """How far the caller reaches with this message. Raises NotYourRole."""
    found = _words(message, caller.roles)
    if not found:
        raise NotYourRole(verb=message.__name__)
    return found


@lru_cache(maxsize=4096)
def _words(message: type[Command] | type[Query], roles: tuple[str, ...]) -> tuple[str, ...]:
    """What the table says to these roles; it says the same to everybody who has them."""
    return scope_of(message).reaches(Caller(by="", roles=roles))


def check(message: Message, caller: Caller, reach: Reach, item: str | None = None) -> None:
    """Raises NotYourRole, OutOfScope. The item is the message's own unless another is named."""
    wanted = getattr(message, "item", "") if item is None else item
    if not is_within(reaches(type(message), caller), caller, reach, wanted):
        raise OutOfScope(verb=type(message).__name__)


def at_hall(message: Message, caller: Caller, hall: str) -> None:
    """Raises NotYourRole, OutOfScope where the question about a hall is beyond the caller."""
    check(message, caller, Reach(halls=frozenset((hall,))))


def is_enough(message: Message, caller: Caller, reach: Reach) -> bool:
    """Whether what is known here decides it; if not, intake is asked whom the case concerns."""
    words = reaches(type(message), caller)
    if reach.subjects is not None or is_within(words, caller, reach, getattr(message, "item", "")):
        return True
    if {OWN_CASE, MANDATED} & {*words} or (HALL in words and caller.hall) or (BELOW in words and caller.halls):
        return False
    return bool(reach.halls) or bool(reach.items)


def completed(reach: Reach, case_id: str, peers: Any) -> Reach:
    """The reach of a part of a case with what intake knows of the whole: its applicant and agents, the halls that took
    it over, and, where the part names no hall, its halls and handlers."""
    found = msgspec.convert(peers.ask(GetReach(case_id=case_id)), CaseReach)
    return Reach(
        halls=(reach.halls or frozenset(found.halls)) | frozenset(found.admitted),
        items=reach.items or found.items,
        orgs=reach.orgs,
        subjects=frozenset(found.subjects),
        people=reach.people,
        agents=frozenset(found.agents),
    )


def narrowed(
    statement: sa.Select[Any],
    message: Message,
    caller: Caller,
    *,
    halls: Sequence[Any] = (),
    orgs: Sequence[Any] = (),
    items: Sequence[Any] = (),
    subjects: Sequence[Any] = (),
    people: Sequence[Any] = (),
    agents: Sequence[Any] = (),
) -> sa.Select[Any]:
    """The list as far as the caller reaches, whatever else it is asked for. Raises NotYourRole.

    Each argument names the columns, or conditions made by ``among``, that hold whom a row concerns. A reach that no
    column answers for shows nothing.
    """
    words = reaches(type(message), caller)
    if ANY in words:
        return statement
    wanted = {
        HALL: (halls, (caller.hall,)),
        BELOW: (halls, caller.halls),
        OWN_ORG: (orgs, (caller.org,)),
        OWN_ITEM: (items, (caller.org,)),
        OWN_CASE: ((*subjects, *agents), (caller.subject,)),
        MANDATED: (agents, (caller.by,)),
        OWN_STAFF: (people, (caller.by,)),
    }
    terms = [term for word in words for term in _terms(*wanted[word])]
    return statement.where(sa.or_(sa.false(), *terms))


def _terms(columns: Iterable[Any], values: Sequence[str]) -> list[Any]:
    names = [value for value in values if value]
    if not names:
        return []
    return [column(names) if callable(column) else column.in_(names) for column in columns]


SEPARATOR = "|"


def joined(names: Iterable[str]) -> str:
    """Several names in one column, to be found by ``among``."""
    kept = sorted({name for name in names if name and SEPARATOR not in name})
    return f"{SEPARATOR}{SEPARATOR.join(kept)}{SEPARATOR}" if kept else ""


def among(column: Any) -> Any:
    """The condition that one of some names is among those in a column made by ``joined``."""
    return lambda names: sa.or_(
        sa.false(),
        *(column.contains(f"{SEPARATOR}{name}{SEPARATOR}", autoescape=True) for name in names if SEPARATOR not in name),
    )
