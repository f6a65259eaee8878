"""Bytes under a key, as a stream: what is cut off, put in another order or swapped does not open.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance, CRYPTO 2015), in the wire format of Tink's AES256_GCM_HKDF streaming AEAD with
segments of 64 KiB, so that other implementations of that format can read it. Each stream has its own key,
HKDF-SHA256 of the given key, a random salt and the context; each frame's nonce holds its number and whether
it is the last:

    header  40 | salt (32) | nonce prefix (7)
    frames  AES-256-GCM(frame), nonce = prefix | number (4, big-endian) | last (1)
"""

import os
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contents import ContentsError

SEGMENT = 64 * 1024
"""Bytes of a sealed frame; the header counts as part of the first."""
KEY = 32
TAG = 16
PREFIX = 7
HEADER = 1 + KEY + PREFIX


class SealBroken(ContentsError):
    """The bytes were changed, cut or swapped, or key or context are not those they were sealed with."""


def sealed(chunks: Iterable[bytes], key: bytes, context: str) -> Iterator[bytes]:
    """The chunks under a 32-byte key; the context (whose bytes, for what) is needed again to open them."""
    salt, prefix = os.urandom(KEY), os.urandom(PREFIX)
    cipher = _cipher(key, salt, context)
    yield bytes([HEADER]) + salt + prefix
    for nonce, frame in _frames(chunks, prefix, overhead=TAG):
        yield cipher.encrypt(nonce, frame, None)


def unsealed(chunks: Iterable[bytes], key: bytes, context: str) -> Generator[bytes, None, None]:
    """What was sealed. Every frame is genuine when it comes; the whole is whole when the stream ends.

    Raises:
        SealBroken: at the first frame that is not what was sealed at this place, or at a missing end.
    """
    rest = iter(chunks)
    header = bytearray()
    while len(header) < HEADER and (chunk := next(rest, None)) is not None:
        header += chunk
    if len(header) < HEADER or header[0] != HEADER:
        raise SealBroken(context)
    cipher = _cipher(key, bytes(header[1 : 1 + KEY]), context)
    prefix = bytes(header[1 + KEY : HEADER])
    for nonce, frame in _frames(chain([bytes(header[HEADER:])], rest), prefix, overhead=0):
        try:
            plain = cipher.decrypt(nonce, frame, None)
        except InvalidTag:
            raise SealBroken(context) from None
        if plain:
            yield plain


def _cipher(key: bytes, salt: bytes, context: str) -> AESGCM:
    if len(key) != KEY:
        raise ValueError(f"the key has {len(key)} bytes, not {KEY}")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=salt, info=context.encode()).derive(key))


def _frames(chunks: Iterable[bytes], prefix: bytes, overhead: int) -> Iterator[tuple[bytes, bytes]]:
    """The chunks cut into frames, each with its nonce; the last may be empty only if it is also the first."""
    number, size, buffer = 0, SEGMENT - HEADER - overhead, bytearray()
    for chunk in chunks:
        buffer += chunk
        while len(buffer) > size:
            yield prefix + number.to_bytes(4) + b"\0", bytes(buffer[:size])
            del buffer[:size]
            number, size = number + 1, SEGMENT - overhead
    yield prefix + number.to_bytes(4) + b"\1", bytes(buffer)
