"""The facts that a number counts are told in words: every sort of every kind that a page can show has one."""

import types
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from contracts.insight import UNSAID
from contracts.words import terms
from eventing import mapper
from gateway.pages.insight.wording import AS_WRITTEN, sort
from gateway.pages.rendering import words
from insight.indicators import INDICATORS
from insight.observing import OBSERVERS, Seen

GOLDEN = Path(__file__).parents[2] / "golden"
WRITTEN = "as somebody wrote it"
PLAIN = {
    str: WRITTEN,
    bytes: b"",
    int: 1,
    float: 1.0,
    date: date(2026, 7, 23),
    datetime: datetime(2026, 7, 23, tzinfo=UTC),
}
CITABLE = {
    kind
    for each in INDICATORS.values()
    for figure in each.figures
    for one in figure.sets.values()
    for kind in one.kinds
}


def values(of: Any) -> Iterator[Any]:
    """One value of a type, and then others, so that each choice, each flag and each lack that stands in it is met."""
    origin, among = get_origin(of), get_args(of)
    if origin is Annotated:
        yield from values(among[0])
    elif origin is Literal:
        yield from among
    elif origin in {Union, types.UnionType}:
        for each in among:
            yield from values(each)
    elif origin is tuple:
        yield from (
            ((each,) for each in values(among[0])) if among[-1] is ... else [tuple(next(values(x)) for x in among)]
        )
    elif origin in {dict, Mapping}:
        yield from ({next(values(among[0])): each} for each in values(among[1]))
    elif isinstance(of, type) and issubclass(of, msgspec.Struct):
        yield from structs(of)
    else:
        yield from (True, False) if of is bool else [None if of is types.NoneType else PLAIN[of]]


def structs(of: type[Any]) -> Iterator[Any]:
    """One, and for each of its fields those that differ in it."""
    hints = get_type_hints(of, include_extras=True)
    choices = {name: list(values(hints[name])) for name in of.__struct_fields__}
    first = of(**{name: each[0] for name, each in choices.items()})
    yield first
    for name, each in choices.items():
        yield from (msgspec.structs.replace(first, **{name: value}) for value in each[1:])


def golden() -> Iterator[tuple[str, bytes]]:
    """Topic and stored bytes of all facts that releases have left."""
    waiting: list[Any] = [msgspec.json.decode(path.read_bytes()) for path in sorted(GOLDEN.rglob("*.json"))]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict) and {"topic", "state"} <= each.keys():
            yield each["topic"], msgspec.convert(each["state"], bytes)
        elif isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each


@cache
def observed() -> frozenset[tuple[str, str]]:
    """Kind and label of whatever can be seen: in facts as the contracts allow them, and in those of the releases."""
    stored = (mapper.decode(topic, state) for topic, state in golden() if topic in OBSERVERS)
    possible = (fact for kind, _ in OBSERVERS.values() for fact in structs(kind))
    return frozenset(
        (seen.kind, seen.label)
        for facts in (possible, stored)
        for fact in facts
        for seen in OBSERVERS[fact.TOPIC][1]("stream", fact)
    )


CODES = sorted(
    (kind, label)
    for kind, label in observed()
    if label and kind in CITABLE and kind not in UNSAID and not kind.startswith(AS_WRITTEN)
)


@pytest.mark.parametrize(("kind", "label"), CODES)
def test_a_sort_has_a_word_in_both_languages(kind: str, label: str) -> None:
    known = words().get(f"observed_{kind}_{label}") or terms().get(label, {})

    assert set(known) == {"zh", "en"}
    assert [sort(kind, label, "zh"), sort(kind, label, "en")] == [known["zh"], known["en"]]


def test_what_is_met_is_what_can_be_counted() -> None:
    assert {kind for kind, _ in observed()} >= CITABLE
    assert {("accepted", "tolerant"), ("clock", "one"), ("clock", "both"), ("window", "paused")} <= set(CODES)


def test_no_word_is_of_a_sort_that_is_no_more() -> None:
    own = {key for key in words() if key.startswith("observed_")}

    assert own
    assert own <= {f"observed_{kind}_{label}" for kind, label in CODES}


@pytest.mark.parametrize(
    ("kind", "said"),
    [("scenario", ""), ("consulted", ""), ("contact", WRITTEN), ("figure:population", WRITTEN)],
)
def test_what_is_no_code_is_told_as_it_was_written_or_not_at_all(kind: str, said: str) -> None:
    assert sort(kind, WRITTEN, "zh") == said


def test_an_observation_without_a_sort_says_none() -> None:
    assert sort(Seen("held").kind, Seen("held").label, "zh") == ""
