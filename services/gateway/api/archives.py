"""归档包: the package of a closed case goes out as it was stored; what is personal in it, under the key of the case.

Whoever it is given to needs nothing else to check it: ``onething archive verify``.
"""

from typing import Any

import falcon
import msgspec

from contents import ContentsError
from contracts.archives import ArchiveFile, GetArchive
from contracts.routes import PREFIX
from eventing.errors import Invalid, NotFound, Refused, Unavailable
from gateway.api.messages import speaker
from gateway.api.reading import parameters
from gateway.backend import Backend

PATH = f"{PREFIX}/cases/{{case_id}}/archive/package"


class PackageDestroyed(Refused):
    """The case was destroyed at the end of its term: there is no package any more."""

    status = 410


class Package:
    """The newest edition of a case's package."""

    kind = "content"

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str) -> None:
        """A ZIP file. Raises NotFound where none was made yet, PackageDestroyed, Unavailable."""
        if wrong := [{"field": name, "reason": "unknown field"} for name, _ in parameters(req)]:
            raise Invalid(errors=wrong)
        asked = self.backend.for_(speaker(req)).ask(GetArchive(case_id=case_id))
        row = msgspec.convert(asked, ArchiveFile).row
        if row.state == "destroyed":
            raise PackageDestroyed(case=row.number)
        if not row.edition:
            raise NotFound(what="package", id=case_id)
        try:
            chunks = self.backend.contents.open(row.digest)
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error
        resp.set_stream(chunks, row.size)
        resp.content_type = "application/zip"
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Content-Disposition", f'attachment; filename="{row.number}.zip"')


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """The file there is."""
    app.add_route(PATH, Package(backend))
