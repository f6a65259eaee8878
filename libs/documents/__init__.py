"""Documents: certificates, decisions, notices, receipts, lists; as PDF for print, as a page, as plain text.

A layout is a file in ``templates/``, written in Typst over the shared ``house.typ``; which fields a
document shows is part of the document itself. So a new kind of certificate is data: mostly the
``certificate`` layout with other fields, at most one more file in that folder. Values are never read as
markup.
"""

from documents.document import Document, Section
from documents.fonts import FontMissing, find_font
from documents.page import page, plain
from documents.pdf import TEMPLATES, Renderer, Unrenderable, render

__all__ = [
    "TEMPLATES",
    "Document",
    "FontMissing",
    "Renderer",
    "Section",
    "Unrenderable",
    "find_font",
    "page",
    "plain",
    "render",
]
