"""Data keys at rest: wrapped by a key that only vault has (AES-256-GCM; the key's id is authenticated)."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eventing.dependency import HostDependency
from vault.domain import KeyDamaged

KEY_BYTES = 32
NONCE_BYTES = 12


class Wrapping:
    """Wraps data keys and opens them again. ``kek`` names the wrapping key and tells nothing about it."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.kek = hashlib.sha256(b"kek" + key).hexdigest()[:16]

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """The data key, readable only with the wrapping key and only as the key with this id."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes, kek: str) -> bytes:
        """The data key again. Raises ``KeyDamaged`` when this is not what ``wrap`` gave."""
        if kek != self.kek:
            raise KeyDamaged(key=key_id, wrapped_by=kek, have=self.kek)
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
        except InvalidTag as error:
            raise KeyDamaged(key=key_id) from error


class KeyEncryption(HostDependency):
    """Gives vault, and no other service, the wrapping key of this installation."""

    def make(self) -> Wrapping:
        """The wrapping under the configured key."""
        return Wrapping(self.host.settings.kek())
