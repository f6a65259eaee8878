"""The gateway and an issuer that it did not write: another one, found by discovery, over HTTP."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from console.services import service
from gateway import identity
from testkit.house import House

from .conftest import AS_IT_IS, Browser, serving, with_mirror


class Elsewhere:
    """A small issuer: confidential clients, RS256, roles told at its userinfo endpoint as Keycloak would."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, private=True, auto_kid=True)
        self.codes: dict[str, dict[str, str]] = {}
        self.wrong: dict[str, Any] = {}
        self.ended: list[dict[str, str]] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.answer(self, dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                issuer.answer(self, dict(parse_qsl(body)))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/realms/county"

    def answer(self, http: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        made: Any = {}
        match urlsplit(http.path).path.removeprefix("/realms/county"):
            case "/.well-known/openid-configuration":
                made = {"issuer": self.url, "jwks_uri": self.url + "/certs"} | {
                    f"{name}_endpoint": f"{self.url}/{name}"
                    for name in ("authorization", "token", "userinfo", "end_session")
                }
            case "/certs":
                made = {"keys": [self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}
            case "/authorization":
                self.codes["c1"] = asked
                http.send_response(302)
                back = urlencode({"code": "c1", "state": asked["state"], "session_state": "x"})
                http.send_header("Location", f"{asked['redirect_uri']}?{back}")
                http.end_headers()
                return
            case "/token":
                made = self.token(http.headers.get("Authorization", ""), asked)
            case "/userinfo":
                made = {"sub": "li", "realm_access": {"roles": ["clerk", "offline_access"]}, "halls": ["yl-hall"]}
            case "/end_session":
                self.ended.append(asked)
        content = json.dumps(made).encode()
        http.send_response(200 if made else 400)
        http.send_header("Content-Length", str(len(content)))
        http.end_headers()
        http.wfile.write(content)

    def token(self, authorization: str, asked: dict[str, str]) -> dict[str, Any]:
        begun = self.codes.pop(asked.get("code", ""), {})
        secret = base64.b64encode(b"onething-pages:s%3Acret").decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).decode()
        if authorization != f"Basic {secret}" or challenge.rstrip("=") != begun.get("code_challenge"):
            return {}
        now = int(time.time())
        said = {"iss": self.url, "sub": "li", "aud": "onething-pages", "iat": now, "exp": now + 60, "name": "李"}
        said |= {"nonce": begun["nonce"]} | self.wrong
        return {
            "id_token": jwt.encode({"alg": "RS256", "kid": self.key.kid}, said, self.key),
            "access_token": "opaque",
            "token_type": "Bearer",
        }


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    issuer = Elsewhere()
    with serving(issuer.server):
        yield issuer


@pytest.fixture(scope="module")
def house(elsewhere: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    patch = pytest.MonkeyPatch()
    patch.setattr(identity.Identity, "process_request", AS_IT_IS)
    patch.setattr(identity.Identity, "add_routes", with_mirror(identity.Identity.add_routes))
    with House(
        [service("vault"), service("gateway")],
        tmp_path_factory.mktemp("relying"),
        oidc_issuers=(elsewhere.url,),
        oidc_client_secret="s:cret",
        oidc_claims="roles=realm_access.roles",
    ) as opened:
        yield opened
    patch.undo()


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.host("gateway").instance.edge.address)


def test_somebody_signs_in_there_and_their_roles_are_read(browser: Browser) -> None:
    page = browser.get("/sign-in?next=/mirror")

    assert page.json["name"] == "李"
    assert page.json["caller"] == {"by": "li", "hall": "yl-hall", "roles": ["clerk"]}


def test_signing_out_leads_there_after_a_page_of_ours(browser: Browser, elsewhere: Elsewhere) -> None:
    browser.sign_in("")
    page = browser.post("/sign-out", {"_csrf": browser.csrf})

    target = page.headers["Refresh"].partition("url=")[2]
    assert target.startswith(elsewhere.url + "/end_session?")
    asked = parse_qs(urlsplit(target).query)
    assert asked["post_logout_redirect_uri"] == [browser.address + "/sign-out"]
    assert asked["id_token_hint"]
    assert "onething_session" not in browser.cookies


@pytest.mark.parametrize("wrong", [{"nonce": "other"}, {"aud": "other"}, {"iss": "https://b.example"}, {"exp": 5}])
def test_an_id_token_that_is_not_the_answer_signs_nobody_in(
    browser: Browser, elsewhere: Elsewhere, wrong: dict[str, Any]
) -> None:
    elsewhere.wrong = wrong
    try:
        page = browser.get("/sign-in")
    finally:
        elsewhere.wrong = {}

    assert page.status == 401
    assert "onething_session" not in browser.cookies


def test_there_is_no_development_issuer_beside_it(browser: Browser) -> None:
    assert browser.get("/development-issuer/keys").status == 404
    assert "banner development" not in browser.get("/").text
