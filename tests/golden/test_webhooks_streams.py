"""What was stored of webhooks in any release loads and folds in this one."""

from pathlib import Path

import msgspec
import pytest

from contracts import webhooks
from contracts.language import Fact
from contracts.published import declared
from eventing import mapper
from eventing.snapshots import restore, take
from gateway.webhooks.domain import Webhook

FILES = sorted((Path(__file__).parent / "webhooks").glob("*.json"))


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
    for stream, facts in streams(file).items():
        assert [mapper.decode(fact.TOPIC, mapper.encode(fact)) for fact in facts] == facts
        folded = Webhook.replay(stream, facts)
        again = restore(Webhook, stream, folded.version, take(folded))
        assert again.state() == folded.state()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_they_stand_where_they_stood(file: Path) -> None:
    folded = {stream: Webhook.replay(stream, facts) for stream, facts in streams(file).items()}

    assert (folded["w1"].status, folded["w1"].generation, folded["w1"].halls) == ("removed", 2, ("county", "street"))
    assert (folded["w2"].status, folded["w2"].is_gone, folded["w2"].reason) == ("paused", True, "410")


def test_every_fact_of_webhooks_is_among_those_of_the_last_release() -> None:
    told = {fact.TOPIC for facts in streams(FILES[-1]).values() for fact in facts}

    assert {fact.TOPIC for fact in declared(webhooks, Fact)} <= told
