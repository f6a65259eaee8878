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
    """Wraps data keys with the first of its keys, and opens what any of them wrapped.

    ``kek`` names the key that wraps and tells nothing about it.
    """

    def __init__(self, *keys: bytes) -> None:
        self._ciphers = {_name(key): AESGCM(key) for key in keys}
        self.kek = next(iter(self._ciphers))

    @property
    def keks(self) -> tuple[str, ...]:
        """The names of all its keys."""
        return tuple(self._ciphers)

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """The data key, readable only with the wrapping key and only as the key with this id."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.kek].encrypt(nonce, key, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes, kek: str) -> bytes:
        """The data key again. Raises ``KeyDamaged`` when this is not what ``wrap`` gave."""
        if kek not in self._ciphers:
            raise KeyDamaged(key=key_id, wrapped_by=kek, have=", ".join(self._ciphers))
        try:
            return self._ciphers[kek].decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
        except InvalidTag as error:
            raise KeyDamaged(key=key_id) from error


def _name(key: bytes) -> str:
    return hashlib.sha256(b"kek" + key).hexdigest()[:16]


class KeyEncryption(HostDependency):
    """Gives vault, and no other service, the wrapping keys of this installation."""

    def make(self) -> Wrapping:
        """The wrapping under the configured keys."""
        return Wrapping(*self.host.settings.keks())
