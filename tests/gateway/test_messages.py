"""Commands and queries over HTTP."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import REVIEWER, Web

PERSON = {"name": "张三", "identifier": "990102199001010015", "mobile": "13800000000"}


def an_opening(**more: Any) -> dict[str, Any]:
    return {"theme": "WA", "applicant": PERSON, "answers": {}, "allow_duplicate": True, **more}


def opened(web: Web, **headers: str) -> str:
    case_id = str(uuid.uuid4())
    answer = web("POST", f"/api/v1/cases/{case_id}/open-case", an_opening(), Idempotency_Key=case_id, **headers)
    assert answer.status == 201, answer.json
    return case_id


def test_a_command_answers_with_its_value_its_position_and_the_version(web: Web) -> None:
    case_id = str(uuid.uuid4())

    answer = web("POST", f"/api/v1/cases/{case_id}/open-case", an_opening(), Idempotency_Key="a")

    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/cases/{case_id}"
    assert answer.headers["Onething-Position"].startswith("intake/")
    assert answer.headers["ETag"].strip('"').isdigit()
    assert answer.headers["Cache-Control"] == "no-store"


def test_where_something_new_is_can_be_told_whatever_it_is_called(web: Web) -> None:
    """What is no Latin letter broke the answer off before it began."""
    name = f"记录-{uuid.uuid4()}?#"
    bar = {"bar": "b", "ground": "bad_record", "document": "失信名单"}
    path = f"/api/v1/credit-records/{quote(name)}"

    answer = web("POST", f"{path}/record-credit-bar", bar, caller=REVIEWER, Idempotency_Key=name[3:39])

    assert (answer.status, answer.headers["Location"]) == (201, path)


def test_what_was_written_can_be_read(web: Web) -> None:
    case_id = opened(web)

    answer = web("GET", f"/api/v1/cases/{case_id}")

    assert answer.status == 200
    assert answer.json["case_id"] == case_id


def test_a_read_elsewhere_waits_for_the_position_that_it_brings(web: Web) -> None:
    case_id = str(uuid.uuid4())
    written = web("POST", f"/api/v1/cases/{case_id}/open-case", an_opening(), Idempotency_Key="b" + case_id)

    read = web("GET", f"/api/v1/cases/{case_id}/timeline", Onething_Since=written.headers["Onething-Position"])

    assert read.status == 200, read.json


@pytest.mark.parametrize(
    "since",
    [
        "",
        "intake/1/1,",
        "intake/1/1, intake/2/1",
        "intake/1/²",
        "x",
        "intake/1",
        "intake/a/b",
        "intake/1/" + "9" * 30,
        ",".join(["a/1/1"] * 40),
    ],
)
def test_a_position_that_is_none_is_refused(web: Web, since: str) -> None:
    assert web("GET", "/api/v1/cases", Onething_Since=since).status == 400


def test_the_same_key_gives_the_same_answer_and_records_nothing(web: Web) -> None:
    case_id, key = str(uuid.uuid4()), str(uuid.uuid4())
    body = an_opening()

    first = web("POST", f"/api/v1/cases/{case_id}/open-case", body, Idempotency_Key=key)
    again = web("POST", f"/api/v1/cases/{case_id}/open-case", body, Idempotency_Key=f'"{key}"')

    assert (again.status, again.body, again.headers["ETag"], again.headers["Onething-Position"]) == (
        first.status,
        first.body,
        first.headers["ETag"],
        first.headers["Onething-Position"],
    )


def test_a_key_belongs_to_its_caller(web: Web) -> None:
    key = str(uuid.uuid4())
    case_id = opened(web)

    mine = web("POST", f"/api/v1/cases/{case_id}/release-review", {"item": "x"}, Idempotency_Key=key)
    other = web("POST", f"/api/v1/cases/{case_id}/claim-review", {"item": "x"}, caller=REVIEWER, Idempotency_Key=key)

    assert mine.json["code"] != "command-id-reused"
    assert other.json["code"] != "command-id-reused"


def test_a_key_that_was_used_for_something_else_is_refused(web: Web) -> None:
    key = str(uuid.uuid4())
    for expected in (201, 422):
        answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", an_opening(), Idempotency_Key=key)

        assert answer.status == expected
    assert answer.json["code"] == "command-id-reused"


def test_a_write_names_itself(web: Web) -> None:
    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", an_opening())

    assert answer.status == 428
    assert answer.json["code"] == "precondition-required"


@pytest.mark.parametrize("key", ["", "x" * 129, "two words", "ключ".encode().decode("latin-1")])
def test_a_key_is_short_and_plain(web: Web, key: str) -> None:
    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", an_opening(), Idempotency_Key=key)

    assert answer.status == 400


def test_every_field_that_is_wrong_is_told_at_once(web: Web) -> None:
    body = {"theme": 7, "applicant": {"name": "x", "identifier": 5}, "nonsense": 1}

    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", body, Idempotency_Key="c")

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {each["field"] for each in answer.json["data"]["errors"]} == {
        "theme",
        "applicant.identifier",
        "answers",
        "nonsense",
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"theme": "\xff"}', 400),
        (b'{"theme": "\\ud800"}', 400),
        (b'{"theme": 1e999}', 422),
        (b'{"theme": NaN}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b'{"theme": "a\\u0000b", "applicant": {"name": "x", "identifier": "y"}, "answers": {}}', 422),
    ],
)
def test_what_is_no_request_is_a_problem_of_the_sender(web: Web, body: bytes, status: int) -> None:
    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", body, Idempotency_Key="d")

    assert answer.status == status, answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"


def theme_and(more: bytes) -> bytes:
    return b'{"theme": "WA", "applicant": {"name": "x", "identifier": "y"}, "answers": {' + more + b"}}"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b'{"theme": "WA", "theme": "WB", "answers": {}}', "duplicate-name", "字段“theme”出现了两次"),
        (theme_and(b'"a": {"b": 1, "b": 1}'), "duplicate-name", "字段“b”出现了两次"),
        (theme_and(b'"a": [{"\\u0062": 1, "b": 2}]'), "duplicate-name", "字段“b”出现了两次"),
        (theme_and(b'"a": NaN'), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"a": -Infinity'), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"a": "\\udc00"'), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"a": "\\ud800x"'), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"\\ud800": 1'), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"a": ' + b"9" * 5000), "bad-request", "不是合法的 JSON"),
        (theme_and(b'"a": ' + b"[" * 65 + b"]" * 65), "bad-request", "嵌套层次过多"),
        (theme_and(b'"a": ' + b'{"b":' * 65 + b"1" + b"}" * 65), "bad-request", "嵌套层次过多"),
        (b"[" * 500_000, "bad-request", "嵌套层次过多"),
        (b"\xef\xbb\xbf{}", "bad-request", "不是合法的 JSON"),
        ('{"theme": "WA"}'.encode("utf-16"), "bad-request", "不是合法的 JSON"),
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(web: Web, body: bytes, code: str, words: str) -> None:
    case_id = str(uuid.uuid4())

    answer = web("POST", f"/api/v1/cases/{case_id}/open-case", body, Idempotency_Key=case_id)

    assert (answer.status, answer.json["code"]) == (400, code)
    assert words in answer.json["detail"]
    assert answer.json["next"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert web("GET", f"/api/v1/cases/{case_id}").status == 404


def test_what_was_refused_as_unreadable_can_be_sent_again_under_its_key(web: Web) -> None:
    case_id = str(uuid.uuid4())
    path = f"/api/v1/cases/{case_id}/open-case"

    assert web("POST", path, b'{"theme": "WA", "theme": "WA"}', Idempotency_Key=case_id).status == 400
    assert web("POST", path, an_opening(), Idempotency_Key=case_id).status == 201


def test_names_are_equal_only_within_one_object(web: Web) -> None:
    body = theme_and(b'"a": {"b": [{"b": 1}, {"b": 1}]}')

    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", body, Idempotency_Key=str(uuid.uuid4()))

    assert answer.json.get("code") not in {"duplicate-name", "bad-request"}


def test_a_number_that_not_every_reader_reads_alike_is_refused(web: Web) -> None:
    day = {"hall": "county", "theme": "WA", "day": "2026-11-28", "count": 10**18}

    answer = web("POST", "/api/v1/reservations/r1/reserve-numbers", day, Idempotency_Key="e")

    assert (answer.status, answer.json["data"]["errors"][0]["field"]) == (422, "count")


def test_a_body_says_what_it_is(web: Web) -> None:
    answer = web(
        "POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", b"a=b", Idempotency_Key="f", Content_Type="text/plain"
    )

    assert answer.status == 415


def test_a_body_has_its_bound(web: Web) -> None:
    body = b'{"theme": "' + b"x" * 1_100_000 + b'"}'

    answer = web("POST", f"/api/v1/cases/{uuid.uuid4()}/open-case", body, Idempotency_Key="g")

    assert answer.status == 413


def test_parameters_are_read_by_their_type(web: Web) -> None:
    assert web("GET", "/api/v1/cases?limit=1").status == 200
    wrong = web("GET", "/api/v1/cases?limit=many&nonsense=1&theme=a&theme=b")

    assert wrong.status == 422
    assert {each["field"] for each in wrong.json["data"]["errors"]} == {"limit", "nonsense", "theme"}


@pytest.mark.parametrize("parameters", ["theme=%ff", "theme=%00", "limit=" + "9" * 40])
def test_parameters_that_are_no_text_are_refused(web: Web, parameters: str) -> None:
    assert web("GET", f"/api/v1/cases?{parameters}").status in {400, 422}


def test_what_the_reader_has_is_not_sent_again(web: Web) -> None:
    case_id = opened(web)
    first = web("GET", f"/api/v1/cases/{case_id}")

    again = web("GET", f"/api/v1/cases/{case_id}", If_None_Match=first.headers["ETag"])

    assert first.headers["ETag"].startswith('W/"')
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("tag", ['"1"', 'W/"abc"', '"text"'])
def test_a_write_on_a_version_that_is_gone_is_refused(web: Web, tag: str) -> None:
    case_id = opened(web)

    answer = web(
        "POST",
        f"/api/v1/cases/{case_id}/fill-form",
        {"values": {"person_name": "a"}},
        Idempotency_Key=str(uuid.uuid4()),
        If_Match=tag,
    )

    assert (answer.status, answer.json["code"]) == (412, "stale")


def test_what_is_wrong_with_a_write_is_told_whatever_version_it_is_for(web: Web) -> None:
    """RFC 9110, 13.2.1: a condition is looked at after the request itself."""
    path, key = f"/api/v1/cases/{opened(web)}/fill-form", str(uuid.uuid4())

    wrong = web("POST", path, {"values": True}, Idempotency_Key=key, If_Match='"text"')

    assert (wrong.status, wrong.json["data"]["errors"][0]["field"]) == (422, "values")


def test_problems_speak_the_language_that_is_asked_for(web: Web) -> None:
    chinese = web("GET", f"/api/v1/cases/{uuid.uuid4()}")
    english = web("GET", f"/api/v1/cases/{uuid.uuid4()}", Accept_Language="en-GB, zh;q=0.5")

    assert chinese.status == english.status == 404
    assert "没有" in chinese.json["title"]
    assert english.json["title"].lower().startswith("not found")


def test_whoever_says_nothing_of_himself_is_told_to(web: Web) -> None:
    answer = web("GET", "/api/v1/cases", caller=None)

    assert (answer.status, answer.json["code"]) == (401, "not-signed-in")


def test_nothing_is_where_nothing_is(web: Web) -> None:
    assert web("GET", "/api/v1/nothing").status == 404
    wrong = web("DELETE", "/api/v1/cases")
    assert wrong.status == 405
    assert "GET" in wrong.headers["Allow"]


def test_a_service_that_is_not_there_is_not_found(web: Web) -> None:
    assert web("GET", "/api/v1/operations/nobody/status", caller="operator-kong").status == 404


def test_what_is_for_everybody_needs_no_token(web: Web) -> None:
    tree = web("GET", "/api/v1/halls", caller=None)

    assert tree.status == 200, tree.json
    assert web("GET", "/api/v1/cases", caller=None).status == 401


def test_whoever_commands_says_who_he_is_even_where_anyone_may(web: Web) -> None:
    visit = web("POST", f"/api/v1/visits/{uuid.uuid4()}/count-visit", {"code": "x"}, caller=None, Idempotency_Key="v")

    assert (visit.status, visit.json["code"]) == (401, "not-signed-in")
