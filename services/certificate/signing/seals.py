"""Seals: detached Ed25519 signatures (RFC 8032) over canonical bytes, and how anybody checks them."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kernel.digests import canonical, digest

ALGORITHM = "Ed25519"


def key_id(public_key: bytes) -> str:
    """What a seal's key is called: the first half of the SHA-256 of its 32 bytes, in hexadecimal digits."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def verify_seal(public_key: bytes, payload: bytes, seal: str) -> bool:
    """Whether the seal was made over exactly these bytes with the key whose public half this is."""
    try:
        signature = base64.b64decode(seal + "=" * (-len(seal) % 4), altchars=b"-_", validate=True)
        if text(signature) != seal:  # one seal, one spelling
            return False
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed_form(data: dict[str, Any], seal: str, key: str) -> dict[str, Any]:
    """A certificate's data with its seal: JSON that needs nothing else but the issuer's public key to be checked."""
    return {
        "data": data,
        "digest": digest(canonical(data)),
        "seal": {"algorithm": ALGORITHM, "key": key, "value": seal},
    }


def verify_signed(signed: Mapping[str, Any], keys: Mapping[str, bytes]) -> bool:
    """Whether the JSON form of a certificate is what its issuer sealed; ``keys`` are the issuers' public keys by id.

    It says nothing on whether the certificate is still in force: that is asked of the exit.
    """
    try:
        payload = canonical(signed["data"])
        mark = signed["seal"]
        key = keys.get(mark["key"])
        return (
            key is not None
            and mark["algorithm"] == ALGORITHM
            and signed["digest"] == digest(payload)
            and verify_seal(key, payload, mark["value"])
        )
    except (KeyError, TypeError, ValueError):
        return False


def text(signature: bytes) -> str:
    """A signature as base64url without padding."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
