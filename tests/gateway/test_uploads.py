"""Files on their way in."""

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from contents.receipts import PURPOSE, Receipt, ReceiptInvalid, read, written
from gateway.shelf import UPLOADS
from testkit.facts import NOON
from testkit.house import House

from .conftest import Answered, Web

PERSON = {"name": "张三", "identifier": "990102199001010015", "mobile": "13800000000"}


def a_picture(color: str = "red", side: int = 16) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (side, side), color).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def case_id(web: Web) -> str:
    made = str(uuid.uuid4())
    body = {"theme": "WA", "applicant": PERSON, "answers": {}, "allow_duplicate": True}
    assert web("POST", f"/api/v1/cases/{made}/open-case", body, Idempotency_Key=made).status == 201
    return made


def upload(web: Web, case_id: str, body: bytes, media_type: str = "image/png", **more: Any) -> Answered:
    return web("POST", f"/api/v1/cases/{case_id}/materials/wa_identity/content", body, Content_Type=media_type, **more)


def bring(web: Web, case_id: str, uploaded: dict[str, Any]) -> Answered:
    material = {"medium": "digital", **uploaded}
    return web(
        "POST",
        f"/api/v1/cases/{case_id}/receive-materials",
        {"materials": [material]},
        Idempotency_Key=str(uuid.uuid4()),
    )


def test_a_file_that_came_in_can_be_brought(web: Web, case_id: str, house: House) -> None:
    answer = upload(web, case_id, a_picture())

    assert answer.status == 201
    assert answer.json["size"] == len(a_picture())
    assert bring(web, case_id, answer.json).status == 200
    (copy,) = web("GET", f"/api/v1/cases/{case_id}").json["materials"]
    assert copy["digest"] == answer.json["digest"]
    assert house.host("intake").instance.contents.has(copy["stored"])


def test_what_rests_in_the_store_is_sealed(web: Web, case_id: str, house: House) -> None:
    answer = upload(web, case_id, a_picture("green"))
    receipt = read(answer.json["receipt"], house.settings.signing_keys(PURPOSE), house.host("intake").clock.now())

    resting = b"".join(house.host("gateway").instance.contents.open(receipt.stored))

    assert b"PNG" not in resting


def test_the_same_bytes_again_are_the_same_upload(web: Web, case_id: str, house: House) -> None:
    kept = house.host("gateway").instance.contents
    first = upload(web, case_id, a_picture("blue"))
    before = set(kept.list())

    again = upload(web, case_id, a_picture("blue"))

    assert (first.status, again.status) == (201, 200)
    assert again.json["digest"] == first.json["digest"]
    assert set(kept.list()) == before


def test_a_file_that_never_came_in_cannot_be_brought(web: Web, case_id: str) -> None:
    named = {"material": "wa_identity", "digest": "sha256:ab", "size": 3, "media_type": "image/png"}

    nothing = bring(web, case_id, named)
    made_up = bring(web, case_id, {**named, "receipt": "bm9uc2Vuc2U"})

    assert (nothing.status, nothing.json["data"]["errors"][0]["field"]) == (422, "materials[0].receipt")
    assert (made_up.status, made_up.json["code"]) == (409, "bytes-missing")


def test_a_receipt_is_for_its_case_and_its_bytes_alone(web: Web, case_id: str) -> None:
    uploaded = upload(web, case_id, a_picture()).json
    another = str(uuid.uuid4())
    body = {"theme": "WA", "applicant": PERSON, "answers": {}, "allow_duplicate": True}
    web("POST", f"/api/v1/cases/{another}/open-case", body, Idempotency_Key=another)

    assert bring(web, another, uploaded).json["code"] == "bytes-missing"
    assert bring(web, case_id, {**uploaded, "size": 1}).json["code"] == "bytes-missing"


def test_a_file_is_what_it_says(web: Web, case_id: str) -> None:
    answer = upload(web, case_id, b"MZ" + bytes(2000))

    assert (answer.status, answer.json["code"]) == (415, "unsupported-media-type")
    assert upload(web, case_id, a_picture(), "text/html").status == 415
    assert upload(web, case_id, b"", "image/png").status == 422


