"""Documents as PDF/A with an embedded Chinese font, for print and for keeping."""

import re
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Final, cast

import msgspec
import segno
import typst

from documents.document import Document
from documents.fonts import FAMILIES, FontMissing, find_font

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Final = "a-2b"
"""PDF/A-2b (ISO 19005-2): everything embedded, nothing active; it may carry signatures."""


class Unrenderable(Exception):
    """The document has no such layout, a character that the font does not have, or too much for a QR code."""


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
                "qr": qr_of(document.qr),
            }
            pdf = self._compiler(layout).compile(
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=datetime.combine(document.issued_on, time(), UTC),
            )
        except typst.TypstError as error:
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


def qr_of(payload: str) -> str:
    """The payload as a QR code in SVG; empty for nothing. Raises Unrenderable where no code holds it."""
    if not payload:
        return ""
    try:
        code = segno.make(payload, micro=False, error="m")
    except segno.DataOverflowError as error:
        raise Unrenderable(f"{len(payload)} characters are too many for a QR code") from error
    return code.svg_inline(border=0, omitsize=True, light="#fff")
