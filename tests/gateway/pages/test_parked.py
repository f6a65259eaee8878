"""A case that could not go on: seen, tried again and given up, on the page and over HTTP, by those whose work it is."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from notification.domain import Correspondence
from testkit.house import eventually

from .test_manage import AUDITOR, MANAGER, OPERATOR, looked, sent

PERSON = {"name": "张三", "identifier": "990102199001010015", "mobile": "13800000000"}
PAGE = "/manage/parked"
API = "/api/v1/operations/notification/parked"


@pytest.fixture
def park(web: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Parks a case in notification; what is wrong there is mended when the block ends."""
    with monkeypatch.context() as broken:

        def fails(*_: Any, **__: Any) -> None:
            raise ValueError("nothing can be prepared")

        def parked() -> str:
            broken.setattr(Correspondence, "prepare", fails)
            case_id = str(uuid.uuid4())
            opening = {"theme": "WA", "applicant": PERSON, "answers": {}, "allow_duplicate": True, "channel": "mobile"}
            answer = web("POST", f"/api/v1/cases/{case_id}/open-case", opening, Idempotency_Key=case_id)
            assert answer.status == 201, answer.json
            eventually(lambda: waits(web, case_id))
            broken.undo()
            return case_id

        yield parked


def waits(web: Any, case_id: str) -> list[dict[str, Any]]:
    return [each for each in web("GET", API, caller=OPERATOR).json if each["case"] == case_id]


def test_a_parked_case_is_tried_again_on_the_page(web: Any, park: Callable[[], str]) -> None:
    case_id = park()
    page = looked(web, PAGE, OPERATOR).body.decode()
    assert case_id in page
    assert "ValueError" in page
    assert "nothing can be prepared" not in page  # words of an error may be personal

    answer = sent(web, PAGE, OPERATOR, f"{PAGE}/notification/{case_id}/redrive")

    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    eventually(lambda: not waits(web, case_id))
    assert case_id not in looked(web, PAGE, OPERATOR).body.decode()
    told = web("GET", f"/api/v1/cases/{case_id}/correspondence")
    assert [each["kind"] for each in told.json["messages"].values()] == ["notice"]


def test_a_parked_case_is_given_up_with_a_reason(web: Any, park: Callable[[], str]) -> None:
    case_id = park()
    where = f"{PAGE}/notification/{case_id}/discard"

    assert sent(web, PAGE, OPERATOR, where, reason="").status == 422
    assert waits(web, case_id)
    assert sent(web, PAGE, OPERATOR, where, reason="重复登记").status == 303

    eventually(lambda: not waits(web, case_id))


@pytest.mark.parametrize("person", [MANAGER, AUDITOR])
def test_others_see_it_and_do_nothing(web: Any, park: Callable[[], str], person: str) -> None:
    case_id = park()

    page = looked(web, PAGE, person).body.decode()

    assert case_id in page
    assert f"{case_id}/redrive" not in page
    assert sent(web, PAGE, person, f"{PAGE}/notification/{case_id}/redrive").status == 403
    assert waits(web, case_id)


def test_the_same_key_gets_the_same_answer_when_the_case_has_gone_on(web: Any, park: Callable[[], str]) -> None:
    case_id, key = park(), str(uuid.uuid4())
    path = f"{API}/{case_id}/redrive"

    first = web("POST", path, {}, caller=OPERATOR, Idempotency_Key=key)
    eventually(lambda: not waits(web, case_id))
    again = web("POST", path, {}, caller=OPERATOR, Idempotency_Key=key)
    anew = web("POST", path, {}, caller=OPERATOR, Idempotency_Key=str(uuid.uuid4()))
    other = web("POST", f"{API}/{case_id}/discard", {"reason": "x"}, caller=OPERATOR, Idempotency_Key=key)

    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert (anew.status, anew.json["code"]) == (404, "not-found")
    assert (other.status, other.json["code"]) == (422, "command-id-reused")
    assert web("POST", path, {}, caller=OPERATOR).status == 428
