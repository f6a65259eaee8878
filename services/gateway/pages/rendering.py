"""How a page is made: a template, its words in the reader's language, and headers that keep it safe."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import falcon
import jinja2
import msgspec
import yaml
from markupsafe import Markup, escape

from contracts.language import Caller
from contracts.problems import ProblemDetails
from contracts.words import Language
from gateway.backend import ANYBODY, Backend
from gateway.language import COOKIE, language_of
from gateway.pages.doors import doors_of
from gateway.pages.names import Names, day, term, when
from gateway.pages.pictures import qr

HERE = Path(__file__).parent

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
"""On every answer that says nothing stricter of itself; scripts and styles come from files of our own alone."""

YEAR = 31_536_000
"""Seconds for which a browser remembers the language, and that the site is reached over TLS alone (RFC 6797)."""

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
"""What may stand in a header as it is."""


@cache
def words() -> dict[str, dict[Language, str]]:
    """Every text of the pages, in both languages: ``words/*.yaml``, one file a group of pages."""
    found: dict[str, dict[Language, str]] = {}
    for file in sorted((HERE / "words").glob("*.yaml")):
        read = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), dict[str, dict[Language, str]])
        if twice := sorted(found.keys() & read.keys()):
            raise ValueError(f"{file.name} has words that are elsewhere, too: {', '.join(twice)}")
        found |= read
    return found


def word(key: str, language: Language, **data: Any) -> str:
    """A text of the pages. Raises KeyError for one that nobody wrote."""
    text = words()[key][language]
    return text.format(**data) if data else text


@cache
def templates() -> jinja2.Environment:
    """The templates; what is not there is an error, not an empty place."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"coded": coded, "pairs": pairs, "worded": worded}
    return environment


def coded(text: str) -> Markup:
    """A text in which what stands between backticks is code."""
    code = Markup("<code>{}</code>")
    pieces = enumerate(re.split(r"`{1,2}(.+?)`{1,2}", text))  # text and code by turns
    return Markup("").join(code.format(piece) if turn % 2 else escape(piece) for turn, piece in pieces)


def pairs(things: Iterable[Any], value: str, name: str) -> list[tuple[Any, Any]]:
    """Things as options of a choice: two of their attributes, or of their entries."""
    return [
        (each[value], each[name]) if isinstance(each, Mapping) else (getattr(each, value), getattr(each, name))
        for each in things
    ]


def worded(codes: Iterable[str], prefix: str, t: Callable[[str], str]) -> list[tuple[str, str]]:
    """Codes as options of a choice: each with the text ``<prefix><code>``."""
    return [(code, t(prefix + code)) for code in codes]


def page(req: falcon.Request, resp: falcon.Response, template: str, **data: Any) -> None:
    """Answers with a page. What every template may use besides ``data`` stands in ``around``."""
    resp.content_type = falcon.MEDIA_HTML
    resp.set_header("Cache-Control", "no-store")
    resp.text = templates().get_template(template).render(around(req, resp) | data)


class Asked(dict[str, Any]):
    """The parameters of a page's address; what was not asked is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def around(req: falcon.Request, resp: falcon.Response) -> dict[str, Any]:
    """What every template has: texts, names, dates, who reads it, and what makes a form ours."""
    from gateway.pages import flashes, forms
    from gateway.pages.static import versioned

    language = language_of(req)
    caller: Caller = req.context.caller
    return {
        "t": lambda key, **values: word(key, language, **values),
        "term": lambda code: term(code, language),
        "when": when,
        "day": day,
        "qr": qr,
        "static": versioned,
        "names": req.context.names,
        "language": language,
        "caller": caller,
        "me": caller,
        "who": lambda id: id,
        "signed_in": caller != ANYBODY,
        "doors": doors_of(caller),
        "flashes": flashes.take(req, resp),
        "path": req.path,
        "address": req.relative_uri,
        "query": Asked(req.params),
        "other_language_query": urlencode({**req.params, "lang": "en" if language == "zh" else "zh"}, doseq=True),
        "key_field": forms.key_field,
        **getattr(req.context, "page_data", {}),
        "csrf_field": lambda: forms.csrf_field(req),
    }


class Rendering:
    """Middleware: headers on every answer, the choice of language, and errors as pages."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.names = Names(backend)

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Errors of this request may be told on a page."""
        req.context.backend = self.backend
        req.context.names = self.names
        req.context.caller = ANYBODY
        req.context.problem_page = _problem_page

    def process_response(self, req: falcon.Request, resp: falcon.Response, _resource: Any, _succeeded: bool) -> None:
        """Keeps the answer safe, and remembers a language that was chosen."""
        for name, value in HEADERS.items():
            if resp.get_header(name) is None:
                resp.set_header(name, value)
        if (where := resp.get_header("Location")) is not None:
            resp.set_header("Location", quote(where, safe=PRINTABLE))
        if self.backend.settings.public_url.startswith("https://"):
            resp.set_header("Strict-Transport-Security", f"max-age={YEAR}")
        if (chosen := req.get_param("lang")) in {"zh", "en"}:
            secure = self.backend.secure
            resp.set_cookie(COOKIE, str(chosen), path="/", max_age=YEAR, secure=secure, http_only=True, same_site="Lax")


def _problem_page(req: falcon.Request, resp: falcon.Response, problem: ProblemDetails) -> None:
    hall = req.context.caller.hall
    if hall and req.path.startswith(f"/kiosk/{hall}"):  # who stands at a kiosk has its large type and its way back
        page(req, resp, "kiosk/problem.html", problem=problem, hall=hall)
        return
    page(req, resp, "problem.html", problem=problem)
