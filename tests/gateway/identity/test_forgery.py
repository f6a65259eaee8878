"""Writes that a cookie signs need a token of the session, from a page of our own."""

import pytest

from .conftest import Browser


@pytest.fixture
def signed_in(browser: Browser) -> Browser:
    browser.sign_in("clerk-zhao")
    return browser


def test_a_form_with_its_token_is_taken(signed_in: Browser) -> None:
    page = signed_in.post("/mirror", {"_csrf": signed_in.csrf, "a": "1"})

    assert (page.status, page.json["form"]["a"]) == (200, "1")


def test_a_script_sends_it_as_a_header(signed_in: Browser) -> None:
    assert signed_in.post("/mirror", X_CSRF_Token=signed_in.csrf).status == 200


def test_a_form_with_files_has_it_in_its_address(signed_in: Browser) -> None:
    kind = "multipart/form-data; boundary=b"

    assert signed_in.post(f"/mirror?csrf={signed_in.csrf}", Content_Type=kind).status == 200
    assert signed_in.post("/mirror", Content_Type=kind).status == 403


def test_without_a_token_nothing_is_done(signed_in: Browser) -> None:
    for form in ({}, {"_csrf": ""}, {"_csrf": "x"}, {"_csrf": "A" * 86}):
        page = signed_in.post("/mirror", form)
        assert page.status == 403
        assert "forged-request" in page.text


def test_a_token_in_the_address_of_a_plain_form_does_not_count(signed_in: Browser) -> None:
    assert signed_in.post(f"/mirror?csrf={signed_in.csrf}").status == 403


def test_the_token_of_somebody_else_does_not_count(signed_in: Browser, address: str) -> None:
    other = Browser(address)
    other.sign_in("clerk-qian")

    assert signed_in.post("/mirror", {"_csrf": other.csrf}).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_another_site_is_refused_whatever_it_brings(signed_in: Browser, headers: dict[str, str]) -> None:
    assert signed_in.post("/mirror", {"_csrf": signed_in.csrf}, **headers).status == 403


def test_our_own_site_is_not(signed_in: Browser) -> None:
    form = {"_csrf": signed_in.csrf}

    assert signed_in.post("/mirror", form, Origin=signed_in.address, Sec_Fetch_Site="same-origin").status == 200


def test_every_token_looks_different(signed_in: Browser) -> None:
    assert signed_in.csrf != signed_in.csrf


def test_a_bearer_token_needs_none(signed_in: Browser, address: str) -> None:
    form = {"grant_type": "client_credentials", "client_id": "clerk-qian"}
    token = Browser(address).post("/development-issuer/token", form).json["access_token"]

    page = Browser(address).post("/mirror", Authorization=f"Bearer {token}")

    assert (page.status, page.json["by"]) == (200, "clerk-qian")


class TestASessionThatLapsed:
    """What was entered is not lost."""

    def lapse(self, browser: Browser) -> None:
        """A cookie that was good before the gateway forgot its issuer: broken beyond its time."""
        browser.cookies.pop("onething_session", None)

    def test_the_form_is_sent_again_after_signing_in(self, signed_in: Browser) -> None:
        entered = {"_csrf": signed_in.csrf, "name": "周晓雨", "note": "\nline 1\r\nline 2"}
        self.lapse(signed_in)

        page = signed_in.post("/mirror?step=2", entered)
        assert page.status == 401
        assert page.fields["to"] == "/mirror?step=2"
        signed_in.sign_in("clerk-zhao", "/sign-in/done")
        again = signed_in.post("/sign-in/resume", page.fields)
        sent = signed_in.post("/mirror?step=2", again.fields)

        assert sent.status == 200
        assert sent.json["form"]["name"] == "周晓雨"
        assert sent.json["form"]["note"].split() == ["line", "1", "line", "2"]

    def test_who_has_not_signed_in_yet_is_asked_again_and_nothing_is_lost(self, signed_in: Browser) -> None:
        self.lapse(signed_in)
        page = signed_in.post("/mirror", {"name": "x"})

        still = signed_in.post("/sign-in/resume", page.fields)

        assert still.status == 401
        assert still.fields["f:name"] == "x"

    def test_it_leads_to_our_own_pages_only(self, signed_in: Browser) -> None:
        page = signed_in.post("/sign-in/resume", {"to": "https://evil.example/", "f:a": "1"})

        assert 'action="/"' in page.text

    def test_another_site_cannot_have_a_form_shown(self, signed_in: Browser) -> None:
        assert signed_in.post("/sign-in/resume", {"to": "/"}, Sec_Fetch_Site="cross-site").status == 403
