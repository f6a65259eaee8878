"""Signing in with a browser at the development issuer, over HTTP."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from eventing.keyring import KeyRing
from testkit.house import House

from .conftest import Browser


def test_a_clerk_signs_in_at_their_window(browser: Browser) -> None:
    page = browser.sign_in("clerk-zhao", "/mirror")

    assert page.json["caller"] == {
        "by": "clerk-zhao",
        "org": "zwzx",
        "hall": "yl-hall",
        "window": "yl-hall-a1",
        "roles": ["clerk"],
    }
    asked = parse_qs(urlsplit(browser.way[0]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_mode"] == ["query"]
    assert asked["redirect_uri"] == [browser.address + "/sign-in/back"]
    assert asked["state"] != asked["nonce"]


def test_everybody_of_the_county_is_listed_under_their_role(browser: Browser) -> None:
    page = browser.get("/sign-in?next=/mirror")

    assert "clerk-zhao" in page.text
    assert "scjg-reviewer" in page.text
    assert "云岭县市场监督管理局 审批人员" in page.text
    link = next(each for each in re.findall(r'href="(\?[^"]+person=courier-ma)"', page.text))
    back = browser.get(urlsplit(page.url).path + link.replace("&amp;", "&"))
    assert back.json["caller"]["by"] == "courier-ma"


def test_an_applicant_is_known_by_a_blind_index_and_carries_nothing_personal(browser: Browser, door: House) -> None:
    caller = browser.sign_in("applicant-zhou", "/mirror").json["caller"]

    ring = KeyRing(lambda _: [], door.settings.index_key(), purpose="test")
    assert caller["subject"] == ring.blind("990102199202150022")
    assert caller["roles"] == ["applicant"]
    assert re.fullmatch(r"applicant-[0-9a-f]{20}", caller["by"])


def test_who_works_at_several_windows_chooses_one(browser: Browser) -> None:
    page = browser.sign_in("clerk-gu", "/mirror")
    assert urlsplit(page.url).path == "/sign-in/window"

    chosen = browser.post("/sign-in/window", {**page.fields, "place": "yl-hall/yl-hall-x1"})

    assert chosen.json["caller"]["window"] == "yl-hall-x1"
    assert browser.get("/mirror").json["caller"]["hall"] == "yl-hall"


def test_who_has_not_chosen_a_hall_is_shown_no_numbers_of_none(browser: Browser) -> None:
    page = browser.sign_in("manager-li", "/mirror")
    assert urlsplit(page.url).path == "/sign-in/window"

    led = browser.get("/insight?begins=2026-11-01")

    assert urlsplit(led.url).path == "/sign-in/window"
    assert led.fields["next"] == "/insight?begins=2026-11-01"


def test_nobody_chooses_a_window_that_is_not_theirs(browser: Browser) -> None:
    fields = browser.sign_in("clerk-gu", "/mirror").fields

    refused = browser.post("/sign-in/window", {**fields, "place": "yl-cg/yl-cg-1"})

    assert refused.status == 403
    assert "not-your-window" in refused.text
    assert "window" not in browser.get("/mirror").json["caller"]


def test_a_page_for_those_who_are_signed_in_leads_to_the_sign_in_and_back(browser: Browser) -> None:
    page = browser.get("/private?tab=2")
    assert urlsplit(page.url).path == "/development-issuer/authorize"

    assert browser.get(f"{page.url}&person=clerk-zhao").url == browser.address + "/private?tab=2"


def test_signing_out_ends_the_session_here_and_at_the_issuer(browser: Browser) -> None:
    browser.sign_in("clerk-zhao")

    page = browser.post("/sign-out", {"_csrf": browser.csrf})

    assert page.status == 200
    assert any("/development-issuer/end-session" in each for each in browser.way)
    assert browser.get("/mirror").json["caller"]["by"] == "anybody"


def test_the_session_is_another_one_after_every_sign_in(browser: Browser) -> None:
    browser.cookies["onething_session"] = "planted"
    browser.sign_in("clerk-zhao")
    first, secret = browser.cookies["onething_session"], browser.csrf

    browser.sign_in("clerk-zhao")

    assert browser.cookies["onething_session"] not in {first, "planted"}
    assert browser.post("/mirror", {"_csrf": secret}).status == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    browser.sign_in("clerk-zhao")

    line = browser.attributes["onething_session"]
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Path=/" in line
    assert "zhao" not in line


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:a=b/../x\r\nY: z",
        "evil.example",
        "/@evil.example",
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(browser: Browser, elsewhere: str) -> None:
    browser.sign_in("clerk-zhao", elsewhere)

    assert urlsplit(browser.way[-1]).netloc == urlsplit(browser.address).netloc
    assert urlsplit(browser.way[-1]).path == "/"


class TestTheWayBack:
    """What comes back from the issuer is believed only by the browser that went there, once."""

    def begun(self, browser: Browser) -> str:
        """The address that the issuer leads back to."""
        start = browser.get("/sign-in?login_hint=clerk-zhao&next=/mirror", follow=False)
        authorized = browser.get(start.headers["Location"], follow=False)
        return str(authorized.headers["Location"])

    def test_it_ends_in_a_session(self, browser: Browser) -> None:
        assert browser.get(self.begun(browser)).json["caller"]["by"] == "clerk-zhao"

    def test_another_browser_is_refused(self, browser: Browser, address: str) -> None:
        assert Browser(address).get(self.begun(browser)).status == 403

    def test_a_code_is_good_once(self, browser: Browser) -> None:
        back, cookies = self.begun(browser), dict(browser.cookies)
        browser.get(back)

        again = Browser(browser.address)
        again.cookies = cookies
        assert again.get(back).status == 403
        assert "onething_session" not in again.cookies

    def test_another_state_is_refused(self, browser: Browser) -> None:
        back = re.sub(r"state=[^&]+", "state=other", self.begun(browser))

        assert browser.get(back).status == 403

    def test_another_issuer_is_refused(self, browser: Browser) -> None:
        back = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", self.begun(browser))

        assert browser.get(back).status == 403

    def test_the_code_of_another_sign_in_is_refused(self, browser: Browser, address: str) -> None:
        other = re.search(r"code=([^&]+)", self.begun(Browser(address)))
        assert other is not None

        back = re.sub(r"code=[^&]+", f"code={other[1]}", self.begun(browser))

        assert browser.get(back).status == 403

    def test_an_error_of_the_issuer_is_told(self, browser: Browser) -> None:
        back = re.sub(r"code=[^&]+", "error=access_denied", self.begun(browser))

        page = browser.get(back)
        assert page.status == 403
        assert "access_denied" in page.text


def test_the_banner_is_on_every_page_while_anybody_may_be_anybody(browser: Browser) -> None:
    for path in ("/", "/sign-in", "/sign-out", "/nowhere"):
        assert "banner development" in browser.get(path).text
