"""The page of webhooks: a subscription is made, a delivery that fails is seen, and what is parked is decided on."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from testkit.browsing import PATIENCE, PHONE, House, check, ready

SignIn = Callable[..., Page]
Visit = Callable[..., Page]
Shot = Callable[[Page, str], None]

HALL = "yl-hospital"

DO = """([token, path, key]) => fetch(`/api/v1/${path}`, {
  method: "POST", body: "{}",
  headers: {"Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": token},
}).then(answer => answer.text().then(text => [answer.status, text]))"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The county, in which what fails is parked at its first attempt and this machine may be told anything."""
    made = House(
        tmp_path_factory.mktemp("webhooks"), ONETHING_WEBHOOK_NETWORKS="127.0.0.0/8", ONETHING_WEBHOOK_HOURS="0"
    )
    made.start()
    try:
        made.console("county")
        yield made
    finally:
        made.process.terminate(timeout=30)


class Subscriber:
    """A system that takes what it is told, or does not."""

    def __init__(self) -> None:
        self.status = 500
        self.taken: list[str] = []
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                if subscriber.status == 204:
                    subscriber.taken.append(self.headers["webhook-id"])
                self.send_response(subscriber.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    made = Subscriber()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def done(clerk: Page, act: str) -> None:
    token = clerk.locator('input[name="_csrf"]').first.input_value()
    status, text = clerk.evaluate(DO, [token, f"windows/{HALL}-1/{act}-window", act])
    assert status in {200, 201}, text


def test_what_fails_is_seen_without_reloading_and_decided_on(
    sign_in: SignIn, visit: Visit, shot: Shot, subscriber: Subscriber
) -> None:
    manager = sign_in("manager-shen", "/webhooks")
    check(manager)
    expect(manager.get_by_text("还没有订阅")).to_be_visible()
    manager.get_by_label(re.compile("^推送地址")).fill(subscriber.url)
    manager.get_by_label(re.compile("^主题")).fill("onething.window.*")
    manager.get_by_role("button", name="建立订阅").click()
    manager.wait_for_url(re.compile(r"/webhooks/w-"))
    check(ready(manager))
    expect(manager.get_by_text("没有推送记录")).to_be_visible()
    where = manager.url

    clerk = sign_in("clerk-lin", "/desk")
    done(clerk, "close")
    row = manager.get_by_role("row").filter(has_text="onething.window.closed.v1")
    expect(row.get_by_text("搁置")).to_be_visible(timeout=PATIENCE)
    expect(row.get_by_text("HTTP 500")).to_be_visible()
    check(manager)
    shot(manager, "webhooks")
    manager.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert manager.evaluate("document.documentElement.scrollWidth <= innerWidth")
    manager.set_viewport_size({"width": 1280, "height": 900})

    subscriber.status = 204
    row.get_by_role("button", name="重试").click()
    expect(manager.get_by_role("status").filter(has_text="即将重试")).to_be_visible()
    expect(row.get_by_text("已送达")).to_be_visible(timeout=PATIENCE)
    assert len(subscriber.taken) >= 1

    visit(manager, f"{where}/secret")
    expect(manager.get_by_text(re.compile("^whsec_"))).to_be_visible()

    visit(manager, where)
    manager.locator("#pause-reason").fill("系统升级")
    manager.get_by_role("region", name="操作").get_by_role("button", name="暂停").click()
    expect(manager.get_by_role("status").filter(has_text="已暂停").first).to_be_visible()
    expect(manager.get_by_text("系统升级")).to_be_visible()
    check(ready(manager))
    visit(manager, f"{where}?lang=en")
    expect(manager.get_by_role("button", name="Resume")).to_be_visible()
