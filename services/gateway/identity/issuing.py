"""The development issuer: whoever comes may be anybody of the fictional county.

A complete OpenID Connect provider of a few pages, for the embedded profile of a fictional region alone. Its tokens
go through the same doors as everybody's: nothing in the gateway knows that they come from here.
"""

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey
from msgspec import Struct

from eventing.settings import ConfigurationError, ConfigurationErrors, Settings
from gateway.identity.people import Resident, people
from gateway.identity.sessions import Box

PATH = "/development-issuer"
ALGORITHM = "ES256"
TOKEN_SECONDS = 8 * 3600
CODE_SECONDS = 60
CODES = 10_000
"""Codes that are remembered as used."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Declined(Exception):
    """A request that the issuer does not answer (RFC 6749 5.2)."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


class Code(Struct, frozen=True):
    """What an authorization code stands for."""

    id: str
    person: str
    client: str
    redirect_uri: str
    challenge: str
    nonce: str
    scope: str
    at: int


class DevelopmentIssuer:
    """Says that somebody is whoever they say they are."""

    def __init__(self, settings: Settings, address: str, now: Callable[[], datetime]) -> None:
        """Raises ConfigurationErrors outside the embedded profile of a fictional region."""
        if settings.profile != "embedded" or not settings.region.startswith("99"):
            wrong = ConfigurationError(
                "ONETHING_DEVELOPMENT_ISSUER", "only the embedded profile of a fictional region may have it", "off"
            )
            raise ConfigurationErrors((wrong,))
        self.address = address
        self.url = address + PATH
        self._now = now
        self._key = _key(Path(settings.data_dir) / "development-issuer.jwk")
        self._box = Box(settings.signing_keys("development issuer"), "code")
        self._used: dict[str, None] = {}
        self._audience = settings.oidc_audience
        self.people: dict[str, Resident] = people(settings.region, settings.people_file).everybody()

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end-session",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile"],
            "claims_supported": ["sub", "name", "org", "halls", "windows", "roles", "identifier"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}

    def checked(self, asked: dict[str, str]) -> None:
        """Raises Declined for a request that must not lead back to who made it (RFC 6749 4.1.2.1)."""
        if "\\" in asked.get("redirect_uri", ""):  # browsers read it as a slash, and the host as another one
            raise Declined("invalid_request", "redirect_uri")
        redirect = urlsplit(asked.get("redirect_uri", ""))
        if not asked.get("client_id"):
            raise Declined("invalid_request", "client_id")
        own = asked.get("redirect_uri", "").startswith(self.address + "/")
        if redirect.scheme not in {"http", "https"} or not (own or redirect.hostname in LOOPBACK) or redirect.fragment:
            raise Declined("invalid_request", "redirect_uri")

    def fault(self, asked: dict[str, str]) -> str:
        """What is wrong with a request, to be told to whoever made it."""
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        if "openid" not in asked.get("scope", "").split():
            return "invalid_scope"
        s256 = asked.get("code_challenge_method") == "S256"
        if not s256 or not re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.get("code_challenge", "")):
            return "invalid_request"
        return "invalid_request" if asked.get("response_mode", "query") != "query" else ""

    def back(self, asked: dict[str, str], **answer: str) -> str:
        """Where the browser goes with the answer."""
        more = {**answer, "iss": self.url, **({"state": asked["state"]} if asked.get("state") else {})}
        uri = asked["redirect_uri"]
        return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(more)}"

    def code(self, asked: dict[str, str], person: str) -> str:
        """An authorization code for somebody who was chosen."""
        return self._box.seal(
            Code(
                id=secrets.token_urlsafe(12),
                person=self.people[person].id,
                client=asked["client_id"],
                redirect_uri=asked["redirect_uri"],
                challenge=asked["code_challenge"],
                nonce=asked.get("nonce", ""),
                scope=asked["scope"],
                at=self._seconds(),
            )
        )

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """The token endpoint. Raises Declined."""
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeemed(form)
            case "client_credentials":
                # a program that is somebody of the county; in development nobody proves who they are
                if form.get("client_id") not in self.people:
                    raise Declined("invalid_client")
                return self._answer(self.access_token(form["client_id"], form["client_id"]), "onething")
            case _:
                raise Declined("unsupported_grant_type")

    def access_token(self, person: str, client: str = "onething-command-line") -> str:
        """A bearer token of somebody. Raises KeyError for whom nobody knows."""
        claims = {**self._claims(person), "aud": self._audience, "client_id": client, "scope": "onething"}
        return self._signed(claims, "at+jwt")

    def userinfo(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of whom a believed access token is about."""
        return {"sub": claims["sub"], **self._about(self.people[claims["sub"]])}

    def _redeemed(self, form: dict[str, str]) -> dict[str, Any]:
        code = self._box.open(form.get("code", ""), Code)
        verifier = form.get("code_verifier", "")
        if code is None or code.id in self._used or self._seconds() - code.at > CODE_SECONDS:
            raise Declined("invalid_grant", "code")
        self._used[code.id] = None
        if len(self._used) > CODES:
            self._used.pop(next(iter(self._used)))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier) or not secrets.compare_digest(
            challenge, code.challenge
        ):
            raise Declined("invalid_grant", "code_verifier")
        if (form.get("client_id"), form.get("redirect_uri")) != (code.client, code.redirect_uri):
            raise Declined("invalid_grant", "client")
        claims = {**self._claims(code.person), "aud": code.client}
        if code.nonce:
            claims["nonce"] = code.nonce
        token = self.access_token(code.person, code.client)
        return {**self._answer(token, code.scope), "id_token": self._signed(claims, "JWT")}

    def _answer(self, token: str, scope: str) -> dict[str, Any]:
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": scope}

    def _claims(self, person: str) -> dict[str, Any]:
        now = self._seconds()
        return {
            "iss": self.url,
            "sub": person,
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(12),
            **self._about(self.people[person]),
        }

    def _about(self, known: Resident) -> dict[str, Any]:
        about = {
            "name": known.name,
            "org": known.org,
            "halls": list(known.all_halls),
            "windows": list(known.all_windows),
            "roles": list(known.roles),
            "identifier": known.identifier,
        }
        return {name: value for name, value in about.items() if value}

    def _signed(self, claims: dict[str, Any], kind: str) -> str:
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def _key(file: Path) -> ECKey:
    """The issuer's own key, made at first use."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = ECKey.generate_key("P-256", private=True, auto_kid=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(msgspec.json.encode(made.as_dict(private=True)).decode())
        try:
            os.link(fresh, file)  # whoever comes first; the other takes that key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return ECKey.import_key(msgspec.json.decode(file.read_bytes(), type=dict[str, str | list[str]]))
