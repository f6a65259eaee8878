"""What was stored by any release loads and folds in this one."""

from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from console.services import SERVICES, service
from eventing import green

green.patch()

from eventing import mapper
from eventing.aggregate import Aggregate
from eventing.snapshots import restore, shape_of, take

CLASSES = {name: service(name) for name in SERVICES}
STREAMS = sorted((Path(__file__).parent / "streams").glob("*/*.json"))


class Stored(msgspec.Struct):
    service: str
    stream: str
    version: int
    topic: str
    state: bytes


class Story(msgspec.Struct):
    theme: str
    story: str
    verdict: str
    facts: list[Stored]


def aggregates(path: Path) -> dict[str, Aggregate]:
    """Service → the case's aggregate there, folded from the stored bytes; others under the names of their streams."""
    story = msgspec.json.decode(path.read_bytes(), type=Story)
    folded = {}
    ordered = sorted(story.facts, key=lambda fact: (fact.service, fact.stream, fact.version))
    case_id = next(fact.stream for fact in story.facts if fact.service == "vault")
    for (service_name, stream), facts in groupby(ordered, key=lambda fact: (fact.service, fact.stream)):
        stored = list(facts)
        name = service_name if stream == case_id else stream
        decoded = [mapper.decode(fact.topic, fact.state) for fact in stored]
        kind = next(k for k in CLASSES[service_name].aggregates if type(decoded[0]) in k.facts())
        assert [fact.version for fact in stored] == list(range(1, len(stored) + 1))
        folded[name] = kind.replay(stored[0].stream, decoded)
    return folded


@pytest.fixture(params=STREAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_there_are_golden_streams_of_every_theme() -> None:
    assert {path.stem.split("-")[0] for path in STREAMS} == {
        "cy", "xse", "sdq", "xyxf", "qybg", "tx", "qyzx", "jyrx", "cjr", "sbk", "ysqy", "sshc", "poch",
    }  # fmt: skip


def test_they_load_and_fold_to_what_the_case_came_to(path: Path) -> None:
    story = msgspec.json.decode(path.read_bytes(), type=Story)
    folded: dict[str, Any] = aggregates(path)

    assert {name for name in folded if not name.startswith("bill.")} <= set(SERVICES)
    assert folded["intake"].outcome == story.verdict
    assert folded["approval"].verdict == story.verdict
    assert folded["certificate"].status.value == "completed"
    assert folded["vault"].key_id == folded["intake"].key_id
    assert set(folded["routing"].supplied) >= {
        item for item, review in folded["approval"].reviews.items() if review.status.value == "granted"
    }


def test_facts_are_stored_in_the_bytes_that_this_release_would_write(path: Path) -> None:
    story = msgspec.json.decode(path.read_bytes(), type=Story)
    for fact in story.facts:
        assert mapper.decode(fact.topic, mapper.encode(mapper.decode(fact.topic, fact.state))) == mapper.decode(
            fact.topic, fact.state
        )


def test_a_snapshot_restores_the_same_state(path: Path) -> None:
    for aggregate in aggregates(path).values():
        assert shape_of(type(aggregate)), f"{type(aggregate).__name__} has no annotated state"
        again = restore(type(aggregate), aggregate.stream, aggregate.version, take(aggregate))
        assert again.state() == aggregate.state()


@pytest.mark.parametrize("kind", [kind for declared in CLASSES.values() for kind in declared.aggregates])
def test_no_state_is_kept_by_keys_that_a_snapshot_cannot_write(kind: type[Aggregate]) -> None:
    hints = get_type_hints(kind)

    keyed = {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is dict}

    assert {name: key for name, key in keyed.items() if not _is_word(key)} == {}


def _is_word(key: Any) -> bool:
    """Whether JSON has such keys: words, numbers, and choices of words."""
    if get_origin(key) is Literal:
        return True
    return isinstance(key, type) and issubclass(key, str | int)
