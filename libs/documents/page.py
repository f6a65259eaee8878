"""Documents as a page for screen and printer, and as plain text; in a page every value is escaped."""

from functools import cache

import jinja2

from documents.document import Document
from documents.pdf import TEMPLATES, qr_of


def page(document: Document) -> str:
    """The document as HTML that needs nothing from elsewhere. Raises Unrenderable for too long a QR payload."""
    return _templates().get_template("page.html.jinja").render(document=document, qr=qr_of(document.qr))


def plain(document: Document) -> str:
    """The document as text."""
    return _templates().get_template("plain.zh.jinja").render(document=document)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(("html.jinja",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
