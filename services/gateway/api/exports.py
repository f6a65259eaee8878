"""导出: histories go out as files, without personal data, page by page as casefile gives them.

Nothing is held but a page. Where casefile falls silent on the way the answer breaks off, which its framing tells.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import falcon

from contracts.exports import ExportLog, ExportTables, LogPage
from contracts.insight import Provenance
from contracts.routes import PREFIX
from eventing.errors import Invalid, NotFound
from eventing.scoping import reaches
from gateway.api.messages import speaker
from gateway.api.reading import parameters
from gateway.backend import Backend
from mining import ocel, paging, relational, tables, xes

CHUNK = 64 * 1024

LONGEST = 100
"""Letters of a theme or a hall."""

LARGEST = 2**53


def relational_file(pages: Iterable[LogPage]) -> Iterator[bytes]:
    """An SQLite file, which is whole before the first of it goes out."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "log.sqlite"
        relational.write(path, pages)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


FORMS: dict[str, tuple[Callable[[Iterable[LogPage]], Iterator[bytes]], str]] = {
    "ocel.json": (ocel.json, "application/json"),
    "ocel.sqlite": (relational_file, "application/vnd.sqlite3"),
    "events.xes": (xes.xes, "application/xml"),
    "events.csv": (tables.events, "text/csv; charset=utf-8"),
}
"""The last part of the address, which is the file's name, and how it is written."""


class Log:
    """The log in one of its forms."""

    kind = "content"

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, form: str) -> None:
        """As the ledger is, or was at ``size``. Raises NotFound for a form that there is not."""
        caller = speaker(req)
        reaches(ExportLog, caller)
        if form not in FORMS:
            raise NotFound(what="export", id=form)
        write, media_type = FORMS[form]
        pages = paging.log(self.backend.for_(caller).ask, **_wishes(req, "provenance"))
        _file(resp, f"onething-{form}", media_type, write(pages))


class NationalTable:
    """One of the national upload tables."""

    kind = "content"

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, table: str) -> None:
        """Its rows. Raises NotFound for a table that there is not."""
        caller = speaker(req)
        reaches(ExportTables, caller)
        pages = paging.tables(self.backend.for_(caller).ask, **_wishes(req))
        first = next(pages)
        if table not in first.columns:
            raise NotFound(what="table", id=table)
        made = tables.Table(first.columns[table])

        def lines() -> Iterator[bytes]:
            yield made.head() + made.lines(first.rows[table])
            for page in pages:
                yield made.lines(page.rows[table])

        _file(resp, f"{table}.csv", "text/csv; charset=utf-8", lines())


def _wishes(req: falcon.Request, *more: str) -> dict[str, Any]:
    """What is asked for. Raises Invalid."""
    wanted: dict[str, Any] = {}
    faults = []
    for name, said in parameters(req):
        if name in wanted or name not in {"theme", "hall", "size", *more}:
            faults.append({"field": name, "reason": "given more than once" if name in wanted else "unknown field"})
        elif name == "size":
            if said.isascii() and said.isdigit() and len(said) < 17 and int(said) < LARGEST:
                wanted[name] = int(said)
            else:
                faults.append({"field": name, "reason": "not a number"})
        elif name == "provenance" and said not in get_args(Provenance):
            faults.append({"field": name, "reason": "neither own nor imported"})
        elif len(said) > LONGEST or not said.isprintable():
            faults.append({"field": name, "reason": "too long, or not text"})
        else:
            wanted[name] = said
    if faults:
        raise Invalid(errors=faults)
    return wanted


def _file(resp: falcon.Response, name: str, media_type: str, chunks: Iterator[bytes]) -> None:
    resp.stream = chunks
    resp.content_type = media_type
    resp.set_header("Cache-Control", "no-store")
    resp.set_header("X-Content-Type-Options", "nosniff")
    resp.set_header("Content-Disposition", f'attachment; filename="{name}"')


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The files there are."""
    app.add_route(f"{PREFIX}/exports/{{form}}", Log(backend))
    app.add_route(f"{PREFIX}/exports/national/{{table}}.csv", NationalTable(backend))