def test_a_file_that_is_too_large_is_cut_off_while_it_comes(web: Web, case_id: str, house: House) -> None:
    before = set(house.host("gateway").instance.contents.list())
    most = house.settings.http_upload_bytes

    told = upload(web, case_id, a_picture() + bytes(most))
    connection_body = iter([a_picture(), *[bytes(65536)] * (most // 65536 + 1)])
    untold = web.chunked(f"/api/v1/cases/{case_id}/materials/wa_identity/content", connection_body)

    assert told.status == untold.status == 413
    assert set(house.host("gateway").instance.contents.list()) == before


def test_nothing_comes_in_for_a_case_or_a_material_that_is_not_there(web: Web, case_id: str) -> None:
    assert upload(web, str(uuid.uuid4()), a_picture()).status == 404
    wrong = f"/api/v1/cases/{case_id}/materials/grandmothers_diary/content"
    assert web("POST", wrong, a_picture(), Content_Type="image/png").status == 404


def test_only_what_nobody_named_is_swept_and_only_when_it_is_old(web: Web, case_id: str, house: House) -> None:
    gateway = house.host("gateway").instance
    named, orphan = upload(web, case_id, a_picture("white")).json, upload(web, case_id, a_picture("black")).json
    bring(web, case_id, named)
    keys, now = house.settings.signing_keys(PURPOSE), gateway.clock.now()
    stored = {name: read(each["receipt"], keys, now).stored for name, each in (("named", named), ("orphan", orphan))}

    gateway.sweeper.sweep()
    assert gateway.contents.has(stored["orphan"])

    with gateway.store.writing() as connection:
        connection.execute(UPLOADS.update().values(at=now - timedelta(days=30)))
    gateway.sweeper.sweep()

    assert gateway.contents.has(stored["named"])
    assert not gateway.contents.has(stored["orphan"])
    assert bring(web, case_id, orphan).json["code"] == "bytes-missing"


def test_what_is_sent_again_while_the_edge_is_swept_is_not_lost(
    web: Web, case_id: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old bytes were seen, and the sweep that found nothing to name them comes before the receipt is written."""
    gateway = house.host("gateway").instance
    upload(web, case_id, a_picture("yellow"))
    with gateway.store.writing() as connection:
        connection.execute(UPLOADS.update().values(at=gateway.clock.now() - timedelta(days=30)))
    has, swept = gateway.contents.has, []

    def seen_and_then_swept(stored: str) -> bool:
        found: bool = has(stored)
        swept.append(gateway.sweeper.sweep())
        return found

    with monkeypatch.context() as patch:
        patch.setattr(gateway.contents, "has", seen_and_then_swept)
        again = upload(web, case_id, a_picture("yellow"))

    assert (again.status, len(swept)) == (200, 1)
    assert bring(web, case_id, again.json).status == 200
    (copy,) = web("GET", f"/api/v1/cases/{case_id}").json["materials"]
    assert gateway.contents.has(copy["stored"])


class TestReceipts:
    KEY = b"k" * 32
    RECEIPT = Receipt("c1", "m", "sha256:ab", "ab" * 32, 3, "image/png", NOON)

    def test_are_read_as_they_were_written(self) -> None:
        assert read(written(self.RECEIPT, self.KEY), (self.KEY,), NOON) == self.RECEIPT

    @pytest.mark.parametrize("text", ["", "é", "AAAA", "A" * 500])
    def test_that_are_none_are_refused(self, text: str) -> None:
        with pytest.raises(ReceiptInvalid):
            read(text, (self.KEY,), NOON)

    def test_of_another_house_are_refused(self) -> None:
        with pytest.raises(ReceiptInvalid):
            read(written(self.RECEIPT, b"x" * 32), (self.KEY,), NOON)

    def test_that_are_old_are_refused(self) -> None:
        with pytest.raises(ReceiptInvalid):
            read(written(self.RECEIPT, self.KEY), (self.KEY,), NOON + timedelta(hours=25))
