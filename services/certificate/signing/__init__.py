"""The two marks of authenticity: a seal over data, and a signature in a PDF; and whose keys make them.

A seal is a detached Ed25519 signature (RFC 8032) over canonical bytes; it is the same every time and costs
microseconds, so every certificate gets one when it is issued. A PDF signature is a PAdES baseline B-B
signature (ETSI EN 319 142-1) with the signer's certificate chain in it; it can be added again by every
authority of a composite document, and earlier signatures stay valid. Nothing here uses the network.
"""

from certificate.signing.authorities import Authorities
from certificate.signing.profiles import PROFILES, Profile, ProfileUnavailable
from certificate.signing.seals import key_id, verify_seal, verify_signed
from certificate.signing.signer import KeysMissing, Signer, Unsignable

__all__ = [
    "PROFILES",
    "Authorities",
    "KeysMissing",
    "Profile",
    "ProfileUnavailable",
    "Signer",
    "Unsignable",
    "key_id",
    "verify_seal",
    "verify_signed",
]
