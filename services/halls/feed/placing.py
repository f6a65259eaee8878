"""Which halls a fact concerns, and what facts teach about that.

A case concerns the halls where it was opened and that own it, where its materials lie, come from and go to, where
its packages are handed out, to which it was handed over, and where the organisations of its items sit. Halls, windows,
tickets, appointments and messages concern the halls that they name; a grant concerns its grantee; a trip both ends.
"""

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

import msgspec

from contracts.language import Fact
from contracts.readings import PersonalDataRead

HALLS = ("hall", "to_hall", "from_hall", "owner_hall")
"""Fields that hold a hall."""

PLACES = ("place", "to", "origin", "replacement", "grantee", "sender", "receiver")
"""Fields that hold a hall or something else: an organisation, a carrier, a system. Only known halls count."""

ASIDE = ("onething.case-hand-over.", "onething.case-message.")
"""Facts that tell halls something about a case without making it theirs: who is asked to go on with it may decline."""

TAKEN_OVER = "onething.case-hand-over.accepted.v1"

Link = tuple[str, str, str]

PACKETS = ("packets", "copies")
"""Fields that hold packages, or where each copy is."""

NOTHING: frozenset[str] = frozenset()


@cache
def _has(kind: type[Fact], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these fields that facts of a kind have."""
    return tuple(name for name in names if name in kind.__struct_fields__)


class Known:
    """Links and halls as they are known, with what was learnt and is not saved yet."""

    def __init__(self, halls: Iterable[str], links: Iterable[Link]) -> None:
        self.halls = set(halls)
        self._links: dict[tuple[str, str], set[str]] = {}
        self._of_case: dict[str, frozenset[str]] = {}
        """The halls of cases, until something about them is learnt."""
        for kind, name, to in links:
            self._links.setdefault((kind, name), set()).add(to)
        self.learnt: dict[Link, None] = {}
        self.forgotten: dict[Link, None] = {}

    def of(self, kind: str, name: str) -> Collection[str]:
        """What something is tied to."""
        return self._links.get((kind, name), NOTHING)

    def tie(self, kind: str, name: str, to: Iterable[str]) -> None:
        """Learns links."""
        known = self._links.setdefault((kind, name), set())
        for each in to:
            if each and each not in known:
                known.add(each)
                self.learnt[kind, name, each] = None
                self.forgotten.pop((kind, name, each), None)
                self._forget_case(kind, name)

    def untie(self, kind: str, name: str, to: str) -> None:
        """A link is no more."""
        known = self._links.get((kind, name), set())
        if to in known:
            known.remove(to)
            self.learnt.pop((kind, name, to), None)
            self.forgotten[kind, name, to] = None
            self._forget_case(kind, name)

    def halls_of_case(self, case_id: str) -> AbstractSet[str]:
        """The halls that a case concerns now."""
        found = self._of_case.get(case_id)
        if found is None:
            seats = (self.of("seat", org) for org in self.of("org", case_id))
            found = self._of_case[case_id] = frozenset(self.of("case", case_id)).union(*seats)
        return found

    def _forget_case(self, kind: str, name: str) -> None:
        """A seat is many cases', what a case is tied to is its own."""
        if kind == "seat":
            self._of_case.clear()
        else:
            self._of_case.pop(name, None)


def wanted(stream: str, fact: Fact) -> Iterator[tuple[str, str]]:
    """(kind, name) of what must be known to place a fact."""
    if fact.case_id:
        yield "case", fact.case_id
        yield "org", fact.case_id
    else:
        yield "thing", stream
    if window := getattr(fact, "window", ""):
        yield "thing", window
    if case := getattr(fact, "case", ""):
        yield "case", case
        yield "org", case


def is_told(fact: Fact) -> bool:
    """Whether a feed tells of it at all. That personal data was read concerns no hall: neither the case's, whose clerks
    are not told it, nor that of whoever read it, which need have nothing to do with the case."""
    return fact.TOPIC != PersonalDataRead.TOPIC


def place(stream: str, fact: Fact, known: Known) -> AbstractSet[str]:
    """The halls that a fact concerns, after what it teaches has been learnt."""
    named = {hall for name in _has(type(fact), HALLS) if (hall := getattr(fact, name))}
    if fact.TOPIC.startswith("onething.hall."):
        named.add(getattr(fact, "hall", "") or stream)
    known.halls |= named
    named |= {value for value in _places(fact) if value in known.halls}
    if fact.TOPIC == "onething.hall.organisation-seated.v1":
        known.tie("seat", getattr(fact, "organisation", ""), named)
    elif fact.TOPIC == "onething.hall.organisation-unseated.v1":
        known.untie("seat", getattr(fact, "organisation", ""), getattr(fact, "hall", ""))
    if fact.case_id:
        if fact.TOPIC.startswith(ASIDE) and fact.TOPIC != TAKEN_OVER:
            return known.halls_of_case(fact.case_id) | named
        known.tie("case", fact.case_id, named)
        known.tie("org", fact.case_id, _organisations(fact))
        return known.halls_of_case(fact.case_id)
    known.tie("thing", stream, named)
    if not named and (window := getattr(fact, "window", "")):
        named.update(known.of("thing", window))
    return named.union(known.of("thing", stream))


def _places(fact: Fact) -> Iterator[str]:
    for name in _has(type(fact), PLACES):
        if isinstance(value := getattr(fact, name), str):
            yield value
    for name in _has(type(fact), PACKETS):
        held = getattr(fact, name)
        if isinstance(held, dict):
            yield from (value for value in held.values() if isinstance(value, str))
        else:
            yield from (packet.to for packet in held if isinstance(packet, msgspec.Struct) and hasattr(packet, "to"))


def _organisations(fact: Fact) -> Iterator[str]:
    """The organisations that decide items of the case."""
    for part in (*_tuple(fact, "plan"), *_tuple(fact, "reviews"), fact):
        if (handler := getattr(part, "handler", "")) and getattr(part, "standing", "selected") == "selected":
            yield handler
    handlers: Any = getattr(fact, "handlers", {})
    if isinstance(handlers, dict):
        yield from handlers.values()


def _tuple(fact: Fact, name: str) -> tuple[Any, ...]:
    value = getattr(fact, name, ())
    return value if isinstance(value, tuple) else ()
