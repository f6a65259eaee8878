"""Pages as they leave the house: whole, in the reader's language, safe, and with words for everything they say."""

import re
from pathlib import Path
from typing import Any

import falcon
import jinja2
import msgspec
import pytest
from falcon.testing import create_req

from eventing.settings import Settings
from gateway.backend import Backend
from gateway.pages import flashes, rendering
from gateway.pages.rendering import Rendering, templates, word, words

FOLDER = Path(rendering.__file__).parent / "templates"


@pytest.mark.parametrize("template", sorted(str(each.relative_to(FOLDER)) for each in FOLDER.glob("**/*.html")))
def test_a_template_can_be_read_and_names_only_words_that_are_there(template: str) -> None:
    templates().get_template(template)
    said = set(re.findall(r"""\bt\(["']([a-z0-9_]+)["'](?=[,)])""", (FOLDER / template).read_text("utf-8")))

    assert said <= words().keys()


@pytest.mark.parametrize("template", sorted(str(each.relative_to(FOLDER)) for each in FOLDER.glob("**/*.html")))
def test_a_template_has_no_style_or_script_of_its_own(template: str) -> None:
    text = (FOLDER / template).read_text("utf-8")

    assert not re.search(r"\s(style|on[a-z]+)=", text)
    assert not re.search(r"<script(?![^>]* src=)", text)


@pytest.mark.parametrize("template", sorted(str(each.relative_to(FOLDER)) for each in FOLDER.glob("[dr]e*/*.html")))
def test_days_and_numbers_of_cases_stay_in_one_line_at_a_desk(template: str) -> None:
    text = (FOLDER / template).read_text("utf-8")
    days = re.findall(r"<(?:td|dd|span|th)\b([^>]*)>\{\{ (?:when|day)\(", text)
    numbers = re.findall(r"<(?:td|dd|span|th|a)\b([^>]*)>\{\{ (?:row|case|bundle)\.(?:case_)?number ", text)

    assert not [attributes for attributes in days + numbers if "nowrap" not in attributes]


def test_every_text_is_there_in_both_languages() -> None:
    assert not [key for key, texts in words().items() if set(texts) != {"zh", "en"}]


def test_a_text_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        word("nobody-wrote-this", "zh")


def test_what_a_template_does_not_know_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        templates().from_string("{{ nothing_of_the_kind }}").render()


def test_where_a_page_leads_is_written_as_headers_are() -> None:
    """An id in Chinese broke the answer off; one with a line break would have written headers of its own."""
    answer = falcon.Response()
    answer.set_header("Location", "/desk/cases/案1?said=%20done&x=1\r\nSet-Cookie: a=b#here")

    rendering_for("http://127.0.0.1:8080").process_response(create_req(), answer, None, True)

    assert answer.get_header("Location") == "/desk/cases/%E6%A1%881?said=%20done&x=1%0D%0ASet-Cookie:%20a=b#here"


def rendering_for(public_url: str) -> Rendering:
    site = Settings(data_dir="/nowhere", public_url=public_url)
    made = object.__new__(Rendering)
    made.backend = Backend(*[None] * 8, address="http://127.0.0.1:8080")  # type: ignore[arg-type]
    made.backend = msgspec.structs.replace(made.backend, settings=site)
    return made


@pytest.mark.parametrize(("public_url", "secure"), [("https://here.example", True), ("", False)])
def test_where_the_site_is_reached_over_tls_browsers_never_go_without(public_url: str, secure: bool) -> None:
    answer, req = falcon.Response(), create_req(query_string="lang=en")
    req.context.backend = rendering_for(public_url).backend

    rendering_for(public_url).process_response(req, answer, None, True)
    flashes.leave(req, answer, "case_is_migrated", "good", {})

    cookies = [value for name, value in answer._wsgi_headers() if name.lower() == "set-cookie"]
    assert len(cookies) == 2
    assert all("HttpOnly" in each and "SameSite=Lax" in each and ("Secure" in each) is secure for each in cookies)
    assert answer.get_header("Strict-Transport-Security") == ("max-age=31536000" if secure else None)


class TestOverHttp:
    def test_everybody_finds_the_first_page_in_their_language(self, web: Any) -> None:
        chinese = web("GET", "/", caller=None, Accept="text/html")
        english = web("GET", "/?lang=en", caller=None, Accept="text/html")

        assert chinese.status == english.status == 200
        assert b'lang="zh-CN"' in chinese.body
        assert b'lang="en"' in english.body
        assert "onething_language=en" in english.headers["Set-Cookie"]
        assert "script-src 'self'" in chinese.headers["Content-Security-Policy"]

    def test_what_is_not_there_is_told_on_a_page(self, web: Any) -> None:
        answer = web("GET", "/nowhere", caller=None, Accept="text/html")

        assert answer.status == 404
        assert b"<main" in answer.body

    def test_and_to_a_program_as_a_problem(self, web: Any) -> None:
        assert web("GET", "/nowhere", caller=None, Accept="application/json").json["code"] == "no-such-resource"

    def test_styles_have_an_address_that_changes_with_them(self, web: Any) -> None:
        page = web("GET", "/", caller=None, Accept="text/html").body.decode()
        address = re.search(r'href="(/static/onething.css\?v=[0-9a-f]{8})"', page)

        assert address
        assert web("GET", address[1], caller=None).headers["Content-Type"].startswith("text/css")
