"""Documents as PDF/A: certificates, decisions, notices, receipts, lists; with an embedded Chinese font.

A layout is a file in ``templates/``, written in Typst over the shared ``house.typ``; which fields a
certificate shows is part of the document itself. So a new kind of certificate is data: mostly the
``certificate`` layout with other fields, at most one more file in that folder. Values are never read as
markup.
"""

import re
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Final, Literal, cast

import msgspec
import segno
import typst

from certificate.rendering.fonts import FAMILIES, FontMissing, find_font

__all__ = ["Document", "FontMissing", "Renderer", "Unrenderable", "find_font", "render"]

Kind = Literal["certificate", "decision", "notice", "receipt", "manifest"]

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Final = "a-2b"
"""PDF/A-2b (ISO 19005-2): everything embedded, nothing active; it may carry signatures."""


class Unrenderable(Exception):
    """The document has no such layout, a character that the font does not have, or too much for a QR code."""


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a document says, without how it looks.

    ``fields`` are label and value in reading order; ``columns`` and ``rows`` a table, where there is one.
    ``seal`` is the text around the seal (empty: none is drawn). What is fictional is marked as a specimen.
    """

    kind: Kind
    title: str
    number: str
    issuer: str
    issued_on: date
    template: str = ""
    """The layout; empty: the one named like the kind."""
    zzbs: str = ""
    """电子证照标识 (GB/T 36904), where the document is an electronic certificate."""
    addressee: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    body: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    seal: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    qr: str = ""
    footer: str = ""
    fictional: bool = False


class Renderer:
    """Typesets documents with one font, loaded once; may be used from several threads.

    The same document gives the same bytes, on any day and in any process with the same font and library: the
    only date in the file is the day of issue. It computes 10 to 20 ms and lets other threads run.
    """

    def __init__(self, font: Path | None = None, templates: Path = TEMPLATES) -> None:
        folder = (font or find_font()).parent
        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
        self._family = next((name for name in FAMILIES if name in self._fonts.families()), "")
        if not self._family:
            raise FontMissing
        self._templates = templates

    def render(self, document: Document) -> bytes:
        """The document as PDF/A.

        Raises:
            Unrenderable: no such layout, a character that the font does not have (the message names it), or a
                payload that no QR code holds.
        """
        name = document.template or document.kind
        layout = self._templates / f"{name}.typ"
        if not re.fullmatch("[a-z0-9-]+", name) or not layout.is_file():
            raise Unrenderable(f"no layout {name!r} in {self._templates}")
        try:
            inputs = {
                "document": msgspec.json.encode(document).decode(),
                "font": self._family,
                "qr": _qr(document.qr),
            }
            pdf = self._compiler(layout).compile(
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=datetime.combine(document.issued_on, time(), UTC),
            )
        except (typst.TypstError, segno.DataOverflowError) as error:
            raise Unrenderable(f"{document.kind} {document.number}: {error}") from error
        return cast("bytes", pdf)  # it would be a list only for one image a page

    def _compiler(self, layout: Path) -> typst.Compiler:
        # One for each document: a compiler cannot be shared by threads, and costs nothing beside the fonts.
        return typst.Compiler(str(layout), root=str(self._templates), font_paths=self._fonts, ignore_system_fonts=True)


def render(document: Document) -> bytes:
    """The document as PDF/A, by the renderer with the font and the layouts of this installation."""
    return _installed().render(document)


@cache
def _installed() -> Renderer:
    return Renderer()


def _qr(payload: str) -> str:
    if not payload:
        return ""
    return segno.make(payload, micro=False, error="m").svg_inline(border=0, omitsize=True, light="#fff")
