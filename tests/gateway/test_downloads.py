"""Files on their way out: to those whose items need them, recorded, and never more than what was sealed."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.intake import ListKeptFiles
from contracts.language import Caller
from contracts.vault import DestroyCaseKey
from eventing.errors import NotFound
from eventing.scoping import NotYourRole
from gateway.api.downloads import file_name
from testkit.house import House, eventually

from .conftest import Answered, Web
from .test_uploads import PERSON, a_picture, bring, upload

AUDITOR = "auditor-shi"


def a_case(web: Web) -> str:
    made = str(uuid.uuid4())
    body = {"theme": "WA", "applicant": PERSON, "answers": {}, "allow_duplicate": True}
    assert web("POST", f"/api/v1/cases/{made}/open-case", body, Idempotency_Key=made).status == 201
    return made


@pytest.fixture
def case_id(web: Web) -> str:
    return a_case(web)


def a_copy(web: Web, case_id: str, body: bytes) -> dict[str, Any]:
    """A file that was sent and brought, as the case knows it."""
    assert bring(web, case_id, upload(web, case_id, body).json).status == 200
    (copy,) = web("GET", f"/api/v1/cases/{case_id}").json["materials"]
    return dict(copy)


def download(web: Web, case_id: str, copy: str, caller: str | None, asked: str = "") -> Answered:
    return web("GET", f"/api/v1/cases/{case_id}/materials/{copy}/content{asked}", caller=caller)


def decider(web: Web, case_id: str, item: str = "WA01") -> str:
    plan = web("GET", f"/api/v1/cases/{case_id}").json["plan"]
    return next(f"{planned['handler']}-reviewer" for planned in plan if planned["item"] == item)


def test_who_decides_reads_what_was_sent_and_the_reading_is_recorded(web: Web, case_id: str) -> None:
    sent = a_picture("red", 700) + b"\0" * 300_000
    copy = a_copy(web, case_id, sent)["copy"]
    reviewer = decider(web, case_id)

    answer = download(web, case_id, copy, reviewer, "?purpose=review")

    assert (answer.status, answer.body) == (200, sent)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(sent))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="wa_identity-{copy}.png"'
    (reading,) = web("GET", f"/api/v1/cases/{case_id}/readings", caller=AUDITOR).json["readings"]
    assert (reading["by"], reading["what"], reading["purpose"]) == (reviewer, copy, "review")
    assert reading["classes"] == ["material"]


def test_nobody_else_reads_it_and_nothing_is_recorded(web: Web, case_id: str) -> None:
    copy = a_copy(web, case_id, a_picture())["copy"]
    another_item = decider(web, case_id, "WA02")

    for who in (another_item, "hg-reviewer", "clerk-wang", "applicant-chen", "auditor-shi", "operator-kong"):
        assert download(web, case_id, copy, who).status == 403, who
    assert download(web, case_id, copy, None).status == 401
    assert web("GET", f"/api/v1/cases/{case_id}/readings", caller=AUDITOR).json["readings"] == []


def test_an_image_is_shown_only_in_a_sandbox(web: Web, case_id: str) -> None:
    copy = a_copy(web, case_id, a_picture())["copy"]

    shown = download(web, case_id, copy, decider(web, case_id), "?inline")

    assert shown.headers["Content-Disposition"].startswith("inline; ")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "script" not in shown.headers["Content-Security-Policy"]


def test_what_is_asked_wrongly_or_is_not_there_is_told(web: Web, case_id: str) -> None:
    copy = a_copy(web, case_id, a_picture())["copy"]
    reviewer = decider(web, case_id)

    assert download(web, case_id, "c404", reviewer).status == 404
    assert download(web, str(uuid.uuid4()), copy, reviewer).status == 404
    assert download(web, case_id, copy, reviewer, "?inline=perhaps").status == 422
    assert download(web, case_id, copy, reviewer, "?purpose=" + "x" * 101).status == 422


def test_what_is_not_what_was_sealed_is_not_given_out(web: Web, case_id: str, house: House) -> None:
    copy = a_copy(web, case_id, a_picture("yellow"))
    place = house.host("gateway").instance.contents._path(copy["stored"])
    sealed = bytearray(place.read_bytes())
    sealed[-1] ^= 1
    place.write_bytes(sealed)

    answer = download(web, case_id, copy["copy"], decider(web, case_id))

    assert (answer.status, answer.json["code"]) == (503, "unavailable")


def test_what_was_erased_is_gone(web: Web, case_id: str, house: House) -> None:
    copy = a_copy(web, case_id, a_picture())["copy"]
    reviewer = decider(web, case_id)
    operator = house.client(Caller(by="operator-kong", roles=("operator",)))

    def destroyed() -> bool:
        try:
            operator.command(DestroyCaseKey(case_id=case_id, reason="retention has ended"))
        except NotFound:  # vault has not heard of the case yet
            return False
        return True

    eventually(destroyed)

    answer = download(web, case_id, copy, reviewer)

    assert (answer.status, answer.json["code"]) == (410, "erased")


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_file_has_a_name_that_nothing_reads_as_anything_else(material: str, copy: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.png", file_name(material, copy, "png"))


# before


@pytest.mark.parametrize("who", ["clerk-wang", "applicant-chen", "scjg-reviewer", "auditor-shi", "hall-system"])
def test_what_a_case_asks_for_is_told_to_nobody_beyond_it(web: Web, case_id: str, who: str) -> None:
    assert web("GET", f"/api/v1/cases/{case_id}/material-terms/wa_identity", caller=who).status == 403
    assert upload(web, case_id, a_picture(), caller=who).status == 403


def test_where_the_files_of_a_case_rest_is_told_to_the_house_alone(web: Web, case_id: str, house: House) -> None:
    for role in ("clerk", "operator", "auditor"):
        with pytest.raises(NotYourRole):
            house.client(Caller(by="x", hall="yl-hall", roles=(role,))).ask(ListKeptFiles(case_id=case_id))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/cases/c/accept-items"),
        ("GET", "/api/v1/cases/c/materials/c1/content"),
        ("GET", "/api/v1/operations/intake/parked"),
    ],
)
def test_who_has_no_role_for_it_is_told_so_before_anything_is_read(web: Web, method: str, path: str) -> None:
    broken = b"{" if method == "POST" else None
    answer = web(method, path, broken, caller="hall-system", Idempotency_Key="k")

    assert (answer.status, answer.json["code"]) == (403, "not-your-role")


def test_a_page_brings_no_file_either_that_was_not_sent_before(web: Web, case_id: str) -> None:
    path = f"/desk/cases/{case_id}/materials"
    shown = web("GET", path, Accept="text/html").body.decode()
    token = re.search(r'name="_csrf" value="([0-9a-f]+)"', shown)
    assert token is not None
    form = {"_csrf": token[1], "_key": str(uuid.uuid4()), "medium.wa_identity": "digital"}
    file = {"file.wa_identity.digest": "sha256:ab", "file.wa_identity.size": "3"}

    answer = web(
        "POST",
        path,
        urlencode({**form, **file, "file.wa_identity.media_type": "image/png"}).encode(),
        Content_Type="application/x-www-form-urlencoded",
        X_Form="1",
    )

    assert (answer.status, answer.json["code"]) == (422, "form-wrong")
    assert [*answer.json["data"]["errors"]] == ["file.wa_identity"]
    assert web("GET", f"/api/v1/cases/{case_id}").json["materials"] == []
