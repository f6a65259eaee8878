"""Given, then: what tests say about aggregates. Assertions compare facts, not attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from contracts.language import Act, Caller, Fact
from eventing.aggregate import Aggregate
from eventing.errors import OneThingError

A = TypeVar("A", bound=Aggregate)

ENVELOPE = frozenset(Fact.__struct_fields__)

NOON = datetime(2026, 7, 23, 4, 0, tzinfo=UTC)
"""A Thursday noon in China: the instant at which tests happen unless they say otherwise."""

TESTER = Caller(by="tester", roles=("service", "operator"))
"""Whoever tests, where it does not matter who: the house and its operator."""


def an_act(by: str = "clerk-7", *, at: datetime = NOON, org: str = "", hall: str = "county", window: str = "w1") -> Act:
    """Somebody doing something at a window."""
    return Act(at=at, by=by, cause="test", caller=Caller(by=by, org=org, hall=hall, window=window))


def fact(kind: type[Fact], **body: Any) -> tuple[str, dict[str, Any]]:
    """The expectation: this happened, with this body."""
    return kind.__name__, {name: msgspec.to_builtins(value) for name, value in body.items()}


def facts(aggregate: Aggregate) -> list[tuple[str, dict[str, Any]]]:
    """What has happened since ``given``, without envelopes and defaults."""
    return [
        (
            type(happened).__name__,
            {k: v for k, v in msgspec.to_builtins(happened).items() if k not in ENVELOPE},
        )
        for happened in aggregate.pending
    ]


def names(aggregate: Aggregate) -> list[str]:
    """The names of what has happened since ``given``."""
    return [type(happened).__name__ for happened in aggregate.pending]


def given(aggregate: A) -> A:
    """The aggregate with its past forgotten: only what comes now counts."""
    aggregate.pending.clear()
    return aggregate


def replayed(aggregate: A, past: list[Fact]) -> A:
    """The aggregate again, from facts that went through their stored bytes."""
    from eventing import mapper

    return type(aggregate).replay(
        aggregate.stream, [mapper.decode(happened.TOPIC, mapper.encode(happened)) for happened in past]
    )


@contextmanager
def refused(kind: type[OneThingError], **data: Any) -> Iterator[None]:
    """The block is refused in this way, with (at least) this data."""
    try:
        yield
    except OneThingError as error:
        if not isinstance(error, kind):
            raise AssertionError(f"expected {kind.__name__}, got {error!r}") from error
        for name, value in data.items():
            assert msgspec.to_builtins(error.data.get(name)) == msgspec.to_builtins(value), error.data
    else:
        raise AssertionError(f"expected {kind.__name__}, nothing was refused")
