"""A house with halls and the gateway, and receivers that take what webhooks send."""

import base64
import hashlib
import hmac
import json
import ssl
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import eventlet.wsgi
import pytest

from contracts.feed import FeedHeads
from contracts.halls import CloseWindow, InstallWindow, OpenWindow, RegisterHall
from contracts.language import Caller
from contracts.webhooks import CreateWebhook, GetWebhookSecret
from gateway.service import Gateway
from gateway.webhooks.addresses import Rules
from halls.service import Halls
from testkit.house import House, eventually
from testkit.servers import PostgreSQL

MANAGER = Caller(by="manager-1", org="zwzx", hall="county", roles=("manager",), halls=("street",))
SUBSCRIBER = Caller(by="system-1", org="zwzx", hall="county", roles=("subscriber",))
LOOPBACK = ("127.0.0.0/8",)


def verified(secrets: list[str], headers: dict[str, str], body: bytes) -> bool:
    """Whether a signature is right; written from the specification of Standard Webhooks, not from our code."""
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    given = {each.split(",", 1)[1] for each in headers["webhook-signature"].split(" ") if each.startswith("v1,")}
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        if base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() in given:
            return True
    return False


def databases(postgresql: PostgreSQL, *services: str) -> str:
    """Empty databases of these services; their common address."""
    prefix = f"t{uuid.uuid4().hex[:8]}"
    made = {name: postgresql.create_database(f"{prefix}_{name}") for name in services}
    return made[services[0]].replace(f"_{services[0]}", "_{service}")


class Receiver:
    """A subscriber's server. ``answer`` decides by event and attempt: a status, or seconds to hang (a float)."""

    def __init__(
        self,
        answer: Callable[[dict[str, Any], int], int | float],
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self.answer = answer
        self.tried: list[dict[str, Any]] = []
        self.taken: list[dict[str, Any]] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self._scheme = "http" if tls is None else "https"
        self._socket = eventlet.listen(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_side=True)
        self._server = eventlet.spawn(eventlet.wsgi.server, self._socket, self._serve, log_output=False)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/hook?x=1"

    def close(self) -> None:
        self._server.kill()
        self._socket.close()

    def _serve(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        } | {"content-type": environ.get("CONTENT_TYPE", "")}
        event = json.loads(body)
        self.tried.append(event)
        self.requests.append((headers, body))
        found = self.answer(event, sum(each["id"] == event["id"] for each in self.tried))
        if isinstance(found, float):
            eventlet.sleep(found)
            found = 200
        if 200 <= found < 300:
            self.taken.append(event)
        start(f"{found} X", [("Location", "/elsewhere"), ("Content-Length", "0")])
        return [b""]


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """Makes receivers that are closed in the end."""
    opened: list[Receiver] = []

    def make(
        answer: Callable[[dict[str, Any], int], int | float] = lambda event, attempt: 204, **more: Any
    ) -> Receiver:
        opened.append(Receiver(answer, **more))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """http is good enough also for a cluster: its receivers here have no certificate."""
    made = Rules.__init__

    def init(self: Rules, networks: Any = (), *, plain: bool = False) -> None:
        made(self, networks, plain=True)

    monkeypatch.setattr(Rules, "__init__", init)


def quick(house: House) -> House:
    """Its gateway tries again at once."""
    dispatcher = eventually(lambda: getattr(house.host("gateway").instance, "dispatcher", None))
    dispatcher.first_pause = 0.05
    return house


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def house(request: pytest.FixtureRequest, tmp_path: Path, plain: None) -> Iterator[House]:
    servers: dict[str, str] = {}
    if request.param == "cluster":
        servers = {
            "amqp_uri": request.getfixturevalue("rabbitmq").uri,
            "database_url": databases(request.getfixturevalue("postgresql"), "halls", "gateway"),
        }
    with House([Halls, Gateway], tmp_path / "house", webhook_networks=LOOPBACK, **servers) as running:
        furnish(running)
        yield quick(running)


def furnish(house: House) -> None:
    """Two halls, each with a few windows."""
    client = house.client()
    for hall in ("county", "street"):
        client.command(RegisterHall(hall=hall, name=hall, kind="county", region="990102"))
        for number in (1, 2, 3):
            client.command(InstallWindow(window=f"{hall}-{number}", hall=hall, name=str(number)))
    eventually(lambda: client.ask(FeedHeads(halls=("county", "street"))) == {"county": 4, "street": 4})


def work(house: House, times: int = 1, window: str = "county-1") -> None:
    """A window opens and closes, so often."""
    client = house.client()
    for _ in range(times):
        client.command(OpenWindow(window=window))
        client.command(CloseWindow(window=window))


def subscribe(house: House, url: str, webhook: str = "w1", **wanted: Any) -> None:
    house.client(MANAGER).command(CreateWebhook(webhook=webhook, url=url, **{"halls": ("county",), **wanted}))


def secrets(house: House, webhook: str = "w1") -> list[str]:
    return list(house.client(SUBSCRIBER).ask(GetWebhookSecret(webhook=webhook))["secrets"])
