"""Bearer tokens over HTTP, and the issuer that gives them for development."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from eventing.settings import ConfigurationErrors, Settings
from gateway.identity.issuing import DevelopmentIssuer
from gateway.identity.people import people
from kernel.clock import SystemClock
from testkit.house import House

from .conftest import Browser


def token(address: str, person: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": person}
    return str(Browser(address).post("/development-issuer/token", form).json["access_token"])


def test_a_program_says_who_it_is(address: str) -> None:
    caller = Browser(address).get("/mirror", Authorization=f"Bearer {token(address, 'hall-system')}").json["caller"]

    assert caller["roles"] == ["subscriber"]
    assert "hall" not in caller


def test_it_chooses_a_window_of_its_own_by_header(address: str) -> None:
    header = {"Authorization": f"bearer {token(address, 'clerk-gu')}"}
    browser = Browser(address)

    chosen = browser.get("/mirror", **header, Onething_Window="yl-hall/yl-hall-a2").json["caller"]
    assert (chosen["hall"], chosen["window"]) == ("yl-hall", "yl-hall-a2")
    assert browser.get("/mirror", **header, Onething_Window="yl-cg/yl-cg-1").status == 403


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic YTpi", "", "Bearer a.b.c"])
def test_what_is_no_token_is_told_so(address: str, header: str) -> None:
    page = Browser(address).get("/mirror", Authorization=header, Accept="application/json")

    assert (page.status, page.json["code"]) == (401, "invalid-token")
    assert page.headers["WWW-Authenticate"] == 'Bearer realm="onething", error="invalid_token"'


def test_a_token_in_the_address_says_nothing(address: str) -> None:
    page = Browser(address).get(f"/mirror?access_token={token(address, 'clerk-zhao')}")

    assert page.json["caller"]["by"] == "anybody"


def test_who_has_said_nothing_is_told_how(address: str) -> None:
    page = Browser(address).get("/private", Accept="application/json")

    assert (page.status, page.json["code"]) == (401, "not-signed-in")
    assert page.headers["WWW-Authenticate"] == 'Bearer realm="onething"'


def test_what_somebody_sees_is_kept_by_no_cache(address: str) -> None:
    page = Browser(address).get("/mirror", Authorization=f"Bearer {token(address, 'clerk-zhao')}")

    assert page.headers["Cache-Control"] == "no-store"


def test_the_command_line_signs_what_the_gateway_believes(door: House, address: str) -> None:
    issuer = DevelopmentIssuer(door.settings, address, SystemClock().now)

    page = Browser(address).get("/mirror", Authorization=f"Bearer {issuer.access_token('auditor-shi')}")
    assert page.json["caller"]["roles"] == ["auditor"]


class TestTheDevelopmentIssuer:
    """A provider that other clients can use, too."""

    def asked(self, **changed: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": "desk",
            "redirect_uri": "http://127.0.0.1:9/back",
            "scope": "openid",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "person": "clerk-zhao",
            **changed,
        }
        return "/development-issuer/authorize?" + urlencode({k: v for k, v in asked.items() if v})

    def answer(self, browser: Browser, **changed: str) -> dict[str, str]:
        page = browser.get(self.asked(**changed), follow=False)
        assert page.status == 303
        return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["Location"]).query).items()}

    def redeem(self, browser: Browser, code: str, **changed: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "desk",
            "redirect_uri": "http://127.0.0.1:9/back",
            "code_verifier": "v" * 43,
            **changed,
        }
        return browser.post("/development-issuer/token", form)

    def test_another_client_signs_somebody_in_by_the_published_keys(self, browser: Browser) -> None:
        found = browser.get("/development-issuer/.well-known/openid-configuration").json
        assert found["issuer"] == browser.address + "/development-issuer"
        answered = self.redeem(browser, self.answer(browser)["code"]).json
        keys = KeySet.import_key_set(browser.get(urlsplit(found["jwks_uri"]).path).json)
        said = jwt.decode(answered["id_token"], keys, algorithms=["ES256"]).claims

        assert (said["iss"], said["aud"], said["sub"], said["nonce"]) == (found["issuer"], "desk", "clerk-zhao", "n")
        header = {"Authorization": f"Bearer {answered['access_token']}"}
        assert browser.get("/development-issuer/userinfo", **header).json["sub"] == "clerk-zhao"

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "profile"}, "invalid_scope"),
            ({"code_challenge": ""}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"response_mode": "form_post"}, "invalid_request"),
            ({"person": "", "prompt": "none"}, "login_required"),
        ],
    )
    def test_what_is_wrong_is_told_to_the_client(self, browser: Browser, wrong: dict[str, str], error: str) -> None:
        answer = self.answer(browser, **wrong)

        assert (answer["error"], answer["state"]) == (error, "s")

    @pytest.mark.parametrize(
        "uri",
        [
            "https://evil.example/",
            "javascript:alert(1)",
            "",
            "http://127.0.0.1:9/#f",
            "http://evil.example\\@127.0.0.1:9/",
        ],
    )
    def test_nobody_is_led_to_another_machine(self, browser: Browser, uri: str) -> None:
        assert browser.get(self.asked(redirect_uri=uri), follow=False).status == 400

    @pytest.mark.parametrize(
        "wrong",
        [
            {"code_verifier": "w" * 43},
            {"code_verifier": ""},
            {"client_id": "other"},
            {"redirect_uri": "http://127.0.0.1:9/other"},
            {"code": "x"},
        ],
    )
    def test_a_code_is_good_for_who_asked_for_it(self, browser: Browser, wrong: dict[str, str]) -> None:
        page = self.redeem(browser, **{"code": self.answer(browser)["code"], **wrong})

        assert (page.status, page.json["error"]) == (400, "invalid_grant")

    def test_under_another_name_there_is_none(self, browser: Browser) -> None:
        assert browser.get("/development-issuer/keys", Host="evil.example").status == 404

    @pytest.mark.parametrize("settings", [{"profile": "cluster"}, {"region": "110000"}])
    def test_it_is_refused_elsewhere(self, settings: dict[str, Any], tmp_path: Any) -> None:
        alone = Settings(data_dir=str(tmp_path), **settings)

        assert alone.development_issuer == "off"
        with pytest.raises(ConfigurationErrors):
            DevelopmentIssuer(alone, "http://127.0.0.1:1", SystemClock().now)

    @pytest.mark.parametrize("variables", [{"ONETHING_REGION": "110000"}, {"ONETHING_PROFILE": "cluster"}])
    def test_asking_for_it_elsewhere_is_a_fault_of_the_configuration(self, variables: dict[str, str]) -> None:
        with pytest.raises(ConfigurationErrors, match="ONETHING_DEVELOPMENT_ISSUER"):
            Settings.load({"ONETHING_DEVELOPMENT_ISSUER": "on", **variables})

    def test_there_is_somebody_for_every_role(self) -> None:
        known = people("990102").everybody().values()

        roles = {role for each in known for role in each.roles}
        assert roles == {
            *("clerk", "courier", "reviewer", "approver", "manager", "publisher", "trainer", "helper", "hotline"),
            *("applicant", "auditor", "operator", "subscriber"),
        }
