"""The address of stored bytes, and the proof that what is read is what was stored."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from contents import ContentCorrupt

CHUNK = 64 * 1024
"""How many bytes a store hands out at a time."""

_SHA256 = re.compile("[0-9a-f]{64}")


def checked(digest: str) -> str:
    """The digest itself, if it is one: nothing else may ever become part of a path or a key."""
    if not _SHA256.fullmatch(digest):
        raise ValueError(f"not a SHA-256 in lower-case hex: {digest!r}")
    return digest


def verified(chunks: Iterable[bytes], digest: str) -> Iterator[bytes]:
    """The chunks as they come; the last is held back until all of them together match the digest."""
    whole, last = hashlib.sha256(), b""
    for chunk in chunks:
        whole.update(chunk)
        if last:
            yield last
        last = chunk
    if whole.hexdigest() != digest:
        raise ContentCorrupt(digest)
    if last:
        yield last
