"""A gateway with the development issuer, a browser that keeps cookies, and issuers made in the test."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from http.server import HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import falcon
import msgspec
import pytest

from eventing import green

green.patch()

import console  # noqa: F401  the county's catalogue layers
from console.services import service
from gateway import identity
from gateway.backend import Backend
from gateway.pages.rendering import page
from testkit.house import House

AS_IT_IS = identity.Identity.process_request
"""Other tests of the gateway are believed whoever they say they are; these are not."""


@contextmanager
def serving(server: HTTPServer) -> Iterator[None]:
    """Somebody else's server, for as long as it is needed."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Page(msgspec.Struct, frozen=True):
    """What a browser got."""

    url: str
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def fields(self) -> dict[str, str]:
        """Hidden fields of the forms on the page."""
        reader = _Fields()
        reader.feed(self.text)
        return reader.found


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.found[str(named["name"])] = named.get("value") or ""
        if tag == "textarea":
            self._area = str(named["name"])
            self.found[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.found[self._area] = self.found[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data


class Browser:
    """Follows redirects and keeps cookies, as a browser does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self.attributes: dict[str, str] = {}
        self.way: list[str] = []

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        return self._ask("GET", path, None, follow, headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, *, follow: bool = True, **headers: str) -> Page:
        return self._ask("POST", path, urlencode(form or {}), follow, headers)

    def sign_in(self, person: str, then: str = "/") -> Page:
        return self.get("/sign-in?" + urlencode({"next": then, "login_hint": person}))

    @property
    def csrf(self) -> str:
        return str(self.get("/sign-in/session").json["csrf"])

    def _ask(self, method: str, path: str, body: str | None, follow: bool, headers: Mapping[str, str]) -> Page:
        url = urljoin(self.address, path)
        for _ in range(10):
            parts = urlsplit(url)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.cookies:
                named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if body is not None:
                named.setdefault("Content-Type", "application/x-www-form-urlencoded")
            named.setdefault("Accept", "text/html,*/*")
            connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)
            try:
                connection.request(method, f"{parts.path or '/'}?{parts.query}", body, named)
                answer = connection.getresponse()
                page = Page(url, answer.status, answer.headers, answer.read().decode())
            finally:
                connection.close()
            for line in answer.headers.get_all("Set-Cookie") or ():
                for name, morsel in SimpleCookie(line).items():
                    self.attributes[name] = line
                    self.cookies[name] = morsel.value
                    if morsel["max-age"] == "-1":
                        del self.cookies[name]
            if not follow or answer.status not in {302, 303}:
                return page
            url, method, body = urljoin(url, answer.headers["Location"]), "GET", None
            self.way.append(url)
        raise AssertionError(f"it leads in circles: {self.way}")


class Mirror:
    """Says who asks; takes a form."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        who = identity.person(req)
        caller = req.context.caller
        resp.media = {"caller": msgspec.to_builtins(caller), "name": who.name if who else ""}

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        identity.require(req)
        multipart = (req.content_type or "").startswith("multipart/")
        resp.media = {"by": req.context.caller.by, "form": {} if multipart else req.get_media()}


class Private:
    """A page for those who are signed in."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        identity.require(req)
        page(req, resp, "home.html")


def with_mirror(add: Any) -> Any:
    """The identity's own routes, and a mirror beside them."""

    def add_routes(self: identity.Identity, app: falcon.App[Any, Any], backend: Backend) -> None:
        add(self, app, backend)
        app.add_route("/mirror", Mirror())
        app.add_route("/private", Private())

    return add_routes


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway alone, with the development issuer."""
    patch = pytest.MonkeyPatch()
    patch.setattr(identity.Identity, "process_request", AS_IT_IS)
    patch.setattr(identity.Identity, "add_routes", with_mirror(identity.Identity.add_routes))
    with House([service("vault"), service("gateway")], tmp_path_factory.mktemp("door")) as opened:
        yield opened
    patch.undo()


@pytest.fixture
def address(door: House) -> str:
    """Where it is."""
    return str(door.host("gateway").instance.edge.address)


@pytest.fixture
def browser(address: str) -> Browser:
    """One that knows nothing yet."""
    return Browser(address)


@pytest.fixture
def data_dir(door: House) -> Path:
    """Where it keeps what it keeps."""
    return Path(door.settings.data_dir)
