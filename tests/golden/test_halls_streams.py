"""What halls stored in any release loads and folds in this one."""

from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from eventing import green

green.patch()

from contracts import halls
from contracts.published import declared
from eventing import mapper
from eventing.aggregate import Aggregate
from eventing.snapshots import restore, shape_of, take
from halls.service import Halls

FILES = sorted((Path(__file__).parent / "halls").glob("*.json"))


class Stored(msgspec.Struct):
    stream: str
    version: int
    topic: str
    state: bytes


def folded(path: Path) -> dict[str, Aggregate]:
    """stream → the aggregate, folded from the stored bytes."""
    found: dict[str, Aggregate] = {}
    for stream, stored in groupby(msgspec.json.decode(path.read_bytes(), type=list[Stored]), key=lambda f: f.stream):
        facts = [mapper.decode(each.topic, each.state) for each in stored]
        kind = next(each for each in Halls.aggregates if type(facts[0]) in each.facts())
        found[stream] = kind.replay(stream, facts)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_load_and_fold_and_snapshots_restore_them(path: Path) -> None:
    streams = folded(path)

    assert {type(each).__name__ for each in streams.values()} >= {
        "Hall", "Window", "Queue", "Agenda", "Screen", "Sharing", "Acceptance",
    }  # fmt: skip
    for aggregate in streams.values():
        assert shape_of(type(aggregate))
        again = restore(type(aggregate), aggregate.stream, aggregate.version, take(aggregate))
        assert again.state() == aggregate.state()


def test_every_fact_of_halls_is_among_those_of_the_last_release() -> None:
    topics = {each.topic for each in msgspec.json.decode(FILES[-1].read_bytes(), type=list[Stored])}

    assert {fact.TOPIC for fact in declared(halls, mapper.Fact)} <= topics
