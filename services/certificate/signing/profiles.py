"""Profiles: which algorithms sign documents. The keys that an authority brings decide which one it is.

The profile 国密 (SM2 with SM3, GM/T 0009, GB/T 38540 seals) is described and refused: a signature of it needs a kept
library. ``cryptography`` has SM3 and no SM2, pyHanko knows no SM2 signature, and the Python packages that compute SM2
are not maintained. A key of that curve is recognised and named, so that nobody wonders why a service does not start.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
"""The object identifier 1.2.156.10197.1.301 (GM/T 0006) in DER."""
SMALLEST_RSA = 3072


class KeysMissing(Exception):
    """A key or certificate file is missing, unreadable, or not of the kind that is needed."""


class ProfileUnavailable(KeysMissing):
    """The key belongs to a profile that this release cannot sign with."""


class Profile(Struct, frozen=True):
    """One way to sign documents."""

    name: Literal["ecdsa-p256", "rsa-3072", "sm2-sm3"]
    signature: str
    digest: str
    available: bool


PROFILES: dict[str, Profile] = {
    "ecdsa-p256": Profile("ecdsa-p256", "ECDSA on P-256 (FIPS 186-5)", "SHA-256", available=True),
    "rsa-3072": Profile("rsa-3072", "RSASSA-PKCS1-v1_5, from 3072 bits (RFC 8017)", "SHA-256", available=True),
    "sm2-sm3": Profile("sm2-sm3", "SM2 (GM/T 0003.2)", "SM3 (GM/T 0004)", available=False),
}


def profile_of(file: Path, passphrase: bytes | None) -> Profile:
    """The profile that a PEM file's private key belongs to.

    Raises:
        ProfileUnavailable: for an SM2 key. KeysMissing: for any other that no profile has.
    """
    content = file.read_bytes()
    if is_sm2(content):
        raise ProfileUnavailable(
            f"{file} is an SM2 key. The profile sm2-sm3 is not available: no maintained library signs with it."
            " Bring an ECDSA P-256 key, or an RSA key of 3072 bits or more"
        )
    try:
        key = load_pem_private_key(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeysMissing(f"{file}: {error}") from error
    match key:
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            return PROFILES["ecdsa-p256"]
        case rsa.RSAPrivateKey() if key.key_size >= SMALLEST_RSA:
            return PROFILES["rsa-3072"]
    raise KeysMissing(f"{file} is neither an ECDSA P-256 key nor an RSA key of {SMALLEST_RSA} bits or more")


def is_sm2(content: bytes) -> bool:
    """Whether a part of a PEM file names the SM2 curve."""
    blocks = re.findall(rb"-----BEGIN [^-]+-----(.+?)-----END", content, re.DOTALL)
    try:
        return any(SM2_CURVE in base64.b64decode(block) for block in blocks)
    except binascii.Error:
        return False
