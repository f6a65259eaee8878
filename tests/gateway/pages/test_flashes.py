"""What a cookie says to be said on the next page is believed as far as it can be said."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import falcon
import pytest
from falcon import testing

from gateway.pages.flashes import COOKIE, take


def taken(said: Any) -> list[str]:
    text = base64.urlsafe_b64encode(json.dumps([said]).encode()).decode()
    req = testing.create_req(headers={"Cookie": f"{COOKIE}={text}"})
    req.context.backend = SimpleNamespace(secure=False)
    return [each.word for each in take(req, falcon.Response())]


def test_a_sentence_of_ours_is_said() -> None:
    assert taken({"word": "case_is_migrated"}) == ["case_is_migrated"]


@pytest.mark.parametrize("data", [{"key": "x"}, {"language": "zh"}, {"word": "x"}, []])
@pytest.mark.parametrize("word", ["case_is_migrated", "no_such_words"])
def test_what_somebody_else_wrote_breaks_no_page(word: str, data: Any) -> None:
    assert {*taken({"word": word, "data": data})} <= {"case_is_migrated"}
