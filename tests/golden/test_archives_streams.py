"""What was stored of archives in any release loads and folds in this one, and its packages verify."""

from pathlib import Path

import msgspec
import pytest

from casefile.archiving.checking import check_archive
from casefile.domain import Archive
from casefile.notary import Notary
from contracts import archives
from contracts.language import Fact
from contracts.published import declared
from eventing import mapper
from eventing.snapshots import restore, shape_of, take
from kernel.notes import PublicKey

FILES = sorted((Path(__file__).parent / "archives").glob("*.json"))
KEY = PublicKey.read(Notary("990102", bytes(range(32))).key)
"""The key that golden packages are signed with."""


class Stored(msgspec.Struct):
    topic: str
    state: bytes


class Stream(msgspec.Struct):
    stream: str
    facts: list[Stored]


def streams(file: Path) -> dict[str, list[Fact]]:
    read = msgspec.json.decode(file.read_bytes(), type=list[Stream])
    return {each.stream: [mapper.decode(fact.topic, fact.state) for fact in each.facts] for each in read}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_they_load_and_fold_and_snapshots_restore_them(file: Path) -> None:
    assert shape_of(Archive)
    for stream, facts in streams(file).items():
        assert [mapper.decode(fact.TOPIC, mapper.encode(fact)) for fact in facts] == facts
        folded = Archive.replay(stream, facts)
        again = restore(Archive, stream, folded.version, take(folded))
        assert again.state() == folded.state()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_they_stand_where_they_stood(file: Path) -> None:
    folded = {stream: Archive.replay(stream, facts) for stream, facts in streams(file).items()}

    ended = folded["case-1"]
    assert (ended.standing, len(ended.extensions), len(ended.packages)) == ("destroyed", 1, 1)
    assert ended.removal is not None
    assert (folded["case-2"].standing, folded["case-2"].timers()) == ("kept", {})


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_package_that_was_given_away_verifies(file: Path) -> None:
    found = check_archive(file.with_suffix(".zip"), KEY)

    assert (found.verified, found.wrong, found.entry) == (True, "", "")


def test_every_fact_of_archives_is_among_those_of_the_last_release() -> None:
    told = {fact.TOPIC for facts in streams(FILES[-1]).values() for fact in facts}

    assert {fact.TOPIC for fact in declared(archives, Fact)} <= told
