"""上传: the bytes of materials come in, before the command that names them.

They are never whole in memory: read, counted, digested and sealed under the case's key piece by piece on their way into
the store. What comes back is a receipt, which ``ReceiveMaterials`` brings. The same bytes again are the same upload.
"""

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import Any

import falcon
import filetype
import msgspec
import sqlalchemy as sa

from contents import ContentsError, Stored
from contents.receipts import PURPOSE, Receipt, written
from contents.sealing import sealed
from contracts.intake import GetMaterialTerms, MaterialTerms
from contracts.routes import PREFIX
from eventing.errors import Invalid, Unavailable
from eventing.scoping import reaches
from gateway.api.messages import speaker
from gateway.api.reading import JSON
from gateway.backend import Backend
from gateway.problems import BadRequest, TooLarge, UnsupportedMediaType
from gateway.shelf import UPLOADS

PATH = f"{PREFIX}/cases/{{case_id}}/materials/{{copy}}/content"
"""``copy`` names the material when it is sent, and the copy when it is read."""

CHUNK = 64 * 1024
ENOUGH = 8192
"""Bytes that tell what a file is."""

CONTAINERS = {"application/ofd": "application/zip"}
"""What a form of content is, seen from its first bytes, where they do not tell it (GB/T 33190)."""


class Uploaded(msgspec.Struct, frozen=True):
    """What came in, as ``ReceiveMaterials`` names it."""

    material: str
    digest: str
    size: int
    media_type: str
    receipt: str


class Uploads:
    """Takes in files."""

    kind = "content"

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._key = backend.signing_keys(PURPOSE)[0]

    def on_post(self, req: falcon.Request, resp: falcon.Response, case_id: str, copy: str) -> None:
        """A file for a material of a case, as the body of the request."""
        caller = speaker(req)
        reaches(GetMaterialTerms, caller)
        asked = GetMaterialTerms(case_id=case_id, material=copy)
        terms = msgspec.convert(self.backend.for_(caller).ask(asked), MaterialTerms)
        declared = (req.content_type or "").partition(";")[0].strip().lower()
        if declared not in terms.media_types:
            raise UnsupportedMediaType(media_type=declared, media_types=terms.media_types)
        most = min(terms.largest_file, self.backend.settings.http_upload_bytes)
        if (req.content_length or 0) > most:
            raise TooLarge(most=most)
        chunks = _chunks(req, most)
        first = _first(chunks, declared)
        file = _Counted(chain([first], chunks))
        receipt, is_new = self._kept(terms, declared, file)
        resp.status = 201 if is_new else 200
        resp.set_header("Cache-Control", "no-store")
        resp.content_type = JSON
        resp.data = msgspec.json.encode(
            Uploaded(
                material=receipt.material,
                digest=receipt.digest,
                size=receipt.size,
                media_type=receipt.media_type,
                receipt=written(receipt, self._key),
            )
        )

    def _kept(self, terms: MaterialTerms, media_type: str, file: "_Counted") -> tuple[Receipt, bool]:
        """The receipt of a file that now rests in the store, and whether it was not there before."""
        receipt = Receipt(terms.case_id, terms.material, "", "", 0, media_type, self.backend.now())
        key = self.backend.keyring.key(terms.key_id)
        try:
            stored: Stored = self.backend.contents.put(sealed(file, key, receipt.context))
            receipt = msgspec.structs.replace(
                receipt, digest=f"sha256:{file.digest.hexdigest()}", size=file.size, stored=stored.digest
            )
            before = self._before(receipt)
            if before:
                self.backend.contents.delete(stored.digest)
                receipt = msgspec.structs.replace(receipt, stored=before)
            else:
                self._note(receipt)
        except ContentsError as error:
            raise Unavailable(what="contents", error=type(error).__name__) from error
        return receipt, not before

    def _before(self, receipt: Receipt) -> str:
        """Where the same bytes rest that were sent for the same material before; empty where they do not.

        Found again, they are as if new in the same statement: a sweep that has not removed them yet lets them be.
        """
        same = sa.and_(
            UPLOADS.c.case_id == receipt.case_id,
            UPLOADS.c.material == receipt.material,
            UPLOADS.c.digest == receipt.digest,
            UPLOADS.c.media_type == receipt.media_type,
        )
        with self.backend.store.writing() as connection:
            again = sa.update(UPLOADS).where(same).values(at=receipt.at).returning(UPLOADS.c.stored)
            found: list[str] = [*connection.execute(again).scalars()]
        return next((stored for stored in found if self.backend.contents.has(stored)), "")

    def _note(self, receipt: Receipt) -> None:
        """Remembers the bytes until a fact names them, or they are swept."""
        with self.backend.store.writing() as connection:
            connection.execute(
                sa.insert(UPLOADS).values(
                    stored=receipt.stored,
                    case_id=receipt.case_id,
                    material=receipt.material,
                    digest=receipt.digest,
                    media_type=receipt.media_type,
                    at=receipt.at,
                )
            )


class _Counted:
    """The bytes on their way, with their number and digest so far."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self.digest.update(chunk)
            yield chunk


def _chunks(req: falcon.Request, most: int) -> Iterator[bytes]:
    """The body in pieces. Raises TooLarge as soon as it is, BadRequest for one that breaks off."""
    stream: Any = req.env["wsgi.input"]
    size = 0
    try:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise TooLarge(most=most)
            yield chunk
    except (ValueError, OSError) as error:
        raise BadRequest(reason="broken-off") from error
    if size < (req.content_length or 0):
        raise BadRequest(reason="broken-off")


def _first(chunks: Iterator[bytes], declared: str) -> bytes:
    """The first bytes, which are of a file of the declared type. Raises Invalid for none, UnsupportedMediaType."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= ENOUGH:
            break
    if not head:
        raise Invalid(errors=[{"field": "", "reason": "there is nothing in it"}])
    found = filetype.guess(head[:ENOUGH])
    seen = found.mime if found is not None else ""
    if seen != CONTAINERS.get(declared, declared):
        raise UnsupportedMediaType(media_type=declared, seen=seen)
    return head
