"""Where bytes rest: scans of materials and rendered documents, each under the digest of what is stored.

A store keeps bytes and knows nothing else: who may read them and under which key they are sealed is decided
by the service that owns them. Facts carry only the digest; the bytes travel over HTTP, never over the broker.
What is personal is sealed (``contents.sealing``) before it is stored, so that erasing a case's key erases the
bytes wherever copies of them lie.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

__all__ = [
    "ContentCorrupt",
    "ContentMissing",
    "Contents",
    "ContentsError",
    "ContentsUnavailable",
    "Stored",
    "open_contents",
]


class ContentsError(Exception):
    """Something went wrong with stored bytes."""


class ContentMissing(ContentsError):
    """The store has nothing under this digest."""


class ContentCorrupt(ContentsError):
    """The stored bytes are not those that their digest names."""


class ContentsUnavailable(ContentsError):
    """The store cannot be reached now; the same request may succeed later."""


class Stored(msgspec.Struct, frozen=True):
    """What was stored: the SHA-256 of the stored bytes in lower-case hex, and their number."""

    digest: str
    size: int


class Contents(Protocol):
    """A store of bytes, addressed by their digest. The same bytes stored twice are stored once."""

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes durably; when this returns they survive a power cut, before that nothing shows."""

    def open(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks; the last one comes only after the whole was found to match its digest.

        Raises:
            ContentMissing: at once, when there is nothing under the digest.
            ContentCorrupt: at the end, when the bytes are not those that were stored.
        """

    def has(self, digest: str) -> bool:
        """Whether something is stored under the digest."""

    def delete(self, digest: str) -> None:
        """Remove an orphan: bytes that no fact names. Deleting what is not there is no error."""

    def list(self) -> Iterator[str]:
        """The digests of everything stored, in no order."""


def open_contents(url: str) -> Contents:
    """The store behind ``file:///path`` or ``s3://bucket/prefix?endpoint=https://…&region=…``.

    Credentials of an S3 store are never part of the address: they come from the environment or the files that
    the AWS client reads.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        from contents.folder import FolderContents

        return FolderContents(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        from contents.bucket import S3Contents, s3_client

        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        if unknown := options.keys() - {"endpoint", "region"}:
            raise ValueError(f"unknown options of a contents store: {', '.join(sorted(unknown))}")
        return S3Contents(s3_client(**options), parts.netloc, prefix=parts.path.lstrip("/"))
    raise ValueError(f"a contents store is file:///path or s3://bucket?endpoint=…, not {url!r}")
