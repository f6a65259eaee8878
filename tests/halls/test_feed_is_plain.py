"""A feed tells nothing that is personal: looked at for every type of fact that there is."""

from datetime import UTC, date, datetime
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.language import Fact, Sealed
from contracts.published import published
from halls.feed.plain import CODES, ENVELOPE, NUMBERED, told

FACTS = [fact for fact in published(Fact) if fact.TOPIC]

PERSONAL = frozenset(
    {
        "account",
        "address",
        "address_index",
        "answers",
        "applicant",
        "applicant_index",
        "approved_by",
        "by",
        "carrier",
        "circumstances",
        "comment",
        "demands",
        "explanation",
        "fields",
        "findings",
        "form",
        "holder",
        "identifier",
        "identity_check",
        "inspectors",
        "name",
        "parties",
        "party",
        "person",
        "person_day",
        "presider",
        "principal",
        "agent",
        "proposed_by",
        "question",
        "reason",
        "reasons",
        "remedy",
        "requested_by",
        "signature",
        "signed_by",
        "staff",
        "subject",
        "text",
        "title",
        "trainer",
        "witness",
        "words",
    }
)
"""Names of people, what identifies them, what people wrote, and what was said about them, as facts call it."""

SECRET = "secret"


def something(kind: Any, path: str) -> st.SearchStrategy[Any]:
    """Any value of this type, in which every text says where it stands."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Sealed:
        return st.just(Sealed(f"{SECRET}:{path}:sealed", "p", b"x"))
    if kind is str:
        return st.integers(0, 9).map(lambda n: f"{SECRET}:{path}:{n}")
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of([something(each, path) for each in arguments])
    if origin is tuple:
        inner = arguments[0]
        return st.lists(something(inner, path), min_size=1, max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(something(arguments[0], path), something(arguments[1], path), min_size=1, max_size=2)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return st.builds(kind, **{name: something(hints[name], f"{path}.{name}") for name in kind.__struct_fields__})
    return {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(0, 9),
        float: st.floats(0, 1),
        bytes: st.binary(max_size=2),
        date: st.dates(date(2027, 1, 1), date(2027, 12, 31)),
        datetime: st.just(datetime(2027, 1, 4, 9, tzinfo=UTC)),
    }.get(kind, st.just(f"{SECRET}:{path}"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.TOPIC)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_of_every_fact_only_codes_are_told(fact: type[Fact], data: st.DataObject) -> None:
    made = data.draw(something(fact, fact.__name__))

    said = told(made)

    text = msgspec.json.encode(said).decode()
    leaves = {part.split(":")[1].rpartition(".")[2] for part in text.split('"') if part.startswith(f"{SECRET}:")}
    assert leaves <= CODES | {"number"}
    assert leaves.isdisjoint(PERSONAL)
    assert said.keys().isdisjoint(ENVELOPE)
    assert "sealed" not in text
    if "number" in leaves:
        assert fact.TOPIC in NUMBERED


def test_no_code_is_called_like_something_personal() -> None:
    assert CODES.isdisjoint(PERSONAL)


def test_every_code_is_a_field_of_some_fact() -> None:
    """The list holds nothing that is not there."""
    names: set[str] = set()

    def look(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            for name, inner in get_type_hints(kind).items():
                if name in kind.__struct_fields__:
                    names.add(name)
                    look(inner)
        for each in get_args(kind):
            look(each)

    for fact in FACTS:
        look(fact)
    assert set() == CODES - names


def test_what_a_fact_means_to_a_hall_is_told() -> None:
    from contracts.halls import TicketCalled

    called = TicketCalled(
        at=datetime(2027, 1, 4, 9, tzinfo=UTC),
        by="li",
        hall="county",
        ticket="t1",
        number="A007",
        window="w1",
        staff="li",
        times=2,
    )
    assert told(called) == {"hall": "county", "ticket": "t1", "number": "A007", "window": "w1", "times": 2}
