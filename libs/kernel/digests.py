"""Bytes that are the same wherever they are computed: canonical JSON, digests, chain links, blind indexes."""

import hashlib
import hmac
import unicodedata

import msgspec
import rfc8785

EMPTY = bytes(32)
"""What the first link of a chain points back to."""

SHORTEST_KEY = 16
"""Bytes; a shorter HMAC key gives less than 128 bits of security."""


def canonical(obj: object) -> bytes:
    """Return the one JSON text of `obj` (RFC 8785): structs as objects, dates as ISO 8601, bytes as Base64.

    Raises rfc8785.CanonicalizationError, a ValueError, for what JSON cannot carry exactly: NaN, infinity,
    integers beyond ±(2⁵³-1), lone surrogates; TypeError for objects that msgspec does not know.
    """
    return rfc8785.dumps(msgspec.to_builtins(obj, str_keys=True, order="deterministic"))


def digest(data: bytes) -> str:
    """Return the digest of `data` as events and receipts write it: `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def link(previous: bytes, *parts: bytes) -> bytes:
    """Return the next 32-byte link of a hash chain.

    Every part goes in behind its length, so that no two lists of parts share an input. Raises ValueError when
    `previous` is not itself a link (or EMPTY).
    """
    if len(previous) != len(EMPTY):
        msg = f"a link is {len(EMPTY)} bytes, not {len(previous)}"
        raise ValueError(msg)
    return hashlib.sha256(previous + _framed(parts)).digest()


def blind_index(key: bytes, *values: str) -> str:
    """Return a keyed fingerprint (HMAC-SHA-256, hex) that finds a person without naming one.

    Values are compared as people mean them: compatibility forms folded (NFKC), outer blanks dropped, case
    ignored. Raises ValueError when the key is too short to protect the few digits of an identity number.
    """
    if len(key) < SHORTEST_KEY:
        msg = f"a blind index needs a key of at least {SHORTEST_KEY} bytes"
        raise ValueError(msg)
    normal = [unicodedata.normalize("NFKC", value).strip().upper().encode() for value in values]
    return hmac.digest(key, _framed(normal), "sha256").hex()


def _framed(parts: list[bytes] | tuple[bytes, ...]) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
