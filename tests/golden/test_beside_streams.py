"""What was stored of consultations, ratings, places and editions loads and folds in this one."""

from pathlib import Path

import msgspec
import pytest

from eventing import mapper
from eventing.snapshots import restore, shape_of, take
from intake.domain.edition import Edition
from outreach.domain import Consultation, Place, Ratings, Visit

KINDS = {kind.__name__: kind for kind in (Consultation, Edition, Place, Ratings, Visit)}
FILES = sorted((Path(__file__).parent / "beside").glob("*.json"))


class Stored(msgspec.Struct):
    topic: str
    state: bytes


class Stream(msgspec.Struct):
    kind: str
    stream: str
    facts: list[Stored]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_they_load_fold_and_snapshot_and_hold_every_fact(file: Path) -> None:
    streams = msgspec.json.decode(file.read_bytes(), type=list[Stream])
    seen = set()
    for each in streams:
        facts = [mapper.decode(fact.topic, fact.state) for fact in each.facts]
        assert [mapper.decode(fact.TOPIC, mapper.encode(fact)) for fact in facts] == facts
        folded = KINDS[each.kind].replay(each.stream, facts)
        again = restore(type(folded), folded.stream, folded.version, take(folded))
        assert shape_of(type(folded)), f"{each.kind} has no annotated state"
        assert again.state() == folded.state()
        seen |= {fact.topic for fact in each.facts}

    assert seen >= {fact.TOPIC for kind in KINDS.values() for fact in kind.facts()} or file != FILES[-1]


def test_there_are_files() -> None:
    assert FILES
