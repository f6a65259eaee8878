"""Which tokens are believed: a table of hostile ones, keys that rotate, issuers that are down."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.identity.claims import mapping_of, person_of, prefix_of
from gateway.identity.issuers import PAUSE, STALE, Issuer, IssuerUnreachable
from gateway.identity.tokens import LONGEST, SKEW, InvalidToken, Verifier
from gateway.identity.web import Unreachable

URL = "https://id.example"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
T = int(NOW.timestamp())

RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "ec"}, private=True)
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"}, private=True)
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"}, private=True)


class Remote:
    """An issuer as the network shows it."""

    def __init__(self, *keys: Any) -> None:
        self.keys = list(keys) or [RSA, EC, ED]
        self.down = False
        self.asked = 0
        self.time = 0.0
        self.says: dict[str, Any] = {}

    def fetch(self, address: str) -> dict[str, Any]:
        if self.down:
            raise Unreachable("down")
        if address.endswith("openid-configuration"):
            self.asked += 1
            return {"issuer": URL, "jwks_uri": f"{URL}/keys", **self.says}
        return {"keys": [key.as_dict(private=False) for key in self.keys]}

    def verifier(self) -> Verifier:
        issuer = Issuer(URL, fetch=self.fetch, clock=lambda: self.time)
        return Verifier({URL: issuer}, lambda: NOW)


def claims(**changed: Any) -> dict[str, Any]:
    said = {"iss": URL, "sub": "li", "aud": "onething", "iat": T, "exp": T + 300, **changed}
    return {name: value for name, value in said.items() if value is not None}


def signed(key: Any = RSA, alg: str = "RS256", *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    head = {"alg": alg, "kid": key.kid, **(header or {})}
    return jwt.encode({n: v for n, v in head.items() if v is not None}, claims(**changed), key, algorithms=[alg])


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def forged(header: Any, body: Any, signature: bytes = b"x") -> str:
    return f"{part(header)}.{part(body)}.{part(signature) if signature else ''}"


def by_public_key() -> str:
    """HS256 with the public key as its secret: what a library that mixes algorithms up would believe."""
    start = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
    secret = RSA.as_pem(private=False)
    return f"{start}.{part(hmac.new(secret, start.encode(), hashlib.sha256).digest())}"


def another_body() -> str:
    header, _, signature = signed().split(".")
    return f"{header}.{part(claims(sub='root'))}.{signature}"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (RSA, "PS384"), (EC, "ES256"), (ED, "EdDSA")])
def test_a_token_of_the_issuer_is_believed(key: Any, alg: str) -> None:
    assert Remote().verifier().access(signed(key, alg), "onething")["sub"] == "li"


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+jwt", None])
def test_what_issuers_call_their_tokens(kind: str | None) -> None:
    assert Remote().verifier().access(signed(header={"typ": kind}), "onething")


HOSTILE = {
    "empty": ("", "form"),
    "no token": ("abc", "form"),
    "two parts": ("a.b", "form"),
    "five parts": ("a.b.c.d.e", "form"),
    "no signature": (forged({"alg": "RS256", "kid": "rsa"}, claims(), b""), "form"),
    "no json": (forged(b"{", claims()), "form"),
    "a list": (forged([1], claims()), "form"),
    "deep": (forged(b"[" * 6000, claims()), "form"),
    "huge": (signed() + "A" * LONGEST, "size"),
    "alg none": (forged({"alg": "none"}, claims(), b"x"), "algorithm"),
    "alg None": (forged({"alg": "None"}, claims()), "algorithm"),
    "alg missing": (forged({"kid": "rsa"}, claims()), "algorithm"),
    "alg a list": (forged({"alg": ["RS256"]}, claims()), "algorithm"),
    "hs256 by the public key": (by_public_key(), "algorithm"),
    "hs256": (signed(OctKey.generate_key(256, {"kid": "rsa"}), "HS256"), "algorithm"),
    "algorithm of another key": (forged({"alg": "ES256", "kid": "rsa"}, claims()), "key"),
    "curve of another algorithm": (forged({"alg": "ES512", "kid": "ec"}, claims()), "key"),
    "its own key": (signed(STRANGER, header={"jwk": STRANGER.as_dict(private=False)}), "header"),
    "a key elsewhere": (forged({"alg": "RS256", "kid": "rsa", "jku": "https://evil.example"}, claims()), "header"),
    "a certificate": (forged({"alg": "RS256", "kid": "rsa", "x5c": ["x"]}, claims()), "header"),
    "critical extension": (forged({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": False}, claims()), "header"),
    "kid no text": (forged({"alg": "RS256", "kid": 7}, claims()), "header"),
    "unknown kid": (signed(header={"kid": "../../etc/passwd"}), "key"),
    "a stranger's signature": (signed(STRANGER), "signature"),
    "another body": (
        signed().rsplit(".", 2)[0] + "." + part(claims(sub="root")) + "." + signed().rsplit(".", 1)[1],
        "signature",
    ),
    "another issuer": (signed(iss="https://evil.example"), "issuer"),
    "almost the issuer": (signed(iss=URL + "/"), "issuer"),
    "issuer a list": (signed(iss=[URL]), "issuer"),
    "no issuer": (signed(iss=None), "issuer"),
    "for somebody else": (signed(aud="other"), "audience"),
    "for several others": (signed(aud=["a", "b"]), "audience"),
    "audience as part of a text": (signed(aud="onething-too"), "audience"),
    "for nobody": (signed(aud=None), "audience"),
    "expired": (signed(exp=T - SKEW), "expired"),
    "without an end": (signed(exp=None), "expired"),
    "end as text": (signed(exp="tomorrow"), "exp"),
    "end as truth": (signed(exp=True), "exp"),
    "not yet": (signed(nbf=T + SKEW + 1), "not-yet"),
    "issued tomorrow": (signed(iat=T + 86_400), "not-yet"),
    "never issued": (signed(iat=None), "not-yet"),
    "an ID token": (signed(nonce="n"), "type"),
    "an ID token of Keycloak": (signed(typ="ID"), "type"),
    "a logout token": (signed(header={"typ": "logout+jwt"}), "type"),
    "a proof of possession": (signed(header={"typ": "dpop+jwt"}), "type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_not(name: str) -> None:
    token, reason = HOSTILE[name]

    with pytest.raises(InvalidToken) as refused:
        Remote().verifier().access(token, "onething")

    assert refused.value.data["reason"] == reason
    assert refused.value.status == 401


def test_clocks_may_differ_a_little() -> None:
    verifier = Remote().verifier()

    assert verifier.access(signed(exp=T - SKEW + 1), "onething")
    assert verifier.access(signed(iat=T + SKEW, nbf=T + SKEW), "onething")


def test_a_token_that_was_believed_is_looked_at_again_but_for_its_signature() -> None:
    now = [NOW]
    remote = Remote()
    verifier = Verifier({URL: Issuer(URL, fetch=remote.fetch, clock=lambda: remote.time)}, lambda: now[0])
    token = signed()
    assert verifier.access(token, "onething") == verifier.access(token, "onething")

    for hostile, reason in (
        (token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), "signature"),
        (".".join((token.split(".")[0], part(claims(sub="wang")), token.split(".")[2])), "signature"),
    ):
        with pytest.raises(InvalidToken, match=reason):
            verifier.access(hostile, "onething")
    with pytest.raises(InvalidToken, match="audience"):
        verifier.access(token, "another")
    now[0] = NOW + timedelta(seconds=300 + SKEW)
    with pytest.raises(InvalidToken, match="expired"):
        verifier.access(token, "onething")


def test_without_a_kid_the_only_key_that_fits_is_meant_and_of_several_none() -> None:
    token = signed(header={"kid": None})
    assert Remote(RSA, EC).verifier().access(token, "onething")

    with pytest.raises(InvalidToken, match="key"):
        Remote(RSA, STRANGER).verifier().access(token, "onething")


def test_an_id_token_answers_one_sign_in_of_one_client() -> None:
    verifier = Remote().verifier()
    token = signed(aud="pages", nonce="n1")

    assert verifier.identity(token, issuer=URL, client="pages", nonce="n1")["sub"] == "li"
    for client, nonce, issuer in (("other", "n1", URL), ("pages", "n2", URL), ("pages", "n1", "https://b.example")):
        with pytest.raises(InvalidToken):
            verifier.identity(token, issuer=issuer, client=client, nonce=nonce)
    with pytest.raises(InvalidToken):
        verifier.identity(signed(aud=["pages", "b"], azp="b", nonce="n1"), issuer=URL, client="pages", nonce="n1")
    with pytest.raises(InvalidToken):
        verifier.identity(signed(aud="pages"), issuer=URL, client="pages", nonce="")


class TestKeys:
    """Keys are kept, fetched again when they rotate, and never more often than that."""

    def test_a_new_key_is_fetched_once_it_is_used(self) -> None:
        remote = Remote(EC)
        verifier = remote.verifier()
        verifier.access(signed(EC, "ES256"), "onething")
        remote.keys, remote.time = [RSA], PAUSE

        assert verifier.access(signed(), "onething")
        assert remote.asked == 2

    def test_unknown_keys_do_not_make_us_ask_again_and_again(self) -> None:
        remote = Remote()
        verifier = remote.verifier()
        for number in range(100):
            with pytest.raises(InvalidToken):
                verifier.access(signed(header={"kid": f"k{number}"}), "onething")

        assert remote.asked == 1

    def test_a_key_that_was_withdrawn_is_believed_no_longer(self) -> None:
        remote = Remote(EC, RSA)
        verifier = remote.verifier()
        verifier.access(signed(), "onething")
        remote.keys, remote.time = [EC], 601.0

        with pytest.raises(InvalidToken, match="key"):
            verifier.access(signed(), "onething")

    def test_another_key_of_the_same_name_did_not_sign_what_was_believed(self) -> None:
        remote = Remote(RSA)
        verifier = remote.verifier()
        token = signed()
        verifier.access(token, "onething")
        remote.keys, remote.time = [STRANGER], 601.0

        with pytest.raises(InvalidToken, match="signature"):
            verifier.access(token, "onething")

    def test_known_keys_go_on_while_the_issuer_is_down_but_not_for_ever(self) -> None:
        remote = Remote()
        verifier = remote.verifier()
        verifier.access(signed(), "onething")
        remote.down, remote.time = True, STALE

        assert verifier.access(signed(), "onething")
        remote.time = STALE + 1
        with pytest.raises(IssuerUnreachable) as unknown:
            verifier.access(signed(), "onething")
        assert unknown.value.status == 503

    def test_an_issuer_that_was_never_reached_makes_nobody_a_liar(self) -> None:
        remote = Remote()
        remote.down = True

        with pytest.raises(IssuerUnreachable):
            remote.verifier().access(signed(), "onething")

    @pytest.mark.parametrize(
        "says",
        [
            {"issuer": "https://evil.example"},
            {"jwks_uri": "http://id.example/keys"},
            {"jwks_uri": "file:///etc/passwd"},
        ],
    )
    def test_an_issuer_that_says_what_it_must_not_is_none(self, says: dict[str, Any]) -> None:
        remote = Remote()
        remote.says = says

        with pytest.raises(IssuerUnreachable):
            remote.verifier().access(signed(), "onething")

    def test_secrets_and_short_keys_in_a_key_set_are_passed_over(self) -> None:
        with pytest.warns(match="2048"):
            short = RSAKey.generate_key(1024, {"kid": "rsa"}, private=True)
        remote = Remote(OctKey.generate_key(256, {"kid": "rsa"}), EC)
        remote.keys.append(short)

        with pytest.raises(InvalidToken, match="key"):
            remote.verifier().access(signed(), "onething")


def blind(*values: str) -> str:
    return hashlib.sha256("|".join(values).encode()).hexdigest()


class TestClaims:
    """From claims to a person."""

    def test_roles_that_are_none_of_ours_are_dropped(self) -> None:
        said = {"sub": "li", "roles": ["clerk", "service", "admin", 7, None], "halls": ["h"], "windows": ["w1"]}
        person = person_of(said, mapping_of(""), blind)

        assert (person.roles, person.hall, person.window) == (("clerk",), "h", "w1")

    def test_an_issuer_gives_the_roles_that_it_may(self) -> None:
        said = {"sub": "li", "roles": ["manager", "applicant"]}
        person = person_of(said, mapping_of(""), blind, roles=frozenset({"applicant"}), prefix="id.b:")

        assert person.roles == ("applicant",)
        assert person.id.startswith("applicant-")

    def test_people_of_two_issuers_never_have_one_name(self) -> None:
        first = "https://id.example/realms/staff"
        others = ("https://id.example/realms/a", "https://id.example/realms/b", "https://id.example:8443/realms/a")

        assert prefix_of(first, first) == ""
        assert len({prefix_of(other, first) for other in others}) == len(others)
        assert prefix_of("https://id.citizens.example", first) == "id.citizens.example:"

    def test_claims_stand_where_the_settings_say(self) -> None:
        mapping = mapping_of("roles=realm_access.roles org=https://x.example/org by=preferred_username")
        said = {"preferred_username": "li", "realm_access": {"roles": ["auditor"]}, "https://x.example/org": "zwzx"}
        person = person_of(said, mapping, blind)

        assert (person.id, person.roles, person.org) == ("li", ("auditor",), "zwzx")

    def test_an_identifier_becomes_an_index_and_goes_no_further(self) -> None:
        said = {"sub": "990102199202150022", "identifier": " 990102199202150022 "}
        person = person_of(said, mapping_of(""), blind)

        assert person.subject == blind("990102199202150022")
        assert person.roles == ("applicant",)
        assert "1992" not in str(person.caller)

    @pytest.mark.parametrize("identifier", ["990102199202150023", "", 7, None, "x" * 5000])
    def test_what_is_no_identifier_makes_nobody_an_applicant(self, identifier: Any) -> None:
        person = person_of({"sub": "li", "identifier": identifier}, mapping_of(""), blind)

        assert (person.roles, person.subject) == ((), "")

    def test_staff_have_no_index(self) -> None:
        person = person_of({"sub": "li", "roles": "clerk", "identifier": "990102199202150022"}, mapping_of(""), blind)

        assert (person.id, person.subject) == ("li", "")

    def test_a_window_without_its_hall_belongs_to_nobody_of_two_halls(self) -> None:
        person = person_of({"sub": "li", "halls": ["a", "b"], "windows": ["w1", "b/w2"]}, mapping_of(""), blind)

        assert person.windows == ("b/w2",)
