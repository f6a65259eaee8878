"""A client that is not ours (authlib, with its own JOSE) signs somebody in, and an issuer that is not ours is believed.

The client knows the issuer's address and nothing else: everything is found by discovery, as OpenID Connect says.
"""

import json
import secrets
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from authlib.common.urls import url_decode
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken

from console.services import service
from gateway import identity
from gateway.identity import issuers
from testkit.house import House

from .conftest import AS_IT_IS, serving, with_mirror

BACK = "http://127.0.0.1:9/back"
CLIENT = "a-hall-of-its-own"


class Client:
    """A relying party."""

    def __init__(self, address: str, pkce: str | None = "S256") -> None:
        issuer = f"{address}/development-issuer"
        self.metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=120).json()
        assert self.metadata["issuer"] == issuer
        self.nonce, self.verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self.session = OAuth2Session(
            CLIENT,
            scope="openid profile",
            redirect_uri=BACK,
            code_challenge_method=pkce,
            token_endpoint_auth_method="none",
        )

    def sent_back(self, person: str) -> str:
        """Where the browser comes back with, having chosen somebody."""
        where, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"],
            code_verifier=self.verifier,
            nonce=self.nonce,
            login_hint=person,
        )
        answer = requests.get(where, allow_redirects=False, timeout=120)
        assert answer.status_code == 303
        return answer.headers["Location"]

    def redeem(self, back: str, **more: str) -> dict[str, Any]:
        """The tokens for a code."""
        return dict(
            self.session.fetch_token(
                self.metadata["token_endpoint"],
                authorization_response=back,
                **{"code_verifier": self.verifier, "state": self.state, **more},
            )
        )

    def read(self, id_token: str) -> CodeIDToken:
        """What an id token says, verified."""
        keys = JsonWebKey.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=120).json())
        read = JsonWebToken(self.metadata["id_token_signing_alg_values_supported"]).decode(
            id_token,
            keys,
            claims_cls=CodeIDToken,
            claims_options={
                "iss": {"essential": True, "value": self.metadata["issuer"]},
                "aud": {"essential": True, "value": CLIENT},
            },
            claims_params={"nonce": self.nonce, "client_id": CLIENT},
        )
        read.validate()
        return read


@pytest.fixture
def client(address: str) -> Client:
    return Client(address)


def test_somebody_signs_in_with_a_client_that_knows_only_the_issuer(client: Client, address: str) -> None:
    back = client.sent_back("clerk-zhao")
    assert dict(url_decode(back.partition("?")[2]))["iss"] == client.metadata["issuer"]

    tokens = client.redeem(back)
    said = client.read(tokens["id_token"])

    assert (said["sub"], said["name"], said["roles"]) == ("clerk-zhao", "赵明", ["clerk"])
    mirrored = client.session.get(f"{address}/mirror", timeout=120).json()
    assert mirrored["caller"]["by"] == "clerk-zhao"
    known = client.session.get(client.metadata["userinfo_endpoint"], timeout=120).json()
    assert (known["sub"], known["halls"]) == ("clerk-zhao", ["yl-hall"])


def test_a_code_is_redeemed_once_and_only_by_who_began(client: Client) -> None:
    back = client.sent_back("clerk-zhao")
    with pytest.raises(OAuthError) as refused:
        client.redeem(back, code_verifier=secrets.token_urlsafe(48))
    assert refused.value.error == "invalid_grant"

    again = client.sent_back("clerk-zhao")
    client.redeem(again)
    with pytest.raises(OAuthError) as refused:
        client.redeem(again)
    assert refused.value.error == "invalid_grant"


def test_a_client_without_pkce_is_told_so(address: str) -> None:
    told = dict(url_decode(Client(address, pkce=None).sent_back("clerk-zhao").partition("?")[2]))

    assert told["error"] == "invalid_request"
    assert "code" not in told


class Foreign:
    """An issuer of the county that the house only knows the address of; its keys rotate."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                made = issuer.keys_known() if self.path == "/keys" else issuer.metadata()
                body = json.dumps(made).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.rotate("RSA", 2048, "RS256")

    def metadata(self) -> dict[str, Any]:
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    def keys_known(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(is_private=False) for key in self.keys]}

    def rotate(self, kind: str, size: int | str, alg: str) -> None:
        """The key from now on; the one before is believed no longer."""
        made = JsonWebKey.generate_key(kind, size, is_private=True)
        self.alg = alg
        self.keys = [JsonWebKey.import_key({**made.as_dict(is_private=True), "kid": made.thumbprint()})]

    def token(self) -> str:
        now = int(time.time())
        said = {"iss": self.url, "sub": "wang", "aud": "onething", "iat": now, "exp": now + 300}
        said |= {"roles": ["clerk"], "halls": ["yl-hall"], "org": "zwzx"}
        head = {"alg": self.alg, "kid": self.keys[0].kid, "typ": "at+jwt"}
        return str(JsonWebToken([self.alg]).encode(head, said, self.keys[0]).decode())


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    made = Foreign()
    with serving(made.server):
        yield made


@pytest.fixture(scope="module")
def beside(foreign: Foreign, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    patch = pytest.MonkeyPatch()
    patch.setattr(identity.Identity, "process_request", AS_IT_IS)
    patch.setattr(identity.Identity, "add_routes", with_mirror(identity.Identity.add_routes))
    patch.setattr(issuers, "PAUSE", 0.0)
    directory = tmp_path_factory.mktemp("foreign")
    with House([service("vault"), service("gateway")], directory, oidc_issuers=(foreign.url,)) as opened:
        yield str(opened.host("gateway").instance.edge.address)
    patch.undo()


def asked(address: str, token: str) -> requests.Response:
    return requests.get(
        f"{address}/mirror", headers={"Authorization": f"Bearer {token}", "Accept": "application/json"}, timeout=30
    )


def test_a_foreign_issuers_token_is_believed_and_so_is_one_of_its_next_key(foreign: Foreign, beside: str) -> None:
    first = foreign.token()
    caller = asked(beside, first).json()["caller"]
    assert (caller["by"], caller["hall"], caller["roles"]) == ("wang", "yl-hall", ["clerk"])

    foreign.rotate("EC", "P-256", "ES256")

    assert asked(beside, foreign.token()).json()["caller"]["by"] == "wang"
    forgotten = asked(beside, first)
    assert (forgotten.status_code, forgotten.json()["code"]) == (401, "invalid-token")
    assert 'error="invalid_token"' in forgotten.headers["WWW-Authenticate"]
