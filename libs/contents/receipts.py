"""What the edge says of bytes that it has taken in: whose, for what, how many, and where they rest.

The bytes come first and alone; the fact that names them comes after, through another service. The receipt carries
what that service must know from one to the other, under a key of the house, so that nobody makes one up.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from contents import ContentsError

PURPOSE = "upload receipts"
"""What the key of receipts is derived for."""

VALID = timedelta(hours=24)
"""How long a receipt may be used. Bytes that no fact names are swept later than that, never sooner."""

_MAC = 32

_encode = msgspec.json.Encoder(order="deterministic").encode


class ReceiptInvalid(ContentsError):
    """No receipt of this house, or one that is too old."""


class Receipt(msgspec.Struct, frozen=True, array_like=True):
    """Bytes that were taken in for a material of a case."""

    case_id: str
    material: str
    digest: str
    """``sha256:`` and the digest of the bytes as they were sent."""
    stored: str
    """The digest of the sealed bytes, by which the store finds them."""
    size: int
    media_type: str
    at: datetime

    @property
    def context(self) -> str:
        """What the sealed bytes are bound to."""
        return context_of(self.case_id, self.material)


def context_of(case_id: str, material: str) -> str:
    """What a material's sealed bytes are bound to: they open as this material of this case only."""
    return f"{case_id}/materials/{material}"


def written(receipt: Receipt, key: bytes) -> str:
    """The receipt as text that travels in a message."""
    said = _encode(receipt)
    return base64.urlsafe_b64encode(hmac.digest(key, said, "sha256") + said).decode().rstrip("=")


def read(text: str, keys: Sequence[bytes], now: datetime) -> Receipt:
    """The receipt again, if it was written with one of the keys. Raises ReceiptInvalid."""
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        mac, said = whole[:_MAC], whole[_MAC:]
        if not any(hmac.compare_digest(mac, hmac.digest(key, said, "sha256")) for key in keys):
            raise ReceiptInvalid("forged")
        receipt = msgspec.json.decode(said, type=Receipt)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise ReceiptInvalid("unreadable") from error
    if not receipt.at <= now + timedelta(minutes=5) or now - receipt.at > VALID:
        raise ReceiptInvalid("too old")
    return receipt
