"""Random people, and whether what they asked for was given to them: for tests of who may see and do what.

The tests say in their own words who may; what stands here only makes people and looks at answers. Nothing of it knows
the table of scopes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from hypothesis import strategies as st

from contracts.language import Caller
from contracts.scopes import ROLES
from eventing.errors import Forbidden, OneThingError

PEOPLE = sorted(ROLES.keys() - {"service"})
"""The roles that people and outside systems can have."""

ODD = ("", "%", "_", "*", "|", "county' OR '1'='1", "../", "\x00")
"""Words that no thing is called by, and that mean something to somebody."""


def callers(
    *,
    by: Sequence[str],
    orgs: Sequence[str] = (),
    halls: Sequence[str] = (),
    subjects: Sequence[str] = (),
    roles: Sequence[str] = tuple(PEOPLE),
    most_roles: int = 2,
) -> st.SearchStrategy[Caller]:
    """Anybody: any roles, at any of these halls and organisations or none; managers with some hall below theirs."""
    return st.builds(
        Caller,
        by=st.sampled_from(["", "stranger", *by]),
        org=st.sampled_from(["", "elsewhere", *orgs]),
        hall=st.sampled_from(["", "nowhere", *halls]),
        roles=st.lists(st.sampled_from(roles), max_size=most_roles, unique=True).map(tuple),
        subject=st.sampled_from(["", "somebody", *subjects]),
        halls=st.lists(st.sampled_from([*halls, "nowhere"]), max_size=1).map(tuple),
    )


def is_given(ask: Callable[[], Any]) -> bool:
    """Whether it was answered, or refused for another reason than who asked: then the rules spoke, not the scope."""
    try:
        ask()
    except Forbidden:
        return False
    except OneThingError as error:
        return error.status != 403
    return True


def answer(ask: Callable[[], Any]) -> Any:
    """What was answered; None where it was refused, for whatever reason."""
    try:
        return ask()
    except OneThingError:
        return None


def all_pages(ask: Callable[[str], Any], rows: str, begin: str = "") -> list[Any]:
    """Every row of a list, page by page, from a cursor on; nothing where it is refused."""
    found: list[Any] = []
    after = begin
    while True:
        page = answer(partial(ask, after))
        if page is None:
            return found
        found += page[rows]
        after = page["after"]
        if not after:
            return found


def facts(log: Iterable[Any]) -> set[tuple[str, int, str]]:
    """What is recorded: stream, version, topic."""
    return {(fact.stream, fact.version, fact.topic) for fact in log}
