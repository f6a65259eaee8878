"""What HTTP offers beside commands and queries: one line each, for whoever serves it to extend."""

from typing import Any

import msgspec

from contracts.archives import GetArchive
from contracts.exports import ExportLog, ExportTables
from contracts.feed import ReadFeed
from contracts.intake import GetMaterialTerms
from contracts.language import Command, Query
from contracts.readings import ReadMaterial
from contracts.routes import PREFIX

TEXT: dict[str, Any] = {"type": "string"}
OBJECT: dict[str, Any] = {"type": "object"}
JSON = "application/json"
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
FILES = ("application/pdf", "application/ofd", "image/jpeg", "image/png", "image/tiff")
"""Forms of content that a file of a material may have."""
UPLOADED: dict[str, Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("material", "digest", "media_type", "receipt"), TEXT),
        "size": {"type": "integer", "minimum": 0},
    },
    "required": ["material", "digest", "size", "media_type", "receipt"],
}


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of an operation."""

    name: str
    place: str
    about: str
    required: bool = False
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: TEXT)


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """One operation that is no message of the published language."""

    method: str
    path: str
    name: str
    """Its ``operationId``."""
    tag: str
    summary: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    body: dict[str, dict[str, Any]] = {}
    """Media type → schema of what is sent; empty: nothing is."""
    answers: dict[int, tuple[str | tuple[str, ...], dict[str, Any]]]
    """Status → media types and schema; an empty one: no content."""
    problems: tuple[int, ...] = (401, 403, 404, 429, 503)
    like: type[Command] | type[Query] | None = None
    """Whose line in the table of scopes holds for it; None: nobody needs to say who they are."""


EXPORTED = (
    Parameter("theme", "query", "Only cases of this theme."),
    Parameter("hall", "query", "Only cases of this hall."),
    Parameter(
        "size",
        "query",
        "The ledger as it was with so many facts; the same size gives the same file. None: as it is.",
        schema={"type": "integer", "minimum": 0},
    ),
)
"""What an export may be narrowed by."""

EXTRAS = (
    Extra(
        method="POST",
        path=f"{PREFIX}/cases/{{case_id}}/materials/{{copy}}/content",
        name="upload",
        tag="contents",
        summary="Send the file of a material",
        about="""The body is the file itself, of one of the media types that the material allows. It is sealed under the
case's key while it comes in. What comes back is named in `ReceiveMaterials`, with its receipt, within 24 hours. The
same bytes again are the same upload.""",
        parameters=(
            Parameter("case_id", "path", "The case's id.", required=True),
            Parameter("copy", "path", "The material.", required=True),
        ),
        body=dict.fromkeys(FILES, BINARY),
        answers={200: (JSON, UPLOADED), 201: (JSON, UPLOADED)},
        problems=(400, 401, 403, 404, 413, 415, 422, 429, 503),
        like=GetMaterialTerms,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/cases/{{case_id}}/materials/{{copy}}/content",
        name="download",
        tag="contents",
        summary="Read the file of a copy",
        about="""The file as it was sent, for those whose items need the material. Each reading is recorded, before the
first byte, with who reads and for what. It is a file to save, unless `inline` asks to see an image or a PDF.""",
        parameters=(
            Parameter("case_id", "path", "The case's id or number.", required=True),
            Parameter("copy", "path", "The copy.", required=True),
            Parameter(
                "purpose",
                "query",
                "What it is read for; recorded.",
                schema={"type": "string", "minLength": 1, "maxLength": 100},
            ),
            Parameter(
                "inline", "query", "To be seen rather than saved.", schema={"enum": ["", "1", "0", "true", "false"]}
            ),
        ),
        answers={200: (FILES, BINARY)},
        problems=(400, 401, 403, 404, 409, 410, 422, 429, 503),
        like=ReadMaterial,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/cases/{{case_id}}/archive/package",
        name="archive_package",
        tag="contents",
        summary="Take the package of an archived case away",
        about="""The newest edition of the sealed package: a ZIP file that is checked anywhere with the public key of
the house. What is personal is in it only under the case's key. After the case was destroyed there is none.""",
        parameters=(Parameter("case_id", "path", "The case's id or number.", required=True),),
        answers={200: ("application/zip", BINARY)},
        problems=(400, 401, 403, 404, 410, 422, 429, 503),
        like=GetArchive,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/exports/{{form}}",
        name="export_log",
        tag="exports",
        summary="Histories as an event log",
        about="""Every fact of cases, windows and grants as an event, and what it is about: OCEL 2.0 as JSON or as an
SQLite file, XES (IEEE 1849) or CSV. There is no personal data in it: people are called by pseudonyms. It is written
while it is read; an answer that breaks off is not whole.""",
        parameters=(
            Parameter(
                "form",
                "path",
                "The form, which is also the file's name.",
                required=True,
                schema={"enum": ["ocel.json", "ocel.sqlite", "events.xes", "events.csv"]},
            ),
            *EXPORTED,
        ),
        answers={200: ((JSON, "application/vnd.sqlite3", "application/xml", "text/csv"), {})},
        problems=(400, 401, 403, 404, 422, 429, 503),
        like=ExportLog,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/exports/national/{{table}}.csv",
        name="export_table",
        tag="exports",
        summary="A national upload table",
        about="""Items of cases as rows of one of the tables of the national platform. Columns for personal data are
there, and empty.""",
        parameters=(Parameter("table", "path", "The table, such as `up_pro_accept`.", required=True), *EXPORTED),
        answers={200: ("text/csv", BINARY)},
        problems=(400, 401, 403, 404, 422, 429, 503),
        like=ExportTables,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/feed",
        name="feed",
        tag="feed",
        summary="The live feed of a hall",
        about="""Server-sent events: each fact that concerns the hall, in the order of the hall's gap-free sequence,
which is the event's id. A reader that comes back names the last one that it has seen and misses nothing.""",
        parameters=(
            Parameter("hall", "query", "Whose feed.", required=True),
            Parameter("Last-Event-ID", "header", "The sequence after which to go on; none: from now on."),
        ),
        answers={200: ("text/event-stream", TEXT)},
        problems=(400, 401, 403, 404, 410, 429, 503),
        like=ReadFeed,
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/openapi.json",
        name="openapi",
        tag="documents",
        summary="This document",
        about="OpenAPI 3.1, made from the published language.",
        answers={200: ("application/json", OBJECT)},
        problems=(429, 503),
    ),
    Extra(
        method="GET",
        path=f"{PREFIX}/asyncapi.json",
        name="asyncapi",
        tag="documents",
        summary="What there is on AMQP",
        about="AsyncAPI 3.0, made from the published language.",
        answers={200: ("application/json", OBJECT)},
        problems=(429, 503),
    ),
)
