"""What a document says, without how it looks."""

from datetime import date
from typing import Literal

import msgspec

Kind = Literal["certificate", "decision", "notice", "receipt", "manifest"]


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a longer document under a heading of its own: paragraphs, label and value, a table."""

    title: str
    body: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a document says, without how it looks.

    ``fields`` are label and value in reading order; ``columns`` and ``rows`` a table, where there is one.
    ``seal`` is the text around the seal (empty: none is drawn); ``digest`` that of the data which the document
    puts into words. What is fictional is marked as a specimen.
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
    sections: tuple[Section, ...] = ()
    seal: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    qr: str = ""
    link: str = ""
    """Where whoever has the document goes on, printed in words; its code then leads there, and verifies nothing."""
    digest: str = ""
    footer: str = ""
    fictional: bool = False
