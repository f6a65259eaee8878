"""A store in a folder: for one machine, and for a volume that several processes share."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from contents import ContentMissing, Stored
from contents.digest import CHUNK, checked, verified


class FolderContents:
    """Files named by digest on 256 shelves (``ab/abcd…``); unfinished writes lie in ``incoming``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming = root / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, chunks: Iterable[bytes]) -> Stored:
        """Store the bytes: write aside, flush to disk, rename, flush the folder's entry."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._shelve(Path(name), digest.hexdigest())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Stored(digest.hexdigest(), size)

    def open(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks, checked against the digest."""
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise ContentMissing(digest) from None
        return verified(_chunks(file), digest)

    def has(self, digest: str) -> bool:
        """Whether something is stored under the digest."""
        return self._path(digest).exists()

    def delete(self, digest: str) -> None:
        """Remove an orphan."""
        self._path(digest).unlink(missing_ok=True)

    def list(self) -> Iterator[str]:
        """The digests of everything stored."""
        for shelf in self.root.glob("??"):
            yield from (path.name for path in shelf.iterdir())

    def _path(self, digest: str) -> Path:
        return self.root / checked(digest)[:2] / digest

    def _shelve(self, written: Path, digest: str) -> None:
        place = self._path(digest)
        try:
            place.parent.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            _flush(self.root)
        written.replace(place)
        _flush(place.parent)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
