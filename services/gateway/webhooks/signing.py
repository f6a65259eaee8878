"""Signatures in the manner of Standard Webhooks: HMAC-SHA-256 over id, time and body, by secrets that are kept nowhere.

A secret is derived from the installation's key, the subscription and the number of the secret: there is none at rest
that could be read, and every replica knows it.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
PURPOSE = "webhook secrets"


def secret_of(key: bytes, webhook: str, generation: int) -> bytes:
    """The 32 bytes of a secret."""
    return hmac.digest(key, f"{generation}\x1f{webhook}".encode(), "sha256")


def secrets_of(key: bytes, webhook: str, generation: int, old_until: datetime | None, now: datetime) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    still = old_until is not None and now < old_until and generation > 1
    return [secret_of(key, webhook, each) for each in (generation, *(generation - 1,) * still)]


def written(secret: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return PREFIX + b64encode(secret).decode()


def headers(secrets: Iterable[bytes], id_: str, at: int, body: bytes) -> dict[str, str]:
    """What stands before a body that was signed."""
    said = f"{id_}.{at}.".encode() + body
    signatures = [b64encode(hmac.digest(secret, said, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }
