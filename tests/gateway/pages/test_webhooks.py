"""The page of webhooks: who may see and do what, in each state, in both languages."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.language import Caller
from contracts.webhooks import CreateWebhook, GetWebhook, GetWebhookSecret, ListDeliveries, PauseWebhook
from eventing.errors import Invalid
from eventing.scoping import NotYourRole, OutOfScope
from gateway.webhooks.queue import Queue
from gateway.webhooks.tables import DELIVERIES
from testkit.house import House

from .test_manage import looked, sent
from .visiting import Visitor, whole

HALL = "yl-hospital"
MANAGER = Caller(by="manager-shen", org="zcjg", hall=HALL, roles=("manager",))
CLERK = Caller(by="clerk-gu", org="zwzx", hall=HALL, roles=("clerk",))
STRANGER = Caller(by="manager-gong", org="khh", hall="yl-bank", roles=("manager",))
URL = "https://hooks.example.invalid/<script>".replace("<", "%3C").replace(">", "%3E")


@pytest.fixture
def show(web: Any) -> Any:
    """Asks as one of the people of the development issuer."""

    def ask(method: str, path: str, body: Any = None, *, caller: Caller, **headers: str) -> Any:
        return web(method, path, body, caller=caller.by, Accept="text/html", **headers)

    return ask


@pytest.fixture
def webhook(house: House) -> str:
    """A subscription that is paused, with something hostile as its reason."""
    house.client(MANAGER).command(CreateWebhook(webhook="w-page", url=URL, halls=(HALL,)), id="w-page")
    house.client(MANAGER).command(PauseWebhook(webhook="w-page", reason="<script>alert(1)</script>"), id="w-page-p")
    return "w-page"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["", "/w-page", "/w-page/now", "/w-page?state=parked", "/w-page/secret"])
def test_it_is_there_in_both_languages(show: Any, webhook: str, path: str, language: str) -> None:
    joined = "&" if "?" in path else "?"
    answer = show("GET", f"/webhooks{path}{joined}lang={language}", caller=MANAGER)

    assert answer.status == 200
    assert "<script>alert" not in answer.body.decode()


def test_what_somebody_typed_is_shown_as_text(show: Any, webhook: str) -> None:
    shown = show("GET", f"/webhooks/{webhook}", caller=MANAGER).body.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


@pytest.mark.parametrize("path", ["", "/secret", "/now"])
@pytest.mark.parametrize("caller", [CLERK, STRANGER])
def test_nobody_else_sees_it(show: Any, webhook: str, caller: Caller, path: str) -> None:
    assert show("GET", f"/webhooks/{webhook}{path}", caller=caller).status == 403


def test_others_lists_do_not_show_it(web: Any, webhook: str) -> None:
    shown = whole(Visitor(web, STRANGER.by), "/webhooks")

    assert webhook not in shown


def test_a_form_that_is_not_ours_does_nothing(show: Any, webhook: str) -> None:
    form = "application/x-www-form-urlencoded"
    answer = show("POST", f"/webhooks/{webhook}/resume", b"_key=1", caller=MANAGER, Content_Type=form)

    assert answer.status == 403


def test_nobody_subscribes_to_a_hall_that_they_may_not_follow(house: House) -> None:
    command = CreateWebhook(webhook="w-beyond", url=URL, halls=(HALL, "elsewhere"))
    with pytest.raises(OutOfScope):
        house.client(MANAGER).command(command)
    with pytest.raises(NotYourRole):
        house.client(CLERK).command(command)


@pytest.mark.parametrize(
    ("url", "halls", "topics", "code"),
    [
        ("https://127.0.0.1/", (HALL,), (), "webhook-address-bad"),
        (URL, (), (), "webhook-halls-missing"),
        (URL, (HALL,), ("a*b",), "webhook-topic-bad"),
    ],
)
def test_what_cannot_be_is_refused(house: House, url: str, halls: Any, topics: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        house.client(MANAGER).command(CreateWebhook(webhook="w-bad", url=url, halls=halls, topics=topics))

    assert refused.value.code == code


class TestForms:
    """What is done on the page is done: each form as a browser sends it."""

    @pytest.fixture
    def fresh(self, web: Any, house: House) -> str:
        """A subscription that was made on the page, and is paused so that nothing is sent."""
        name = f"w-{uuid.uuid4().hex[:8]}"
        answer = sent(
            web, "/webhooks", MANAGER.by, "/webhooks", webhook=name, url="https://hooks.example.invalid/",
            halls=[HALL], topics="onething.window.* onething.hall.closed.v1",
        )  # fmt: skip
        assert (answer.status, answer.headers["Location"]) == (303, f"/webhooks/{name}")
        assert sent(web, f"/webhooks/{name}", MANAGER.by, f"/webhooks/{name}/pause", reason="升级").status == 303
        return name

    @pytest.fixture
    def parked(self, house: House, fresh: str) -> int:
        """The event of a delivery of it that is parked, because the certificate of the address is no good."""
        (place,) = house.client(MANAGER).ask(GetWebhook(webhook=fresh))["places"]
        seq = place["seq"] + 1
        event = {"seq": seq, "subject": "case-1", "topic": "onething.window.opened.v1", "body": "{}"}
        store = house.host("gateway").instance.store
        assert Queue(store).take_in(fresh, HALL, place["seq"], seq, [event], now=datetime.now(UTC))
        values = {"state": "parked", "attempts": 9, "error": "certificate-expired"}
        with store.writing() as connection:
            connection.execute(DELIVERIES.update().where(DELIVERIES.c.webhook == fresh).values(values))
        return int(seq)

    def test_it_is_made_and_shown(self, web: Any, house: House, fresh: str) -> None:
        shown = house.client(MANAGER).ask(GetWebhook(webhook=fresh))

        assert (shown["halls"], shown["state"], shown["reason"]) == ([HALL], "paused", "升级")
        assert shown["topics"] == ["onething.window.*", "onething.hall.closed.v1"]
        assert "升级" in looked(web, f"/webhooks/{fresh}", MANAGER.by).body.decode()

    def test_a_form_that_is_sent_twice_makes_one(self, web: Any) -> None:
        page = whole(Visitor(web, MANAGER.by), "/webhooks")
        before = len(re.findall(r'href="/webhooks/w-', page))
        key = str(uuid.uuid4())
        fields = {"url": "https://hooks.example.invalid/twice", "halls": [HALL], "webhook": f"w-{key[:8]}"}
        for _ in range(2):
            assert sent(web, "/webhooks", MANAGER.by, "/webhooks", _key=key, **fields).status == 303

        again = whole(Visitor(web, MANAGER.by), "/webhooks")
        assert len(re.findall(r'href="/webhooks/w-', again)) == before + 1

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"url": "", "halls": [HALL]}, "url"),
            ({"url": "https://hooks.example.invalid/", "halls": []}, "halls"),
        ],
    )
    def test_what_is_missing_is_told_beside_its_field(self, web: Any, fields: dict[str, Any], field: str) -> None:
        answer = sent(web, "/webhooks", MANAGER.by, "/webhooks", by_script=True, **fields)

        assert (answer.status, answer.json["code"]) == (422, "form-wrong")
        assert [*answer.json["data"]["errors"]] == [field]

    def test_it_is_resumed_rotated_and_removed(self, web: Any, house: House, fresh: str) -> None:
        where = f"/webhooks/{fresh}"
        old = house.client(MANAGER).ask(GetWebhookSecret(webhook=fresh))["secrets"]

        assert sent(web, where, MANAGER.by, f"{where}/rotate", hours="2").status == 303
        new = house.client(MANAGER).ask(GetWebhookSecret(webhook=fresh))["secrets"]
        assert new[1:] == old
        shown = looked(web, f"{where}/secret", MANAGER.by).body.decode()
        assert all(each.replace("+", "&#43;") in shown or each in shown for each in new)
        assert sent(web, where, MANAGER.by, f"{where}/rotate", hours="many").status == 422

        assert sent(web, where, MANAGER.by, f"{where}/resume").status == 303
        assert house.client(MANAGER).ask(GetWebhook(webhook=fresh))["state"] == "active"

        answer = sent(web, where, MANAGER.by, f"{where}/remove", reason="停用")
        assert (answer.status, answer.headers["Location"]) == (303, "/webhooks")
        assert house.client(MANAGER).ask(GetWebhook(webhook=fresh))["state"] == "removed"
        assert f"{where}/pause" not in looked(web, where, MANAGER.by).body.decode()

    def test_it_tells_again(self, web: Any, house: House, fresh: str) -> None:
        where = f"/webhooks/{fresh}"

        assert sent(web, where, MANAGER.by, f"{where}/replay", hall=HALL, after="0").status == 303
        assert house.client(MANAGER).ask(GetWebhook(webhook=fresh))["places"][0]["seq"] == 0
        assert sent(web, where, MANAGER.by, f"{where}/replay", hall=HALL, after="999999").status == 422

    def test_a_parked_delivery_says_why_and_is_tried_again(
        self, web: Any, house: House, fresh: str, parked: int
    ) -> None:
        where = f"/webhooks/{fresh}"
        page = looked(web, f"{where}?state=parked", MANAGER.by).body.decode()
        assert "对方证书已过期" in page
        assert "The certificate has expired".lower() in (
            looked(web, f"{where}?state=parked&lang=en", MANAGER.by).body.decode().lower()
        )

        assert sent(web, where, MANAGER.by, f"{where}/redrive", hall=HALL, seq=parked).status == 303

        (delivery,) = house.client(MANAGER).ask(ListDeliveries(webhook=fresh))["deliveries"]
        assert delivery["state"] == "waiting"
        assert sent(web, where, MANAGER.by, f"{where}/redrive", hall=HALL, seq=parked).status == 409

    def test_a_parked_delivery_is_given_up_with_a_reason(self, web: Any, house: House, fresh: str, parked: int) -> None:
        where = f"/webhooks/{fresh}"

        assert sent(web, where, MANAGER.by, f"{where}/give-up", hall=HALL, seq=parked, reason="").status == 422
        assert sent(web, where, MANAGER.by, f"{where}/give-up", hall=HALL, seq=parked, reason="作废").status == 303

        (delivery,) = house.client(MANAGER).ask(ListDeliveries(webhook=fresh))["deliveries"]
        assert delivery["state"] == "given_up"

    def test_nobody_of_another_hall_does_anything(self, web: Any, house: House, fresh: str) -> None:
        for act in ("pause", "resume", "remove"):
            answer = sent(web, "/webhooks", STRANGER.by, f"/webhooks/{fresh}/{act}", reason="x")
            assert answer.status == 403
        assert house.client(MANAGER).ask(GetWebhook(webhook=fresh))["state"] == "paused"

    def test_what_cannot_be_done_is_nowhere(self, web: Any, fresh: str) -> None:
        assert sent(web, "/webhooks", MANAGER.by, f"/webhooks/{fresh}/explode").status == 404
