"""Signed tokens: which are believed, and which are not (RFC 7519, 8725, 9068).

Only asymmetric algorithms of this list; the key comes from the issuer's own key set, never from the token; times,
issuer and audience are always looked at.
"""

import base64
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.identity.issuers import Issuer, PublicKey
from gateway.problems import NotSignedIn

ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), (RSAKey, "")),
    "ES256": (ECKey, "P-256"),
    "ES384": (ECKey, "P-384"),
    "ES512": (ECKey, "P-521"),
    "EdDSA": (OKPKey, "Ed25519"),
    "Ed25519": (OKPKey, "Ed25519"),
}
"""algorithm → the kind of key, and its curve."""

FORBIDDEN = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"})
"""Headers that would let a token choose how it is looked at."""

LONGEST = 16_384
"""Characters of a token."""
SKEW = 60
"""Seconds by which clocks may differ."""

REMEMBERED = 10_000
"""Tokens whose signature was found right and is not computed again while its key stays, nor what they say read again;
all else is looked at anew."""

_registry = jws.JWSRegistry(algorithms=list(ALGORITHMS))


class InvalidToken(NotSignedIn):
    """A token that is not believed; ``reason`` says why, in one word."""


Said = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The header and the claims of a token."""


class Verifier:
    """Believes the tokens of some issuers."""

    def __init__(self, issuers: Mapping[str, Issuer], now: Callable[[], datetime]) -> None:
        self.issuers = issuers
        self._now = now
        self._signed: OrderedDict[bytes, tuple[PublicKey, Said]] = OrderedDict()

    def access(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a bearer token. Raises InvalidToken, or IssuerUnreachable."""
        header, claims = self._verified(token)
        kind = str(header.get("typ", "")).lower().removeprefix("application/")
        # an ID token is for the client that asked for it, and says nothing to an API (RFC 9068 5)
        if kind not in {"", "jwt", "at+jwt"} or claims.keys() & {"nonce", "at_hash", "c_hash"} or _kind(claims) == "id":
            raise InvalidToken(reason="type")
        self._for(claims, audience)
        return claims

    def identity(self, token: str, *, issuer: str, client: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token that answers a sign-in of ours (OpenID Connect Core 3.1.3.7). Raises InvalidToken,
        or IssuerUnreachable."""
        _, claims = self._verified(token)
        if claims["iss"] != issuer:
            raise InvalidToken(reason="issuer")
        if claims.get("nonce") != nonce or not nonce:
            raise InvalidToken(reason="nonce")
        self._for(claims, client)
        if claims.get("azp", client) != client:
            raise InvalidToken(reason="audience")
        return claims

    def _for(self, claims: Mapping[str, Any], audience: str) -> None:
        meant = claims.get("aud")
        if audience not in (meant if isinstance(meant, list) else [meant]):
            raise InvalidToken(reason="audience")

    def _verified(self, token: str) -> Said:
        name = blake2b(token.encode(), digest_size=32).digest()
        before = self._signed.get(name)
        header, claims = said = before[1] if before is not None else _read(token)
        algorithm, kid = header.get("alg"), header.get("kid", "")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidToken(reason="algorithm")
        if header.keys() & FORBIDDEN or not isinstance(kid, str):
            raise InvalidToken(reason="header")
        issuer = self.issuers.get(claims["iss"]) if isinstance(claims.get("iss"), str) else None
        if issuer is None:
            raise InvalidToken(reason="issuer")
        keys = [key for key in issuer.keys(kid) if _fits(key, algorithm)]
        if len(keys) != 1:
            raise InvalidToken(reason="key")  # none, or one that cannot be told from another
        if before is not None and before[0] is keys[0]:  # the very object: keys that were fetched again are new ones
            self._signed.move_to_end(name)
        else:
            _check_signature(token, keys[0], algorithm)
            self._signed[name] = keys[0], said
            if len(self._signed) > REMEMBERED:
                self._signed.popitem(last=False)
        self._in_time(claims)
        return said

    def _in_time(self, claims: Mapping[str, Any]) -> None:
        now = self._now().timestamp()
        ends, begins, issued = (_seconds(claims, name) for name in ("exp", "nbf", "iat"))
        if ends is None or ends <= now - SKEW:
            raise InvalidToken(reason="expired")
        if issued is None or max(begins or 0, issued) > now + SKEW:
            raise InvalidToken(reason="not-yet")


def _check_signature(token: str, key: PublicKey, algorithm: str) -> None:
    try:
        # the name EdDSA is deprecated (RFC 9864), and issuers use it all the same
        with warnings.catch_warnings(action="ignore", category=SecurityWarning):
            jws.deserialize_compact(token, key, algorithms=[algorithm], registry=_registry)
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken(reason="signature") from error


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidToken(reason=name)
    return float(value)


def _kind(claims: Mapping[str, Any]) -> str:
    return str(claims.get("typ", "")).lower()


def _fits(key: PublicKey, algorithm: str) -> bool:
    kind, curve = ALGORITHMS[algorithm]
    if not isinstance(key, kind) or key.get("alg", algorithm) not in {algorithm, "EdDSA" if curve == "Ed25519" else ""}:
        return False
    return not curve or key.curve_name == curve


def claims_of(token: str) -> Mapping[str, Any]:
    """What a token claims, whoever signed it. Raises InvalidToken."""
    return _read(token)[1]


def _read(token: str) -> Said:
    if len(token) > LONGEST:
        raise InvalidToken(reason="size")
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise InvalidToken(reason="form")
    return _object(parts[0]), _object(parts[1])


def _object(part: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise InvalidToken(reason="form") from error
    if not isinstance(found, dict):
        raise InvalidToken(reason="form")
    return found
