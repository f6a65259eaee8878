"""Styles, scripts and pictures of the pages, as files of our own."""

import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import falcon

from gateway.backend import Backend

FOLDER = Path(__file__).parent / "static"


@cache
def _files() -> dict[str, tuple[str, bytes, str]]:
    """name → media type, content, entity tag. All of them are small and stay in memory."""
    found = {}
    for file in sorted(FOLDER.glob("**/*")):
        if file.is_file():
            content = file.read_bytes()
            media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            if media_type.startswith("text/") or media_type.endswith(("javascript", "json", "svg+xml")):
                media_type += "; charset=utf-8"
            found[str(file.relative_to(FOLDER))] = (media_type, content, sha256(content).hexdigest()[:16])
    return found


def versioned(name: str) -> str:
    """The address of a file, which changes with its content."""
    return f"/static/{name}?v={_files()[name][2][:8]}"


class Static:
    """One file."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        """The file, unless the browser has it already."""
        known = _files().get(name)
        if known is None:
            raise falcon.HTTPNotFound
        resp.content_type, resp.data, tag = known
        resp.etag = tag
        resp.cache_control = ["public", "max-age=300"]
        if req.if_none_match and {"*", tag} & {str(each) for each in req.if_none_match}:
            resp.status, resp.data = falcon.HTTP_304, b""


def add_routes(app: falcon.App[Any, Any], backend: Backend) -> None:
    """All files below one address."""
    app.add_route("/static/{name:path}", Static())
