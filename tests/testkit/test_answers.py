"""An answer that is not what the published language says fails the test that got it."""

from typing import Any

import msgspec
import pytest

from contracts.delegation import PublishGrant
from contracts.language import Caller, Reply, Request
from contracts.offers import AnswerOffer
from testkit.answers import Checked, NotAsPublished, check

STANDING = {"offer": "o-1", "theme": "CY", "item": "CY01", "state": "made", "reason": "", "taken_by": ""}


def encoded(answer: Any) -> bytes:
    return msgspec.json.encode(answer)


def test_an_answer_as_published_passes() -> None:
    check(AnswerOffer, encoded(STANDING))
    check(PublishGrant, b"null")


@pytest.mark.parametrize(
    "answer",
    [
        {**STANDING, "more": 1},
        {name: value for name, value in STANDING.items() if name != "state"},
        {**STANDING, "state": 7},
        None,
    ],
    ids=["a field too many", "a field too few", "another type", "nothing"],
)
def test_any_other_answer_is_found(answer: Any) -> None:
    with pytest.raises(NotAsPublished, match="AnswerOffer"):
        check(AnswerOffer, encoded(answer))


def test_where_nothing_is_told_nothing_may_be() -> None:
    with pytest.raises(NotAsPublished):
        check(PublishGrant, encoded({"grant": "g-1"}))


class Wire:
    """Answers everything alike."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def call(self, service: str, method: str, *args: Any, timeout: float | None = None) -> str:
        return encoded([self.reply] if method == "execute" else self.reply).decode()


def asked(verb: str) -> str:
    request = Request(verb=verb, id="1", body=msgspec.Raw(b"{}"), caller=Caller(by="tester"))
    return encoded([request]).decode()


def test_answers_on_the_wire_are_looked_at() -> None:
    wrong = Checked(Wire(Reply(value=msgspec.Raw(b"{}"))))

    with pytest.raises(NotAsPublished):
        wrong.call("intake", "execute", asked("answer_offer"))
    assert wrong.call("toy", "execute", asked("answer_offer")), "what nobody published is nobody's to check"


def test_a_refusal_is_no_answer() -> None:
    Checked(Wire(Reply(error={"code": "refused"}))).call("intake", "execute", asked("answer_offer"))
