"""What a page names by its kind has a word for every kind that there is."""

from typing import get_args

import pytest

from contracts.notification import MessageKind
from contracts.routing import OriginalState
from gateway.pages.rendering import words
from intake.domain.docket import Kind
from notification.domain import State

KINDS = {
    "original_is_": get_args(OriginalState),
    "paper_kind_": get_args(Kind),
    "message_kind_": get_args(MessageKind),
    "message_state_": tuple(State),
    "handling_": ("acceptance", "answer", "hand_over", "case"),
}


@pytest.mark.parametrize("key", [f"{start}{kind}" for start, kinds in KINDS.items() for kind in kinds])
def test_a_kind_is_said_in_both_languages(key: str) -> None:
    assert set(words()[key]) == {"zh", "en"}


@pytest.mark.parametrize("start", KINDS)
def test_no_word_is_of_a_kind_that_is_no_more(start: str) -> None:
    assert {key.removeprefix(start) for key in words() if key.startswith(start)} == {*KINDS[start]}
