"""查看材料: the bytes of a copy go out, to those whose items need the material, after the reading was recorded.

They are never whole in memory: read from the store, opened under the case's key and sent on frame by frame. Nothing
goes out that is not what was sealed; where that shows only late, the answer breaks off, which its length tells.
"""

import re
from collections.abc import Generator
from contextlib import closing

import falcon
import msgspec

from contents import ContentsError
from contents.receipts import context_of
from contents.sealing import unsealed
from contracts.readings import MaterialPermission, ReadMaterial
from eventing.errors import Invalid, NotFound, Unavailable
from eventing.scoping import reaches
from gateway.api.messages import speaker
from gateway.api.reading import parameters
from gateway.backend import Backend

SUFFIXES = {
    "application/pdf": "pdf",
    "application/ofd": "ofd",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
}
"""Forms of content that are named as what they are; anything else is bytes to be saved."""

SEEN = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""Those that a browser shows and that run nothing."""

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
"""A document shown at our address may do nothing, whatever it turns out to be."""

LONGEST_PURPOSE = 100

YES, NO = frozenset({"", "1", "true"}), frozenset({"0", "false"})

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class Downloads:
    """Gives files out."""

    kind = "content"
    backend: Backend

    def on_get(self, req: falcon.Request, resp: falcon.Response, case_id: str, copy: str) -> None:
        """The file of a copy. Raises Erased when its key is no more."""
        caller = speaker(req)
        reaches(ReadMaterial, caller)
        purpose, is_inline = _wishes(req)
        asked = ReadMaterial(case_id=case_id, copy=copy, purpose=purpose)
        granted = msgspec.convert(self.backend.for_(caller).ask(asked), MaterialPermission)
        if not granted.stored:
            raise NotFound(what="content", id=copy)
        resp.set_stream(self._opened(granted), granted.size)
        media_type = granted.media_type if granted.media_type in SUFFIXES else "application/octet-stream"
        resp.content_type = media_type
        resp.set_header("Cache-Control", "no-store")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Cross-Origin-Resource-Policy", "same-origin")
        shown = is_inline and media_type in SEEN
        if shown:
            resp.set_header("Content-Security-Policy", SANDBOX)
            resp.set_header("X-Frame-Options", "SAMEORIGIN")
        name = file_name(granted.material, granted.copy, SUFFIXES.get(media_type, "bin"))
        resp.set_header("Content-Disposition", f'{"inline" if shown else "attachment"}; filename="{name}"')

    def _opened(self, granted: MaterialPermission) -> Generator[bytes, None, None]:
        """The bytes, of which the first have been seen to be genuine."""
        key = self.backend.keyring.key(granted.key_id)
        context = context_of(granted.case_id, granted.material)
        try:
            opened = unsealed(self.backend.contents.open(granted.stored), key, context)
            return _from(next(opened, b""), opened)
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error


def _from(first: bytes, rest: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """All of it; whoever is done with it, or gives up, closes it."""
    with closing(rest):
        yield first
        yield from rest


def file_name(material: str, copy: str, suffix: str) -> str:
    """A name for the file, which no header and no file system reads as anything else."""
    words = (_UNSAFE.sub("-", each).strip(".-")[:64] for each in (material, copy))
    return f"{'-'.join(word for word in words if word) or 'material'}.{suffix}"


def _wishes(req: falcon.Request) -> tuple[str, bool]:
    """What it is read for, and whether it is to be seen at once. Raises Invalid."""
    asked = dict(parameters(req))
    purpose, inline = asked.get("purpose", "handling"), asked.get("inline", "0")
    faults = []
    if not purpose.isprintable() or not 0 < len(purpose) <= LONGEST_PURPOSE:
        faults.append({"field": "purpose", "reason": "too long, or not text"})
    if inline not in YES | NO:
        faults.append({"field": "inline", "reason": "neither yes nor no"})
    if faults:
        raise Invalid(errors=faults)
    return purpose, inline in YES
