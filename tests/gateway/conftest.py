"""A house with its gateway, and ways to speak HTTP to it."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import msgspec
import pytest

from eventing import green

green.patch()

import catalogue
import console
from console.journey import furnish
from console.services import SERVICES, service
from contracts.words import Language, terms
from gateway.pages import names, rendering
from testkit.house import House

W1 = str(Path(console.__file__).parent / "w1")

CLERK = "clerk-zhao"
REVIEWER = "scjg-reviewer"

PEOPLE = {
    "clerk": CLERK,
    "applicant": "applicant-zhou",
    "reviewer": "scjg-reviewer",
    "approver": "scjg-head",
    "publisher": "publisher-hua",
    "manager": "manager-li",
    "operator": "operator-kong",
    "trainer": "zwzx-trainer",
    "helper": "helper-you",
    "courier": "courier-ma",
    "hotline": "hotline-xu",
    "auditor": "auditor-shi",
    "subscriber": "hall-system",
}
"""Role → who has it."""


@cache
def token(address: str, person: str) -> str:
    """What the development issuer gives to whoever asks in somebody's name."""
    form = urlencode({"grant_type": "client_credentials", "client_id": person}).encode()
    with urlopen(Request(f"{address}/development-issuer/token", form), timeout=120) as answer:  # noqa: S310
        return str(json.load(answer)["access_token"])


class Answered(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """Somebody who speaks HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address
        parts = urlsplit(address)
        self.host, self.port = str(parts.hostname), int(parts.port or 0)

    def signed_in(self, person: str = CLERK) -> dict[str, str]:
        """The headers of somebody."""
        return {"Authorization": f"Bearer {token(self.address, person)}"}

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        caller: str | None = CLERK,
        **headers: str,
    ) -> Answered:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if caller is not None:
                named |= self.signed_in(caller)
            if body is not None and not isinstance(body, bytes):
                body = msgspec.json.encode(body)
            if body is not None:
                named.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Answered(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def chunked(self, path: str, body: Iterator[bytes], media_type: str = "image/png") -> Answered:
        """A body whose length nobody tells before it comes."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            named = {"Content-Type": media_type} | self.signed_in(CLERK)
            connection.request("POST", path, body, named, encode_chunked=True)
            answer = connection.getresponse()
            return Answered(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def raw(self, sent: bytes, *, wait: float = 10.0) -> bytes:
        """Everything that comes back for these bytes, until the other side hangs up."""
        with socket.create_connection((self.host, self.port), timeout=wait) as connection:
            connection.sendall(sent)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The county with its gateway."""
    with House(
        [service(name) for name in SERVICES],
        tmp_path_factory.mktemp("house"),
        rendering="on-demand",
        catalogue_dirs=(W1,),
        http_requests_per_second=0.0,
        http_requests_per_address=0.0,
    ) as opened:
        furnish(opened.client(), catalogue.load("990102"))
        yield opened


@pytest.fixture(scope="session", autouse=True)
def unworded() -> Iterator[set[str]]:
    """Codes of states and reasons that the pages of these tests showed as they are, as nobody wrote a word for them."""
    found: set[str] = set()

    def term(code: str, language: Language) -> str:
        if code and code not in terms():
            found.add(code)
        return names.term(code, language)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rendering, "term", term)
        yield found
    assert not found, "write them into terms.yaml"


@pytest.fixture
def web_at() -> type[Web]:
    """Speaks to the gateway at an address, wherever it runs."""
    return Web


@pytest.fixture
def web(house: House) -> Web:
    """Speaks to the gateway."""
    return Web(house.host("gateway").instance.edge.address)
