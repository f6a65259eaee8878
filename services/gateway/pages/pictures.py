"""QR codes as pictures inside a page."""

import io

import segno
from markupsafe import Markup


def qr(text: str, *, title: str = "") -> Markup:
    """A QR code as SVG; its title is what a screen reader says."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, title=title or None, nl=False
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here, the text is not in it
