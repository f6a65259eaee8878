"""Issuers of tokens: found by discovery, their keys kept, fetched again when they rotate.

An issuer that is down does no harm while its keys are known and not too old; before that, whoever brings a token is
told to come again (503), and never that the token is wrong.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog
from eventlet.semaphore import Semaphore
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from msgspec import Struct

from eventing.errors import Unavailable
from gateway.identity.web import Unreachable, get

FRESH = 600.0
"""Seconds after which an issuer is asked again whether its keys are the same."""
STALE = 86_400.0
"""Seconds for which keys are used of an issuer that does not answer."""
PAUSE = 30.0
"""Seconds between two askings of an issuer, whatever keys are asked for."""
MOST_KEYS = 100
SHORTEST = 342
"""Characters of the modulus of an RSA key of 2048 bits; shorter ones are none."""

PublicKey = RSAKey | ECKey | OKPKey

log = structlog.get_logger(__name__)


class IssuerUnreachable(Unavailable):
    """Who says who somebody is does not answer, and nothing of it is known yet."""


class Metadata(Struct, frozen=True):
    """What an issuer says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False


class Issuer:
    """One issuer. ``url`` is what stands in ``iss`` of its tokens, to the letter."""

    def __init__(
        self,
        url: str,
        *,
        secure: bool = True,
        fetch: Callable[[str], dict[str, Any]] = get,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.url = url
        self._secure = secure
        self._fetch = fetch
        self._clock = clock
        self._turn = Semaphore()
        self._metadata: Metadata | None = None
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched_at = self._asked_at = float("-inf")

    @property
    def metadata(self) -> Metadata:
        """Where the issuer's doors are. Raises IssuerUnreachable."""
        self._refresh(FRESH)
        assert self._metadata is not None  # noqa: S101  or it would have raised
        return self._metadata

    def keys(self, kid: str) -> tuple[PublicKey, ...]:
        """The keys that may have signed a token with this ``kid``; all where it names none.

        A ``kid`` that nobody knows makes the issuer be asked again, once in a while. Raises IssuerUnreachable.
        """
        self._refresh(FRESH)
        found = self._known(kid)
        if not found:
            self._refresh(PAUSE)
            found = self._known(kid)
        return found

    def _known(self, kid: str) -> tuple[PublicKey, ...]:
        return tuple(key for key in self._keys if not kid or key.kid == kid)

    def _refresh(self, age: float) -> None:
        if self._clock() - self._fetched_at < age:
            return
        with self._turn:  # whoever waited finds it done
            now = self._clock()
            if now - self._fetched_at >= age and now - self._asked_at >= PAUSE:
                self._asked_at = now
                try:
                    self._ask()
                    self._fetched_at = now
                except Unreachable as error:
                    log.warning("issuer unreachable", issuer=self.url, error=str(error))
            if self._metadata is None or now - self._fetched_at > STALE:
                raise IssuerUnreachable(what="issuer", issuer=self.url)

    def _ask(self) -> None:
        found = self._fetch(self.url.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.url:
            raise Unreachable(f"{self.url}: says that it is another issuer")
        known = {name: found[name] for name in Metadata.__struct_fields__ if isinstance(found.get(name), (str, bool))}
        for name, value in known.items():
            if name.endswith(("_uri", "_endpoint")) and not self._is_right(value):
                raise Unreachable(f"{self.url}: its {name} is no address that may be asked")
        if not known.get("jwks_uri"):
            raise Unreachable(f"{self.url}: says nothing of its keys")
        keys = public_keys(self._fetch(known["jwks_uri"]))
        if not keys:
            raise Unreachable(f"{self.url}: has no keys that could be used")
        self._metadata, self._keys = Metadata(**known), keys

    def _is_right(self, address: Any) -> bool:
        return isinstance(address, str) and address.startswith("https://" if self._secure else ("https://", "http://"))


def public_keys(found: dict[str, Any]) -> tuple[PublicKey, ...]:
    """The public keys of a key set that can verify signatures; whatever else is in it is passed over."""
    keys: list[PublicKey] = []
    listed = found.get("keys")
    for each in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(each, dict) or each.get("kty") not in {"RSA", "EC", "OKP"} or each.get("use", "sig") != "sig":
            continue
        if each["kty"] == "RSA" and len(str(each.get("n", ""))) < SHORTEST:
            continue
        if "verify" not in (each.get("key_ops") or ("verify",)):
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in each.items() if name != "key_ops"})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, (RSAKey, ECKey, OKPKey)):
            keys.append(key)
    return tuple(keys)
